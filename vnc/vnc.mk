# SPDX-License-Identifier: GPL-2.0-or-later
# The screen, a part of the backend process.
INCLUDE_vnc := vnc devmodel devmodel/hw xen/bus xen/lib
VNC_SRC  := $(call sources,*.c,vnc) devmodel/hw/vga_render.c devmodel/hw/vga_text.c devmodel/hw/vga_mode.c
VNC_LIBS := -lvncserver -lpixman-1 -lpng -lpthread
VNC_INCLUDE := -isystem /usr/include/pixman-1

# The whole screen against the real display adapter, with sanitizers.
INCLUDE_tests/screen := tests/screen tests/device tests/unit vnc devmodel devmodel/hw xen/bus xen/lib
VNC_TEST_OBJ := $(call obj,host,$(call sources,*.c,vnc) $(filter-out tests/screen/fuzz_% tests/screen/test_%,$(call sources,*.c,tests/screen))) $(BUILD)/host/devmodel/link_queue.c.o
VNC_TESTS := $(patsubst tests/screen/%.c,$(BUILD)/unit/%,$(call sources,test_*.c,tests/screen))
$(BUILD)/host/vnc/%.c.o: vnc/%.c Makefile vnc/vnc.mk | $(ABI)
	$(Q)mkdir -p $(dir $@)
	$(Q)$(CC) $(HOST_LIBC) -D_GNU_SOURCE $(VNC_INCLUDE) $(WARN) $(call includes,$<) -MMD -MP -c -o $@ $<
$(VNC_TESTS): $(BUILD)/unit/%: $(BUILD)/host/tests/screen/%.c.o $(VNC_TEST_OBJ) $(BUILD)/libdevice.a
	$(Q)mkdir -p $(dir $@)
	$(Q)$(CC) $(SAN) -o $@ $(filter-out %/zazen-window,$^) $(VNC_LIBS)
# The window's test runs the whole program, on a display of its own.
$(BUILD)/unit/test_window: VNC_LIBS += -lX11
$(BUILD)/unit/test_window: $(BUILD)/zazen-window
UNIT_BIN += $(VNC_TESTS)
-include $(wildcard $(BUILD)/host/vnc/*.d $(BUILD)/host/tests/screen/*.d)

# What comes over the network, for a fuzzer.
$(BUILD)/fuzz/vnc/%.c.o: vnc/%.c Makefile vnc/vnc.mk | $(ABI)
	$(Q)mkdir -p $(dir $@)
	$(Q)$(FUZZ_CC) $(HOST_LIBC) -D_GNU_SOURCE $(VNC_INCLUDE) -fsanitize=fuzzer-no-link $(call includes,$<) -w -MMD -MP -c -o $@ $<
$(BUILD)/fuzz/tests/screen/%.c.o: tests/screen/%.c Makefile vnc/vnc.mk | $(ABI)
	$(Q)mkdir -p $(dir $@)
	$(Q)$(FUZZ_CC) $(HOST_LIBC) -D_GNU_SOURCE $(VNC_INCLUDE) -fsanitize=fuzzer-no-link $(call includes,$<) -w -MMD -MP -c -o $@ $<
$(BUILD)/fuzzers/fuzz_screen: $(call obj,fuzz,tests/screen/fuzz_screen.c $(addprefix vnc/,viewers.c extension.c web.c input.c keys.c) devmodel/link_queue.c)
	$(Q)mkdir -p $(dir $@)
	$(Q)$(FUZZ_CC) $(SAN) -fsanitize=fuzzer -o $@ $^ $(VNC_LIBS)
FUZZ_BIN += $(BUILD)/fuzzers/fuzz_screen
-include $(wildcard $(BUILD)/fuzz/vnc/*.d $(BUILD)/fuzz/tests/screen/*.d)
