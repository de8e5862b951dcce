/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The board that our device model has, for tests of hvmloader; and a run of hvmloader over it. */
#ifndef BOARD_FAKE_H
#define BOARD_FAKE_H

#include "iron_fake.h"
#include "tables.h"

struct board {
	struct fake_function *host, *isa, *ide, *pm, *vga, *net, *platform;
};
extern struct board board;

/* After fake_iron_reset(). */
void board_plug(void);
/* Everything up to the tables' makers, with these words. RAM is rows of the fake, or `mib` MiB below 4 GiB when there are none. */
void board_start(struct machine *m, const char *words, unsigned mib);

#endif
