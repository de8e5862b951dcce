/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys and their scan codes: Microsoft, "Keyboard Scan Code Specification"; IBM, "101-key keyboard", scan code sets 1 to 3. */
#ifndef HW_PS2_KEYS_H
#define HW_PS2_KEYS_H

#include "input.h"

#define PS2_EXTENDED 0xe000 /* an 0xe0 stands before the code */

/* Make code in set 1, perhaps with PS2_EXTENDED; 0: no such key. */
uint16_t ps2_key_set1(unsigned key);
/* The same in set 2. */
uint16_t ps2_key_set2(unsigned key);
/* In set 3; 0: no such key. */
uint8_t ps2_key_set3(unsigned key);
/* The key with this code in set 3; 0: none. */
unsigned ps2_key_of_set3(uint8_t code);
/* How a key behaves in set 3: it repeats; its release is told. At reset: */
enum { PS2_KEY_REPEATS = 1, PS2_KEY_BREAKS = 2 };
uint8_t ps2_key_set3_type(unsigned key);

/* The keyboard controller's translation of set 2 (and of everything else that comes from the keyboard) to set 1. */
extern const uint8_t ps2_set2_to_set1[256];

/* Linux's numbers of the keys that are special somewhere. */
enum {
	KEY_LEFTCTRL = 29,
	KEY_LEFTSHIFT = 42,
	KEY_RIGHTSHIFT = 54,
	KEY_LEFTALT = 56,
	KEY_SYSRQ = 99,
	KEY_RIGHTCTRL = 97,
	KEY_KPSLASH = 98,
	KEY_RIGHTALT = 100,
	KEY_HOME = 102,
	KEY_DELETE = 111,
	KEY_PAUSE = 119,
};

#endif
