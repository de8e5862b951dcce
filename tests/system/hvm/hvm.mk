# SPDX-License-Identifier: GPL-2.0-or-later
# What HVM guests of the boot tests start from, out of Debian's packages, which are only unpacked: $(BUILD)/hvm-systems, and 32-bit kernels.
HVM_KIT   := tests/system/hvm
HVM_FILES := $(BUILD)/hvm-systems/packages.stamp
HVM_32BIT := $(BUILD)/hvm-32bit/roots.stamp

$(BUILD)/hvm-systems/packages.stamp: $(HVM_KIT)/packages.sh $(HVM_KIT)/hvm.mk
	$(Q)mkdir -p $(dir $@)
	$(Q)$(HVM_KIT)/packages.sh $(dir $@) amd64 grub-rescue-pc grub-invaders memtest86+ isolinux syslinux-common debian-installer-12-netboot-amd64
	$(Q)touch $@
$(BUILD)/hvm-32bit/packages.stamp: $(HVM_KIT)/packages.sh $(HVM_KIT)/hvm.mk
	$(Q)mkdir -p $(dir $@)
	$(Q)$(HVM_KIT)/packages.sh $(dir $@) i386 '*linux-image-686' '*linux-image-686-pae' busybox-static
	$(Q)touch $@
$(BUILD)/hvm-32bit/roots.stamp: $(BUILD)/hvm-32bit/packages.stamp $(DOM0)/packages.stamp $(HVM_KIT)/mk32.sh $(DOM0_KIT)/init $(wildcard $(DOM0_KIT)/cases/*)
	$(Q)$(HVM_KIT)/mk32.sh $(dir $@) $(DOM0_KIT) $(DOM0)/root/bin/busybox
	$(Q)touch $@

# Debian's firmware test suite, which Debian 12 has not: from unstable, for make test-fwts only.
HVM_FWTS  := $(BUILD)/hvm-fwts/fwts.cpio
$(BUILD)/hvm-fwts/packages.stamp: $(HVM_KIT)/packages.sh $(HVM_KIT)/hvm.mk
	$(Q)mkdir -p $(dir $@)
	$(Q)$(HVM_KIT)/packages.sh $(dir $@) amd64@unstable +fwts
	$(Q)touch $@
$(HVM_FWTS): $(BUILD)/hvm-fwts/packages.stamp $(DOM0)/dom0.cpio $(HVM_KIT)/mkfwts.sh tools/appliance/root.sh
	$(Q)$(HVM_KIT)/mkfwts.sh $(dir $@) $(DOM0)

# A device model that is up to no good (hvm-attack.sh).
INCLUDE_tests/system/attack := tests/system/attack $(INCLUDE_devmodel)
ATTACK    := $(BUILD)/attack
HVM_FILES += $(ATTACK)
$(ATTACK): $(call obj,ring3,tests/system/attack/attack.c devmodel/start.S) devmodel/devmodel.lds
	$(Q)$(CC) $(RING3) -nostdlib -static -Wl,--build-id=none,-z,max-page-size=4096,-T,devmodel/devmodel.lds -o $@ $(filter %.o,$^)
-include $(patsubst %.o,%.d,$(call obj,ring3,tests/system/attack/attack.c))
