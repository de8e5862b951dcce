/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The local APIC: registers, priorities, timer, messages. */
#include "fake_domain.h"
#include "machine_fake.h"
#include "unit.h"
#include "virt_script.h"
#include "vlapic_registers.h"

static struct domain *d;
static struct vcpu *v;

static void start(unsigned vcpus)
{
	d = fake_domain_machine(2, vcpus, 16);
	v = d->vcpus[0];
	vlapic_write(v, APIC_SVR, 0x1ff);
}

static uint32_t reg(struct vcpu *who, uint32_t offset)
{
	uint32_t value = 0xdead;

	CHECK(vlapic_read(who, offset, &value));
	return value;
}

static void test_reset_values(void)
{
	uint32_t unused;

	d = fake_domain_machine(1, 2, 16);
	v = d->vcpus[1];
	CHECK_EQ(reg(v, APIC_ID), 2u << 24);
	CHECK_EQ(reg(v, APIC_VERSION), VLAPIC_VERSION);
	CHECK_EQ(reg(v, APIC_SVR), 0xff);
	CHECK_EQ(reg(v, APIC_DFR), 0xffffffff);
	for (uint32_t o = APIC_LVT_TIMER; o <= APIC_LVT_ERROR; o += 16)
		CHECK_EQ(reg(v, o), LVT_MASKED);
	CHECK(!vlapic_read(v, 0x040, &unused));
	CHECK_EQ(v->lapic.base_msr, VLAPIC_BASE | APIC_BASE_ENABLE);
	CHECK_EQ(d->vcpus[0]->lapic.base_msr, VLAPIC_BASE | APIC_BASE_ENABLE | APIC_BASE_BSP);
}

static void test_priorities(void)
{
	start(1);
	vlapic_set_irq(&v->lapic, 0x41, false);
	vlapic_set_irq(&v->lapic, 0x83, false);
	CHECK_EQ(vlapic_pending_vector(v), 0x83);
	vlapic_accept(v, 0x83);
	CHECK_EQ(vlapic_pending_vector(v), -1); /* 0x41 waits for the EOI */
	CHECK_EQ(reg(v, APIC_PPR), 0x80);
	CHECK_EQ(reg(v, APIC_ISR + 0x40), 1u << 3);
	vlapic_write(v, APIC_EOI, 0);
	CHECK_EQ(vlapic_pending_vector(v), 0x41);
	vlapic_write(v, APIC_TPR, 0x40);
	CHECK_EQ(vlapic_pending_vector(v), -1);
	vlapic_write(v, APIC_TPR, 0x3f);
	CHECK_EQ(vlapic_pending_vector(v), 0x41);
	CHECK_EQ(reg(v, APIC_TPR), 0x3f);
}

static void test_cr8_follows_tpr(void)
{
	start(1);
	vlapic_write(v, APIC_TPR, 0x75);
	CHECK_EQ(virt->get_reg(v, REG_CR8), 7);
	virt->set_reg(v, REG_CR8, 3); /* the guest wrote CR8 */
	CHECK_EQ(reg(v, APIC_TPR), 0x30);
}

static void test_disabled_takes_nothing(void)
{
	start(1);
	vlapic_set_irq(&v->lapic, 0x50, false);
	vlapic_write(v, APIC_SVR, 0xff);
	CHECK_EQ(vlapic_pending_vector(v), -1);
	vlapic_write(v, APIC_LVT_TIMER, 0x40); /* stays masked while disabled */
	CHECK_EQ(reg(v, APIC_LVT_TIMER), LVT_MASKED | 0x40);
}

static void test_illegal_vectors(void)
{
	start(1);
	vlapic_set_irq(&v->lapic, 7, false);
	vlapic_write(v, APIC_ICR, SHORTHAND_SELF << 18 | 9);
	CHECK_EQ(reg(v, APIC_ESR), 0);
	vlapic_write(v, APIC_ESR, 0);
	CHECK_EQ(reg(v, APIC_ESR), ESR_RECEIVE_ILLEGAL | ESR_SEND_ILLEGAL);
	vlapic_write(v, APIC_ESR, 0);
	CHECK_EQ(reg(v, APIC_ESR), 0);
	CHECK_EQ(vlapic_pending_vector(v), -1);
}

static void test_error_interrupt(void)
{
	start(1);
	vlapic_write(v, APIC_LVT_ERROR, 0x60);
	vlapic_set_irq(&v->lapic, 3, false);
	CHECK_EQ(vlapic_pending_vector(v), 0x60);
}

static void advance_timers(uint64_t ns)
{
	fake_advance(ns);
	timers_run();
}

static void test_timer_one_shot(void)
{
	start(1);
	vlapic_write(v, APIC_LVT_TIMER, 0x31);
	vlapic_write(v, APIC_TIMER_DIV, 0xb); /* by 1 */
	vlapic_write(v, APIC_TIMER_INIT, 100000);
	advance_timers(400000);
	CHECK_EQ(reg(v, APIC_TIMER_CUR), 60000);
	CHECK_EQ(vlapic_pending_vector(v), -1);
	advance_timers(600000);
	CHECK_EQ(reg(v, APIC_TIMER_CUR), 0);
	CHECK_EQ(vlapic_pending_vector(v), 0x31);
	vlapic_accept(v, 0x31);
	vlapic_eoi(v);
	advance_timers(5000000);
	CHECK_EQ(vlapic_pending_vector(v), -1);
}

static void test_timer_periodic(void)
{
	start(1);
	vlapic_write(v, APIC_LVT_TIMER, 0x20032);
	vlapic_write(v, APIC_TIMER_DIV, 0x0);    /* by 2 */
	vlapic_write(v, APIC_TIMER_INIT, 50000); /* 1 ms */
	for (int i = 0; i < 5; i++) {
		advance_timers(1000000);
		CHECK_EQ(vlapic_pending_vector(v), 0x32);
		vlapic_accept(v, 0x32);
		vlapic_eoi(v);
	}
	vlapic_write(v, APIC_TIMER_INIT, 0);
	advance_timers(10000000);
	CHECK_EQ(vlapic_pending_vector(v), -1);
}

static void test_timer_periodic_is_bounded(void)
{
	start(1);
	vlapic_write(v, APIC_LVT_TIMER, 0x20032);
	vlapic_write(v, APIC_TIMER_DIV, 0xb);
	vlapic_write(v, APIC_TIMER_INIT, 1); /* asks for one each 10 ns */
	CHECK(fake_timer_at(0) >= machine_now_ns() + 50000);
	advance_timers(100000);
	CHECK(fake_timer_at(0) > machine_now_ns() + 1000);
}

static void test_timer_deadline(void)
{
	uint64_t value;

	start(1);
	vlapic_write(v, APIC_LVT_TIMER, 0x40033);
	CHECK(vlapic_msr_write(v, MSR_TSC_DEADLINE,
	                       machine_tsc() + v->tsc_offset + 2000000)); /* 1 ms */
	advance_timers(500000);
	CHECK_EQ(vlapic_pending_vector(v), -1);
	CHECK(vlapic_msr_read(v, MSR_TSC_DEADLINE, &value));
	CHECK(value != 0);
	advance_timers(600000);
	CHECK_EQ(vlapic_pending_vector(v), 0x33);
	CHECK(vlapic_msr_read(v, MSR_TSC_DEADLINE, &value));
	CHECK_EQ(value, 0);
	vlapic_accept(v, 0x33);
	vlapic_eoi(v);
	v->tsc_offset = -5000ull; /* before the host's start */
	CHECK(vlapic_msr_write(v, MSR_TSC_DEADLINE, ~0ull));
	advance_timers(1000000);
	CHECK_EQ(vlapic_pending_vector(v), -1);
	v->tsc_offset = -1000ull - machine_tsc(); /* set to nearly its end */
	vlapic_timer_deadline_again(v);
	advance_timers(1000000);
	CHECK_EQ(vlapic_pending_vector(v), 0x33);
	v->tsc_offset = 0;
	vlapic_write(v, APIC_LVT_TIMER, 0x00033);
	CHECK(vlapic_msr_write(v, MSR_TSC_DEADLINE, 1)); /* other mode: lost */
	CHECK(vlapic_msr_read(v, MSR_TSC_DEADLINE, &value));
	CHECK_EQ(value, 0);
}

/* Compared as the guest sees its counter, wherever that began. */
static void test_timer_deadline_far_off(void)
{
	start(1);
	vlapic_write(v, APIC_LVT_TIMER, 0x40033);
	v->tsc_offset = 1ull << 62;
	CHECK(vlapic_msr_write(v, MSR_TSC_DEADLINE, 1)); /* long ago */
	advance_timers(1000);
	CHECK_EQ(vlapic_pending_vector(v), 0x33);
	vlapic_accept(v, 0x33);
	vlapic_eoi(v);
	CHECK(vlapic_msr_write(v, MSR_TSC_DEADLINE, UINT64_MAX)); /* never */
	advance_timers(1ull << 40);
	CHECK_EQ(vlapic_pending_vector(v), -1);
	v->tsc_offset = 0;
	CHECK(vlapic_msr_write(v, MSR_TSC_DEADLINE, UINT64_MAX));
	advance_timers(1ull << 40);
	CHECK_EQ(vlapic_pending_vector(v), -1);
	for (int i = 0; i < 4; i++) /* further than one span reaches: the next one begins */
		advance_timers(1ull << 50);
	CHECK_EQ(vlapic_pending_vector(v), -1);
	CHECK(timer_is_set(&v->lapic.timer));
	/* Nothing overflows on a counter of 1 MHz, either: the time of a span is ahead. */
	CHECK(v->lapic.timer.at_ns > machine_now_ns() && v->lapic.timer.at_ns < 1ull << 62);
}

static void enable_all(void)
{
	for (uint32_t i = 0; i < d->max_vcpus; i++)
		vlapic_write(d->vcpus[i], APIC_SVR, 0x1ff);
}

static void icr(uint32_t destination, uint32_t low)
{
	vlapic_write(v, APIC_ICR_HIGH, destination << 24);
	vlapic_write(v, APIC_ICR, low);
}

static void test_ipi_destinations(void)
{
	start(4);
	enable_all();
	icr(4, ICR_ASSERT | 0x51); /* physical: vcpu 2 */
	CHECK_EQ(vlapic_pending_vector(d->vcpus[2]), 0x51);
	CHECK_EQ(vlapic_pending_vector(d->vcpus[1]), -1);
	icr(0, ICR_ASSERT | SHORTHAND_OTHERS << 18 | 0x61);
	CHECK_EQ(vlapic_pending_vector(v), -1);
	for (int i = 1; i < 4; i++)
		CHECK_EQ(vlapic_pending_vector(d->vcpus[i]), 0x61);
	icr(0xff, ICR_ASSERT | 0x71);
	for (int i = 0; i < 4; i++)
		CHECK_EQ(vlapic_pending_vector(d->vcpus[i]), 0x71);
	icr(0x33, ICR_ASSERT | 0x81); /* nobody */
	CHECK_EQ(vlapic_pending_vector(v), 0x71);
}

static void test_ipi_logical(void)
{
	start(4);
	enable_all();
	for (int i = 0; i < 4; i++)
		vlapic_write(d->vcpus[i], APIC_LDR, 1u << (24 + i));
	icr(0xa, ICR_ASSERT | ICR_LOGICAL | 0x52); /* flat: 1 and 3 */
	CHECK_EQ(vlapic_pending_vector(d->vcpus[1]), 0x52);
	CHECK_EQ(vlapic_pending_vector(d->vcpus[2]), -1);
	CHECK_EQ(vlapic_pending_vector(d->vcpus[3]), 0x52);
	for (int i = 0; i < 4; i++) {
		vlapic_write(d->vcpus[i], APIC_DFR, 0x0fffffff);
		vlapic_write(d->vcpus[i], APIC_LDR, (uint32_t)(i / 2) << 28 | 1u << (24 + i % 2));
	}
	icr(0x12, ICR_ASSERT | ICR_LOGICAL | 0x62); /* cluster 1, second: vcpu 3 */
	CHECK_EQ(vlapic_pending_vector(d->vcpus[3]), 0x62);
	CHECK_EQ(vlapic_pending_vector(d->vcpus[2]), -1);
}

static void test_ipi_lowest_priority(void)
{
	start(3);
	enable_all();
	vlapic_write(d->vcpus[0], APIC_TPR, 0x50);
	vlapic_write(d->vcpus[1], APIC_TPR, 0x20);
	vlapic_write(d->vcpus[2], APIC_TPR, 0x30);
	icr(0xff, ICR_ASSERT | DELIVER_LOWEST << 8 | 0x91);
	CHECK_EQ(vlapic_pending_vector(d->vcpus[1]), 0x91);
	CHECK_EQ(vlapic_pending_vector(d->vcpus[0]), -1);
	CHECK_EQ(vlapic_pending_vector(d->vcpus[2]), -1);
}

static void test_nmi(void)
{
	start(2);
	enable_all();
	icr(2, ICR_ASSERT | DELIVER_NMI << 8);
	CHECK(d->vcpus[1]->requests & VCPU_REQ_NMI);
}

static void test_x2apic(void)
{
	uint64_t value;

	start(2);
	CHECK(!vlapic_msr_read(v, MSR_X2APIC_FIRST + 2, &value)); /* not in x2APIC mode */
	CHECK(vlapic_msr_write(v, MSR_APIC_BASE, v->lapic.base_msr | APIC_BASE_EXTD));
	CHECK(!vlapic_owns(v, gpa(VLAPIC_BASE)));
	v = d->vcpus[1];
	CHECK(vlapic_msr_write(v, MSR_APIC_BASE, v->lapic.base_msr | APIC_BASE_EXTD));
	CHECK(vlapic_msr_write(v, MSR_X2APIC_FIRST + 0xf, 0x1ff));
	CHECK(vlapic_msr_read(v, MSR_X2APIC_FIRST + 2, &value));
	CHECK_EQ(value, 2);
	CHECK(vlapic_msr_read(v, MSR_X2APIC_FIRST + 0xd, &value));
	CHECK_EQ(value, 4);                                         /* cluster 0, bit 2 */
	CHECK(!vlapic_msr_read(v, MSR_X2APIC_FIRST + 0xe, &value)); /* no DFR */
	CHECK(!vlapic_msr_read(v, MSR_X2APIC_FIRST + 0x31, &value));
	CHECK(!vlapic_msr_read(v, MSR_X2APIC_FIRST + 0xb, &value)); /* EOI is write-only */
	CHECK(!vlapic_msr_write(v, MSR_X2APIC_FIRST + 0xb, 1));
	CHECK(!vlapic_msr_write(v, MSR_X2APIC_FIRST + 2, 0));
	CHECK(!vlapic_msr_write(v, MSR_X2APIC_FIRST + 8, 0x100));
	CHECK(vlapic_msr_write(v, MSR_X2APIC_FIRST + 0x3f, 0x77)); /* self IPI */
	CHECK_EQ(vlapic_pending_vector(v), 0x77);
	vlapic_accept(v, 0x77);
	CHECK(vlapic_msr_write(v, MSR_X2APIC_FIRST + 0xb, 0));
	CHECK_EQ(v->lapic.highest_isr, 0);
	CHECK(vlapic_msr_write(v, MSR_X2APIC_FIRST + 0x30, (uint64_t)2 << 32 | ICR_ASSERT | 0x55));
	CHECK_EQ(vlapic_pending_vector(v), 0x55);
	CHECK(vlapic_msr_read(v, MSR_X2APIC_FIRST + 0x30, &value));
	CHECK_EQ(value >> 32, 2);
}

static void test_base_transitions(void)
{
	uint64_t on = VLAPIC_BASE | APIC_BASE_ENABLE | APIC_BASE_BSP;

	start(1);
	CHECK(!vlapic_msr_write(v, MSR_APIC_BASE,
	                        VLAPIC_BASE | APIC_BASE_EXTD)); /* EXTD without EN */
	CHECK(!vlapic_msr_write(v, MSR_APIC_BASE, on | 1));
	CHECK(!vlapic_msr_write(v, MSR_APIC_BASE, on | 1ull << 52));
	CHECK(vlapic_msr_write(v, MSR_APIC_BASE, on | APIC_BASE_EXTD));
	CHECK(!vlapic_msr_write(v, MSR_APIC_BASE, on)); /* x2APIC to xAPIC */
	CHECK(vlapic_msr_write(v, MSR_APIC_BASE, VLAPIC_BASE));
	CHECK(v->lapic.base_msr & APIC_BASE_BSP);
	CHECK(!vlapic_msr_write(v, MSR_APIC_BASE, on | APIC_BASE_EXTD)); /* off to x2APIC */
	CHECK(vlapic_msr_write(v, MSR_APIC_BASE, on));
}

static void test_mmio_sizes(void)
{
	struct io_access a = { .addr = APIC_VERSION, .size = 4, .cpu = NULL };

	start(1);
	a.cpu = v;
	vlapic_access(v, &a);
	CHECK_EQ(a.value, VLAPIC_VERSION);
	a = (struct io_access){ .addr = APIC_VERSION + 2, .size = 1, .cpu = v };
	vlapic_access(v, &a);
	CHECK_EQ(a.value, VLAPIC_VERSION >> 16 & 0xff);
	a = (struct io_access){
		.addr = APIC_TPR, .size = 1, .is_write = true, .value = 0x20, .cpu = v
	};
	vlapic_access(v, &a);
	CHECK_EQ(reg(v, APIC_TPR), 0);
}

static void test_saved_fields(void)
{
	uint8_t buf[512];
	struct vlapic copy = { 0 };
	long n;

	start(1);
	vlapic_set_irq(&v->lapic, 0x99, true);
	n = save_write(vlapic_saved, 1, &v->lapic, buf, sizeof(buf));
	CHECK(n > 0);
	CHECK_EQ(save_read(vlapic_saved, 1, &copy, buf, (size_t)n), 0);
	CHECK_EQ(copy.irr[4], 1u << (0x99 - 0x80));
	CHECK_EQ(copy.tmr[4], 1u << (0x99 - 0x80));
	CHECK_EQ(copy.svr, 0x1ff);
	CHECK_EQ(copy.base_msr, v->lapic.base_msr);
}

UNIT_MAIN(UNIT(test_reset_values), UNIT(test_priorities), UNIT(test_cr8_follows_tpr),
          UNIT(test_disabled_takes_nothing), UNIT(test_illegal_vectors), UNIT(test_error_interrupt),
          UNIT(test_timer_one_shot), UNIT(test_timer_periodic),
          UNIT(test_timer_periodic_is_bounded), UNIT(test_timer_deadline),
          UNIT(test_timer_deadline_far_off), UNIT(test_ipi_destinations), UNIT(test_ipi_logical),
          UNIT(test_ipi_lowest_priority), UNIT(test_nmi), UNIT(test_x2apic),
          UNIT(test_base_transitions), UNIT(test_mmio_sizes), UNIT(test_saved_fields))
