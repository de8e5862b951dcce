/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which barriers an entry needs. Contract: virt_barriers.h. */
#include "virt_barriers.h"
#include "registers.h"

/* CPUID 7 EDX and IA32_ARCH_CAPABILITIES, SDM volume 4 table 2-2 */
#define C7D_MD_CLEAR  BIT(10)
#define C7D_L1D_FLUSH BIT(28)
#define ARCH_RDCL_NO  BIT(0) /* a not-present entry's address is not followed */
#define ARCH_SKIP_L1D \
	BIT(3) /* L1D_FLUSH, but not for entries: not affected, or a hypervisor below flushes */

unsigned virt_barriers_choose(uint32_t c7d, uint64_t arch_caps)
{
	unsigned barriers = 0;

	if ((c7d & C7D_L1D_FLUSH) && !(arch_caps & (ARCH_RDCL_NO | ARCH_SKIP_L1D)))
		barriers |= BARRIER_L1D;
	if (c7d & C7D_MD_CLEAR)
		barriers |= BARRIER_VERW;
	return barriers;
}

void virt_barriers_do(unsigned barriers)
{
	if (barriers & BARRIER_L1D)
		virt_flush_l1d();
	if (barriers & BARRIER_VERW)
		virt_clear_buffers();
}

const char *virt_barriers_words(unsigned barriers)
{
	static const char *const words[] = { "nothing", "L1D flush", "VERW", "L1D flush VERW" };

	return words[barriers & (BARRIER_L1D | BARRIER_VERW)];
}
