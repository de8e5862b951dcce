# SPDX-License-Identifier: GPL-2.0-or-later
# The store's daemon: the program for dom0, its unit tests and fuzzers on the host.

INCLUDE_tools/xenstored := tools/xenstored xen/lib
INCLUDE_tests/store     := tests/store tests/unit tools/xenstored xen/lib

# What only the real daemon has; tests bring a hypervisor of their own.
XENSTORED_SRC      := $(call sources,*.c,tools/xenstored)
XENSTORED_HOST_SRC := $(filter-out %/main.c %/hypervisor_xen.c,$(XENSTORED_SRC)) $(filter-out tests/store/test_% tests/store/fuzz_% tests/store/client_%,\
                      $(call sources,*.c,tests/store)) tests/host/unit.c
XENSTORED_UNIT_BIN := $(patsubst tests/store/%.c,$(BUILD)/unit/%,$(call sources,test_store_*.c,tests/store))
XENSTORED_FUZZ_BIN := $(patsubst tests/store/%.c,$(BUILD)/fuzzers/%,$(call sources,fuzz_store_*.c,tests/store))
UNIT_BIN += $(XENSTORED_UNIT_BIN)
FUZZ_BIN += $(XENSTORED_FUZZ_BIN)

XENSTORED_CFLAGS := -std=gnu11 -g -O2 -D__XEN_TOOLS__ -D__XEN_INTERFACE_VERSION__=0x00041100
XENSTORED_LIBS   := -lxengnttab -lxenevtchn -lxenforeignmemory -lxencall -lxentoolcore -lxentoollog

$(BUILD)/dom0/obj/tools/xenstored/%.c.o: tools/xenstored/%.c Makefile tools/xenstored/xenstored.mk
	$(Q)mkdir -p $(dir $@)
	$(Q)$(CC) $(XENSTORED_CFLAGS) $(WARN) $(call includes,$<) -MMD -MP -c -o $@ $<
$(BUILD)/xenstored: $(patsubst %,$(BUILD)/dom0/obj/%.o,$(XENSTORED_SRC))
	$(Q)$(CC) -o $@ $^ $(XENSTORED_LIBS)

# With sanitizers, for the tests on the host: the library, and the daemon itself.
$(BUILD)/host/tools/xenstored/%.c.o: tools/xenstored/%.c Makefile tools/xenstored/xenstored.mk | $(ABI)
	$(Q)mkdir -p $(dir $@)
	$(Q)$(CC) $(HOST_LIBC) $(WARN) $(call includes,$<) -MMD -MP -c -o $@ $<
$(BUILD)/fuzz/tools/xenstored/%.c.o: tools/xenstored/%.c Makefile tools/xenstored/xenstored.mk | $(ABI)
	$(Q)mkdir -p $(dir $@)
	$(Q)$(FUZZ_CC) $(HOST_LIBC) -fsanitize=fuzzer-no-link $(call includes,$<) -w -MMD -MP -c -o $@ $<
$(BUILD)/libxenstored.a: $(call obj,host,$(XENSTORED_HOST_SRC))
	$(Q)rm -f $@ && ar rcs $@ $^
$(BUILD)/libxenstored-fuzz.a: $(call obj,fuzz,$(XENSTORED_HOST_SRC))
	$(Q)rm -f $@ && ar rcs $@ $^
$(BUILD)/host/xenstored: $(call obj,host,$(XENSTORED_SRC))
	$(Q)$(CC) $(SAN) -o $@ $^ $(XENSTORED_LIBS)
$(BUILD)/unit/test_store_%: $(BUILD)/host/tests/store/test_store_%.c.o $(BUILD)/libxenstored.a
	$(Q)mkdir -p $(dir $@)
	$(Q)$(CC) $(SAN) -o $@ $< $(BUILD)/libxenstored.a -lxenstore -lpthread
$(BUILD)/fuzzers/fuzz_store_%: $(BUILD)/fuzz/tests/store/fuzz_store_%.c.o $(BUILD)/libxenstored-fuzz.a
	$(Q)mkdir -p $(dir $@)
	$(Q)$(FUZZ_CC) $(SAN) -fsanitize=fuzzer -o $@ $< $(BUILD)/libxenstored-fuzz.a

-include $(patsubst %.o,%.d,$(patsubst %,$(BUILD)/dom0/obj/%.o,$(XENSTORED_SRC)) $(call obj,host,$(XENSTORED_SRC)) $(call obj,fuzz,$(XENSTORED_HOST_SRC)))
-include $(wildcard $(BUILD)/host/tests/store/*.d $(BUILD)/fuzz/tests/store/*.d)
