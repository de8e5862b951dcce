/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nested page-table entries of AMD's form: the bits that the hardware will read. APM volume 2, 5.3, 15.25. */
#include "npt.h"
#include "unit.h"
#include "registers.h"

static uint64_t leaf(uint64_t frame, unsigned level, enum p2m_type type)
{
	return nested_leaf(&npt_format, mfn(frame), level, type);
}

static void test_hole(void)
{
	npt_init(true, 40, true);
	CHECK_EQ(leaf(5, 0, P2M_HOLE), 0);
	CHECK(!nested_is_present(&npt_format, 0));
}

/* Not there, but not nothing: the type is told at any level. */
static void test_on_demand(void)
{
	npt_init(true, 40, true);
	for (unsigned level = 0; level < 3; level++) {
		CHECK(!nested_is_present(&npt_format, leaf(7, level, P2M_ON_DEMAND)));
		CHECK_EQ(nested_type(&npt_format, leaf(7, level, P2M_ON_DEMAND)), P2M_ON_DEMAND);
		CHECK_EQ(leaf(7, level, P2M_ON_DEMAND), leaf(9, 0, P2M_ON_DEMAND));
	}
}

static void test_ram(void)
{
	uint64_t pte;

	npt_init(true, 40, true);
	pte = leaf(0x12345, 0, P2M_RAM_RW);
	CHECK_EQ(pte & PTE_ADDR, 0x12345000);
	CHECK((pte & (PTE_P | PTE_W | PTE_U | PTE_A | PTE_D)) ==
	      (PTE_P | PTE_W | PTE_U | PTE_A | PTE_D));
	CHECK(!(pte & (PTE_NX | PTE_PWT | PTE_PCD | PTE_PS)));
	CHECK(nested_is_leaf(&npt_format, pte, 0));
	CHECK(leaf(0x200, 1, P2M_RAM_RW) & PTE_PS);
	CHECK(leaf(0x40000, 2, P2M_RAM_RW) & PTE_PS);
}

static void test_rights_follow_the_type(void)
{
	npt_init(true, 40, true);
	for (unsigned t = P2M_HOLE + 1; t < P2M_ON_DEMAND; t++) {
		uint64_t pte = leaf(7, 0, t);

		if (t != P2M_RAM_LOGDIRTY)
			CHECK_EQ(!!(pte & PTE_W), !!(p2m_access[t] & P2M_WRITE));
		CHECK_EQ(!(pte & PTE_NX), !!(p2m_access[t] & P2M_EXEC));
		CHECK(pte & PTE_U);
	}
	CHECK(!(leaf(7, 0, P2M_RAM_RO) & PTE_W));
	/* the CPU marks it, or is not relied on to */
	CHECK_EQ(leaf(7, 0, P2M_RAM_LOGDIRTY) & (PTE_W | PTE_D), PTE_W);
	CHECK_EQ(npt_format.dirty, PTE_D);
	npt_init(true, 40, false);
	CHECK_EQ(leaf(7, 0, P2M_RAM_LOGDIRTY) & (PTE_W | PTE_D), PTE_D);
	CHECK_EQ(npt_format.dirty, 0);
	CHECK(!(leaf(7, 0, P2M_GRANT_RO) & PTE_W));
}

static void test_device_memory_is_uncached(void)
{
	npt_init(true, 40, true);
	for (unsigned t = P2M_HOLE + 1; t < P2M_ON_DEMAND; t++)
		CHECK_EQ(leaf(7, 0, t) & (PTE_PWT | PTE_PCD), 0);
}

static void test_round_trip(void)
{
	const uint64_t frames[] = { 0, 1, 0x12345, 0xfffffffff };

	npt_init(true, 48, true);
	for (unsigned t = P2M_HOLE + 1; t < P2M_ON_DEMAND; t++)
		for (unsigned i = 0; i < ARRAY_LEN(frames); i++) {
			uint64_t pte = leaf(frames[i], 0, t);

			CHECK(nested_is_present(&npt_format, pte));
			CHECK_EQ(nested_mfn(&npt_format, pte).v, frames[i]);
			CHECK_EQ(nested_type(&npt_format, pte), t);
		}
}

static void test_table(void)
{
	uint64_t pte;

	npt_init(true, 40, true);
	pte = nested_table(&npt_format, mfn(0x777));
	CHECK(nested_is_present(&npt_format, pte));
	CHECK(!nested_is_leaf(&npt_format, pte, 1));
	CHECK_EQ(nested_mfn(&npt_format, pte).v, 0x777);
	/* Rights are those of the leaf alone: a table forbids nothing. */
	CHECK((pte & (PTE_W | PTE_U)) == (PTE_W | PTE_U));
	CHECK(!(pte & PTE_NX));
}

static void test_limits_of_the_cpu(void)
{
	npt_init(false, 40, true);
	CHECK_EQ(npt_format.max_leaf_level, 1);
	CHECK_EQ(npt_format.gpa_bits, 40);
	npt_init(true, 52, true);
	CHECK_EQ(npt_format.max_leaf_level, 2);
	CHECK_EQ(npt_format.gpa_bits, 48);
}

UNIT_MAIN(UNIT(test_hole), UNIT(test_on_demand), UNIT(test_ram), UNIT(test_rights_follow_the_type),
          UNIT(test_device_memory_is_uncached), UNIT(test_round_trip), UNIT(test_table),
          UNIT(test_limits_of_the_cpu))
