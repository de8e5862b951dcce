# SPDX-License-Identifier: GPL-2.0-or-later
# The emulated machine of `make run`: the hypervisor, a control domain out of Debian's packages and of what `make install` installs, and a guest.
APPLIANCE     := $(BUILD)/appliance
APPLIANCE_KIT := tools/appliance
APPLIANCE_SRC := $(call sources,*.c,$(APPLIANCE_KIT))

.PHONY: run
# CFG=FILE another guest; ARGS=KEY=VALUE... for it; PORT=5900 its screen's port here
run: $(BUILD)/xen $(APPLIANCE)/run $(APPLIANCE)/dom0.cpio $(APPLIANCE)/example.iso $(APPLIANCE)/example.cfg
	$(Q)$(APPLIANCE)/run $(if $(PORT),-p $(PORT)) $(RUN_OPTIONS) $(CFG) $(ARGS)

INCLUDE_tools/appliance := tools/appliance $(INCLUDE_tools/config)

$(APPLIANCE)/run: $(call obj,tools-obj,$(APPLIANCE_SRC) $(call sources,*.c,tools/config) tools/lib/uuid.c tools/lib/kernel_file.c $(TOOLS_SHARED))
	$(Q)mkdir -p $(dir $@)
	$(Q)$(CC) -o $@ $^
INCLUDE_tests/tools += tools/appliance
$(BUILD)/unit/test_guest_media: $(call obj,tools-test,tests/tools/test_guest_media.c tools/appliance/guest_media.c tools/appliance/description.c tools/appliance/machine.c) $(BUILD)/host/tests/host/unit.c.o \
		$(BUILD)/libtools.a
	$(Q)mkdir -p $(dir $@)
	$(Q)$(CC) $(SAN) -o $@ $^
UNIT_BIN += $(BUILD)/unit/test_guest_media
# What make install would install, for the control domain.
$(APPLIANCE)/dom0.cpio: $(DOM0)/vmlinux $(INSTALLED) tools/install/files tools/install/install.sh $(addprefix $(APPLIANCE_KIT)/,mkroot.sh root.sh init profile udhcpc)
	$(Q)rm -rf $(APPLIANCE)/stage
	$(Q)mkdir -p $(APPLIANCE)/stage
	$(Q)tools/install/install.sh install $(BUILD) $(VERSION) $(APPLIANCE)/stage
	$(Q)$(APPLIANCE_KIT)/mkroot.sh $@ $(DOM0) $(APPLIANCE)/stage
$(APPLIANCE)/example.cfg: $(APPLIANCE_KIT)/example.cfg
	$(Q)mkdir -p $(dir $@)
	$(Q)cp $< $@
$(APPLIANCE)/example.iso: $(DOM0)/vmlinux $(addprefix $(APPLIANCE_KIT)/,mkguest.sh root.sh guest-init udhcpc)
	$(Q)mkdir -p $(dir $@)
	$(Q)$(APPLIANCE_KIT)/mkguest.sh $@ $(DOM0)
