# SPDX-License-Identifier: GPL-2.0-or-later
# What machines of bochs start from in the place of GRUB. BOCHS_INFO: where in memory it is read to.
BOCHS_INFO  := 0x2000000
BOCHS_FILES := $(BUILD)/bochs/rom $(BUILD)/bochs/mkstart

$(BUILD)/bochs/rom: tests/bochs/rom.S tests/bochs/bochs.mk
	$(Q)mkdir -p $(dir $@)
	$(Q)$(CC) -m32 -nostdlib -static -DINFO=$(BOCHS_INFO) -Wl,--build-id=none,-m,elf_i386,-Ttext=0xd0000,--oformat=binary -o $@ $<
	$(Q)sum=$$(od -An -v -tu1 $@ | awk '{ for (i = 1; i <= NF; i++) sum += $$i } END { print (256 - sum % 256) % 256 }') && \
		printf "\\$$(printf %03o $$sum)" | dd of=$@ bs=1 seek=511 conv=notrunc status=none
$(BUILD)/bochs/mkstart: tests/bochs/mkstart.c tests/bochs/bochs.mk
	$(Q)mkdir -p $(dir $@)
	$(Q)$(CC) -std=gnu11 -g -O1 $(SAN) -Wall -Wextra -Werror -DBASE=$(BOCHS_INFO)u -o $@ $<
