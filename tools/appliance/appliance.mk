# SPDX-License-Identifier: GPL-2.0-or-later
# The emulated machine of `make run`: the hypervisor, a control domain out of Debian's packages and of what `make install` installs, and a guest.
APPLIANCE     := $(BUILD)/appliance
APPLIANCE_KIT := tools/appliance
APPLIANCE_SRC := $(call sources,*.c,$(APPLIANCE_KIT))

.PHONY: run
# CFG=FILE another guest; ARGS=KEY=VALUE... for it; PORT=5900 its screen's port here
run: $(BUILD)/xen $(APPLIANCE)/run $(APPLIANCE)/dom0.cpio $(APPLIANCE)/example.iso
	$(Q)$(APPLIANCE)/run $(if $(PORT),-p $(PORT)) $(RUN_OPTIONS) $(CFG) $(ARGS)

$(APPLIANCE)/run: $(APPLIANCE_SRC) $(wildcard $(APPLIANCE_KIT)/*.h)
	$(Q)mkdir -p $(dir $@)
	$(Q)$(CC) -std=gnu11 -O1 -g $(WARN) -o $@ $(APPLIANCE_SRC)
$(APPLIANCE)/dom0.cpio: $(DOM0)/vmlinux $(addprefix $(APPLIANCE_KIT)/,mkroot.sh root.sh init udhcpc)
	$(Q)mkdir -p $(APPLIANCE)/stage
	$(Q)$(APPLIANCE_KIT)/mkroot.sh $@ $(DOM0) $(APPLIANCE)/stage
$(APPLIANCE)/example.iso: $(DOM0)/vmlinux $(addprefix $(APPLIANCE_KIT)/,mkguest.sh root.sh guest-init udhcpc)
	$(Q)mkdir -p $(dir $@)
	$(Q)$(APPLIANCE_KIT)/mkguest.sh $@ $(DOM0)
