/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The debug port that emulators of PCs have: a byte written to 0xe9 is a character; a read gives 0xe9, by which firmware knows that it is there. */
#ifndef HW_DEBUGCON_H
#define HW_DEBUGCON_H

#include "backend.h"
#include "device.h"

#define DEBUGCON_PORT 0xe9

struct debugcon_config {
	struct char_backend *output; /* NULL: to nowhere. What it does not take at once is lost */
};
extern const struct device_class debugcon_class;

#endif
