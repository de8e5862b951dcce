# SPDX-License-Identifier: GPL-2.0-or-later
# A disk of 2 MiB whose boot record and program test the whole PC (README.md): $(BUILD)/pc.img. Sources of real mode and of protected mode; report.c is in both.
PC_IMAGE := $(BUILD)/pc.img
PC_16 := main report real bios screen timer input drive dma real_mode
PC_32 := protected report segment paging task v86
PC_FLAGS := -std=gnu11 -g -Os -march=i386 -ffreestanding -mgeneral-regs-only -mregparm=3 -fno-pic -no-pie -fno-stack-protector \
          -fno-asynchronous-unwind-tables -fcf-protection=none -fno-tree-loop-distribute-patterns -fno-delete-null-pointer-checks --param=min-pagesize=0
PC_OBJ := $(patsubst %,$(BUILD)/pc/%.o,boot.S modes.S $(PC_16:%=%.16) $(PC_32:%=%.32))

$(BUILD)/pc/%.16.o: tests/pc/%.c tests/pc/pc.mk
	$(Q)mkdir -p $(dir $@)
	$(Q)$(CC) $(PC_FLAGS) -m16 -DWIDTH=16 $(WARN) -MMD -MP -c -o $@ $<
$(BUILD)/pc/%.32.o: tests/pc/%.c tests/pc/pc.mk
	$(Q)mkdir -p $(dir $@)
	$(Q)$(CC) $(PC_FLAGS) -m32 -DWIDTH=32 $(WARN) -MMD -MP -c -o $@ $<
$(BUILD)/pc/%.S.o: tests/pc/%.S tests/pc/pc.mk
	$(Q)mkdir -p $(dir $@)
	$(Q)$(CC) -m32 -MMD -MP -c -o $@ $<
$(BUILD)/pc/pc.elf: $(PC_OBJ) tests/pc/pc.lds
	$(Q)$(LD) -m elf_i386 --no-warn-rwx-segments -T tests/pc/pc.lds -o $@ $(PC_OBJ)
$(PC_IMAGE): $(BUILD)/pc/pc.elf
	$(Q)objcopy -O binary $< $@
	$(Q)truncate -s 2M $@
-include $(PC_OBJ:.o=.d)
