/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The two places where interrupts are on. */
#include "atomic.h"
#include "cpu.h"
#include "percpu.h"

void machine_irq_window(void)
{
	/* interrupts are let in after the instruction that follows STI */
	__asm__ volatile("sti; nop; cli" ::: "memory");
}

/* A write to CR8 makes the local APIC compare its priorities again, and ask the CPU for what waits. */
void machine_interrupts_look(void)
{
	__asm__ volatile("mov %0, %%cr8" : : "r"(0ul) : "memory");
}

void machine_idle(void)
{
	/* Interrupts are off: a bit that is set after this test comes with a kick, which ends the HLT. */
	if (read_once(percpu()->pending))
		return;
	if (cpu_features.emulated)
		machine_interrupts_look();
	__asm__ volatile("sti; hlt; cli" ::: "memory");
}
