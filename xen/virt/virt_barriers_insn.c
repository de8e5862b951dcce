/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The barriers' instructions. Tests link counters instead (tests/host/vmcs_fake.c). */
#include "virt_barriers.h"
#include "registers.h"

void virt_flush_l1d(void)
{
	__asm__ volatile("wrmsr" : : "c"(MSR_FLUSH_CMD), "a"(1), "d"(0) : "memory");
}

void virt_clear_buffers(void)
{
	uint16_t selector;

	/* Only the form with an operand in memory, and with a segment that may be written, is sure to do it. */
	__asm__ volatile("mov %%ss, %0; verw %0" : "=m"(selector) : : "cc", "memory");
}
