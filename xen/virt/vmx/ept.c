/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Extended page-table entries (SDM 28.2.2, tables 28-1 to 28-6). The p2m type lies in bits 52 to 55, which the CPU ignores.
 *
 * Accessed and dirty bits are on where there are such (SDM 28.2.4): the dirty log then costs no exits. All leaves have both set, so that the CPU writes to none, but for pages
 * whose writes somebody wants to know of. The guest's page walks count as writes to its page tables then (SDM 28.2.3.2), as they always do under NPT.
 */
#include "ept.h"
#include "registers.h"

#define EPT_TYPE_SHIFT 52
_Static_assert(NR_P2M_TYPES <= 16, "a p2m type must fit in four bits");

#define EPT_R          BIT(0)
#define EPT_W          BIT(1)
#define EPT_X          BIT(2)
#define EPT_UNCACHED   (0ull << 3)
#define EPT_WRITE_BACK (6ull << 3)
#define EPT_A          BIT(8)
#define EPT_D          BIT(9)

/* Rights are those of the leaf alone: a table forbids nothing. */
struct nested_format ept_format = {
	.present = EPT_R | EPT_W | EPT_X,
	.large = BIT(7),
	.address = PTE_ADDR,
	.type_shift = EPT_TYPE_SHIFT,
};

/*
 * The type is what MTRRs are without nesting: the guest's PAT goes on top of it (SDM 28.2.7.2), so it may have write-combining device memory. The machine's MTRRs do not
 * hold here, so device memory must be marked.
 */
static uint64_t ept_leaf(enum p2m_type type, bool marks_writes)
{
	uint64_t pte = EPT_R | EPT_A | EPT_D | (uint64_t)type << EPT_TYPE_SHIFT;

	pte |= type == P2M_MMIO_DIRECT ? EPT_UNCACHED : EPT_WRITE_BACK;
	if (p2m_access[type] & P2M_WRITE)
		pte |= EPT_W;
	if (type == P2M_RAM_LOGDIRTY && marks_writes)
		pte = (pte | EPT_W) & ~EPT_D;
	if (p2m_access[type] & P2M_EXEC)
		pte |= EPT_X;
	return pte;
}

void ept_init(uint64_t capabilities, unsigned physical_bits, bool tells_writes)
{
	bool marks_writes = capabilities & EPT_CAP_DIRTY;

	for (unsigned type = P2M_HOLE + 1; type < NR_P2M_TYPES; type++)
		ept_format.leaf[type] = ept_leaf((enum p2m_type)type, marks_writes);
	ept_format.dirty = marks_writes ? EPT_D : 0;
	/* Of a table the CPU sets only the first of the two. */
	ept_format.table = EPT_R | EPT_W | EPT_X | (marks_writes ? EPT_A : 0);
	ept_format.max_leaf_level = !(capabilities & EPT_CAP_2M)   ? 0
	                            : !(capabilities & EPT_CAP_1G) ? 1
	                                                           : 2;
	ept_format.tells_writes = tells_writes;
	ept_format.gpa_bits = MIN(physical_bits, 48u);
}

const char *ept_missing(uint64_t cap)
{
	if (!(cap & EPT_CAP_FOUR_LEVELS) || !(cap & EPT_CAP_WRITE_BACK))
		return "nested paging with four levels and cached tables";
	if (!(cap & EPT_CAP_INVEPT) || !(cap & (EPT_CAP_SINGLE | EPT_CAP_ALL)))
		return "INVEPT";
	return NULL;
}
