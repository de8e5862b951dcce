/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One local APIC: registers, priorities, EOI, timer, errors. */
#include "guest.h"

#define LOW  0x41
#define MID  0x61
#define HIGH 0x81

static unsigned order[8], taken;

static void record(struct trap_frame *f)
{
	if (taken < ARRAY_LEN(order))
		order[taken] = (unsigned)f->vector;
	taken++;
	lapic_eoi();
}

static void self(unsigned vector)
{
	lapic_write(APIC_ICR, APIC_TO_SELF | vector);
}

static void settle(void)
{
	irq_on();
	for (unsigned i = 0; i < 2000; i++)
		pause();
	irq_off();
}

static void registers(void)
{
	uint32_t version = lapic_read(APIC_VERSION);

	CHECK((version & 0xff) >= 0x10 && (version & 0xff) <= 0x1f);
	CHECK((version >> 16 & 0xff) >= 4);
	CHECK_EQ(lapic_id(), cpu_apic_id(0));
	CHECK_EQ(lapic_read(APIC_DFR), 0xffffffff);
	lapic_write(APIC_LDR, 0x12ffffff);
	CHECK_EQ(lapic_read(APIC_LDR) >> 24, 0x12);
	lapic_write(APIC_DFR, 0);
	CHECK_EQ(lapic_read(APIC_DFR), 0x0fffffff);
	lapic_write(APIC_DFR, 0xffffffff);
	lapic_write(APIC_TPR, 0x35);
	CHECK_EQ(lapic_read(APIC_TPR), 0x35);
	CHECK_EQ(lapic_read(APIC_PPR), 0x35);
	lapic_write(APIC_TPR, 0);
	lapic_write(APIC_VERSION, 0xffffffff); /* read-only */
	CHECK_EQ(lapic_read(APIC_VERSION), version);
}

static void lvt_entries(void)
{
	static const enum lapic_register entries[] = { APIC_LVT_TIMER, APIC_LVT_LINT0,
		                                       APIC_LVT_LINT1, APIC_LVT_ERROR };

	for (unsigned i = 0; i < ARRAY_LEN(entries); i++) {
		uint32_t old = lapic_read(entries[i]);

		lapic_write(entries[i], APIC_LVT_MASKED | 0x55);
		CHECK_EQ(lapic_read(entries[i]) & (APIC_LVT_MASKED | 0xff), APIC_LVT_MASKED | 0x55);
		lapic_write(entries[i], 0xffffffff);
		CHECK_EQ(lapic_read(entries[i]) & 0xff000000u, 0); /* reserved bits stay clear */
		lapic_write(entries[i], old | APIC_LVT_MASKED);
	}
}

static void priorities(void)
{
	taken = 0;
	irq_off();
	self(LOW);
	self(HIGH);
	self(MID);
	CHECK(lapic_requested(LOW) && lapic_requested(MID) && lapic_requested(HIGH));
	settle();
	CHECK_EQ(taken, 3);
	CHECK_EQ(order[0], HIGH);
	CHECK_EQ(order[1], MID);
	CHECK_EQ(order[2], LOW);
	CHECK(!lapic_requested(LOW) && !lapic_in_service(LOW));
}

static void task_priority(void)
{
	taken = 0;
	lapic_write(APIC_TPR, MID & 0xf0);
	self(LOW);
	self(MID);
	self(HIGH);
	settle();
	CHECK_EQ(taken, 1);
	CHECK_EQ(order[0], HIGH);
	lapic_write(APIC_TPR, LOW & 0xf0);
	settle();
	CHECK_EQ(taken, 2);
	CHECK_EQ(order[1], MID);
	lapic_write(APIC_TPR, 0);
	settle();
	CHECK_EQ(taken, 3);
}

#ifdef __x86_64__
static void cr8_write(ulong_t v)
{
	__asm__ volatile("mov %0, %%cr8" : : "r"(v) : "memory");
}

/* Without a PAUSE or another access of the APIC that the hypervisor would see. */
static void settle_alone(void)
{
	irq_on();
	for (volatile unsigned i = 0; i < 2000; i++)
		;
	irq_off();
}

static void task_priority_by_cr8(void)
{
	taken = 0;
	cr8_write(MID >> 4);
	self(LOW);
	self(MID);
	settle_alone();
	CHECK_EQ(taken, 0);
	cr8_write(LOW >> 4);
	settle_alone();
	CHECK_EQ(taken, 1);
	CHECK_EQ(order[0], MID);
	cr8_write(0);
	settle_alone();
	CHECK_EQ(taken, 2);
	/* HLT sees a request that a high priority has held back until then. */
	cr8_write(15);
	self(LOW);
	settle_alone();
	CHECK_EQ(taken, 2);
	cr8_write(0);
	irq_wait();
	irq_off();
	CHECK_EQ(taken, 3);
}
#else
static void task_priority_by_cr8(void)
{
}
#endif

static volatile unsigned nested_high, nested_same;

static void nest(struct trap_frame *f)
{
	CHECK(lapic_in_service(MID));
	CHECK_EQ(lapic_read(APIC_PPR) & 0xf0, MID & 0xf0);
	self(HIGH);
	self(LOW);
	settle();
	nested_high = taken;
	lapic_eoi();
}

/* In service, a higher class interrupts and a lower one waits for EOI. */
static void in_service(void)
{
	taken = 0;
	trap_handle(MID, nest);
	self(MID);
	settle();
	CHECK_EQ(nested_high, 1);
	CHECK_EQ(order[0], HIGH);
	CHECK_EQ(taken, 2);
	CHECK_EQ(order[1], LOW);
	CHECK(!lapic_in_service(MID));
	trap_handle(MID, record);
}

static void one_request_a_vector(void)
{
	taken = 0;
	irq_off();
	for (unsigned i = 0; i < 5; i++)
		self(LOW);
	settle();
	CHECK_EQ(taken, 1);
}

static void software_disabled(void)
{
	taken = 0;
	lapic_write(APIC_SVR, VECTOR_SPURIOUS);
	CHECK(lapic_read(APIC_LVT_TIMER) & APIC_LVT_MASKED);
	lapic_write(APIC_LVT_TIMER, LOW);
	CHECK(lapic_read(APIC_LVT_TIMER) & APIC_LVT_MASKED); /* cannot be unmasked now */
	lapic_write(APIC_SVR, APIC_SVR_ENABLE | VECTOR_SPURIOUS);
	self(LOW);
	settle();
	CHECK_EQ(taken, 1);
}

/* A vector below 16 is an error, told by ESR after a write to it. */
static void errors(void)
{
	lapic_write(APIC_LVT_ERROR, HIGH);
	taken = 0;
	lapic_write(APIC_ESR, 0); /* what was before */
	lapic_write(APIC_ESR, 0);
	CHECK_EQ(lapic_read(APIC_ESR), 0);
	self(5);
	settle();
	lapic_write(APIC_ESR, 0);
	CHECK_EQ(lapic_read(APIC_ESR) & 0x60, 0x20);
	CHECK_EQ(taken, 1);
	lapic_write(APIC_ESR, 0);
	CHECK_EQ(lapic_read(APIC_ESR), 0);
	lapic_write(APIC_LVT_ERROR, APIC_LVT_MASKED);
}

static bool wait_taken(unsigned want, unsigned ms)
{
	uint64_t end = clock_ns() + ms * 1000000ull;

	irq_on();
	while (*(volatile unsigned *)&taken < want && clock_ns() < end)
		pause();
	irq_off();
	return taken >= want;
}

static void timer_one_shot(void)
{
	uint32_t now;

	taken = 0;
	lapic_write(APIC_TIMER_DIVIDE, 0xb); /* by 1 */
	lapic_write(APIC_LVT_TIMER, LOW);
	lapic_write(APIC_TIMER_INITIAL, 300000);
	now = lapic_read(APIC_TIMER_CURRENT);
	CHECK(now <= 300000);
	CHECK(wait_taken(1, 10000));
	CHECK_EQ(order[0], LOW);
	CHECK_EQ(lapic_read(APIC_TIMER_CURRENT), 0);
	delay_us(5000);
	settle();
	CHECK_EQ(taken, 1);
}

static void timer_periodic(void)
{
	taken = 0;
	lapic_write(APIC_LVT_TIMER, APIC_TIMER_PERIODIC | LOW);
	lapic_write(APIC_TIMER_INITIAL, 200000);
	CHECK(wait_taken(5, 10000));
	lapic_write(APIC_TIMER_INITIAL, 0);
	CHECK_EQ(lapic_read(APIC_TIMER_CURRENT), 0);
	settle();
	taken = 0;
	delay_us(5000);
	settle();
	CHECK_EQ(taken, 0);
}

static void timer_masked(void)
{
	taken = 0;
	lapic_write(APIC_LVT_TIMER, APIC_LVT_MASKED | LOW);
	lapic_write(APIC_TIMER_INITIAL, 50000);
	delay_us(5000);
	settle();
	CHECK_EQ(taken, 0);
	lapic_write(APIC_TIMER_INITIAL, 0);
}

static void timer_divides(void)
{
	uint64_t start;

	taken = 0;
	lapic_write(APIC_TIMER_DIVIDE, 0xa); /* by 128 */
	CHECK_EQ(lapic_read(APIC_TIMER_DIVIDE), 0xa);
	lapic_write(APIC_LVT_TIMER, LOW);
	start = clock_ns();
	lapic_write(APIC_TIMER_INITIAL, 10000); /* 1.28 million of the undivided */
	CHECK(wait_taken(1, 10000));
	CHECK(clock_ns() - start > 1000000);
	lapic_write(APIC_TIMER_DIVIDE, 0xb);
}

static void timer_tsc_deadline(void)
{
	uint64_t deadline, armed;

	if (!(cpuid(1, 0).c & 1u << 24)) {
		test_note("no TSC deadline");
		return;
	}
	taken = 0;
	lapic_write(APIC_LVT_TIMER, APIC_TIMER_DEADLINE | LOW);
	deadline = rdtsc() + 3000000;
	wrmsr(MSR_TSC_DEADLINE, deadline);
	armed = rdmsr(MSR_TSC_DEADLINE);
	CHECK(armed == deadline || (armed == 0 && rdtsc() >= deadline));
	CHECK(wait_taken(1, 10000));
	CHECK_EQ(rdmsr(MSR_TSC_DEADLINE), 0);
	wrmsr(MSR_TSC_DEADLINE, 1); /* long gone: at once */
	CHECK(wait_taken(2, 10000));
	wrmsr(MSR_TSC_DEADLINE, ~0ull); /* hardly ever */
	CHECK(!wait_taken(3, 5));
	lapic_write(APIC_LVT_TIMER, APIC_LVT_MASKED);
}

static void hlt_until_timer(void)
{
	taken = 0;
	lapic_write(APIC_LVT_TIMER, LOW);
	for (unsigned i = 1; i <= 5; i++) {
		irq_off();
		lapic_write(APIC_TIMER_INITIAL, 500000);
		while (*(volatile unsigned *)&taken < i)
			irq_wait(), irq_off();
	}
	CHECK_EQ(taken, 5);
}

void guest_setup(void)
{
	trap_handle(LOW, record);
	trap_handle(MID, record);
	trap_handle(HIGH, record);
}

GUEST_TESTS(TEST(registers), TEST(lvt_entries), TEST(priorities), TEST(task_priority),
            TEST(task_priority_by_cr8), TEST(in_service), TEST(one_request_a_vector),
            TEST(software_disabled), TEST(errors), TEST(timer_one_shot), TEST(timer_periodic),
            TEST(timer_masked), TEST(timer_divides), TEST(timer_tsc_deadline),
            TEST(hlt_until_timer));
