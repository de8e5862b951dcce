/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Physical CPUs: per-CPU area, descriptor tables, stacks. percpu->machine is its struct cpu. */
#ifndef MACHINE_CPU_H
#define MACHINE_CPU_H

#include "percpu.h"

#define CPU_STACK_SIZE 16384
#define IST_STACK_SIZE 8192
/* Interrupt stack table slots (from 1): each of these may strike at any instruction. */
enum { IST_NMI = 1, IST_DOUBLE_FAULT, IST_MACHINE_CHECK, NR_IST };

struct tss64 {
	uint32_t reserved0;
	uint64_t rsp[3];
	uint64_t reserved1;
	uint64_t ist[7];
	uint64_t reserved2;
	uint16_t reserved3, iomap_base;
} packed_struct;

struct cpu {
	struct percpu percpu;
	uint32_t apic_id;
	uint64_t gdt[8]; /* selectors in layout.h; the TSS takes two slots at SELECTOR_TSS */
	struct tss64 tss;
	uint8_t *stack_top;
	uint8_t *stack_guards[NR_IST]; /* page below the stack [0] and below each IST stack */
	/* usermode.c: what runs in ring 3 here, since when, how it ended */
	struct usermode *user;
	uint64_t user_start; /* TSC */
	unsigned user_end;
	/* other CPUs wait for these */
	uint32_t online;  /* smp.c */
	uint32_t kicked;  /* a kick is on its way */
	uint32_t stopped; /* a crash elsewhere stopped it */
	uint64_t stopped_rip;
	uint64_t nr_irqs[256];
};

/* Beside those of layout.h. */
#define SELECTOR_TSS 0x20

static inline struct cpu *this_cpu(void)
{
	return percpu()->machine;
}
struct cpu *cpu_of(unsigned cpu);

/* First of all: makes the running CPU number 0: GDT, TSS, IDT, GS base. Needs nothing. */
void cpu_init_first(void);
/* A struct for another CPU, with stacks (guard pages are made). NULL: no memory. cpu_number() gives its number. */
struct cpu *must_check cpu_create(uint32_t apic_id);
void cpu_destroy(struct cpu *c);
/* Loads descriptor tables and GS base of c on the running CPU. */
void cpu_load(struct cpu *c);
/*
 * GDTR's limit again: an exit from a guest may leave 64 KiB there (SDM 27.5.2), and what lies behind the table is not for ring 3 to take for descriptors. This CPU.
 */
void cpu_limit_gdt(const struct cpu *c);
/* c answers to percpu_of(cpu) from now on. */
void cpu_number(struct cpu *c, unsigned cpu);
/* CPUs 0 .. count - 1 are online. */
void cpu_count(unsigned count);
/* Unmaps the guard pages of CPU 0: paging_init() calls it. */
void cpu_guard_first(void);

/* CPUID features that the machine layer asks for, read at cpu_init_first(). */
extern struct cpu_features {
	bool nx, gib_pages, pge, smep, smap, umip, fsgsbase, xsave, xsaveopt, x2apic, tsc_deadline,
		invariant_tsc, tsc_adjust, rdrand, rdtscp, amd,
		emulated; /* somebody shows the hypervisor bit */
	uint8_t physical_bits;
	char model[49];
} cpu_features;

#endif
