/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys of this computer's keyboard, and the numbers that a PC's keyboard controller has for them. */
#ifndef WINDOW_SCANCODES_H
#define WINDOW_SCANCODES_H

#include <stdint.h>

/* scancode: a key's usage on USB ("HID Usage Tables", page 7), which SDL has as its own. The number has 0x80 for keys with a prefix 0xe0; 0: no such key. */
uint32_t scancode_to_pc(unsigned scancode);

#endif
