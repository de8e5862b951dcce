/* SPDX-License-Identifier: GPL-2.0-or-later */
/* x2APIC mode: the switch, the MSRs, IPIs. */
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

GUEST_TESTS(TEST(switch_on), TEST(logical_id), TEST(self_ipi), TEST(ipi_to_other),
            TEST(bad_accesses), TEST(no_way_back_but_through_off));
