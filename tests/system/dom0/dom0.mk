# SPDX-License-Identifier: GPL-2.0-or-later
# The dom0 machine of tests/system: Debian's kernel and Xen tools, unpacked from their packages in $(BUILD)/dom0.
DOM0      := $(BUILD)/dom0
DOM0_KIT  := tests/system/dom0
PROGRAMS_SRC := $(wildcard tests/system/programs/*.c)
PROGRAMS_BIN := $(patsubst tests/system/programs/%.c,$(DOM0)/programs/%,$(PROGRAMS_SRC))
# An HVM guest's: what it is made of, and a disk.
DOM0_HVM := $(BUILD)/hvmloader $(BUILD)/devmodel $(BUILD)/hvmsector
DOM0_FILES := $(DOM0)/vmlinux $(DOM0)/dom0.cpio $(BUILD)/appliance/dom0.cpio

# Static: the same files run in dom0 and in its guests, whatever their libraries.
$(DOM0)/programs/%: tests/system/programs/%.c $(wildcard tests/system/programs/*.h) $(DOM0_KIT)/dom0.mk
	$(Q)mkdir -p $(dir $@)
	$(Q)$(CC) -std=gnu11 -D__XEN_TOOLS__ -O1 -g0 -Wall -Wextra -Werror -Wno-unused-parameter -iquote xen/bus -iquote xen/lib -static -s -o $@ $< -lxenstore -lxengnttab \
		-lxenevtchn -lxenforeignmemory -lxencall -lxentoolcore -lxentoollog -lpthread
$(BUILD)/hvmsector: tests/system/programs/hvmsector.S $(DOM0_KIT)/dom0.mk
	$(Q)mkdir -p $(dir $@)
	$(Q)$(CC) -m32 -nostdlib -static -Wl,--build-id=none,-m,elf_i386,-Ttext=0x7c00,--oformat=binary -o $@ $<
$(DOM0)/packages.stamp: $(DOM0_KIT)/packages.sh
	$(Q)mkdir -p $(DOM0)
	$(Q)$(DOM0_KIT)/packages.sh $(DOM0)
	$(Q)touch $@
$(DOM0)/vmlinux: $(DOM0)/packages.stamp $(DOM0_KIT)/mkkernel.sh
	$(Q)$(DOM0_KIT)/mkkernel.sh $(DOM0)
# Our own programs for dom0, and what a guest of theirs needs.
DOM0_OWN := $(BUILD)/xenstored
$(DOM0)/dom0.cpio: $(DOM0)/vmlinux $(PROGRAMS_BIN) $(DOM0_OWN) $(BUILD)/guest/start-hvm64 $(filter-out %.mk %.md %.sh,$(wildcard $(DOM0_KIT)/*)) \
		$(wildcard $(DOM0_KIT)/cases/*) $(DOM0_KIT)/mkroot.sh tools/appliance/root.sh $(DOM0_HVM)
	$(Q)OWN="$(DOM0_OWN)" $(DOM0_KIT)/mkroot.sh $(DOM0) $(DOM0)/programs $(BUILD)/guest/start-hvm64 $(DOM0_HVM)
