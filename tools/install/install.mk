# SPDX-License-Identifier: GPL-2.0-or-later
# make install [DESTDIR=FOLDER], make uninstall, make deb.
INSTALLED := $(BUILD)/xen.gz $(BUILD)/hvmloader $(BUILD)/devmodel $(BUILD)/tools/xl $(BUILD)/zazen-backend $(BUILD)/zazen-window $(BUILD)/xenstored
ZAZEN_DEB := $(BUILD)/zazen_$(VERSION)_amd64.deb

.PHONY: install uninstall deb
all: $(INSTALLED)
install: $(INSTALLED)
	$(Q)tools/install/install.sh install $(BUILD) $(VERSION) "$(DESTDIR)"
uninstall:
	$(Q)tools/install/install.sh uninstall $(BUILD) $(VERSION) "$(DESTDIR)"
deb: $(ZAZEN_DEB)
$(ZAZEN_DEB): $(INSTALLED) $(wildcard tools/install/*) $(wildcard tools/man/*)
	$(Q)tools/install/deb.sh $(BUILD) $(VERSION)
