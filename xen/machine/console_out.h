/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where console output goes: the devices that console= names and that exist. Serves machine_console_put(). */
#ifndef MACHINE_CONSOLE_OUT_H
#define MACHINE_CONSOLE_OUT_H

#include "types.h"

/* After options_parse(). text_mode: the boot loader left a text screen (no graphical frame buffer). Log lines from before are shown now. */
void console_out_init(bool text_mode);

/*
 * The first domain starts, and draws on the screen itself: we stop, with a last line that says so, unless vga=keep was given.
 */
void console_out_give_screen(void);

#endif
