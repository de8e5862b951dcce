/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Vcpus that do their worst: exceptions whose delivery raises them again without end, tight loops with
 * interrupts off. They may stop themselves; the others and the machine go on.
 */
#include "guest.h"

static volatile unsigned reached;

/* A handler that does nothing: the exception comes again at once. */
static void again(struct trap_frame *f)
{
}

/* Single steps without end. */
static void debug_loop(void *arg)
{
	trap_handle(VEC_DB, again);
	irq_off();
	reached++;
	flags_write(flags_read() | FLAG_TF);
	for (;;)
		barrier();
}

/* A fault whose cause stays. */
static void fault_loop(void *arg)
{
	trap_handle(VEC_UD, again);
	irq_off();
	reached++;
	__asm__ volatile("ud2");
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
	CHECK(wait_for(&reached, before + 1, 10000));
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

static void restart(unsigned cpu)
{
	cpus[cpu].work = NULL;
	lapic_ipi(cpu_apic_id(cpu), APIC_INIT | APIC_ASSERT);
	CHECK(cpu_start(cpu, START_SIPI));
}

static void debug_exceptions(void)
{
	restart(1);
	run_beside(1, debug_loop);
}

static void faults(void)
{
	restart(2);
	run_beside(2, fault_loop);
}

void guest_setup(void)
{
	cpu_start_all(4);
}

GUEST_TESTS(TEST(tight), TEST(exits), TEST(pauses), TEST(debug_exceptions), TEST(faults));
