# SPDX-License-Identifier: GPL-2.0-or-later
# The backend process of the control domain, and its tests: a program for Linux, with libc and Debian's libraries.

INCLUDE_devmodel/backend := devmodel/backend vnc tools/lib devmodel xen/bus xen/lib
INCLUDE_tests/backend    := tests/backend tests/unit $(INCLUDE_devmodel/backend) devmodel/hw

BACKEND_LIBS := -l:liburing.a -lnbd -lslirp -lseccomp $(VNC_LIBS)
BACKEND_XEN_LIBS := -lxenforeignmemory -lxenevtchn -lxengnttab -lxentoolcore
BACKEND_FLAGS = -std=gnu11 -g -fno-strict-aliasing -fwrapv -D_GNU_SOURCE $(VNC_INCLUDE) -D__XEN_TOOLS__ -DZAZEN_VERSION='"$(VERSION)"' \
          $(WARN) $(addprefix -iquote ,$(INCLUDE_$(patsubst %/,%,$(dir $<))))

# link_place_xen.c and pv_place_xen.c are the hypervisor's side of the seam; a test has its own.
BACKEND_MAIN_SRC := devmodel/backend/main.c
BACKEND_PLACE_SRC := devmodel/backend/link_place_xen.c devmodel/backend/pv_place_xen.c
BACKEND_PART_SRC := $(filter-out $(BACKEND_MAIN_SRC) $(BACKEND_PLACE_SRC),$(call sources,*.c,devmodel/backend)) devmodel/link_queue.c tools/lib/failure.c $(VNC_SRC)

$(BUILD)/backend/%.c.o: %.c Makefile devmodel/backend/backend.mk
	$(Q)mkdir -p $(dir $@)
	$(Q)$(CC) $(BACKEND_FLAGS) -O2 -MMD -MP -c -o $@ $<
$(BUILD)/backend-test/%.c.o: %.c Makefile devmodel/backend/backend.mk
	$(Q)mkdir -p $(dir $@)
	$(Q)$(CC) $(BACKEND_FLAGS) -O1 $(SAN) -MMD -MP -c -o $@ $<
# Freestanding, as for the device model: "string.h" is ours.
$(BUILD)/backend/devmodel/hw/%.o $(BUILD)/backend-test/devmodel/hw/%.o: BACKEND_FLAGS += -iquote devmodel/hw -iquote xen/bus -iquote xen/lib
$(BUILD)/backend/devmodel/link_queue.c.o: BACKEND_FLAGS += -iquote xen/bus -iquote xen/lib
$(BUILD)/backend-test/devmodel/link_queue.c.o: BACKEND_FLAGS += -iquote xen/bus -iquote xen/lib

$(BUILD)/zazen-backend: $(call obj,backend,$(BACKEND_MAIN_SRC) $(BACKEND_PLACE_SRC) $(BACKEND_PART_SRC))
	$(Q)$(CC) -o $@ $^ $(BACKEND_LIBS) $(BACKEND_XEN_LIBS)
# The same with sanitizers, its link in shared memory that a test hands over.
$(BUILD)/zazen-backend-test: $(call obj,backend-test,$(BACKEND_MAIN_SRC) $(BACKEND_PART_SRC) tests/backend/link_place_memory.c tests/backend/pv_place_memory.c tests/backend/sanitizer.c)
	$(Q)$(CC) $(SAN) -o $@ $^ $(BACKEND_LIBS)
all: $(BUILD)/zazen-backend

# ---- tests: the whole process against the device model's real side of the link --------------------------------------------
INCLUDE_tests/backend += tests/device
BACKEND_UNIT_BIN := $(patsubst tests/backend/%.c,$(BUILD)/unit/%,$(call sources,test_*.c,tests/backend))
UNIT_BIN += $(BACKEND_UNIT_BIN)
$(BACKEND_UNIT_BIN): $(BUILD)/unit/%: $(BUILD)/backend-test/tests/backend/%.c.o $(BUILD)/backend-test/tests/backend/backend_host.c.o \
		$(BUILD)/backend-test/devmodel/backend/control.c.o $(call obj,backend-test,devmodel/backend/sandbox.c devmodel/backend/sandbox_root.c devmodel/backend/image_files.c devmodel/backend/segment.c devmodel/backend/checksum.c devmodel/backend/pv_ring.c devmodel/backend/history.c devmodel/backend/event_loop.c tools/lib/failure.c tests/backend/link_place_memory.c tests/backend/pv_place_memory.c) \
		$(BUILD)/libdevice.a $(BUILD)/zazen-backend-test
	$(Q)mkdir -p $(dir $@)
	$(Q)$(CC) $(SAN) -o $@ $(filter-out %/zazen-backend-test,$^) -lseccomp

-include $(wildcard $(BUILD)/backend/devmodel/backend/*.d $(BUILD)/backend-test/devmodel/backend/*.d $(BUILD)/backend-test/tests/backend/*.d)

# ---- a fuzzer: the parts in one process, and a device model that writes anything ----------------------------------------------------
BACKEND_FUZZ_SRC := $(BACKEND_PART_SRC) tests/backend/pv_place_memory.c
$(BUILD)/backend-fuzz/%.c.o: %.c Makefile devmodel/backend/backend.mk
	$(Q)mkdir -p $(dir $@)
	$(Q)$(FUZZ_CC) $(BACKEND_FLAGS) -w -O1 $(SAN) -fsanitize=fuzzer-no-link -MMD -MP -c -o $@ $<
$(BUILD)/backend-fuzz/devmodel/hw/%.o: BACKEND_FLAGS += -iquote devmodel/hw -iquote xen/bus -iquote xen/lib
$(BUILD)/backend-fuzz/devmodel/link_queue.c.o: BACKEND_FLAGS += -iquote xen/bus -iquote xen/lib
$(BUILD)/fuzzers/fuzz_backend: $(call obj,backend-fuzz,tests/backend/fuzz_backend.c $(BACKEND_FUZZ_SRC))
	$(Q)mkdir -p $(dir $@)
	$(Q)$(FUZZ_CC) $(SAN) -fsanitize=fuzzer -o $@ $^ $(BACKEND_LIBS)
FUZZ_BIN += $(BUILD)/fuzzers/fuzz_backend
# Frontends of paravirtual devices that write anything, with a place of its own.
$(BUILD)/fuzzers/fuzz_pv: $(call obj,backend-fuzz,tests/backend/fuzz_pv.c $(BACKEND_PART_SRC))
	$(Q)mkdir -p $(dir $@)
	$(Q)$(FUZZ_CC) $(SAN) -fsanitize=fuzzer -o $@ $^ $(BACKEND_LIBS)
FUZZ_BIN += $(BUILD)/fuzzers/fuzz_pv
-include $(patsubst %.o,%.d,$(call obj,backend-fuzz,tests/backend/fuzz_backend.c $(BACKEND_FUZZ_SRC)))
