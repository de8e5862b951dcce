# SPDX-License-Identifier: GPL-2.0-or-later
# hvmloader: one ELF for 32-bit processors with the firmware inside (flavour "loader"), and the same sources for unit tests on the host.

INCLUDE_hvmloader       := hvmloader xen/lib
INCLUDE_firmware        := hvmloader
INCLUDE_tests/hvmloader := tests/hvmloader tests/unit hvmloader xen/lib

FIRMWARE_BIOS  ?= /usr/share/seabios/bios-256k.bin
FIRMWARE_VGA   ?= /usr/share/seabios/vgabios-stdvga.bin
FIRMWARE_E1000 ?= /usr/lib/ipxe/qemu/pxe-e1000.rom
FIRMWARE_FILES := $(FIRMWARE_BIOS) $(FIRMWARE_VGA) $(FIRMWARE_E1000)
FIRMWARE_PATHS = -DFIRMWARE_BIOS='"$(FIRMWARE_BIOS)"' -DFIRMWARE_VGA='"$(FIRMWARE_VGA)"' \
          -DFIRMWARE_E1000='"$(FIRMWARE_E1000)"' -DFIRMWARE_DSDT='"$(BUILD)/loader/dsdt.aml"'

LOADER = $(COMMON) -m32 -march=i686 -ffreestanding -Os -mgeneral-regs-only -fno-pic -no-pie -fno-stack-protector \
          -fno-asynchronous-unwind-tables -fcf-protection=none -fno-tree-loop-distribute-patterns \
          -fno-delete-null-pointer-checks --param=min-pagesize=0 -ffunction-sections -fdata-sections

# What only the real machine has; a host program has its libc, and tests link tests/hvmloader/iron_fake.c.
LOADER_IRON := hvmloader/iron.c hvmloader/traps.c hvmloader/main.c
LOADER_LIB  := xen/lib/format.c xen/lib/string.c
LOADER_SRC  := $(call sources,*.c,hvmloader) $(LOADER_LIB) $(SMALL_LIB) hvmloader/start.S firmware/carry.S
LOADER_OBJ  := $(call obj,loader,$(LOADER_SRC))

$(BUILD)/loader/dsdt.aml: hvmloader/dsdt.asl hvmloader/hvmloader.mk
	$(Q)mkdir -p $(dir $@)
	$(Q)command -v iasl > /dev/null || { echo "hvmloader: no iasl; install the package acpica-tools" >&2; exit 1; }
	$(Q)$(CC) -E -P -nostdinc -x c $< -o $(BUILD)/loader/dsdt.asl
	$(Q)iasl -we -p $(basename $@) $(BUILD)/loader/dsdt.asl > $(BUILD)/loader/iasl.log 2>&1 || \
		{ cat $(BUILD)/loader/iasl.log >&2; exit 1; }
# Asked each time: packages come and go. The stamp is renewed when a file is newer than it.
$(BUILD)/loader/firmware.checked: firmware/check.sh firmware/sha256sums $(wildcard $(FIRMWARE_FILES))
	$(Q)mkdir -p $(dir $@)
	$(Q)firmware/check.sh $(FIRMWARE_FILES)
	$(Q)touch $@
$(BUILD)/loader/%.c.o: %.c Makefile hvmloader/hvmloader.mk | $(ABI)
	$(Q)mkdir -p $(dir $@)
	$(Q)$(CC) $(LOADER) $(WARN) $(call includes,$<) -MMD -MP -c -o $@ $<
$(BUILD)/loader/firmware/carry.S.o: $(BUILD)/loader/dsdt.aml $(BUILD)/loader/firmware.checked
$(BUILD)/loader/%.S.o: %.S Makefile hvmloader/hvmloader.mk | $(ABI)
	$(Q)mkdir -p $(dir $@)
	$(Q)$(CC) $(LOADER) $(call includes,$<) -D__ASSEMBLY__ $(FIRMWARE_PATHS) -MMD -MP -c -o $@ $<
$(BUILD)/hvmloader: $(LOADER_OBJ) hvmloader/hvmloader.lds
	$(Q)$(LD) -m elf_i386 -S -nostdlib --gc-sections -z max-page-size=4096 -z noexecstack --no-warn-rwx-segments \
		-T hvmloader/hvmloader.lds -o $@ $(LOADER_OBJ)
	@echo "built $@: $$(stat -c %s $@) bytes"

# ---- on the host --------------------------------------------------------------------------------------
LOADER_HOST_SRC := $(filter-out $(LOADER_IRON),$(call sources,*.c,hvmloader)) $(LOADER_LIB) \
          tests/hvmloader/iron_fake.c tests/hvmloader/board_fake.c tests/host/unit.c
LOADER_UNIT_BIN := $(patsubst tests/hvmloader/%.c,$(BUILD)/unit/%,$(call sources,test_loader_*.c,tests/hvmloader))
UNIT_BIN += $(LOADER_UNIT_BIN)

$(BUILD)/host/hvmloader/%.c.o: hvmloader/%.c Makefile hvmloader/hvmloader.mk | $(ABI)
	$(Q)mkdir -p $(dir $@)
	$(Q)$(CC) $(HOST) $(WARN) $(call includes,$<) -MMD -MP -c -o $@ $<
$(BUILD)/host/firmware/carry.S.o: firmware/carry.S $(BUILD)/loader/dsdt.aml $(BUILD)/loader/firmware.checked
	$(Q)mkdir -p $(dir $@)
	$(Q)$(CC) $(FIRMWARE_PATHS) -c -o $@ $<
$(BUILD)/libloader.a: $(call obj,host,$(LOADER_HOST_SRC)) $(BUILD)/host/firmware/carry.S.o
	$(Q)rm -f $@ && ar rcs $@ $^
$(BUILD)/unit/test_loader_%: $(BUILD)/host/tests/hvmloader/test_loader_%.c.o $(BUILD)/libloader.a
	$(Q)mkdir -p $(dir $@)
	$(Q)$(CC) $(SAN) -o $@ $< $(BUILD)/libloader.a

-include $(patsubst %.o,%.d,$(LOADER_OBJ) $(call obj,host,$(LOADER_HOST_SRC)))
-include $(wildcard $(BUILD)/host/tests/hvmloader/*.d)
