# SPDX-License-Identifier: GPL-2.0-or-later
# The device model: the same sources for its ring-3 image, for unit tests and for fuzzers.

INCLUDE_devmodel     := devmodel devmodel/hw xen/bus xen/lib
INCLUDE_devmodel/hw  := devmodel/hw xen/bus xen/lib
INCLUDE_tests/device := tests/device tests/unit devmodel/hw devmodel xen/bus xen/lib

# ---- chips on the host: with libc's malloc for a heap, and nothing of the hypervisor's core ---------------------------------
CHIP_SRC        := $(call sources,*.c,devmodel/hw)
DEVICE_HOST_SRC := $(filter-out $(HOST_LEFT_OUT),$(call sources,*.c,xen/lib xen/bus)) $(CHIP_SRC) \
                   $(filter-out tests/device/test_hw_% tests/device/fuzz_hw_%,$(call sources,*.c,tests/device)) \
                   tests/host/unit.c
DEVICE_UNIT_BIN := $(patsubst tests/device/%.c,$(BUILD)/unit/%,$(call sources,test_hw_*.c,tests/device))
DEVICE_FUZZ_BIN := $(patsubst tests/device/%.c,$(BUILD)/fuzzers/%,$(call sources,fuzz_hw_*.c,tests/device))
UNIT_BIN += $(DEVICE_UNIT_BIN)
FUZZ_BIN += $(DEVICE_FUZZ_BIN)

$(BUILD)/host/devmodel/%.c.o: devmodel/%.c Makefile devmodel/devmodel.mk
	$(Q)mkdir -p $(dir $@)
	$(Q)$(CC) $(HOST) $(WARN) $(call includes,$<) -MMD -MP -c -o $@ $<
$(BUILD)/fuzz/devmodel/%.c.o: devmodel/%.c Makefile devmodel/devmodel.mk
	$(Q)mkdir -p $(dir $@)
	$(Q)$(FUZZ_CC) $(subst -isystem $(GCC_INCLUDE),-isystem $(CLANG_INCLUDE),$(HOST)) \
		-fsanitize=fuzzer-no-link $(call includes,$<) -w -MMD -MP -c -o $@ $<
$(BUILD)/libdevice.a: $(call obj,host,$(DEVICE_HOST_SRC))
	$(Q)rm -f $@ && ar rcs $@ $^
$(BUILD)/libdevice-fuzz.a: $(call obj,fuzz,$(DEVICE_HOST_SRC))
	$(Q)rm -f $@ && ar rcs $@ $^
$(BUILD)/unit/test_hw_%: $(BUILD)/host/tests/device/test_hw_%.c.o $(BUILD)/libdevice.a
	$(Q)mkdir -p $(dir $@)
	$(Q)$(CC) $(SAN) -o $@ $< $(BUILD)/libdevice.a
$(BUILD)/fuzzers/fuzz_hw_%: $(BUILD)/fuzz/tests/device/fuzz_hw_%.c.o $(BUILD)/libdevice-fuzz.a
	$(Q)mkdir -p $(dir $@)
	$(Q)$(FUZZ_CC) $(SAN) -fsanitize=fuzzer -o $@ $< $(BUILD)/libdevice-fuzz.a

-include $(patsubst %.o,%.d,$(call obj,host,$(DEVICE_HOST_SRC)) $(call obj,fuzz,$(DEVICE_HOST_SRC)))
-include $(wildcard $(BUILD)/host/tests/device/*.d $(BUILD)/fuzz/tests/device/*.d)
