/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What entries do so that a guest finds nothing of others in the CPU's caches and buffers. Only xen/virt includes it.
 *
 * L1TF: the first-level cache is emptied, but on CPUs that say they are not affected or that it is not needed. MDS and its kin: VERW, which overwrites the buffers where the
 * microcode makes it do so.
 */
#ifndef VIRT_VIRT_BARRIERS_H
#define VIRT_VIRT_BARRIERS_H

#include "types.h"

enum virt_barrier { BARRIER_L1D = 1 << 0, BARRIER_VERW = 1 << 1 };

/* c7d: CPUID 7 EDX; arch_caps: the MSR, 0 where there is none. Pure. */
unsigned virt_barriers_choose(uint32_t c7d, uint64_t arch_caps);
/* The last thing before the guest: after it only the host's own registers go to the stack. */
void virt_barriers_do(unsigned barriers);
/* "L1D flush VERW", as they are in use. */
const char *virt_barriers_words(unsigned barriers);

/* The instructions, virt_barriers_insn.c; tests count them. Empties the first-level data cache (SDM volume 4, IA32_FLUSH_CMD); VERW. */
void virt_flush_l1d(void);
void virt_clear_buffers(void);

#endif
