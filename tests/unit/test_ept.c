/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Extended page-table entries: the bits that the hardware will read. SDM 28.2.2. */
#include "ept.h"
#include "unit.h"

#include <string.h>
#include "registers.h"

#define R     BIT(0)
#define W     BIT(1)
#define X     BIT(2)
#define TYPE  (7ull << 3)
#define IPAT  BIT(6)
#define LARGE BIT(7)

static uint64_t leaf(uint64_t frame, unsigned level, enum p2m_type type)
{
	return nested_leaf(&ept_format, mfn(frame), level, type);
}

static void test_hole(void)
{
	ept_init(EPT_CAP_2M | EPT_CAP_1G, 40, false);
	CHECK_EQ(leaf(5, 0, P2M_HOLE), 0);
	CHECK(!nested_is_present(&ept_format, 0));
}

static void test_ram(void)
{
	uint64_t pte;

	ept_init(EPT_CAP_2M | EPT_CAP_1G, 40, false);
	pte = leaf(0x12345, 0, P2M_RAM_RW);
	CHECK_EQ(pte & PTE_ADDR, 0x12345000);
	CHECK_EQ(pte & (R | W | X), R | W | X);
	CHECK_EQ(pte & TYPE, 6ull << 3);
	CHECK(!(pte & (IPAT | LARGE)));
	CHECK(nested_is_leaf(&ept_format, pte, 0));
	CHECK(leaf(0x200, 1, P2M_RAM_RW) & LARGE);
	CHECK(leaf(0x40000, 2, P2M_RAM_RW) & LARGE);
}

static void test_rights_follow_the_type(void)
{
	ept_init(EPT_CAP_2M | EPT_CAP_1G, 40, false);
	for (unsigned t = P2M_HOLE + 1; t < P2M_ON_DEMAND; t++) {
		uint64_t pte = leaf(7, 0, t);

		CHECK(pte & R); /* writable and not readable would be a misconfiguration */
		CHECK_EQ(!!(pte & W), !!(p2m_access[t] & P2M_WRITE));
		CHECK_EQ(!!(pte & X), !!(p2m_access[t] & P2M_EXEC));
		/* What more the CPU could read in the high bits is never set: 63 suppresses #VE, 57 to 60 belong to controls that are off. */
		CHECK_EQ(pte >> 56, 0);
	}
}

static void test_device_memory_is_uncached(void)
{
	ept_init(EPT_CAP_2M | EPT_CAP_1G, 40, false);
	for (unsigned t = P2M_HOLE + 1; t < P2M_ON_DEMAND; t++) {
		CHECK_EQ(leaf(7, 0, t) & TYPE, t == P2M_MMIO_DIRECT ? 0 : 6ull << 3);
		CHECK(!(leaf(7, 0, t) & IPAT));
	}
}

static void test_round_trip(void)
{
	const uint64_t frames[] = { 0, 1, 0x12345, 0xfffffffff };

	ept_init(EPT_CAP_2M | EPT_CAP_1G, 48, false);
	for (unsigned t = P2M_HOLE + 1; t < P2M_ON_DEMAND; t++)
		for (unsigned i = 0; i < ARRAY_LEN(frames); i++) {
			uint64_t pte = leaf(frames[i], 0, t);

			CHECK(nested_is_present(&ept_format, pte));
			CHECK_EQ(nested_mfn(&ept_format, pte).v, frames[i]);
			CHECK_EQ(nested_type(&ept_format, pte), t);
		}
}

static void test_table(void)
{
	uint64_t pte;

	ept_init(EPT_CAP_2M | EPT_CAP_1G, 40, false);
	pte = nested_table(&ept_format, mfn(0x777));
	CHECK(nested_is_present(&ept_format, pte));
	CHECK(!nested_is_leaf(&ept_format, pte, 1));
	CHECK_EQ(nested_mfn(&ept_format, pte).v, 0x777);
	CHECK_EQ(pte & 0xfff, R | W | X); /* bits 3 to 7 are reserved in a table's entry */
}

static void test_limits_of_the_cpu(void)
{
	ept_init(0, 40, false);
	CHECK_EQ(ept_format.max_leaf_level, 0);
	ept_init(EPT_CAP_2M, 40, false);
	CHECK_EQ(ept_format.max_leaf_level, 1);
	CHECK_EQ(ept_format.gpa_bits, 40);
	ept_init(EPT_CAP_2M | EPT_CAP_1G, 52, false);
	CHECK_EQ(ept_format.max_leaf_level, 2);
	CHECK_EQ(ept_format.gpa_bits, 48);
}

/* Marks: a logged page can be written and is clean until it is; nothing else is left for the CPU to set. */
static void test_marks(void)
{
	ept_init(EPT_CAP_2M | EPT_CAP_DIRTY, 40, false);
	CHECK_EQ(ept_format.dirty, BIT(9));
	CHECK_EQ(leaf(7, 0, P2M_RAM_LOGDIRTY) & (R | W | BIT(8) | BIT(9)), R | W | BIT(8));
	CHECK(!nested_is_dirty(&ept_format, leaf(7, 0, P2M_RAM_LOGDIRTY)));
	CHECK(nested_is_dirty(&ept_format, leaf(7, 0, P2M_RAM_LOGDIRTY) | BIT(9)));
	CHECK_EQ(leaf(7, 0, P2M_RAM_RW) & (BIT(8) | BIT(9)), BIT(8) | BIT(9));
	CHECK_EQ(nested_table(&ept_format, mfn(0x777)) & 0xfff, R | W | X | BIT(8));

	ept_init(EPT_CAP_2M, 40, false);
	CHECK_EQ(ept_format.dirty, 0);
	CHECK(!(leaf(7, 0, P2M_RAM_LOGDIRTY) & W));
	CHECK(!nested_is_dirty(&ept_format, leaf(7, 0, P2M_RAM_LOGDIRTY)));
}

static void test_what_is_missing(void)
{
	const uint64_t all = EPT_CAP_FOUR_LEVELS | EPT_CAP_WRITE_BACK | EPT_CAP_INVEPT |
	                     EPT_CAP_SINGLE | EPT_CAP_ALL;

	CHECK(!ept_missing(all));
	CHECK(!ept_missing(all & ~EPT_CAP_SINGLE));
	CHECK(!ept_missing(all & ~EPT_CAP_ALL));
	CHECK(strstr(ept_missing(all & ~EPT_CAP_FOUR_LEVELS), "four levels"));
	CHECK(strstr(ept_missing(all & ~EPT_CAP_WRITE_BACK), "cached tables"));
	CHECK(strstr(ept_missing(all & ~EPT_CAP_INVEPT), "INVEPT"));
	CHECK(strstr(ept_missing(all & ~(EPT_CAP_SINGLE | EPT_CAP_ALL)), "INVEPT"));
}

UNIT_MAIN(UNIT(test_what_is_missing), UNIT(test_marks), UNIT(test_hole), UNIT(test_ram),
          UNIT(test_rights_follow_the_type), UNIT(test_device_memory_is_uncached),
          UNIT(test_round_trip), UNIT(test_table), UNIT(test_limits_of_the_cpu))
