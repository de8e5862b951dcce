/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Event channels, 2-level: the calls and their errors, what a guest sees, pairs across domains, reset and teardown. */
#include <string.h>

#include "errno.h"
#include "event_ops.h"
#include "fake_domain.h"
#include "machine_fake.h"
#include "unit.h"

static struct domain *d1, *d2, *dom0;

static long op(struct vcpu *v, uint32_t cmd, void *arg, size_t size)
{
	return guest_call(v, event_channel_op, cmd, arg, size, 0);
}
#define OP(v, name, arg) op(v, EVTCHNOP_##name, arg, sizeof(*(arg)))

static void start(void)
{
	fake_core_init(0, 2);
	dom0 = guest_create(0, 1, 32, true);
	d1 = guest_create(1, 3, 32, false);
	d2 = guest_create(2, 1, 32, false);
}

static uint64_t *pending(struct domain *d)
{
	return (uint64_t *)((uint8_t *)d->shared_info + 0x800);
}
static uint64_t *mask(struct domain *d)
{
	return (uint64_t *)((uint8_t *)d->shared_info + 0xa00);
}
static uint64_t *selector(struct vcpu *v)
{
	return (uint64_t *)(v->info + 8);
}
static void guest_ack(struct vcpu *v)
{
	v->info[0] = 0;
	*selector(v) = 0;
	memset(pending(v->domain), 0, 512);
}

static long ipi(struct vcpu *v, uint32_t vcpu)
{
	struct evtchn_bind_ipi b = { .vcpu = vcpu };
	long r = OP(v, bind_ipi, &b);

	return r ? r : (long)b.port;
}
static long unbound(struct vcpu *v, uint16_t dom, uint16_t remote)
{
	struct evtchn_alloc_unbound a = { .dom = dom, .remote_dom = remote };
	long r = OP(v, alloc_unbound, &a);

	return r ? r : (long)a.port;
}
static long interdomain(struct vcpu *v, uint16_t dom, uint32_t port)
{
	struct evtchn_bind_interdomain b = { .remote_dom = dom, .remote_port = port };
	long r = OP(v, bind_interdomain, &b);

	return r ? r : (long)b.local_port;
}
static long virq(struct vcpu *v, uint32_t n, uint32_t vcpu)
{
	struct evtchn_bind_virq b = { .virq = n, .vcpu = vcpu };
	long r = OP(v, bind_virq, &b);

	return r ? r : (long)b.port;
}
static long send_to(struct vcpu *v, uint32_t port)
{
	struct evtchn_send s = { .port = port };

	return OP(v, send, &s);
}
static long close_port(struct vcpu *v, uint32_t port)
{
	struct evtchn_close c = { .port = port };

	return OP(v, close, &c);
}
static long bind_vcpu(struct vcpu *v, uint32_t port, uint32_t vcpu)
{
	struct evtchn_bind_vcpu b = { .port = port, .vcpu = vcpu };

	return OP(v, bind_vcpu, &b);
}
static struct evtchn_status status(struct vcpu *v, uint16_t dom, uint32_t port)
{
	struct evtchn_status s = { .dom = dom, .port = port };

	CHECK_EQ(OP(v, status, &s), 0);
	return s;
}

static void ipi_is_seen(void)
{
	struct vcpu *v0, *v1;
	long port;

	start();
	v0 = d1->vcpus[0];
	v1 = d1->vcpus[1];
	port = ipi(v0, 1);
	CHECK_EQ(port, 1);
	CHECK_EQ(send_to(v0, port), 0);
	CHECK_EQ(pending(d1)[0], 1u << port);
	CHECK_EQ(v1->info[0], 1);
	CHECK_EQ(*selector(v1), 1);
	CHECK_EQ(v0->info[0], 0);
	CHECK(v1->requests & VCPU_REQ_EVENT);
	CHECK_EQ(event_channel_is_pending(d1, port), 1);
	CHECK_EQ(event_channel_is_pending(d1, 2), 0);
	CHECK_EQ(event_channel_is_pending(d1, 5000), -EINVAL);
	/* Pending already: nothing more is told. */
	v1->info[0] = 0;
	CHECK_EQ(send_to(v0, port), 0);
	CHECK_EQ(v1->info[0], 0);
}

static void mask_and_unmask(void)
{
	struct evtchn_unmask u;
	struct vcpu *v;
	long port;

	start();
	v = d1->vcpus[0];
	port = ipi(v, 0);
	mask(d1)[0] = 1u << port;
	CHECK_EQ(send_to(v, port), 0);
	CHECK_EQ(pending(d1)[0], 1u << port);
	CHECK_EQ(v->info[0], 0);
	u.port = port;
	CHECK_EQ(OP(v, unmask, &u), 0);
	CHECK_EQ(mask(d1)[0], 0);
	CHECK_EQ(v->info[0], 1);
	CHECK_EQ(*selector(v), 1);
	u.port = 100000;
	CHECK_EQ(OP(v, unmask, &u), -EINVAL);
	u.port = 40; /* free: nothing happens */
	CHECK_EQ(OP(v, unmask, &u), 0);
}

static void compat_layout(void)
{
	struct vcpu *v;
	uint32_t port = 0;

	start();
	v = d1->vcpus[0];
	event_channel_convert_layout(d1, true);
	for (int i = 0; i < 40; i++)
		port = ipi(v, 0);
	CHECK_EQ(port, 40);
	CHECK_EQ(send_to(v, port), 0);
	CHECK_EQ(*(uint32_t *)(v->info + 4), 1u << 1);
	CHECK_EQ(*(uint64_t *)(v->info + 8), 0);
	guest_ack(v);
	*(uint32_t *)(v->info + 4) = 0;
	/* The mask stands elsewhere. */
	((uint32_t *)((uint8_t *)d1->shared_info + 0x880))[1] = 1u << 8;
	CHECK_EQ(send_to(v, port), 0);
	CHECK_EQ(v->info[0], 0);
	while (port < 1023)
		CHECK_EQ(ipi(v, 0), ++port);
	CHECK_EQ(ipi(v, 0), -ENOSPC);
}

static void native_limit(void)
{
	start();
	for (uint32_t port = 1; port < 4096; port++)
		CHECK_EQ(ipi(d1->vcpus[0], 0), port);
	CHECK_EQ(ipi(d1->vcpus[0], 0), -ENOSPC);
	CHECK_EQ(unbound(d1->vcpus[0], DOMID_SELF, 0), -ENOSPC);
	CHECK_EQ(close_port(d1->vcpus[0], 77), 0);
	CHECK_EQ(ipi(d1->vcpus[0], 0), 77);
}

static void bad_arguments(void)
{
	uint64_t args[6] = { EVTCHNOP_send, 0x7f0000000000 };
	struct evtchn_status s = { .dom = 9, .port = 1 };
	struct evtchn_bind_pirq p = { .pirq = 1000 };
	struct evtchn_set_priority prio = { .port = 1, .priority = 3 };
	struct evtchn_expand_array e = { .array_gfn = 20 };
	struct vcpu *v;

	start();
	v = d1->vcpus[0];
	CHECK_EQ(op(v, 15, &s, sizeof(s)), -ENOSYS);
	CHECK_EQ(op(v, 0xffffffff, &s, sizeof(s)), -ENOSYS);
	CHECK_EQ(event_channel_op(v, args), -EFAULT);
	CHECK_EQ(ipi(v, 3), -ENOENT);
	CHECK_EQ(ipi(v, 0xffffffff), -ENOENT);
	CHECK_EQ(unbound(v, 77, 0), -ESRCH);
	CHECK_EQ(unbound(v, 2, 1), -EPERM);
	CHECK_EQ(interdomain(v, 77, 1), -ESRCH);
	CHECK_EQ(interdomain(v, 2, 1), -EINVAL);
	CHECK_EQ(interdomain(v, 2, 1u << 30), -EINVAL);
	CHECK_EQ(send_to(v, 0), -EINVAL);
	CHECK_EQ(send_to(v, 3), -EINVAL);
	CHECK_EQ(send_to(v, 0xffffffff), -EINVAL);
	CHECK_EQ(close_port(v, 0), -EINVAL);
	CHECK_EQ(close_port(v, 3), -EINVAL);
	CHECK_EQ(close_port(v, 0xffffffff), -EINVAL);
	CHECK_EQ(OP(v, status, &s), -ESRCH);
	s.dom = DOMID_SELF;
	s.port = 200000;
	CHECK_EQ(OP(v, status, &s), -EINVAL);
	s.dom = 2;
	s.port = 1;
	CHECK_EQ(OP(v, status, &s), -EPERM);
	CHECK_EQ(OP(v, bind_pirq, &p), -EINVAL);
	CHECK_EQ(OP(v, set_priority, &prio), -ENOSYS);
	CHECK_EQ(OP(v, expand_array, &e), -EOPNOTSUPP);
	CHECK_EQ(bind_vcpu(v, 1, 3), -ENOENT);
	CHECK_EQ(bind_vcpu(v, 1, 0), -EINVAL);
	CHECK_EQ(status(v, DOMID_SELF, 0).status, EVTCHNSTAT_closed);
	CHECK_EQ(status(v, DOMID_SELF, 1).status, EVTCHNSTAT_closed);
}

static void virq_rules(void)
{
	struct vcpu *v, *c;
	long port;

	start();
	v = d1->vcpus[0];
	c = dom0->vcpus[0];
	CHECK_EQ(virq(v, 24, 0), -EINVAL);
	CHECK_EQ(virq(v, VIRQ_TIMER, 9), -ENOENT);
	CHECK_EQ(virq(v, VIRQ_CONSOLE, 1), -EINVAL);
	CHECK_EQ(virq(v, VIRQ_CONSOLE, 0), -EPERM);
	port = virq(v, VIRQ_TIMER, 1);
	CHECK_EQ(port, 1);
	CHECK_EQ(virq(v, VIRQ_TIMER, 1), -EEXIST);
	CHECK_EQ(virq(v, VIRQ_TIMER, 0), 2);
	CHECK_EQ(bind_vcpu(v, 1, 0), -EINVAL);
	event_channel_send_virq(d1->vcpus[1], VIRQ_TIMER);
	CHECK_EQ(pending(d1)[0], 2);
	CHECK_EQ(d1->vcpus[1]->info[0], 1);
	CHECK_EQ(status(v, DOMID_SELF, 1).status, EVTCHNSTAT_virq);
	CHECK_EQ(status(v, DOMID_SELF, 1).u.virq, VIRQ_TIMER);
	CHECK_EQ(status(v, DOMID_SELF, 1).vcpu, 1);
	CHECK_EQ(close_port(v, 1), 0);
	CHECK_EQ(pending(d1)[0], 0);
	event_channel_send_virq(d1->vcpus[1], VIRQ_TIMER);
	CHECK_EQ(pending(d1)[0], 0);
	CHECK_EQ(virq(v, VIRQ_TIMER, 1), 1);

	port = virq(c, VIRQ_DOM_EXC, 0);
	CHECK_EQ(port, 1);
	event_channel_send_global_virq(dom0, VIRQ_DOM_EXC);
	CHECK_EQ(pending(dom0)[0], 2);
	event_channel_send_global_virq(NULL, VIRQ_DOM_EXC);
	CHECK_EQ(virq(v, VIRQ_ARGO, 0), 3);
	CHECK_EQ(bind_vcpu(v, 3, 2), 0);
	event_channel_send_global_virq(d1, VIRQ_ARGO);
	CHECK_EQ(d1->vcpus[2]->info[0], 1);
}

static void pirq_is_inert(void)
{
	struct evtchn_bind_pirq p = { .pirq = 5 };
	struct vcpu *v;

	start();
	v = d1->vcpus[0];
	CHECK_EQ(OP(v, bind_pirq, &p), 0);
	CHECK_EQ(p.port, 1);
	CHECK_EQ(OP(v, bind_pirq, &p), -EEXIST);
	CHECK_EQ(status(v, DOMID_SELF, 1).status, EVTCHNSTAT_pirq);
	CHECK_EQ(status(v, DOMID_SELF, 1).u.pirq, 5);
	CHECK_EQ(send_to(v, 1), -EINVAL);
	CHECK_EQ(close_port(v, 1), 0);
	CHECK_EQ(OP(v, bind_pirq, &p), 0);
}

static void pair_of_two_domains(void)
{
	struct vcpu *v1, *v2;
	long a, b;

	start();
	v1 = d1->vcpus[0];
	v2 = d2->vcpus[0];
	ipi(v2, 0);
	a = unbound(v1, DOMID_SELF, 2);
	CHECK_EQ(a, 1);
	CHECK_EQ(status(v1, DOMID_SELF, a).status, EVTCHNSTAT_unbound);
	CHECK_EQ(status(v1, DOMID_SELF, a).u.unbound.dom, 2);
	CHECK_EQ(send_to(v1, a), 0); /* to nobody */
	CHECK_EQ(interdomain(dom0->vcpus[0], 1, a), -EINVAL);
	b = interdomain(v2, 1, a);
	CHECK_EQ(b, 2);
	/* What may have been lost is made up for. */
	CHECK_EQ(pending(d2)[0], 1u << b);
	CHECK_EQ(interdomain(v2, 1, a), -EINVAL);
	CHECK_EQ(status(v1, 1, a).status, EVTCHNSTAT_interdomain);
	CHECK_EQ(status(v1, 1, a).u.interdomain.dom, 2);
	CHECK_EQ(status(v1, 1, a).u.interdomain.port, b);
	CHECK_EQ(status(dom0->vcpus[0], 2, b).u.interdomain.dom, 1);
	CHECK_EQ(bind_vcpu(v1, a, 2), 0);
	CHECK_EQ(send_to(v2, b), 0);
	CHECK_EQ(pending(d1)[0], 1u << a);
	CHECK_EQ(d1->vcpus[2]->info[0], 1);
	CHECK_EQ(v1->info[0], 0);
	guest_ack(v2);
	CHECK_EQ(send_to(v1, a), 0);
	CHECK_EQ(pending(d2)[0], 1u << b);
	/* Either end closes, also the one whose lock comes second. */
	CHECK_EQ(close_port(v2, b), 0);
	CHECK_EQ(status(v1, 1, a).status, EVTCHNSTAT_unbound);
	CHECK_EQ(status(v1, 1, a).u.unbound.dom, 2);
	CHECK_EQ(pending(d2)[0], 0);
	b = interdomain(v2, 1, a);
	CHECK(b > 0);
	CHECK_EQ(close_port(v1, a), 0);
	CHECK_EQ(status(v2, DOMID_SELF, b).status, EVTCHNSTAT_unbound);
	CHECK_EQ(status(v2, DOMID_SELF, b).u.unbound.dom, 1);
}

static void pair_in_one_domain(void)
{
	struct vcpu *v;
	long a, b;

	start();
	v = d1->vcpus[0];
	a = unbound(v, DOMID_SELF, DOMID_SELF);
	b = interdomain(v, DOMID_SELF, a);
	CHECK_EQ(a, 1);
	CHECK_EQ(b, 2);
	guest_ack(v);
	CHECK_EQ(send_to(v, a), 0);
	CHECK_EQ(pending(d1)[0], 1u << b);
	CHECK_EQ(send_to(v, b), 0);
	CHECK_EQ(pending(d1)[0], 1u << b | 1u << a);
	CHECK_EQ(close_port(v, a), 0);
	CHECK_EQ(status(v, DOMID_SELF, b).status, EVTCHNSTAT_unbound);
	CHECK_EQ(close_port(v, b), 0);
	CHECK_EQ(close_port(v, b), -EINVAL);
}

static uint32_t told_port, told_times;
static void told(struct domain *d, uint32_t port)
{
	told_port = port;
	told_times++;
}

/* A port that the hypervisor has on d1's behalf: for dom0 to bind to, as often as it likes, and nothing for d1 itself. */
static void hypervisor_port(void)
{
	struct evtchn_reset r = { .dom = DOMID_SELF };
	struct vcpu *v, *c;
	int port;
	long a;

	start();
	v = d1->vcpus[0];
	c = dom0->vcpus[0];
	told_times = 0;
	port = event_channel_bind_hypervisor(d1, 0, told);
	CHECK_EQ(port, 1);
	CHECK(!event_channel_tell_remote(d1, (uint32_t)port)); /* nobody is there */
	CHECK(!event_channel_tell_remote(d1, 99999));
	CHECK_EQ(interdomain(d2->vcpus[0], 1, port), -EINVAL);
	a = interdomain(c, 1, port);
	CHECK(a > 0);
	CHECK_EQ(pending(dom0)[0], 1u << a);
	CHECK_EQ(send_to(c, a), 0);
	CHECK_EQ(told_times, 1);
	CHECK_EQ(told_port, port);
	guest_ack(c);
	CHECK(event_channel_tell_remote(d1, (uint32_t)port));
	CHECK_EQ(pending(dom0)[0], 1u << a);
	/* d1 has no say in it */
	CHECK_EQ(send_to(v, port), -EINVAL);
	CHECK_EQ(close_port(v, port), -EINVAL);
	event_channel_notify(d1, (uint32_t)port);
	CHECK_EQ(told_times, 1);
	CHECK_EQ(OP(v, reset, &r), 0);
	CHECK_EQ(status(v, DOMID_SELF, port).status, EVTCHNSTAT_interdomain);
	CHECK_EQ(pending(d1)[0], 0);
	/* dom0's end goes, and another comes */
	CHECK_EQ(close_port(c, a), 0);
	CHECK_EQ(status(v, DOMID_SELF, port).u.unbound.dom, 0);
	a = interdomain(c, 1, port);
	CHECK(a > 0);
	CHECK_EQ(send_to(c, a), 0);
	CHECK_EQ(told_times, 2);
	event_channel_notify(d1, 99999);
	CHECK_EQ(event_channel_alloc_unbound(d1, 0), 2);
	CHECK_EQ(interdomain(c, 1, 2), 2);
}

static void acting_for_another(void)
{
	struct evtchn_reset r = { .dom = 1 };
	struct vcpu *c;
	long port;

	start();
	c = dom0->vcpus[0];
	port = unbound(c, 1, 0);
	CHECK_EQ(port, 1);
	CHECK_EQ(status(d1->vcpus[0], DOMID_SELF, 1).u.unbound.dom, 0);
	CHECK_EQ(unbound(c, 1, DOMID_SELF), 2);
	CHECK_EQ(status(d1->vcpus[0], DOMID_SELF, 2).u.unbound.dom, 0);
	CHECK_EQ(OP(c, reset, &r), -EINVAL); /* it runs */
	CHECK_EQ(OP(d2->vcpus[0], reset, &r), -EPERM);
	r.dom = 99;
	CHECK_EQ(OP(c, reset, &r), -ESRCH);
}

static void reset_closes_all(void)
{
	struct evtchn_reset r = { .dom = DOMID_SELF };
	struct vcpu *v;

	start();
	v = d1->vcpus[0];
	for (int i = 0; i < 300; i++)
		ipi(v, i % 3);
	virq(v, VIRQ_TIMER, 0);
	CHECK_EQ(op(v, 14, &r, sizeof(r)), -EBUSY); /* none to go on with */
	CHECK_EQ(OP(v, reset, &r), 0);
	for (uint32_t i = 0; i < d1->events.nr_ports; i++)
		CHECK_EQ(status(v, DOMID_SELF, i).status, EVTCHNSTAT_closed);
	CHECK_EQ(virq(v, VIRQ_TIMER, 0), 1);
}

static void vector_upcall(void)
{
	struct vcpu *v;

	start();
	v = d1->vcpus[0];
	v->upcall_vector = 0xf3;
	CHECK_EQ(ipi(v, 0), 1);
	CHECK_EQ(send_to(v, 1), 0);
	CHECK_EQ(v->lapic.irr[7] >> 19 & 1, 1);
}

/* Random calls of three domains, then their end: no page is lost. */
static void random_then_teardown(void)
{
	uint64_t best = 0, seed = 12345;
	unsigned nr_good = 0;
	long r;
	uint16_t ids[] = { 0, 1, 2, DOMID_SELF };

	fake_core_init(0, 1);
	dom0 = guest_create(0, 2, 32, true);
	/* Room for its ports stays with a domain. */
	for (unsigned i = 0; i < 2000; i++)
		ipi(dom0->vcpus[0], 0);
	for (unsigned round = 0; round < 16; round++) {
		struct domain *all[3] = { dom0, guest_create(1, 2, 32, false),
			                  guest_create(2, 2, 32, false) };
		for (unsigned i = 0; i < 3000; i++) {
			uint32_t arg[6];
			uint32_t cmd, who;

			seed = seed * 6364136223846793005ull + 1442695040888963407ull;
			cmd = seed >> 33 & 15;
			for (int k = 0; k < 6; k++)
				arg[k] = seed >> (k * 5 + 7) & (k % 2 ? 31 : 3);
			if (cmd == EVTCHNOP_alloc_unbound)
				arg[0] = ids[seed >> 40 & 3] | (uint32_t)ids[seed >> 50 & 3] << 16;
			if (cmd == EVTCHNOP_reset && i % 16)
				cmd = EVTCHNOP_send;
			if (cmd == EVTCHNOP_init_control || cmd == EVTCHNOP_expand_array) {
				arg[0] += GUEST_FREE_GFN;
				arg[1] = 0;
				arg[2] &= ~7u;
			}
			who = (seed >> 58) % 3;
			r = op(all[who]->vcpus[0], cmd, arg, sizeof(arg));
			nr_good += r == 0;
		}
		guest_destroy(all[1 + round % 2]);
		guest_destroy(all[2 - round % 2]);
		for (r = event_channels_reset(dom0, false); r == -EINTR;)
			r = event_channels_reset(dom0, true);
		CHECK_EQ(r, 0);
		best = MAX(best, page_nr_free());
	}
	/* The heap may keep a slab for later now and then, but not more and more. */
	CHECK_EQ(page_nr_free(), best);
	CHECK(nr_good > 3000);
}

UNIT_MAIN(UNIT(ipi_is_seen), UNIT(mask_and_unmask), UNIT(compat_layout), UNIT(native_limit),
          UNIT(bad_arguments), UNIT(virq_rules), UNIT(pirq_is_inert), UNIT(pair_of_two_domains),
          UNIT(pair_in_one_domain), UNIT(hypervisor_port), UNIT(acting_for_another),
          UNIT(reset_closes_all), UNIT(vector_upcall), UNIT(random_then_teardown))
