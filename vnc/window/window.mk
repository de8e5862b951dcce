# SPDX-License-Identifier: GPL-2.0-or-later
# zazen-window: a guest's screen as a window of the operator's desktop.
INCLUDE_vnc/window := vnc/window
WINDOW_SRC := $(call sources,*.c,vnc/window)
WINDOW_FLAGS = -std=gnu11 -g -O2 -D_GNU_SOURCE -D_REENTRANT -fstack-protector-strong -D_FORTIFY_SOURCE=2 $(WARN) $(call includes,$<) -isystem /usr/include/SDL2

$(BUILD)/window/%.c.o: %.c Makefile vnc/window/window.mk
	$(Q)mkdir -p $(dir $@)
	$(Q)$(CC) $(WINDOW_FLAGS) -MMD -MP -c -o $@ $<
$(BUILD)/zazen-window: $(call obj,window,$(WINDOW_SRC))
	$(Q)$(CC) -o $@ $^ -lSDL2 -lvncclient
all: $(BUILD)/zazen-window
-include $(wildcard $(BUILD)/window/vnc/window/*.d)
