# SPDX-License-Identifier: GPL-2.0-or-later
# What machines of bochs start from in the place of GRUB. BOCHS_INFO: where in memory it is read to.
BOCHS_INFO  := 0x2000000
BOCHS_FILES := $(BUILD)/bochs/sector $(BUILD)/bochs/mkstart

$(BUILD)/bochs/sector: tests/bochs/sector.S tests/bochs/bochs.mk
	$(Q)mkdir -p $(dir $@)
	$(Q)$(CC) -m32 -nostdlib -static -DINFO=$(BOCHS_INFO) -Wl,--build-id=none,-m,elf_i386,-Ttext=0x7c00,--oformat=binary -o $@ $<
$(BUILD)/bochs/mkstart: tests/bochs/mkstart.c tests/bochs/bochs.mk
	$(Q)mkdir -p $(dir $@)
	$(Q)$(CC) -std=gnu11 -g -O1 $(SAN) -Wall -Wextra -Werror -DBASE=$(BOCHS_INFO)u -o $@ $<
