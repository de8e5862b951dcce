/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guest's own page tables, walked as its CPU would (SDM 4, APM 5): no paging, 32-bit, PAE, 4 and 5 levels. */
#ifndef X86_GUEST_WALK_H
#define X86_GUEST_WALK_H

#include "registers.h"

#define WALK_READ     0u
#define WALK_WRITE    BIT(0)
#define WALK_FETCH    BIT(1)
#define WALK_USER     BIT(2) /* as CPL 3 (SMAP, SMEP and U/S are judged with it); else as supervisor */
#define WALK_IMPLICIT BIT(3) /* implicit supervisor access: EFLAGS.AC does not lift SMAP */

/* Where the walker finds the tables. */
struct walk_memory {
	/* The host address of a whole guest page of RAM (writable when write is set), or NULL. Valid till the walk ends. */
	void *(*page)(struct walk_memory *m, gfn_t gfn, bool write);
};

struct guest_walk {
	gpa_t gpa;          /* of linear itself */
	uint8_t page_shift; /* 12, 21, 22 or 30: how far the translation holds */
	bool writable, user;
	uint32_t fault_code; /* on -EFAULT: the #PF error code */
};

/*
 * Translates linear. maxphyaddr_bits judges reserved bits. Sets accessed and dirty bits as the CPU does, atomically.
 * 0, or -EFAULT with out->fault_code. A table outside RAM faults as not present. A non-canonical address in
 * 64-bit mode is the caller's to refuse (insn rules differ); here it is -EFAULT with code 0.
 */
int must_check guest_walk(const struct paging_mode *mode, struct walk_memory *mem, uint64_t linear,
                          unsigned access, unsigned maxphyaddr_bits, struct guest_walk *out);

static inline bool linear_is_canonical(const struct paging_mode *m, uint64_t linear)
{
	unsigned shift = m->cr4 & CR4_LA57 ? 7 : 16;

	return (uint64_t)((int64_t)(linear << shift) >> shift) == linear;
}

#endif
