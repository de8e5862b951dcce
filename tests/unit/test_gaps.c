/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen/boot/gaps.c: the list of free memory at start. */
#include <string.h>
#include "unit.h"
#include "gaps.h"

static struct gaps g;

static void one(uint64_t base, uint64_t end)
{
	g.nr = 1;
	g.gap[0] = (struct gap){ base, end };
}

static void from_ranges(void)
{
	static struct boot_info info;

	info.nr_ranges = 4;
	info.ranges[0] = (struct boot_range){ 0x100, 0x5000, RANGE_RAM };
	info.ranges[1] = (struct boot_range){ 0x6000, 0x5000, RANGE_RESERVED };
	info.ranges[2] = (struct boot_range){ 0x10001, 0x1000, RANGE_RAM };
	info.ranges[3] = (struct boot_range){ 0x20000, 0x1800, RANGE_RAM };
	gaps_from_ranges(&g, &info);
	CHECK_EQ(g.nr, 2);
	CHECK_EQ(g.gap[0].base, 0x1000);
	CHECK_EQ(g.gap[0].end, 0x5000);
	CHECK_EQ(g.gap[1].end, 0x21000);
	CHECK_EQ(gaps_total(&g), 0x5000);
}

static void cuts(void)
{
	one(0x10000, 0x20000);
	gaps_cut(&g, 0x14800, 0x15001); /* inside, widened */
	CHECK_EQ(g.nr, 2);
	CHECK_EQ(gaps_total(&g), 0xe000);
	gaps_cut(&g, 0, 0x11000);       /* lower edge */
	gaps_cut(&g, 0x1f000, 0x30000); /* upper edge */
	CHECK_EQ(gaps_total(&g), 0xc000);
	gaps_cut(&g, 0x40000, 0x50000); /* beside */
	gaps_cut(&g, 0x12000, 0x12000); /* nothing */
	CHECK_EQ(gaps_total(&g), 0xc000);
	gaps_cut(&g, 0x13000, 0x17000); /* over a border of two */
	CHECK_EQ(gaps_total(&g), 0xa000);
	gaps_cut(&g, 0, 0x100000); /* everything */
	CHECK_EQ(g.nr, 0);
}

static void takes(void)
{
	one(0x10000, 0x20000);
	g.gap[g.nr++] = (struct gap){ 0x100000, 0x180000 };
	g.gap[g.nr++] = (struct gap){ 0x1000000, 0x1010000 };
	CHECK_EQ(gaps_take(&g, 0x2000, UINT64_MAX), 0x17e000);
	CHECK_EQ(gaps_take(&g, 0x2000, 0x100000), 0x1e000);
	CHECK_EQ(gaps_take(&g, 0x1000, 0x108000), 0x1d000);
	CHECK_EQ(gaps_take(&g, 0x100000, UINT64_MAX), 0);
	CHECK_EQ(gaps_take(&g, 0x1000, 0x1000), 0);
	CHECK_EQ(gaps_take(&g, 0x7e000, UINT64_MAX), 0x100000);
	CHECK_EQ(g.nr, 2);
}

static void full(void)
{
	g.nr = 0;
	for (unsigned i = 0; i < GAPS_MAX; i++)
		g.gap[g.nr++] = (struct gap){ i * 0x10000 + 0x1000, i * 0x10000 + 0x9000 };
	/* no slot for the upper half: it is lost, and nothing else changes */
	gaps_cut(&g, 0x4000, 0x5000);
	CHECK_EQ(g.nr, GAPS_MAX);
	CHECK_EQ(g.gap[0].end, 0x4000);
	CHECK_EQ(g.gap[1].base, 0x11000);
}

UNIT_MAIN(UNIT(from_ranges), UNIT(cuts), UNIT(takes), UNIT(full))
