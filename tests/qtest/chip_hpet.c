// SPDX-License-Identifier: GPL-2.0-or-later
/* The HPET: counter, comparators, one-shot and periodic, by level and by edge, legacy replacement. QEMU's counts in steps of 10 ns, ours of 16, so counters are compared while they stand. */
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
		case 2: set(timer, random_below(0x8000) & 0x3f4a); break;
		case 3: get(timer + 4 * random_below(2), 4); break;
		case 4: set(timer + 8, random_below(0x7fffffff)); break;
		case 5: get(timer + 8 + 4 * random_below(2), 4); break;
		}
	}
}

/* Well before or well after it has matched, by the clock of either. */
static void match(void)
{
	unsigned t = random_below(3), timer = 0x100 + 0x20 * t, line = 20 + random_below(4);
	bool level = random_below(2);

	situation("match %s", level ? "level" : "edge");
	set(0x010, 0);
	for (unsigned i = 0; i < 3; i++)
		set(0x100 + 0x20 * i, 0);
	set(0x020, 7);
	set(0x0f0, 0);
	set(0x0f4, 0);
	set(timer, line << 9 | (level ? 2 : 0) | 4 | 0x100);
	set(timer + 8, 1000000);
	set(0x010, 1);
	both_wait(5000000);
	get(0x020, 4);
	both_wire("line before", line);
	both_wait(15000000);
	get(0x020, 4);
	if (level)
		both_wire("line after", line);
	set(0x020, 1u << t);
	get(0x020, 4);
	both_wire("line cleared", line);
	set(timer, 0);
	set(0x010, 0);
}

static void sequence(void)
{
	if (random_below(2))
		standing();
	else
		match();
}

const struct chip chip_hpet = { "hpet", start, NULL, sequence, .is_vdev = true, .has_clock = true };
