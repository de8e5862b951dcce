/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What both backends know of a guest's registers: power-on values (SDM table 9-1) and the bits whose change flushes. Only xen/virt includes it. */
#ifndef VIRT_VIRT_STATE_H
#define VIRT_VIRT_STATE_H

#include "registers.h"

#define CR0_CACHE (CR0_CD | CR0_NW)
/* Bits whose change makes cached translations wrong (SDM 4.10.4, APM 5.5.2). */
#define CR0_FLUSH (CR0_PG | CR0_WP | CR0_PE)
#define CR4_FLUSH \
	(CR4_PSE | CR4_PAE | CR4_PGE | CR4_PCIDE | CR4_SMEP | CR4_SMAP | CR4_PKE | CR4_LA57)
#define EFER_FLUSH (EFER_LMA | EFER_NXE)

#define PAT_RESET 0x0007040600070406ull
#define DR6_RESET 0xffff0ff0ull
#define DR7_RESET 0x400ull

/* Segments: those of data, CS, LDTR, TR; GDTR and IDTR have the limit only. */
static const struct segment segment_reset_data = { .attr = 0x93, .limit = 0xffff },
			    segment_reset_code = { 0xf000, 0x9b, 0xffff, 0xffff0000 },
			    segment_reset_ldt = { .attr = 0x82, .limit = 0xffff },
			    segment_reset_tss = { .attr = 0x8b, .limit = 0xffff };

#endif
