/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events on their way: from a guest's send or the hypervisor's own sources to the port, the vcpu that is told, and vcpus that poll. */
#include "event_ops.h"

#include "errno.h"

void event_port_set_pending(struct domain *d, uint32_t port)
{
	void (*fn)(struct domain * d, uint32_t port) = NULL;
	struct event_channels *e = &d->events;
	struct event_channel *chn;

	spin_lock(&e->delivery);
	chn = event_channel_at(e, port);
	if (chn && chn->fn)
		fn = chn->fn;
	else if (chn)
		e->ops->set_pending(d, chn, port);
	spin_unlock(&e->delivery);
	if (fn)
		fn(d, port);
}

/*
 * The sender's own lock holds a pair together, so the other end needs its delivery lock only, and no order between the two domains'
 * locks matters.
 */
int event_channel_send(struct domain *d, uint32_t port)
{
	struct event_channel *chn;
	int r = 0;

	spin_lock(&d->events.lock);
	chn = event_channel_at(&d->events, port);
	switch (chn && !chn->fn ? chn->state : PORT_FREE) {
	case PORT_INTERDOMAIN: event_port_set_pending(chn->remote, chn->remote_port); break;
	case PORT_IPI: event_port_set_pending(d, port); break;
	case PORT_UNBOUND: break;
	default: r = -EINVAL; break;
	}
	spin_unlock(&d->events.lock);
	return r;
}

bool event_channel_tell_remote(struct domain *d, uint32_t port)
{
	struct event_channel *chn;
	bool is_bound;

	spin_lock(&d->events.lock);
	chn = event_channel_at(&d->events, port);
	is_bound = chn && chn->fn && chn->state == PORT_INTERDOMAIN;
	if (is_bound)
		event_port_set_pending(chn->remote, chn->remote_port);
	spin_unlock(&d->events.lock);
	return is_bound;
}

int event_channel_unmask(struct domain *d, uint32_t port)
{
	struct event_channels *e = &d->events;
	struct event_channel *chn;

	spin_lock(&e->lock);
	spin_lock(&e->delivery);
	chn = event_channel_at(e, port);
	if (chn && event_channel_is_usable(chn))
		e->ops->unmask(d, chn, port);
	spin_unlock(&e->delivery);
	spin_unlock(&e->lock);
	return chn ? 0 : -EINVAL;
}

void event_channel_send_virq(struct vcpu *v, unsigned virq)
{
	struct domain *d = v->domain;
	uint32_t port;

	if (!read_once(v->virq_port[virq]))
		return;
	spin_lock(&d->events.lock);
	port = v->virq_port[virq];
	if (port)
		event_port_set_pending(d, port);
	spin_unlock(&d->events.lock);
}

void event_channel_send_global_virq(struct domain *d, unsigned virq)
{
	struct vcpu *v = d ? domain_vcpu(d, 0) : NULL;

	if (v)
		event_channel_send_virq(v, virq);
}

void event_channel_notify(struct domain *d, uint32_t port)
{
	struct event_channel *chn;

	spin_lock(&d->events.lock);
	chn = event_channel_at(&d->events, port);
	if (chn && event_channel_is_usable(chn))
		event_port_set_pending(d, port);
	spin_unlock(&d->events.lock);
}

int event_channel_is_pending(struct domain *d, uint32_t port)
{
	struct event_channels *e = &d->events;
	struct event_channel *chn;
	int r = -EINVAL;

	spin_lock(&e->delivery);
	chn = event_channel_at(e, port);
	if (chn)
		r = event_channel_is_usable(chn) && e->ops->is_pending(d, chn, port);
	spin_unlock(&e->delivery);
	return r;
}

void event_channel_upcall(struct vcpu *v)
{
	/* Nowhere to show it yet: what is pending is shown when a place is registered. */
	if (unlikely(v->id >= XEN_LEGACY_MAX_VCPUS && !v->info_page))
		return;
	if (atomic_exchange(v->info, 1))
		return;
	if (v->upcall_vector)
		vlapic_set_irq(&v->lapic, v->upcall_vector, false);
	else
		vcpu_request(v, VCPU_REQ_EVENT);
}

void event_channel_upcall_again(struct vcpu *v)
{
	if (v->upcall_vector && read_once(v->info[0]))
		vlapic_set_irq(&v->lapic, v->upcall_vector, false);
}

void event_channel_wake_pollers(struct domain *d, uint32_t port)
{
	struct vcpu *v;
	uint32_t i;

	domain_for_each_vcpu(d, v, i) {
		uint32_t waits_for;

		if (likely(!read_once(v->polling)))
			continue;
		waits_for = read_once(v->poll_port);
		if (waits_for == port || waits_for == ~0u)
			sched_wake(&v->sched);
	}
}
