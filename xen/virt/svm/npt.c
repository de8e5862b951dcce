/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nested page-table entries as AMD spells them: an ordinary long-mode page table (APM volume 2, 5.3 and 15.25). The p2m type lies in bits 52 to 55,
 * which the CPU leaves to software.
 */
#include "npt.h"
#include "registers.h"

#define NPT_TYPE_SHIFT 52
#define NPT_TYPE_MASK  0xfull
_Static_assert(NR_P2M_TYPES <= NPT_TYPE_MASK + 1, "a p2m type must fit in four bits");

/* The CPU treats each guest access as a user access (APM 15.25.5); accessed and dirty are set at once: nobody reads them, and the CPU
 * then need not write them. */
#define NPT_COMMON (PTE_P | PTE_U | PTE_A)
/* PWT and PCD choose entry 3 of the host's PAT: uncacheable at reset and for us. */
#define NPT_UNCACHED (PTE_PWT | PTE_PCD)

static unsigned largest_level = 1;

void npt_init(bool has_1g_pages)
{
	largest_level = has_1g_pages ? 2 : 1;
}

static uint64_t npt_leaf(mfn_t mfn, unsigned level, enum p2m_type type)
{
	uint64_t pte;

	if (type == P2M_HOLE)
		return 0;
	pte = mfn_to_hpa(mfn).v | NPT_COMMON | PTE_D | (uint64_t)type << NPT_TYPE_SHIFT;
	if (p2m_access[type] & P2M_WRITE)
		pte |= PTE_W;
	if (!(p2m_access[type] & P2M_EXEC))
		pte |= PTE_NX;
	if (type == P2M_MMIO_DIRECT)
		pte |= NPT_UNCACHED;
	if (level > 0)
		pte |= PTE_PS;
	return pte;
}

static uint64_t npt_table(mfn_t mfn)
{
	return mfn_to_hpa(mfn).v | NPT_COMMON | PTE_W;
}

static bool npt_is_leaf(uint64_t pte, unsigned level)
{
	return level == 0 || (pte & PTE_PS);
}

static bool npt_is_present(uint64_t pte)
{
	return pte & PTE_P;
}

static mfn_t npt_mfn(uint64_t pte)
{
	return hpa_to_mfn(hpa(pte & PTE_ADDR));
}

static enum p2m_type npt_type(uint64_t pte)
{
	return (enum p2m_type)(pte >> NPT_TYPE_SHIFT & NPT_TYPE_MASK);
}

static unsigned npt_max_level(void)
{
	return largest_level;
}

const struct nested_format npt_format = {
	.leaf = npt_leaf,
	.table = npt_table,
	.is_leaf = npt_is_leaf,
	.is_present = npt_is_present,
	.mfn = npt_mfn,
	.type = npt_type,
	.max_level = npt_max_level,
};
