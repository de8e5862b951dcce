/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The virtual CPUs. */
#ifndef GUEST_SMP_H
#define GUEST_SMP_H

#include "arch.h"
#include "layout.h"
#include "trap.h"

struct cpu {
	unsigned id; /* Xen's vcpu number */
	volatile unsigned online;
	void (*volatile work)(void *); /* set by cpu_run, cleared when it is done */
	void *work_arg;
	struct context *recover;
	struct exception caught;
	volatile unsigned traps[256];
	struct tss tss;
	uint8_t trap_stack[8192] __attribute__((aligned(16)));  /* from CPL 3 */
	uint8_t fault_stack[4096] __attribute__((aligned(16))); /* double fault, 64-bit only */
	uint8_t user_stack[4096] __attribute__((aligned(16)));
};

extern struct cpu cpus[MAX_CPUS];

/* The task register tells which it is: no segment base needed. */
static inline struct cpu *this_cpu(void)
{
	return &cpus[(unsigned)(task_register() - SEL_TSS) / 16];
}

/* Loads GDT, IDT and task register, enables the local APIC; called on the CPU itself. */
void cpu_init(unsigned id);
void cpu_init_idt(void);

/* How many vcpus this domain has, and a vcpu's local APIC id (both from the MADT). */
unsigned cpu_count(void);
uint32_t cpu_apic_id(unsigned id);

enum cpu_start { START_SIPI, START_VCPUOP };

/* Starts vcpu id, which then waits for work. False: not up within two seconds. */
bool cpu_start(unsigned id, enum cpu_start how);
void cpu_start_all(unsigned count);

/* Fills VCPUOP_initialise's argument so that the vcpu comes up as cpu_start would have it. */
struct vcpu_hvm_context;
void cpu_context(struct vcpu_hvm_context *context);
void cpu_prepare(unsigned id);

/* Gives fn(arg) to another CPU. cpu_wait: false when it was not done within the time. */
void cpu_run(unsigned id, void (*fn)(void *), void *arg);
bool cpu_wait(unsigned id, unsigned milliseconds);

void cpu_secondary(void);
void ap_entry32(void);
extern ulong_t ap_stack;

#endif
