/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules that a guest's registers must obey, or the CPU refuses to enter it (APM 15.5.1, SDM 26.3.1). Pure. Only xen/virt includes it. */
#ifndef VIRT_VIRT_RULES_H
#define VIRT_VIRT_RULES_H

#include "registers.h"

/* What this CPU allows: read once at start. */
struct virt_limits {
	uint64_t cr0_must, cr0_may, cr4_must, cr4_may; /* bits that are 1, that can be 1 */
	uint64_t efer_may;
	uint8_t physical_bits;
	bool has_ept_marks; /* VT-x: accessed and dirty bits in nested entries */
	uint32_t nr_asids;  /* AMD-V */
};

/* As the hardware gets them. What is not among them in a backend has a value that breaks no rule. */
struct virt_registers {
	uint64_t cr0, cr3, cr4, efer, dr7, pat;
	bool is_long;     /* will the CPU be in long mode? */
	uint16_t cs_attr; /* as in struct segment */
	/* for virt_segments_check() only */
	uint64_t rip, rflags;
	struct segment segment[NR_SEGS];
	uint16_t unusable; /* bits by enum segment_name */
};

/* Control and debug registers, EFER, PAT. NULL: all rules hold; else the broken one in words, with its section. */
const char *virt_registers_check(const struct virt_registers *r, const struct virt_limits *l);
/* Segments, descriptor tables, RIP, RFLAGS: AMD's CPUs look at none of them. */
const char *virt_segments_check(const struct virt_registers *r);

/*
 * Makes of a segment what those rules want where a descriptor, or AMD's CPUs, may say otherwise (SDM 26.3.1.2): a task register that is busy, and a 64-bit one in long mode, the rest accessed, a limit of which the
 * granularity tells, a base that can be. False: it is not present, and so must be marked unusable.
 */
bool virt_segment_settle(enum segment_name name, bool is_long, struct segment *s);

/* Bits 63 to 47 are equal, or made so: as VMLOAD does on AMD, while VT-x faults or refuses the entry. */
static inline uint64_t canonical(uint64_t linear)
{
	return (uint64_t)((int64_t)(linear << 16) >> 16);
}
static inline bool is_canonical(uint64_t linear)
{
	return canonical(linear) == linear;
}

#endif
