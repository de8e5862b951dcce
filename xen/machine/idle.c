/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The two places where interrupts are on. */
#include "atomic.h"
#include "percpu.h"

void machine_irq_window(void)
{
	/* interrupts are let in after the instruction that follows STI */
	__asm__ volatile("sti; nop; cli" ::: "memory");
}

void machine_idle(void)
{
	/* Interrupts are off: a bit that is set after this test comes with a kick, which ends the HLT. */
	if (read_once(percpu()->pending))
		return;
	__asm__ volatile("sti; hlt; cli" ::: "memory");
}
