// SPDX-License-Identifier: GPL-2.0-or-later
/* The ACPI timer: 24 bits of 3.579545 MHz at the port that firmware gives it. */
#include "compare.h"

static void start(void)
{
	/* QEMU's is part of its power management function; ours stands there from the start. */
	for (unsigned i = 0; i < 2; i++) {
		static const uint32_t steps[][3] = { { 0x40, 4, 0xb001 }, { 0x80, 1, 1 }, { 4, 2, 1 } };

		peer_ask(THEIRS, "outl 0xcf8 0x%x", 0x80000b00 | steps[i][0]);
		peer_ask(THEIRS, "out%c 0xcfc 0x%x", steps[i][1] == 4 ? 'l' : 'b', steps[i][2]);
	}
}

static void sequence(void)
{
	situation("count");
	both_wait(random_below(3) ? random_below(2000000) : random_below(0x7fffffff));
	for (unsigned i = random_below(3); i < 3; i++)
		both_in("timer", 0xb008, 4, ~0u, NULL);
}

const struct chip chip_pmtimer = { "pmtimer", start, NULL, sequence, .is_vdev = true, .has_clock = true };
