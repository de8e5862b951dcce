/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The CPU in real mode: its exceptions by the vector table, single steps, the old way of the FPU's errors, and segments that protected mode made large.
 */
#include "real.h"

uint32_t divide(uint32_t by);
extern const uint8_t divide_next[], bound_next[];
void single_steps(void);
void bound_it(int32_t value);
void overflow(void);
void fpu_fault(uint32_t number);
uint32_t read_large(uint32_t address);

static void skip_divide(struct stopped *at)
{
	at->ip = (uint16_t)(uint32_t)divide_next;
}
static void skip_bound(struct stopped *at)
{
	at->ip = (uint16_t)(uint32_t)bound_next;
}
static void nothing(struct stopped *at)
{
	(void)at;
}
static uint16_t undefined_at;
static void skip_undefined(struct stopped *at)
{
	undefined_at = at->ip;
	at->ip += 2;
}

static void exceptions(void)
{
	hook(0, skip_divide);
	equal("divide", divide(2), 50000);
	equal("divide-no-fault", times(0), 0);
	divide(1);
	divide(0);
	equal("divide-faults", times(0), 2);
	unhook(0);
	hook(1, nothing);
	single_steps();
	equal("single-steps", times(1), 3);
	unhook(1);
	hook(3, nothing);
	__asm__ volatile("int3");
	equal("breakpoint", times(3), 1);
	unhook(3);
	hook(4, nothing);
	overflow();
	equal("overflow", times(4), 1);
	unhook(4);
	hook(5, skip_bound);
	bound_it(3);
	equal("bound-within", times(5), 0);
	bound_it(6);
	equal("bound", times(5), 1);
	unhook(5);
	hook(6, skip_undefined);
	__asm__ volatile("ud2");
	equal("undefined", times(6), 1);
	unhook(6);
	hook(0x60, nothing);
	__asm__ volatile("int $0x60");
	equal("software", times(0x60), 1);
	unhook(0x60);
}

void real_mode_tests(void)
{
	exceptions();
	/* A segment with a limit of 4 GiB stays so in real mode; the HPET shows it. */
	equal("large-segment", read_large(0xfed00000) >> 16, 0x8086);
	equal("large-segment-below", read_large(PROGRAM), peek32(PROGRAM));
}

static void fpu_interrupt(struct stopped *at)
{
	(void)at;
	out8(0xf0, 0);
	end_interrupt(13);
}

/* A handler that also takes the error away. */
static void fpu_end(struct stopped *at)
{
	fpu_interrupt(at);
	__asm__ volatile("fnclex");
}

/* With CR0.NE clear, an FPU's error is interrupt 13 of the controllers, as on every PC since the AT. */
void fpu_tests(void)
{
	uint32_t cr0;
	bool masked = set_masked(13, false);

	__asm__ volatile("movl %%cr0, %0" : "=r"(cr0));
	__asm__ volatile("movl %0, %%cr0" : : "r"((cr0 & ~0x2cu) | 0x02));
	hook(0x75, fpu_interrupt);
	fpu_fault(0);
	equal("interrupt", times(0x75), 1);
	unhook(0x75);
	hook(0x75, fpu_end);
	/* Each with another register: one that comes back to its instruction with all of them alike is taken for the error that its handler left. */
	for (unsigned i = 1; i <= 5; i++)
		fpu_fault(i);
	equal("interrupts", times(0x75), 5);
	unhook(0x75);
	set_masked(13, masked);
	__asm__ volatile("movl %0, %%cr0" : : "r"(cr0));
}
