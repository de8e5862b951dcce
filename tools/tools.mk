# SPDX-License-Identifier: GPL-2.0-or-later
# The control domain's programs: ordinary programs for Linux. xl is one program out of these folders; whoever includes whom is in the INCLUDE lists, as for the hypervisor.
# The builder shares what is pure of the hypervisor's own start of PVH domains: unpacking, ELF, ACPI tables (TOOLS_SHARED below).
INCLUDE_tools/lib     := tools/lib xen/unpack xen/boot xen/bus xen/lib
INCLUDE_tools/config  := tools/config tools/lib xen/boot xen/lib
INCLUDE_tools/builder := tools/builder tools/config tools/lib xen/boot xen/bus xen/lib
INCLUDE_tools/keeper  := tools/keeper tools/builder tools/config tools/lib devmodel/backend xen/boot xen/bus xen/lib
INCLUDE_tools/xl      := tools/xl $(INCLUDE_tools/keeper)
INCLUDE_tests/tools   := tests/tools tests/unit $(INCLUDE_tools/xl)

TOOLS_DIRS  := tools/lib tools/config tools/builder tools/keeper tools/xl
TOOLS_SHARED := $(call sources,*.c,xen/unpack) $(addprefix xen/boot/,elf.c pvh_acpi.c pvh_tables.c)
TOOLS_SRC   := $(call sources,*.c,$(TOOLS_DIRS)) devmodel/backend/control.c $(TOOLS_SHARED)
TOOLS_LIBS  := -lxencall -lxenforeignmemory -lxenevtchn -lxengnttab -lxenstore -lxentoolcore
TOOLS_FLAGS  = -std=gnu11 -g -D_GNU_SOURCE -D__XEN_TOOLS__ -DZAZEN_VERSION='"$(VERSION)"' -fno-strict-aliasing $(WARN) $(call includes,$<)
TOOLS_TESTS := $(patsubst tests/tools/%.c,$(BUILD)/unit/%,$(filter-out %/test_guest_media.c %/test_pv_devices.c %/test_store_client.c,$(call sources,test_*.c,tests/tools)))
TOOLS_FAKES := $(filter-out tests/tools/test_% tests/tools/fuzz_%,$(call sources,*.c,tests/tools))
UNIT_BIN    += $(TOOLS_TESTS) $(BUILD)/unit/test_pv_devices $(BUILD)/unit/test_store_client

$(BUILD)/tools-obj/%.c.o: %.c Makefile tools/tools.mk
	$(Q)mkdir -p $(dir $@)
	$(Q)$(CC) $(TOOLS_FLAGS) -O2 -fstack-protector-strong -D_FORTIFY_SOURCE=2 -MMD -MP -c -o $@ $<
$(BUILD)/tools-test/%.c.o: %.c Makefile tools/tools.mk
	$(Q)mkdir -p $(dir $@)
	$(Q)$(CC) $(TOOLS_FLAGS) -O1 $(SAN) -MMD -MP -c -o $@ $<
$(BUILD)/tools/xl: $(call obj,tools-obj,$(TOOLS_SRC))
	$(Q)mkdir -p $(dir $@)
	$(Q)$(CC) -o $@ $^ $(TOOLS_LIBS)
$(BUILD)/libtools.a: $(call obj,tools-test,$(filter-out tools/xl/main.c,$(TOOLS_SRC)))
	$(Q)rm -f $@ && ar rcs $@ $^
$(TOOLS_TESTS): $(BUILD)/unit/%: $(BUILD)/tools-test/tests/tools/%.c.o $(BUILD)/host/tests/host/unit.c.o $(call obj,tools-test,$(TOOLS_FAKES)) $(BUILD)/libtools.a
	$(Q)mkdir -p $(dir $@)
	$(Q)$(CC) $(SAN) -o $@ $^ $(TOOLS_LIBS)
# With a store and a backend of its own.
$(BUILD)/unit/test_pv_devices: $(call obj,tools-test,tests/tools/test_pv_devices.c tools/keeper/pv_devices.c devmodel/backend/control.c tools/lib/failure.c) \
		$(BUILD)/host/tests/host/unit.c.o $(BUILD)/libtools.a
	$(Q)mkdir -p $(dir $@)
	$(Q)$(CC) $(SAN) -o $@ $^
# With the real store.
$(BUILD)/unit/test_store_client: $(call obj,tools-test,tests/tools/test_store_client.c tools/lib/store.c) $(BUILD)/host/tests/host/unit.c.o | $(BUILD)/xenstored
	$(Q)mkdir -p $(dir $@)
	$(Q)$(CC) $(SAN) -o $@ $^ -lxenstore
# Parsers, for fuzzers.
TOOLS_FUZZERS  := $(patsubst tests/tools/%.c,$(BUILD)/fuzzers/%,$(call sources,fuzz_*.c,tests/tools))
TOOLS_FUZZ_SRC := $(call sources,*.c,tools/config) tools/lib/uuid.c tools/lib/kernel_file.c $(TOOLS_SHARED) $(TOOLS_FAKES)
FUZZ_BIN       += $(TOOLS_FUZZERS)
$(BUILD)/tools-fuzz/%.c.o: %.c Makefile tools/tools.mk
	$(Q)mkdir -p $(dir $@)
	$(Q)$(FUZZ_CC) $(TOOLS_FLAGS) -w -O1 $(SAN) -fsanitize=fuzzer-no-link -MMD -MP -c -o $@ $<
$(TOOLS_FUZZERS): $(BUILD)/fuzzers/%: $(BUILD)/tools-fuzz/tests/tools/%.c.o $(call obj,tools-fuzz,$(TOOLS_FUZZ_SRC))
	$(Q)mkdir -p $(dir $@)
	$(Q)$(FUZZ_CC) $(SAN) -fsanitize=fuzzer -o $@ $^
-include $(patsubst %.o,%.d,$(call obj,tools-fuzz,$(TOOLS_FUZZ_SRC))) $(wildcard $(BUILD)/tools-fuzz/tests/tools/*.d)
all: $(BUILD)/tools/xl

-include $(patsubst %.o,%.d,$(call obj,tools-obj,$(TOOLS_SRC)) $(call obj,tools-test,$(TOOLS_SRC))) $(wildcard $(BUILD)/tools-test/tests/tools/*.d)
