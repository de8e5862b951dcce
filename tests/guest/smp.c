/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Four vcpus on two processors: start, interrupts between them of every kind, exceptions apart. */
#include "guest.h"

#define VECTOR_A 0x91
#define VECTOR_B 0xa1

static unsigned count_on(unsigned cpu, unsigned vector)
{
	return atomic_load(&cpus[cpu].traps[vector]);
}

static void clear_counts(void)
{
	for (unsigned i = 0; i < MAX_CPUS; i++)
		memset((void *)cpus[i].traps, 0, sizeof(cpus[i].traps));
}

/* Until the CPUs of mask, and no others, have each had the vector once. */
static void expect(unsigned vector, unsigned mask)
{
	for (unsigned i = 0; i < 4; i++)
		if (mask >> i & 1)
			wait_for(&cpus[i].traps[vector], 1, 10000);
	delay_us(1000);
	for (unsigned i = 0; i < 4; i++)
		if (count_on(i, vector) != (mask >> i & 1))
			test_fail("vector 0x%x: cpu %u had it %u times, mask 0x%x", vector, i,
			          count_on(i, vector), mask);
}

static void started(void)
{
	for (unsigned i = 1; i < 4; i++) {
		CHECK(cpus[i].online);
		CHECK_EQ(vcpu_op(VCPUOP_is_up, i, NULL), 1);
	}
}

static void read_id(void *arg)
{
	((uint32_t *)arg)[this_cpu()->id] = lapic_id();
}

static void ids(void)
{
	static uint32_t seen[4];

	for (unsigned i = 1; i < 4; i++) {
		cpu_run(i, read_id, seen);
		CHECK(cpu_wait(i, 1000));
		CHECK_EQ(seen[i], cpu_apic_id(i));
	}
}

static void is_boot_cpu(void *arg)
{
	*(uint64_t *)arg = rdmsr(MSR_APIC_BASE);
}

static void boot_flag(void)
{
	uint64_t v = 0;

	CHECK(rdmsr(MSR_APIC_BASE) & APIC_BASE_BSP);
	cpu_run(1, is_boot_cpu, &v);
	CHECK(cpu_wait(1, 1000));
	CHECK_EQ(v & APIC_BASE_BSP, 0);
}

static void fixed(void)
{
	irq_on();
	for (unsigned i = 0; i < 4; i++) {
		clear_counts();
		lapic_ipi(cpu_apic_id(i), APIC_FIXED | VECTOR_A);
		expect(VECTOR_A, 1u << i);
	}
	irq_off();
}

static void shorthands(void)
{
	irq_on();
	clear_counts();
	lapic_ipi(0, APIC_TO_SELF | VECTOR_A);
	expect(VECTOR_A, 1);
	clear_counts();
	lapic_ipi(0, APIC_TO_ALL | VECTOR_A);
	expect(VECTOR_A, 0xf);
	clear_counts();
	lapic_ipi(0, APIC_TO_OTHERS | VECTOR_A);
	expect(VECTOR_A, 0xe);
	irq_off();
}

static void broadcast_destination(void)
{
	irq_on();
	clear_counts();
	lapic_ipi(0xff, APIC_FIXED | VECTOR_A);
	expect(VECTOR_A, 0xf);
	irq_off();
}

static void set_logical(void *arg)
{
	lapic_write(APIC_DFR, *(uint32_t *)arg);
	lapic_write(APIC_LDR, (uint32_t)((uint32_t *)arg)[1 + this_cpu()->id] << 24);
}

static void logical_setup(uint32_t *ids)
{
	set_logical(ids);
	for (unsigned i = 1; i < 4; i++) {
		cpu_run(i, set_logical, ids);
		cpu_wait(i, 1000);
	}
}

static void logical_flat(void)
{
	static uint32_t ids[] = { 0xffffffff, 1, 2, 4, 8 };

	logical_setup(ids);
	irq_on();
	clear_counts();
	lapic_ipi(0x06, APIC_LOGICAL | VECTOR_A);
	expect(VECTOR_A, 0x6);
	clear_counts();
	lapic_ipi(0x09, APIC_LOGICAL | VECTOR_B);
	expect(VECTOR_B, 0x9);
	clear_counts();
	lapic_ipi(0xf0, APIC_LOGICAL | VECTOR_B); /* nobody */
	expect(VECTOR_B, 0);
	irq_off();
}

static void logical_cluster(void)
{
	static uint32_t ids[] = { 0x0fffffff, 0x01, 0x02, 0x11, 0x12 };
	static uint32_t flat[] = { 0xffffffff, 1, 2, 4, 8 };

	logical_setup(ids);
	irq_on();
	clear_counts();
	lapic_ipi(0x13, APIC_LOGICAL | VECTOR_A);
	expect(VECTOR_A, 0xc);
	clear_counts();
	lapic_ipi(0x02, APIC_LOGICAL | VECTOR_A);
	expect(VECTOR_A, 0x2);
	irq_off();
	logical_setup(flat);
}

/* One of the two, whichever. */
static void lowest_priority(void)
{
	irq_on();
	clear_counts();
	lapic_ipi(0x06, APIC_LOGICAL | APIC_LOWEST | VECTOR_A);
	for (unsigned i = 0; i < 200 && !(count_on(1, VECTOR_A) + count_on(2, VECTOR_A)); i++)
		delay_us(5000);
	delay_us(2000);
	CHECK_EQ(count_on(1, VECTOR_A) + count_on(2, VECTOR_A), 1);
	CHECK_EQ(count_on(0, VECTOR_A) + count_on(3, VECTOR_A), 0);
	irq_off();
}

static void nmi(void)
{
	clear_counts();
	lapic_ipi(cpu_apic_id(2), APIC_NMI);
	expect(VEC_NMI, 1u << 2);
	clear_counts();
	lapic_ipi(0, APIC_NMI | APIC_TO_OTHERS);
	expect(VEC_NMI, 0xe);
}

static void many_rounds(void)
{
	irq_on();
	for (unsigned n = 0; n < 50; n++) {
		clear_counts();
		lapic_ipi(0, APIC_TO_OTHERS | VECTOR_A);
		for (unsigned i = 1; i < 4; i++)
			CHECK(wait_for(&cpus[i].traps[VECTOR_A], 1, 10000));
	}
	irq_off();
}

static void count_locked(void *arg)
{
	for (unsigned i = 0; i < 200000; i++)
		atomic_add((unsigned *)arg, 1);
}

/* Memory is one: locked additions of four vcpus, more than there are processors, all count. */
static void shared_memory(void)
{
	static unsigned n;

	for (unsigned i = 1; i < 4; i++)
		cpu_run(i, count_locked, &n);
	count_locked(&n);
	for (unsigned i = 1; i < 4; i++)
		CHECK(cpu_wait(i, 5000));
	CHECK_EQ(n, 800000);
}

static void raise_ud(void *arg)
{
	__asm__ volatile("ud2");
}

static void catch_there(void *arg)
{
	*(int *)arg = exception_of(raise_ud, NULL).vector;
}

static void exceptions_apart(void)
{
	int vectors[4] = { 0 };

	for (unsigned i = 1; i < 4; i++)
		cpu_run(i, catch_there, &vectors[i]);
	for (unsigned i = 1; i < 4; i++) {
		CHECK(cpu_wait(i, 1000));
		CHECK_EQ(vectors[i], VEC_UD);
	}
}

static volatile unsigned spinning;

static void spin(void *arg)
{
	irq_off();
	spinning = 1;
	for (;;)
		pause();
}

/* INIT stops a vcpu wherever it is; SIPI starts it afresh. */
static void init_while_running(void)
{
	cpu_run(3, spin, NULL);
	CHECK(wait_for(&spinning, 1, 10000));
	lapic_ipi(cpu_apic_id(3), APIC_INIT | APIC_ASSERT | APIC_LEVEL);
	lapic_ipi(cpu_apic_id(3), APIC_INIT | APIC_LEVEL); /* de-assert */
	delay_us(2000);
	cpus[3].work = NULL;
	CHECK(cpu_start(3, START_SIPI));
	clear_counts();
	lapic_ipi(cpu_apic_id(3), APIC_FIXED | VECTOR_A);
	expect(VECTOR_A, 8);
}

/* A second SIPI finds the vcpu running: nothing happens. */
static void sipi_while_running(void)
{
	lapic_ipi(cpu_apic_id(2), APIC_STARTUP | TRAMPOLINE >> 12);
	clear_counts();
	lapic_ipi(cpu_apic_id(2), APIC_FIXED | VECTOR_A);
	expect(VECTOR_A, 4);
}

void guest_setup(void)
{
	event_init();
	cpu_start_all(4);
}

GUEST_TESTS(TEST(started), TEST(ids), TEST(boot_flag), TEST(fixed), TEST(shorthands),
            TEST(broadcast_destination), TEST(logical_flat), TEST(logical_cluster),
            TEST(lowest_priority), TEST(nmi), TEST(many_rounds), TEST(shared_memory),
            TEST(exceptions_apart), TEST(init_while_running), TEST(sipi_while_running));
