# SPDX-License-Identifier: GPL-2.0-or-later
# The device model: the same sources for its ring-3 image, for unit tests and for fuzzers.

INCLUDE_devmodel     := devmodel devmodel/hw xen/bus xen/lib
INCLUDE_devmodel/hw  := devmodel/hw xen/bus xen/lib
INCLUDE_tests/device := tests/device tests/unit devmodel/hw devmodel xen/bus xen/lib

# ---- chips on the host: with libc's malloc for a heap, and nothing of the hypervisor's core ---------------------------------
CHIP_SRC        := $(call sources,*.c,devmodel/hw)
# The device model's side of the link, whose place in memory and calls are the test's; and what else of it needs no hypervisor.
LINK_SRC        := devmodel/settings.c devmodel/timers.c $(filter-out devmodel/link_port.c,$(call sources,link*.c,devmodel))
DEVICE_HOST_SRC := $(filter-out $(HOST_LEFT_OUT),$(call sources,*.c,xen/lib xen/bus)) $(CHIP_SRC) $(LINK_SRC) \
                   $(filter-out tests/device/test_% tests/device/fuzz_%,$(call sources,*.c,tests/device)) \
                   tests/host/unit.c
DEVICE_UNIT_BIN := $(patsubst tests/device/%.c,$(BUILD)/unit/%,$(call sources,test_*.c,tests/device))
DEVICE_FUZZ_BIN := $(patsubst tests/device/%.c,$(BUILD)/fuzzers/%,$(call sources,fuzz_*.c,tests/device))
UNIT_BIN += $(DEVICE_UNIT_BIN)
FUZZ_BIN += $(DEVICE_FUZZ_BIN)

$(BUILD)/host/devmodel/%.c.o: devmodel/%.c Makefile devmodel/devmodel.mk
	$(Q)mkdir -p $(dir $@)
	$(Q)$(CC) $(HOST) $(WARN) $(call includes,$<) -MMD -MP -c -o $@ $<
# What is compared is not looked at: twice as many runs in a second, and no chip hides behind a magic number.
$(BUILD)/fuzz/devmodel/%.c.o: devmodel/%.c Makefile devmodel/devmodel.mk
	$(Q)mkdir -p $(dir $@)
	$(Q)$(FUZZ_CC) $(subst -isystem $(GCC_INCLUDE),-isystem $(CLANG_INCLUDE),$(HOST)) \
		-fsanitize=fuzzer-no-link -fno-sanitize-coverage=trace-cmp $(call includes,$<) -w -MMD -MP -c -o $@ $<
$(BUILD)/libdevice.a: $(call obj,host,$(DEVICE_HOST_SRC))
	$(Q)rm -f $@ && ar rcs $@ $^
$(BUILD)/libdevice-fuzz.a: $(call obj,fuzz,$(DEVICE_HOST_SRC))
	$(Q)rm -f $@ && ar rcs $@ $^
$(DEVICE_UNIT_BIN): $(BUILD)/unit/%: $(BUILD)/host/tests/device/%.c.o $(BUILD)/libdevice.a
	$(Q)mkdir -p $(dir $@)
	$(Q)$(CC) $(SAN) -o $@ $< $(BUILD)/libdevice.a
$(DEVICE_FUZZ_BIN): $(BUILD)/fuzzers/%: $(BUILD)/fuzz/tests/device/%.c.o $(BUILD)/libdevice-fuzz.a
	$(Q)mkdir -p $(dir $@)
	$(Q)$(FUZZ_CC) $(SAN) -fsanitize=fuzzer -o $@ $< $(BUILD)/libdevice-fuzz.a

-include $(patsubst %.o,%.d,$(call obj,host,$(DEVICE_HOST_SRC)) $(call obj,fuzz,$(DEVICE_HOST_SRC)))
-include $(wildcard $(BUILD)/host/tests/device/*.d $(BUILD)/fuzz/tests/device/*.d)

# ---- the image for ring 3 -----------------------------------------------------------------------------------------------------
RING3     = $(filter-out -mcmodel=kernel,$(BARE)) -mcmodel=small
RING3_SRC := $(filter-out $(SMALL_ONLY),$(call sources,*.c,devmodel xen/lib xen/bus)) $(CHIP_SRC) devmodel/start.S
RING3_OBJ := $(call obj,ring3,$(RING3_SRC))
$(BUILD)/ring3/%.c.o: %.c Makefile devmodel/devmodel.mk | $(ABI)
	$(Q)mkdir -p $(dir $@)
	$(Q)$(CC) $(RING3) $(WARN) $(call includes,$<) -MMD -MP -c -o $@ $<
$(BUILD)/ring3/%.S.o: %.S Makefile devmodel/devmodel.mk
	$(Q)mkdir -p $(dir $@)
	$(Q)$(CC) $(RING3) $(call includes,$<) -D__ASSEMBLY__ -MMD -MP -c -o $@ $<
$(BUILD)/devmodel.elf: $(RING3_OBJ) devmodel/devmodel.lds
	$(Q)$(CC) $(RING3) -nostdlib -static -Wl,--build-id=none,-z,max-page-size=4096,-T,devmodel/devmodel.lds -o $@ $(RING3_OBJ)
$(BUILD)/devmodel: $(BUILD)/devmodel.elf
	$(Q)$(OBJCOPY) -S $< $@
-include $(patsubst %.o,%.d,$(RING3_OBJ))
