/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hvmloader/memory_map.c */
#include "types.h"
#include <xen/xen.h>
#include "unit.h"
#include "iron_fake.h"
#include "layout.h"
#include "memory_map.h"

static struct config config;
static struct memory_map m;

static void read_map(void)
{
	config_defaults(&config);
	memory_map_read(&m, &config);
}

/* In order, not overlapping, not empty. */
static bool proper(void)
{
	for (unsigned i = 0; i < m.nr; i++)
		if (m.range[i].start >= m.range[i].end ||
		    (i && m.range[i].start < m.range[i - 1].end))
			return false;
	return true;
}

static uint64_t total(uint32_t type)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < m.nr; i++)
		if (m.range[i].type == type)
			n += m.range[i].end - m.range[i].start;
	return n;
}

static void sets(void)
{
	m.nr = 0;
	memory_map_set(&m, 0x1000, 0x9000, 1);
	memory_map_set(&m, 0x3000, 0x5000, 2); /* inside */
	CHECK_EQ(m.nr, 3);
	memory_map_set(&m, 0x3000, 0x5000, 1); /* and back: neighbours grow together */
	CHECK_EQ(m.nr, 1);
	memory_map_set(&m, 0x8000, 0xa000, 2); /* over the end */
	memory_map_set(&m, 0, 0x2000, 3);      /* over the start */
	memory_map_set(&m, 0xa000, 0xb000, 2);
	CHECK_EQ(m.nr, 3);
	CHECK_EQ(memory_map_type(&m, 0x1fff), 3);
	CHECK_EQ(memory_map_type(&m, 0x2000), 1);
	CHECK_EQ(memory_map_type(&m, 0xafff), 2);
	CHECK_EQ(memory_map_type(&m, 0xb000), 0);
	memory_map_set(&m, 0x1000, 0xa800, 0);
	CHECK_EQ(m.nr, 2);
	memory_map_set(&m, 0, 0x100000, 4);
	CHECK_EQ(m.nr, 1);
	CHECK(proper());
}

static void too_many(void)
{
	fake_iron_reset();
	m.nr = 0;
	for (unsigned i = 0; i < MEMORY_RANGES; i++)
		memory_map_set(&m, i * 0x2000, i * 0x2000 + 0x1000, 1);
	CHECK(DIES(memory_map_set(&m, 0x1000000, 0x1001000, 1)));
}

static void from_hypervisor(void)
{
	fake_iron_reset();
	fake_row(MIB(1), MIB(511), MEMORY_RAM);
	fake_row(GIB(4), GIB(1), MEMORY_RAM);
	read_map();
	CHECK_EQ(memory_map_low_end(&m), MIB(512));
	CHECK_EQ(memory_map_high_end(&m), GIB(5));
	CHECK_EQ(m.low_ram, MIB(512));
	CHECK_EQ(memory_map_type(&m, 0x9ffff), MEMORY_RAM);
	CHECK_EQ(memory_map_type(&m, 0xa0000), MEMORY_NONE);
	CHECK_EQ(memory_map_type(&m, 0xfffff), MEMORY_NONE);
	CHECK_EQ(memory_map_type(&m, 0xfec00000), MEMORY_RESERVED);
	CHECK(proper());
}

static void from_table(void)
{
	fake_iron_reset();
	config_defaults(&config);
	config.low_end = MIB(256);
	config.high_end = GIB(4) + MIB(64);
	config.special_start = 0xfb000000;
	memory_map_read(&m, &config);
	CHECK_EQ(memory_map_low_end(&m), MIB(256));
	CHECK_EQ(memory_map_high_end(&m), GIB(4) + MIB(64));
	CHECK_EQ(memory_map_type(&m, 0xfb000000), MEMORY_RESERVED);
}

static void refusals(void)
{
	fake_iron_reset();
	CHECK(DIES(read_map())); /* nobody knows */
	fake_iron_reset();
	fake_row(MIB(1), MIB(2), MEMORY_RAM);
	CHECK(DIES(read_map())); /* too little */
}

static void takes(void)
{
	uint64_t before;
	uint32_t at;

	fake_iron_reset();
	fake_row(MIB(1), MIB(63), MEMORY_RAM);
	read_map();
	before = total(MEMORY_RAM);
	at = memory_map_take(&m, 0x1001, MEMORY_ACPI);
	CHECK_EQ(at, MIB(64) - 0x2000);
	CHECK_EQ(total(MEMORY_ACPI), 0x2000);
	CHECK_EQ(total(MEMORY_RAM), before - 0x2000);
	CHECK_EQ(memory_map_take(&m, 0x1000, MEMORY_NVS), MIB(64) - 0x3000);
	CHECK_EQ(m.low_ram, MIB(64));
	CHECK(DIES(memory_map_take(&m, MIB(64), MEMORY_ACPI)));
}

static void places(void)
{
	fake_iron_reset();
	fake_row(MIB(1), MIB(63), MEMORY_RAM);
	read_map();
	CHECK(memory_map_place(&m, 0xfffc0000, 0x40000));
	CHECK_EQ(iron.nr_moves, 64);
	CHECK_EQ(iron.moves[0].from, MIB(64) - 0x40000);
	CHECK_EQ(iron.moves[0].to, 0xfffc0000);
	CHECK_EQ(iron.moves[63].to, 0xfffff000);
	CHECK_EQ(memory_map_low_end(&m), MIB(64) - 0x40000);
	iron.refuse_moves = true;
	CHECK(!memory_map_place(&m, 0xf0000000, 0x1000));
}

static void relocates(void)
{
	fake_iron_reset();
	fake_row(MIB(1), GIB(3) - MIB(1), MEMORY_RAM);
	fake_row(GIB(4), MIB(16), MEMORY_RAM);
	read_map();
	CHECK(memory_map_relocate(&m, (uint32_t)GIB(3) - MIB(8)));
	CHECK_EQ(iron.nr_moves, 2048);
	CHECK_EQ(iron.moves[0].from, GIB(3) - MIB(8));
	CHECK_EQ(iron.moves[0].to, GIB(4) + MIB(16));
	CHECK_EQ(memory_map_low_end(&m), GIB(3) - MIB(8));
	CHECK_EQ(memory_map_high_end(&m), GIB(4) + MIB(24));
	CHECK_EQ(m.low_ram, GIB(3) - MIB(8));
	CHECK(proper());
	iron.refuse_moves = true;
	CHECK(!memory_map_relocate(&m, (uint32_t)GIB(2)));
	CHECK_EQ(memory_map_low_end(&m), GIB(3) - MIB(8));
}

UNIT_MAIN(UNIT(sets), UNIT(too_many), UNIT(from_hypervisor), UNIT(from_table), UNIT(refusals),
          UNIT(takes), UNIT(places), UNIT(relocates))
