// SPDX-License-Identifier: GPL-2.0-or-later
/* The firmware's questions: those that both answer. */
#include "compare.h"

static const uint16_t items[] = { 0x00, 0x0e, 0x3000 };

static void start(void)
{
}

static void read_some(unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		both_in("byte", (uint16_t)(0x510 + random_below(2)), 1, 0xff, NULL);
}

static void directed(void)
{
	situation("signature");
	both_out(0x510, 2, 0);
	read_some(6);
	situation("revision");
	both_out(0x510, 2, 1);
	both_in("byte", 0x511, 1, 0xff, NULL);
	both_in("byte", 0x511, 1, 0xff, NULL);
}

static void sequence(void)
{
	unsigned i = random_below(COUNT(items));

	situation("item %x", items[i]);
	both_out(0x510, 2, items[i]);
	read_some(random_below(8));
}

const struct chip chip_fw_cfg = { "fw_cfg", start, directed, sequence };
