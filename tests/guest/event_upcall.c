/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How events reach a vcpu: callback vector, per-vcpu vector, masks, IF, block, poll, timers, other vcpus. */
#include "guest.h"

#define VECTOR_PER_VCPU 0xd3

static evtchn_port_t ipi;
static volatile unsigned vector_upcalls;

static void clear(void)
{
	event_upcalls = 0;
	memset((void *)event_count, 0, sizeof(event_count));
}

static void settle(void)
{
	irq_on();
	for (unsigned i = 0; i < 1000; i++)
		pause();
	irq_off();
}

static void callback_vector(void)
{
	clear();
	irq_on();
	CHECK_EQ(event_send(ipi), 0);
	CHECK_EQ(event_count[ipi], 1);
	CHECK_EQ(event_upcalls, 1);
	for (unsigned i = 0; i < 100; i++)
		event_send(ipi);
	irq_off();
	CHECK_EQ(event_count[ipi], 101);
}

static void interrupts_off_keeps_it(void)
{
	clear();
	irq_off();
	event_send(ipi);
	event_send(ipi);
	CHECK_EQ(event_upcalls, 0);
	CHECK_EQ(vcpu_infos[0]->evtchn_upcall_pending, 1);
	settle();
	CHECK_EQ(event_upcalls, 1);
	CHECK_EQ(event_count[ipi], 1);
}

static void masked_port(void)
{
	clear();
	event_mask(ipi);
	event_send(ipi);
	settle();
	CHECK_EQ(event_upcalls, 0);
	CHECK_EQ(event_unmask_call(ipi), 0);
	settle();
	CHECK_EQ(event_count[ipi], 1);
}

/* evtchn_upcall_mask belongs to paravirtualised guests: here IF alone says when. */
static void upcall_mask_is_not_asked(void)
{
	clear();
	vcpu_infos[0]->evtchn_upcall_mask = 1;
	event_send(ipi);
	settle();
	CHECK_EQ(event_upcalls, 1);
	vcpu_infos[0]->evtchn_upcall_mask = 0;
}

/* The callback needs no EOI and leaves ISR alone. */
static void no_in_service_bit(void)
{
	clear();
	irq_on();
	event_send(ipi);
	irq_off();
	CHECK_EQ(event_upcalls, 1);
	CHECK(!lapic_in_service(VECTOR_CALLBACK));
	CHECK(!lapic_requested(VECTOR_CALLBACK));
}

static void block_wakes(void)
{
	struct vcpu_set_singleshot_timer t = { 0 };
	long timer = event_bind_virq(VIRQ_TIMER, 0);

	clear();
	event_unmask((evtchn_port_t)timer);
	t.timeout_abs_ns = clock_ns() + 20000000;
	irq_off();
	CHECK_EQ(vcpu_op(VCPUOP_set_singleshot_timer, 0, &t), 0);
	irq_on();
	CHECK_EQ(sched_op(SCHEDOP_block, NULL), 0);
	irq_off();
	CHECK(clock_ns() >= t.timeout_abs_ns);
	settle();
	CHECK_EQ(event_count[timer], 1);
	event_close((evtchn_port_t)timer);
}

static void wait_past(uint64_t ns)
{
	while (clock_ns() < ns)
		pause();
}

static void hlt_wakes(void)
{
	long timer = event_bind_virq(VIRQ_TIMER, 0);
	uint64_t when;

	clear();
	event_unmask((evtchn_port_t)timer);
	irq_off();
	when = clock_ns() + 3000000;
	CHECK_EQ(set_timer_op(when), 0);
	irq_wait();
	irq_off();
	CHECK(clock_ns() >= when);
	CHECK_EQ(event_count[timer], 1);
	/* A moment gone by fires at once. */
	set_timer_op(1);
	irq_wait();
	irq_off();
	CHECK_EQ(event_count[timer], 2);
	/* Off before it fires; when this machine was too slow for that, again with more time. */
	for (uint64_t span = 2000000;; span *= 2) {
		when = clock_ns() + span;
		CHECK_EQ(set_timer_op(when), 0);
		CHECK_EQ(set_timer_op(0), 0);
		if (clock_ns() < when)
			break;
		settle();
		event_count[timer] = 2;
	}
	wait_past(when + 2000000);
	settle();
	CHECK_EQ(event_count[timer], 2);
	event_close((evtchn_port_t)timer);
}

static void singleshot_in_the_past(void)
{
	struct vcpu_set_singleshot_timer t = { .timeout_abs_ns = 1 };
	long timer = event_bind_virq(VIRQ_TIMER, 0);

	clear();
	event_unmask((evtchn_port_t)timer);
	irq_off();
	CHECK_EQ(vcpu_op(VCPUOP_set_singleshot_timer, 0, &t), 0);
	irq_wait();
	irq_off();
	CHECK_EQ(event_count[timer], 1);
	event_close((evtchn_port_t)timer);
}

static void singleshot_stopped(void)
{
	struct vcpu_set_singleshot_timer t = { 0 };
	long timer = event_bind_virq(VIRQ_TIMER, 0);

	clear();
	event_unmask((evtchn_port_t)timer);
	for (uint64_t span = 3000000;; span *= 2) {
		t.timeout_abs_ns = clock_ns() + span;
		CHECK_EQ(vcpu_op(VCPUOP_set_singleshot_timer, 0, &t), 0);
		CHECK_EQ(vcpu_op(VCPUOP_stop_singleshot_timer, 0, NULL), 0);
		if (clock_ns() < t.timeout_abs_ns)
			break;
		settle();
		event_count[timer] = 0;
	}
	wait_past(t.timeout_abs_ns + 2000000);
	settle();
	CHECK_EQ(event_count[timer], 0);
	event_close((evtchn_port_t)timer);
}

static void periodic(void)
{
	struct vcpu_set_periodic_timer p = { .period_ns = 2000000 };
	long timer = event_bind_virq(VIRQ_TIMER, 0);
	uint64_t end;

	clear();
	event_unmask((evtchn_port_t)timer);
	CHECK_EQ(vcpu_op(VCPUOP_set_periodic_timer, 0, &p), 0);
	end = clock_ns() + 10000000000ull; /* not reached but by a failure */
	irq_on();
	while (event_count[timer] < 5 && clock_ns() < end)
		pause();
	irq_off();
	CHECK(event_count[timer] >= 5);
	CHECK_EQ(vcpu_op(VCPUOP_stop_periodic_timer, 0, NULL), 0);
	settle();
	clear();
	delay_us(6000);
	settle();
	CHECK_EQ(event_count[timer], 0);
	event_close((evtchn_port_t)timer);
}

static void other_vcpu(void)
{
	long port = event_bind_ipi(1), moved = event_alloc_unbound(DOMID_SELF);
	long other = event_bind_interdomain(DOMID_SELF, (evtchn_port_t)moved);

	if (!CHECK(cpus[1].online))
		return;
	clear();
	event_unmask((evtchn_port_t)port);
	CHECK_EQ(event_send((evtchn_port_t)port), 0);
	CHECK(wait_for(&event_count[port], 1, 10000));
	CHECK_EQ(event_cpu[port], 1);

	bit_clear(shared->evtchn_pending, (unsigned)moved);
	CHECK_EQ(event_bind_vcpu((evtchn_port_t)moved, 1), 0);
	event_unmask((evtchn_port_t)moved);
	CHECK_EQ(event_send((evtchn_port_t)other), 0);
	CHECK(wait_for(&event_count[moved], 1, 10000));
	CHECK_EQ(event_cpu[moved], 1);
	event_close((evtchn_port_t)moved);
	event_close((evtchn_port_t)other);
	event_close((evtchn_port_t)port);
}

static void vector_handler(struct trap_frame *f)
{
	vector_upcalls++;
	event_upcall(f);
	lapic_eoi();
}

/* The vector of one vcpu is an interrupt of its local APIC, with ISR and EOI. Setting it may raise it once. */
static void per_vcpu_vector(void)
{
	struct xen_hvm_evtchn_upcall_vector v = { .vcpu = 0, .vector = VECTOR_PER_VCPU };
	unsigned before;

	trap_handle(VECTOR_PER_VCPU, vector_handler);
	CHECK_EQ(hvm_op(HVMOP_set_evtchn_upcall_vector, &v), 0);
	settle();
	clear();
	before = vector_upcalls;
	event_send(ipi);
	CHECK(lapic_requested(VECTOR_PER_VCPU));
	settle();
	CHECK_EQ(vector_upcalls, before + 1);
	CHECK_EQ(event_count[ipi], 1);
	CHECK(!lapic_in_service(VECTOR_PER_VCPU));
	for (unsigned i = 0; i < 10; i++) {
		event_send(ipi);
		settle();
	}
	CHECK_EQ(vector_upcalls, before + 11);
	CHECK_EQ(event_count[ipi], 11);
	v.vector = 0;
	CHECK_EQ(hvm_op(HVMOP_set_evtchn_upcall_vector, &v), -EINVAL);
}

void guest_setup(void)
{
	event_init();
	cpu_start(1, START_SIPI);
	ipi = (evtchn_port_t)event_bind_ipi(0);
	event_unmask(ipi);
}

GUEST_TESTS(TEST(callback_vector), TEST(interrupts_off_keeps_it), TEST(masked_port),
            TEST(upcall_mask_is_not_asked), TEST(no_in_service_bit), TEST(block_wakes),
            TEST(hlt_wakes), TEST(singleshot_in_the_past), TEST(singleshot_stopped), TEST(periodic),
            TEST(other_vcpu), TEST(per_vcpu_vector));
