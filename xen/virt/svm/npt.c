/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nested page-table entries as AMD spells them: an ordinary long-mode page table (APM volume 2, 5.3 and 15.25). The p2m type lies in bits 52 to 55,
 * which the CPU leaves to software.
 */
#include "npt.h"
#include "registers.h"

#define NPT_TYPE_SHIFT 52
_Static_assert(NR_P2M_TYPES <= 16, "a p2m type must fit in four bits");

/*
 * The CPU treats each guest access as a user access (APM 15.25.5). Accessed and dirty are set from the start, and the CPU then need not write them; but for pages whose writes
 * somebody wants to know of: there the CPU sets dirty, with no exit (APM 15.25.6: as in any page table).
 */
#define NPT_TABLE (PTE_P | PTE_W | PTE_U | PTE_A)
#define NPT_LEAF  (PTE_P | PTE_U | PTE_A | PTE_D)
/* Device memory has no mark of its own: the machine's MTRRs hold for guests too and make it uncacheable, or what the guest's PAT makes of that (APM 15.25.8). */

struct nested_format npt_format = {
	.present = PTE_P,
	.large = PTE_PS,
	.address = PTE_ADDR,
	.table = NPT_TABLE,
	.type_shift = NPT_TYPE_SHIFT,
};

static uint64_t npt_leaf(enum p2m_type type, bool marks_writes)
{
	uint64_t pte = NPT_LEAF | (uint64_t)type << NPT_TYPE_SHIFT;

	if (p2m_access[type] & P2M_WRITE)
		pte |= PTE_W;
	if (type == P2M_RAM_LOGDIRTY && marks_writes)
		pte = (pte | PTE_W) & ~PTE_D;
	if (!(p2m_access[type] & P2M_EXEC))
		pte |= PTE_NX;
	return pte;
}

void npt_init(bool has_1g_pages, unsigned physical_bits, bool marks_writes)
{
	for (unsigned type = P2M_HOLE + 1; type < NR_P2M_TYPES; type++)
		npt_format.leaf[type] = npt_leaf((enum p2m_type)type, marks_writes);
	npt_format.dirty = marks_writes ? PTE_D : 0;
	npt_format.max_leaf_level = has_1g_pages ? 2 : 1;
	npt_format.gpa_bits = MIN(physical_bits, 48u);
}
