/* SPDX-License-Identifier: GPL-2.0-or-later */
/* x2APIC mode: the switch, the MSRs, priorities, IPIs. */
#include "guest.h"

#define VECTOR 0x93

struct access {
	uint32_t msr;
	uint64_t value;
};

static void do_read(void *p)
{
	rdmsr(((struct access *)p)->msr);
}

static void do_write(void *p)
{
	wrmsr(((struct access *)p)->msr, ((struct access *)p)->value);
}

static void switch_here(void *arg)
{
	wrmsr(MSR_APIC_BASE, rdmsr(MSR_APIC_BASE) | APIC_BASE_X2APIC);
}

static void switch_on(void)
{
	CHECK(cpuid(1, 0).c >> 21 & 1);
	cpu_run(1, switch_here, NULL);
	CHECK(cpu_wait(1, 1000));
	switch_here(NULL);
	lapic_x2apic = true;
	CHECK(rdmsr(MSR_APIC_BASE) & APIC_BASE_X2APIC);
	CHECK_EQ(lapic_id(), cpu_apic_id(0));
	CHECK_EQ(lapic_read(APIC_SVR), APIC_SVR_ENABLE | VECTOR_SPURIOUS);
}

static void logical_id(void)
{
	uint32_t id = lapic_id();

	CHECK_EQ(lapic_read(APIC_LDR), (id >> 4) << 16 | 1u << (id & 15));
}

static void self_ipi(void)
{
	trap_count_clear();
	irq_on();
	wrmsr(MSR_X2APIC + APIC_SELF_IPI / 16, VECTOR);
	for (unsigned i = 0; i < 2000; i++)
		pause();
	irq_off();
	CHECK_EQ(trap_count(VECTOR), 1);
}

static void ipi_to_other(void)
{
	memset((void *)cpus[1].traps, 0, sizeof(cpus[1].traps));
	lapic_ipi(cpu_apic_id(1), APIC_FIXED | VECTOR);
	CHECK(wait_for(&cpus[1].traps[VECTOR], 1, 10000));
	lapic_ipi(0xffffffff, APIC_FIXED | VECTOR); /* everybody */
	CHECK(wait_for(&cpus[1].traps[VECTOR], 2, 10000));
	irq_on();
	pause();
	irq_off();
}

#define LOW  0x41
#define HIGH 0x81

static volatile unsigned order[4], taken;

/* Ends by the register itself, as the kernels of guests do. */
static void record(struct trap_frame *f)
{
	if (taken < ARRAY_LEN(order))
		order[taken] = (unsigned)f->vector;
	taken++;
	wrmsr(MSR_X2APIC + APIC_EOI / 16, 0);
}

static void self(unsigned vector)
{
	wrmsr(MSR_X2APIC + APIC_SELF_IPI / 16, vector);
}

/* With nothing in between that the hypervisor sees. */
static void settle(void)
{
	irq_on();
	for (volatile unsigned i = 0; i < 2000; i++)
		;
	irq_off();
}

static void priorities(void)
{
	trap_handle(LOW, record);
	trap_handle(HIGH, record);
	taken = 0;
	irq_off();
	self(LOW);
	self(HIGH);
	CHECK(lapic_requested(LOW) && lapic_requested(HIGH));
	settle();
	CHECK_EQ(taken, 2);
	CHECK_EQ(order[0], HIGH);
	CHECK_EQ(order[1], LOW);
	CHECK(!lapic_requested(LOW) && !lapic_requested(HIGH));
	CHECK(!lapic_in_service(LOW) && !lapic_in_service(HIGH));
}

static void task_priority(void)
{
	uint32_t tpr = MSR_X2APIC + APIC_TPR / 16;

	taken = 0;
	wrmsr(tpr, 0x85);
	CHECK_EQ(rdmsr(tpr), 0x85);
	CHECK_EQ(lapic_read(APIC_PPR), 0x85);
	self(LOW);
	self(HIGH);
	settle();
	CHECK_EQ(taken, 0);
	wrmsr(tpr, 0x40);
	settle();
	CHECK_EQ(taken, 1);
	CHECK_EQ(order[0], HIGH);
	CHECK(lapic_requested(LOW));
	wrmsr(tpr, 0);
	settle();
	CHECK_EQ(taken, 2);
}

static void nest(struct trap_frame *f)
{
	CHECK(lapic_in_service(LOW));
	CHECK_EQ(lapic_read(APIC_PPR) & 0xf0, LOW & 0xf0);
	self(HIGH);
	self(LOW); /* once more: after this one */
	settle();
	CHECK_EQ(taken, 1);
	trap_handle(LOW, record);
	wrmsr(MSR_X2APIC + APIC_EOI / 16, 0);
}

static void in_service(void)
{
	taken = 0;
	trap_handle(LOW, nest);
	self(LOW);
	settle();
	settle();
	CHECK_EQ(taken, 2);
	CHECK_EQ(order[0], HIGH);
	CHECK_EQ(order[1], LOW);
	CHECK(!lapic_in_service(LOW));
}

static volatile bool busy_ends;

static void be_busy(void *arg)
{
	irq_on();
	while (!busy_ends)
		;
	irq_off();
}

/* To one that runs all the time and looks at nothing: each arrives, and once. */
static void ipis_to_busy(void)
{
	unsigned before;

	cpu_run(1, be_busy, NULL);
	/* The first one shows that it is there. */
	memset((void *)cpus[1].traps, 0, sizeof(cpus[1].traps));
	for (unsigned i = 1; i <= 300; i++) {
		before = cpus[1].traps[VECTOR];
		lapic_ipi(cpu_apic_id(1), APIC_FIXED | VECTOR);
		if (!wait_for(&cpus[1].traps[VECTOR], before + 1, 10000))
			break;
	}
	busy_ends = true;
	CHECK(cpu_wait(1, 10000));
	CHECK_EQ(cpus[1].traps[VECTOR], 300);
}

static void bad_accesses(void)
{
	struct access dfr = { MSR_X2APIC + APIC_DFR / 16, 0 }, hole = { 0x8ff, 0 },
		      id = { MSR_X2APIC + 2, 1 };
	struct access eoi = { MSR_X2APIC + APIC_EOI / 16, 1 },
		      high = { MSR_X2APIC + APIC_ICR_HIGH / 16, 0 };
	struct access tpr = { MSR_X2APIC + APIC_TPR / 16, 0x100 };

	CHECK_TRAP(do_read, &dfr, VEC_GP);
	CHECK_TRAP(do_read, &hole, VEC_GP);
	CHECK_TRAP(do_read, &high, VEC_GP);
	CHECK_TRAP(do_read, &eoi, VEC_GP);  /* write only */
	CHECK_TRAP(do_write, &eoi, VEC_GP); /* zero only */
	CHECK_TRAP(do_write, &id, VEC_GP);  /* read only */
	CHECK_TRAP(do_write, &tpr, VEC_GP); /* reserved bits */
}

static void no_way_back_but_through_off(void)
{
	struct access xapic = { MSR_APIC_BASE, rdmsr(MSR_APIC_BASE) & ~(uint64_t)APIC_BASE_X2APIC };

	CHECK_TRAP(do_write, &xapic, VEC_GP);
}

void guest_setup(void)
{
	cpu_start(1, START_SIPI);
}

GUEST_TESTS(TEST(switch_on), TEST(logical_id), TEST(self_ipi), TEST(ipi_to_other), TEST(priorities),
            TEST(task_priority), TEST(in_service), TEST(ipis_to_busy), TEST(bad_accesses),
            TEST(no_way_back_but_through_off));
