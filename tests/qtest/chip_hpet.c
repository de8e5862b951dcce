// SPDX-License-Identifier: GPL-2.0-or-later
/* The HPET's registers while its counter stands, as QEMU's clock does. */
#include <stdio.h>

#include "compare.h"

#define BASE 0xfed00000u

static void get(unsigned offset, unsigned size)
{
	char key[16];

	snprintf(key, sizeof(key), "%03x.%u", offset, size);
	both_load(key, BASE + offset, size, ~0u, NULL);
}

static void set(unsigned offset, uint64_t value)
{
	both_store(BASE + offset, 4, value & 0xffffffff);
}

static void start(void)
{
	situation("start");
	for (unsigned i = 0; i < 0x160; i += 4)
		if ((i & ~4u) != 0xf0)
			get(i, 4);
}

/* The counter stands, and all registers are anything. */
static void standing(void)
{
	situation("standing");
	set(0x010, 0);
	for (unsigned n = 4 + random_below(20); n; n--) {
		unsigned t = random_below(3), timer = 0x100 + 0x20 * t;

		switch (random_below(6)) {
		case 0: set(0x0f0 + 4 * random_below(2), random_below(0x7fffffff)); break;
		case 1: get(0x0f0 + 4 * random_below(2), 4); break;
		case 2:
			set(timer, (random_below(0x8000) & 0x014a) | (20 + random_below(4)) << 9);
			break;
		case 3: get(timer + 4 * random_below(2), 4); break;
		case 4: set(timer + 8, random_below(0x7fffffff)); break;
		case 5: get(timer + 8 + 4 * random_below(2), 4); break;
		}
	}
}

static void sequence(void)
{
	standing();
}

const struct chip chip_hpet = { "hpet", start, NULL, sequence, .is_vdev = true };
