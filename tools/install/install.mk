# SPDX-License-Identifier: GPL-2.0-or-later
# make install [DESTDIR=FOLDER], make uninstall, make deb.
INSTALLED := $(BUILD)/xen.gz $(BUILD)/hvmloader $(BUILD)/devmodel $(BUILD)/tools/xl $(BUILD)/zazen-backend $(BUILD)/xenstored

.PHONY: install uninstall deb
install: $(INSTALLED)
	$(Q)tools/install/install.sh install $(BUILD) $(VERSION) "$(DESTDIR)"
uninstall:
	$(Q)tools/install/install.sh uninstall $(BUILD) $(VERSION) "$(DESTDIR)"
deb: $(INSTALLED)
	$(Q)tools/install/deb.sh $(BUILD) $(VERSION)
