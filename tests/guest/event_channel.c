/* SPDX-License-Identifier: GPL-2.0-or-later */
/* event_channel_op on 2-level channels: every sub-operation, good and bad. */
#include "guest.h"

static struct evtchn_status status_of(evtchn_port_t port)
{
	struct evtchn_status s = { .dom = DOMID_SELF, .port = port };

	CHECK_EQ(evtchn_op(EVTCHNOP_status, &s), 0);
	return s;
}

static void alloc_and_close(void)
{
	long a = event_alloc_unbound(DOMID_SELF), b = event_alloc_unbound(0);

	CHECK(a > 0 && b > 0 && a != b);
	CHECK_EQ(status_of((evtchn_port_t)a).status, EVTCHNSTAT_unbound);
	CHECK_EQ(status_of((evtchn_port_t)a).u.unbound.dom, 0);
	CHECK_EQ(event_close((evtchn_port_t)a), 0);
	CHECK_EQ(status_of((evtchn_port_t)a).status, EVTCHNSTAT_closed);
	CHECK_EQ(event_alloc_unbound(DOMID_SELF), a); /* the lowest free port */
	CHECK_EQ(event_close((evtchn_port_t)a), 0);
	CHECK_EQ(event_close((evtchn_port_t)b), 0);
}

static void alloc_bad(void)
{
	struct evtchn_alloc_unbound a = { .dom = 0x123, .remote_dom = 0 };

	CHECK_EQ(evtchn_op(EVTCHNOP_alloc_unbound, &a), -ESRCH);
	CHECK_EQ(evtchn_op(EVTCHNOP_alloc_unbound, bad_pointer()), -EFAULT);
}

static void close_bad(void)
{
	CHECK_EQ(event_close(0), -EINVAL);
	CHECK_EQ(event_close(1000), -EINVAL);
	CHECK_EQ(event_close(1u << 20), -EINVAL);
	CHECK_EQ(event_close(~0u), -EINVAL);
	CHECK_EQ(evtchn_op(EVTCHNOP_close, bad_pointer()), -EFAULT);
}

static void interdomain_with_self(void)
{
	long a = event_alloc_unbound(DOMID_SELF),
	     b = event_bind_interdomain(DOMID_SELF, (evtchn_port_t)a);
	struct evtchn_status s;

	CHECK(b > 0 && b != a);
	s = status_of((evtchn_port_t)a);
	CHECK_EQ(s.status, EVTCHNSTAT_interdomain);
	CHECK_EQ(s.u.interdomain.dom, 0);
	CHECK_EQ(s.u.interdomain.port, b);
	CHECK_EQ(status_of((evtchn_port_t)b).u.interdomain.port, a);

	/* Binding makes the local end pending once; a send marks the other end. */
	bit_clear(shared->evtchn_pending, (unsigned)b);
	bit_clear(shared->evtchn_pending, (unsigned)a);
	CHECK_EQ(event_send((evtchn_port_t)a), 0);
	CHECK(bit_test(shared->evtchn_pending, (unsigned)b));
	CHECK(!bit_test(shared->evtchn_pending, (unsigned)a));

	/* Closing one end leaves the other unbound. */
	CHECK_EQ(event_close((evtchn_port_t)a), 0);
	CHECK_EQ(status_of((evtchn_port_t)b).status, EVTCHNSTAT_unbound);
	CHECK_EQ(event_close((evtchn_port_t)b), 0);
	bit_clear(shared->evtchn_pending, (unsigned)b);
}

static void interdomain_bad(void)
{
	long a = event_alloc_unbound(0x123), ipi = event_bind_ipi(0);

	CHECK(a > 0);
	CHECK_EQ(event_bind_interdomain(DOMID_SELF, (evtchn_port_t)a),
	         -EINVAL); /* kept for another */
	CHECK_EQ(event_bind_interdomain(DOMID_SELF, (evtchn_port_t)ipi), -EINVAL);
	CHECK_EQ(event_bind_interdomain(DOMID_SELF, 999), -EINVAL);
	CHECK_EQ(event_bind_interdomain(DOMID_SELF, 1u << 30), -EINVAL);
	CHECK_EQ(event_bind_interdomain(0x123, 1), -ESRCH);
	CHECK_EQ(evtchn_op(EVTCHNOP_bind_interdomain, bad_pointer()), -EFAULT);
	event_close((evtchn_port_t)a);
	event_close((evtchn_port_t)ipi);
}

static void ipi_ports(void)
{
	long a = event_bind_ipi(0), b = event_bind_ipi(3);

	CHECK_EQ(status_of((evtchn_port_t)a).status, EVTCHNSTAT_ipi);
	CHECK_EQ(status_of((evtchn_port_t)a).vcpu, 0);
	CHECK_EQ(status_of((evtchn_port_t)b).vcpu, 3);
	CHECK_EQ(event_send((evtchn_port_t)a), 0);
	CHECK(bit_test(shared->evtchn_pending, (unsigned)a));
	bit_clear(shared->evtchn_pending, (unsigned)a);
	CHECK_EQ(event_bind_ipi(4), -ENOENT);
	CHECK_EQ(event_bind_ipi(~0u), -ENOENT);
	CHECK_EQ(event_bind_vcpu((evtchn_port_t)a, 1),
	         -EINVAL); /* an IPI stays where it was bound */
	event_close((evtchn_port_t)a);
	event_close((evtchn_port_t)b);
}

static void virqs(void)
{
	long timer = event_bind_virq(VIRQ_TIMER, 0), debug = event_bind_virq(VIRQ_DEBUG, 1);
	struct evtchn_status s = status_of((evtchn_port_t)timer);

	CHECK_EQ(s.status, EVTCHNSTAT_virq);
	CHECK_EQ(s.u.virq, VIRQ_TIMER);
	CHECK_EQ(status_of((evtchn_port_t)debug).vcpu, 1);
	CHECK_EQ(event_bind_virq(VIRQ_TIMER, 0), -EEXIST);
	CHECK_EQ(event_bind_vcpu((evtchn_port_t)timer, 1),
	         -EINVAL); /* a virq of one vcpu stays there */
	CHECK_EQ(event_close((evtchn_port_t)timer), 0);
	CHECK_EQ(event_close((evtchn_port_t)debug), 0);
	timer = event_bind_virq(VIRQ_TIMER, 0);
	CHECK(timer > 0);
	event_close((evtchn_port_t)timer);
}

static void virqs_bad(void)
{
	CHECK_EQ(event_bind_virq(24, 0), -EINVAL);
	CHECK_EQ(event_bind_virq(~0u, 0), -EINVAL);
	CHECK_EQ(event_bind_virq(VIRQ_TIMER, 77), -ENOENT);
	CHECK_EQ(event_bind_virq(VIRQ_CONSOLE, 1), -EINVAL); /* global: vcpu 0 only */
	CHECK_EQ(evtchn_op(EVTCHNOP_bind_virq, bad_pointer()), -EFAULT);
}

static void global_virq_moves(void)
{
	long port = event_bind_virq(VIRQ_CONSOLE, 0);

	CHECK(port > 0);
	CHECK_EQ(event_bind_vcpu((evtchn_port_t)port, 2), 0);
	CHECK_EQ(status_of((evtchn_port_t)port).vcpu, 2);
	event_close((evtchn_port_t)port);
}

static void bind_vcpu(void)
{
	long port = event_alloc_unbound(DOMID_SELF);

	CHECK_EQ(status_of((evtchn_port_t)port).vcpu, 0);
	CHECK_EQ(event_bind_vcpu((evtchn_port_t)port, 3), 0);
	CHECK_EQ(status_of((evtchn_port_t)port).vcpu, 3);
	CHECK_EQ(event_bind_vcpu((evtchn_port_t)port, 4), -ENOENT);
	CHECK_EQ(event_bind_vcpu(999, 0), -EINVAL);
	CHECK_EQ(event_bind_vcpu(1u << 30, 0), -EINVAL);
	CHECK_EQ(evtchn_op(EVTCHNOP_bind_vcpu, bad_pointer()), -EFAULT);
	event_close((evtchn_port_t)port);
}

static void send_bad(void)
{
	long unbound = event_alloc_unbound(DOMID_SELF), virq = event_bind_virq(VIRQ_DEBUG, 0);

	CHECK_EQ(event_send((evtchn_port_t)unbound), 0); /* goes nowhere, silently */
	CHECK_EQ(event_send((evtchn_port_t)virq), -EINVAL);
	CHECK_EQ(event_send(0), -EINVAL);
	CHECK_EQ(event_send(999), -EINVAL);
	CHECK_EQ(event_send(1u << 30), -EINVAL);
	CHECK_EQ(evtchn_op(EVTCHNOP_send, bad_pointer()), -EFAULT);
	event_close((evtchn_port_t)unbound);
	event_close((evtchn_port_t)virq);
}

static void status_bad(void)
{
	struct evtchn_status s = { .dom = 0x123, .port = 1 };

	CHECK_EQ(evtchn_op(EVTCHNOP_status, &s), -ESRCH);
	s = (struct evtchn_status){ .dom = DOMID_SELF, .port = 1u << 30 };
	CHECK_EQ(evtchn_op(EVTCHNOP_status, &s), -EINVAL);
	CHECK_EQ(evtchn_op(EVTCHNOP_status, bad_pointer()), -EFAULT);
}

/* A masked port that is pending and is unmasked by the call sets the selector and the upcall. */
static void unmask(void)
{
	long port = event_bind_ipi(0);
	volatile struct vcpu_info *v = vcpu_infos[0];

	irq_off();
	event_mask((evtchn_port_t)port);
	v->evtchn_upcall_pending = 0;
	v->evtchn_pending_sel = 0;
	CHECK_EQ(event_send((evtchn_port_t)port), 0);
	CHECK_EQ(v->evtchn_upcall_pending, 0);
	CHECK_EQ(event_unmask_call((evtchn_port_t)port), 0);
	CHECK(!bit_test(shared->evtchn_mask, (unsigned)port));
	CHECK_EQ(v->evtchn_upcall_pending, 1);
	CHECK(bit_test(&v->evtchn_pending_sel, (unsigned)port / (sizeof(xen_ulong_t) * 8)));
	CHECK_EQ(event_unmask_call(1u << 30), -EINVAL);
	CHECK_EQ(evtchn_op(EVTCHNOP_unmask, bad_pointer()), -EFAULT);
	v->evtchn_upcall_pending = 0;
	v->evtchn_pending_sel = 0;
	bit_clear(shared->evtchn_pending, (unsigned)port);
	event_mask((evtchn_port_t)port);
	event_close((evtchn_port_t)port);
}

/* As many ports as the 2-level layout has bits for, less port 0 and those taken; then ENOSPC. */
static void exhaust_ports(void)
{
	unsigned limit = (unsigned)EVTCHN_2L_NR_CHANNELS, n = 0;
	long port, last = 0;

	while (n < 5000 && (port = event_alloc_unbound(DOMID_SELF)) > 0) {
		last = port;
		n++;
	}
	CHECK_EQ(event_alloc_unbound(DOMID_SELF), -ENOSPC);
	CHECK(n <= limit - 1 && n >= limit - 16);
	CHECK_EQ(last, limit - 1);
	for (unsigned p = 1; p < limit; p++)
		if (status_of(p).status == EVTCHNSTAT_unbound)
			event_close(p);
}

static void reset(void)
{
	struct evtchn_reset r = { .dom = DOMID_SELF }, bad = { .dom = 0x123 };
	long a = event_alloc_unbound(DOMID_SELF),
	     b = event_bind_interdomain(DOMID_SELF, (evtchn_port_t)a);

	CHECK_EQ(evtchn_op(EVTCHNOP_reset, &bad), -ESRCH);
	CHECK_EQ(evtchn_op(EVTCHNOP_reset, bad_pointer()), -EFAULT);
	CHECK_EQ(evtchn_op(EVTCHNOP_reset, &r), 0);
	CHECK_EQ(status_of((evtchn_port_t)a).status, EVTCHNSTAT_closed);
	CHECK_EQ(status_of((evtchn_port_t)b).status, EVTCHNSTAT_closed);
}

static void unknown(void)
{
	static uint64_t zeroes[8];

	CHECK_EQ(evtchn_op(15, zeroes), -ENOSYS);
	CHECK_EQ(evtchn_op(99, zeroes), -ENOSYS);
	CHECK_EQ(evtchn_op(~0u, zeroes), -ENOSYS);
}

void guest_setup(void)
{
	memset((void *)shared->evtchn_mask, 0xff, sizeof(shared->evtchn_mask));
}

GUEST_TESTS(TEST(alloc_and_close), TEST(alloc_bad), TEST(close_bad), TEST(interdomain_with_self),
            TEST(interdomain_bad), TEST(ipi_ports), TEST(virqs), TEST(virqs_bad),
            TEST(global_virq_moves), TEST(bind_vcpu), TEST(send_bad), TEST(status_bad),
            TEST(unmask), TEST(exhaust_ports), TEST(reset), TEST(unknown));
