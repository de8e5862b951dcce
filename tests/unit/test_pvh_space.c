/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Room in a domain that is being built, and pieces of its map that change their type. */
#include <string.h>

#include "pvh_parts.h"
#include "unit.h"

#include <xen/arch-x86/hvm/start_info.h>
#include <xen/errno.h>

static struct domain d;
static struct pvh_space s;

static void start(void)
{
	memset(&d, 0, sizeof(d));
	pvh_space_init(&s);
	pvh_map_add(&d, 0, 0xa0000, XEN_HVM_MEMMAP_TYPE_RAM);
	pvh_map_add(&d, 0xa0000, MIB(1), XEN_HVM_MEMMAP_TYPE_RESERVED);
	pvh_map_add(&d, MIB(1), MIB(2), XEN_HVM_MEMMAP_TYPE_RAM);
	pvh_map_add(&d, MIB(2), MIB(4), XEN_HVM_MEMMAP_TYPE_RAM);
	CHECK_EQ(d.nr_e820, 3);
}

static void places(void)
{
	start();
	CHECK_EQ(pvh_space_use(&s, MIB(1), 0x1800), 0);
	CHECK_EQ(pvh_space_use(&s, MIB(1) + 0x4000, 1), 0);
	CHECK_EQ(pvh_space_use(&s, 12345, 0), 0);
	CHECK_EQ(pvh_space_take(&s, &d, 0x2000, MIB(1), GIB(4)), MIB(1) + 0x2000);
	CHECK_EQ(pvh_space_take(&s, &d, 0x2000, MIB(1), GIB(4)), MIB(1) + 0x5000);
	CHECK(!pvh_space_is_free(&s, MIB(1) + 0x5fff, 1));
	CHECK(pvh_space_is_free(&s, MIB(1) + 0x7000, 0x1000));
	CHECK_EQ(pvh_space_take(&s, &d, 1, 0x9f001, GIB(4)), MIB(1) + 0x7000);
	CHECK_EQ(pvh_space_take(&s, &d, 1, 0x9f000, GIB(4)), 0x9f000);
	CHECK_EQ(pvh_space_take(&s, &d, MIB(3), 0, GIB(4)), 0);
	CHECK_EQ(pvh_space_take(&s, &d, 0x1000, MIB(2), MIB(2)), 0);
	CHECK_EQ(pvh_space_take(&s, &d, 0x1000, MIB(4), GIB(4)), 0);
	CHECK_EQ(pvh_space_take(&s, &d, 0x1000, MIB(4) - 0x1000, GIB(4)), MIB(4) - 0x1000);
}

static void full(void)
{
	start();
	for (unsigned i = 0; i < PVH_SPACE_MAX; i++)
		CHECK_EQ(pvh_space_use(&s, GIB(5), 1), 0);
	CHECK_EQ(pvh_space_use(&s, 0, 1), -XEN_ENOSPC);
	CHECK_EQ(pvh_space_take(&s, &d, 1, 0, GIB(4)), 0);
}

static void carve(void)
{
	start();
	CHECK_EQ(pvh_map_carve(&d, MIB(2), 0x1000, XEN_HVM_MEMMAP_TYPE_ACPI), 0);
	CHECK_EQ(d.nr_e820, 5);
	CHECK_EQ(d.e820[3].addr, MIB(2));
	CHECK_EQ(d.e820[3].size, 0x1000);
	CHECK_EQ(d.e820[3].type, XEN_HVM_MEMMAP_TYPE_ACPI);
	CHECK_EQ(d.e820[4].addr, MIB(2) + 0x1000);
	CHECK_EQ(d.e820[4].addr + d.e820[4].size, MIB(4));
	/* at its borders nothing empty is left; neighbours of a type become one */
	CHECK_EQ(pvh_map_carve(&d, MIB(2) + 0x1000, 0x1000, XEN_HVM_MEMMAP_TYPE_ACPI), 0);
	CHECK_EQ(d.nr_e820, 5);
	CHECK_EQ(d.e820[3].size, 0x2000);
	CHECK_EQ(pvh_map_carve(&d, 0xa0000, 0x1000, XEN_HVM_MEMMAP_TYPE_ACPI), -XEN_EINVAL);
	CHECK_EQ(pvh_map_carve(&d, 0x9f000, 0x2000, XEN_HVM_MEMMAP_TYPE_ACPI), -XEN_EINVAL);
	for (uint64_t at = GIB(1); d.nr_e820 < DOMAIN_MAX_E820 - 1; at += 0x2000)
		pvh_map_add(&d, at, at + 0x1000, XEN_HVM_MEMMAP_TYPE_RAM);
	CHECK_EQ(pvh_map_carve(&d, 0x1000, 0x1000, XEN_HVM_MEMMAP_TYPE_ACPI), -XEN_ENOSPC);
}

UNIT_MAIN(UNIT(places), UNIT(full), UNIT(carve))
