/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The keyboard controller (ports 0x60 and 0x64, interrupts 1 and 12) with its keyboard and its mouse, and the fast reset of port 0x92. IBM PS/2 Hardware Interface Technical
 * Reference, "Keyboard and Auxiliary Device Controller".
 */
#ifndef HW_I8042_H
#define HW_I8042_H

#include "device.h"
#include "input.h"

struct i8042_config {
	struct input_backend
		*input; /* keys, buttons, movements, wheel; NULL: nobody touches them */
};
extern const struct device_class i8042_class;

#endif
