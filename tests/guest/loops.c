/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Vcpus that do their worst: exceptions whose delivery raises them again without end, tight loops with
 * interrupts off. They may stop themselves; the others and the machine go on.
 */
#include "guest.h"

static volatile unsigned reached;

/* A data breakpoint on the stack that #DB is delivered to: delivering it hits the breakpoint. */
static void debug_loop(void *arg)
{
	static struct {
		uint8_t below[2048];
		uint8_t top[64];
	} stack __attribute__((aligned(16)));

	dr0_write(HC_PTR(stack.top) - 16);
	dr6_write(0xffff0ff0u);
	dr7_write(sizeof(ulong_t) == 8 ? 0x00090402 | 0x20000 : 0x000d0402); /* G0, write */
	reached++;
	__asm__ volatile("mov %0, %%" STACK_REGISTER "\n\t"
			 "1: push %%" STACK_AX "\n\t"
			 "jmp 1b"
			 : : "r"(stack.top) : "memory");
}

static void tight_loop(void *arg)
{
	irq_off();
	reached++;
	for (;;)
		barrier();
}

static void exit_loop(void *arg)
{
	irq_off();
	reached++;
	for (;;)
		cpuid(0, 0);
}

static void pause_loop(void *arg)
{
	irq_off();
	reached++;
	for (;;)
		pause();
}

/* The others have stopped or run on; this one still gets its time. */
static void still_served(void)
{
	uint64_t t = clock_ns();
	unsigned n = 0;

	while (clock_ns() < t + 50000000) {
		sched_op(SCHEDOP_yield, NULL);
		n++;
	}
	CHECK(n > 2);
}

static void run_beside(unsigned cpu, void (*fn)(void *))
{
	unsigned before = reached;

	cpu_run(cpu, fn, NULL);
	CHECK(wait_for(&reached, before + 1, 2000));
	still_served();
	CHECK_EQ(vcpu_op(VCPUOP_down, cpu, NULL), 0);
	still_served();
	CHECK_EQ(vcpu_op(VCPUOP_is_up, cpu, NULL), 0);
}

static void tight(void)
{
	run_beside(1, tight_loop);
}

static void exits(void)
{
	run_beside(2, exit_loop);
}

static void pauses(void)
{
	run_beside(3, pause_loop);
}

static void debug_exceptions(void)
{
	cpus[1].work = NULL;
	lapic_ipi(cpu_apic_id(1), APIC_INIT | APIC_ASSERT);
	CHECK(cpu_start(1, START_SIPI));
	run_beside(1, debug_loop);
}

void guest_setup(void)
{
	cpu_start_all(4);
}

GUEST_TESTS(TEST(tight), TEST(exits), TEST(pauses), TEST(debug_exceptions));
