/* SPDX-License-Identifier: GPL-2.0-or-later */
/* event_channel_op: the guest's calls on event channels. Their structures are the same bytes for 32- and 64-bit callers. */
#include "event_ops.h"

#include "errno.h"
#include "guest_memory.h"
#include "hypercall.h"

#include <xen/xen.h>

union event_args {
	struct evtchn_alloc_unbound alloc_unbound;
	struct evtchn_bind_interdomain bind_interdomain;
	struct evtchn_bind_virq bind_virq;
	struct evtchn_bind_pirq bind_pirq;
	struct evtchn_bind_ipi bind_ipi;
	struct evtchn_close close;
	struct evtchn_send send;
	struct evtchn_status status;
	struct evtchn_bind_vcpu bind_vcpu;
	struct evtchn_unmask unmask;
	struct evtchn_reset reset;
	struct evtchn_init_control init_control;
	struct evtchn_expand_array expand_array;
	struct evtchn_set_priority set_priority;
};

/* Which vcpu a VIRQ is for, and who may have it. Those of the whole machine belong to the control domain. */
static const struct virq_rule {
	bool is_global, is_privileged;
} virq_rules[NR_VIRQS] = {
	[VIRQ_TIMER] = { false, false },
	[VIRQ_DEBUG] = { false, false },
	[VIRQ_CONSOLE] = { true, true },
	[VIRQ_DOM_EXC] = { true, true },
	[VIRQ_TBUF] = { true, true },
	[5] = { true, false },
	[VIRQ_DEBUGGER] = { true, true },
	[VIRQ_XENOPROF] = { false, false },
	[VIRQ_CON_RING] = { true, true },
	[VIRQ_PCPU_STATE] = { true, true },
	[VIRQ_MEM_EVENT] = { true, true },
	[VIRQ_ARGO] = { true, false },
	[VIRQ_ENOMEM] = { true, true },
	[VIRQ_XENPMU] = { false, false },
	[14] = { true, false },
	[15] = { true, false },
	[VIRQ_ARCH_0] = { true, true },
	[VIRQ_ARCH_1] = { true, false },
	[VIRQ_ARCH_2] = { true, false },
	[VIRQ_ARCH_3] = { true, false },
	[VIRQ_ARCH_4] = { true, false },
	[VIRQ_ARCH_5] = { true, false },
	[VIRQ_ARCH_6] = { true, false },
	[VIRQ_ARCH_7] = { true, false },
};
_Static_assert(NR_VIRQS == ARRAY_LEN(((struct vcpu *)0)->virq_port), "a port for each VIRQ");

/* Interrupt numbers that a guest may name: the I/O APIC's and some more, as Xen gives them. They exist, and nothing ever raises them. */
#define PIRQS_OF_GUEST 56

bool event_virq_allowed(const struct domain *d, uint32_t virq)
{
	return virq < NR_VIRQS && (!virq_rules[virq].is_privileged || d->is_privileged);
}

bool event_pirq_allowed(const struct domain *d, uint32_t pirq)
{
	return pirq < (d->is_privileged ? EVENT_PIRQS_MAX : PIRQS_OF_GUEST);
}

static bool may_act_for(struct vcpu *caller, const struct domain *d)
{
	return caller->domain == d || caller->domain->is_privileged;
}

static long op_alloc_unbound(struct vcpu *caller, union event_args *u)
{
	struct evtchn_alloc_unbound *a = &u->alloc_unbound;
	struct domain *d = domain_by_handle(caller, a->dom);
	uint16_t remote = a->remote_dom == DOMID_SELF ? caller->domain->id : a->remote_dom;
	int r = -EPERM;

	if (!d)
		return -ESRCH;
	if (may_act_for(caller, d))
		r = event_channel_alloc_unbound(d, remote);
	domain_put(d);
	if (r < 0)
		return r;
	a->port = (uint32_t)r;
	return 0;
}

/* Both locks held. */
static int pair_bind(struct domain *d, struct domain *remote, uint32_t remote_port)
{
	struct event_channel *chn, *other;
	int port = event_port_alloc(d, &chn);

	if (port < 0)
		return port;
	other = event_channel_at(&remote->events, remote_port);
	if (!other || other->state != PORT_UNBOUND || other->remote_domid != d->id)
		return -EINVAL;
	chn->state = PORT_INTERDOMAIN;
	chn->remote = remote;
	chn->remote_domid = remote->id;
	chn->remote_port = remote_port;
	other->remote = d;
	other->remote_domid = d->id;
	other->remote_port = (uint32_t)port;
	other->state = PORT_INTERDOMAIN;
	/* The other end may have sent before it had a partner. */
	event_port_set_pending(d, (uint32_t)port);
	return port;
}

static long op_bind_interdomain(struct vcpu *caller, union event_args *u)
{
	struct evtchn_bind_interdomain *b = &u->bind_interdomain;
	struct domain *d = caller->domain, *remote = domain_by_handle(caller, b->remote_dom);
	int r;

	if (!remote)
		return -ESRCH;
	event_channels_lock_pair(d, remote);
	r = pair_bind(d, remote, b->remote_port);
	event_channels_unlock_pair(d, remote);
	domain_put(remote);
	if (r < 0)
		return r;
	b->local_port = (uint32_t)r;
	return 0;
}

static long op_bind_virq(struct vcpu *caller, union event_args *u)
{
	struct evtchn_bind_virq *b = &u->bind_virq;
	struct domain *d = caller->domain;
	struct event_channel *chn;
	struct vcpu *v;
	int r;

	if (b->virq >= NR_VIRQS)
		return -EINVAL;
	if (virq_rules[b->virq].is_global && b->vcpu != 0)
		return -EINVAL;
	v = domain_vcpu(d, b->vcpu);
	if (!v)
		return -ENOENT;
	if (virq_rules[b->virq].is_privileged && !d->is_privileged)
		return -EPERM;
	spin_lock(&d->events.lock);
	r = v->virq_port[b->virq] ? -EEXIST : event_port_alloc(d, &chn);
	if (r >= 0) {
		chn->state = PORT_VIRQ;
		chn->vcpu_id = v->id;
		chn->remote_port = b->virq;
		v->virq_port[b->virq] = b->port = (uint32_t)r;
	}
	spin_unlock(&d->events.lock);
	return r < 0 ? r : 0;
}

static long op_bind_pirq(struct vcpu *caller, union event_args *u)
{
	struct evtchn_bind_pirq *b = &u->bind_pirq;
	struct domain *d = caller->domain;
	struct event_channel *chn;
	int r;

	if (!event_pirq_allowed(d, b->pirq))
		return -EINVAL;
	spin_lock(&d->events.lock);
	r = bitmap_test(d->events.pirqs, b->pirq) ? -EEXIST : event_port_alloc(d, &chn);
	if (r >= 0) {
		bitmap_set(d->events.pirqs, b->pirq);
		chn->state = PORT_PIRQ;
		chn->remote_port = b->pirq;
		b->port = (uint32_t)r;
	}
	spin_unlock(&d->events.lock);
	return r < 0 ? r : 0;
}

static long op_bind_ipi(struct vcpu *caller, union event_args *u)
{
	struct evtchn_bind_ipi *b = &u->bind_ipi;
	struct domain *d = caller->domain;
	struct event_channel *chn;
	int r;

	if (!domain_vcpu(d, b->vcpu))
		return -ENOENT;
	spin_lock(&d->events.lock);
	r = event_port_alloc(d, &chn);
	if (r >= 0) {
		chn->state = PORT_IPI;
		chn->vcpu_id = b->vcpu;
		b->port = (uint32_t)r;
	}
	spin_unlock(&d->events.lock);
	return r < 0 ? r : 0;
}

static long op_close(struct vcpu *caller, union event_args *u)
{
	return event_channel_close(caller->domain, u->close.port);
}

static long op_send(struct vcpu *caller, union event_args *u)
{
	return event_channel_send(caller->domain, u->send.port);
}

static void status_fill(struct evtchn_status *s, const struct event_channel *chn)
{
	static const uint8_t status_of[] = {
		[PORT_FREE] = EVTCHNSTAT_closed,     [PORT_RESERVED] = EVTCHNSTAT_closed,
		[PORT_UNBOUND] = EVTCHNSTAT_unbound, [PORT_INTERDOMAIN] = EVTCHNSTAT_interdomain,
		[PORT_PIRQ] = EVTCHNSTAT_pirq,       [PORT_VIRQ] = EVTCHNSTAT_virq,
		[PORT_IPI] = EVTCHNSTAT_ipi,
	};

	s->status = status_of[chn->state];
	s->vcpu = chn->vcpu_id;
	switch (chn->state) {
	case PORT_UNBOUND: s->u.unbound.dom = chn->remote_domid; break;
	case PORT_INTERDOMAIN:
		s->u.interdomain.dom = chn->remote_domid;
		s->u.interdomain.port = chn->remote_port;
		break;
	case PORT_PIRQ: s->u.pirq = chn->remote_port; break;
	case PORT_VIRQ: s->u.virq = chn->remote_port; break;
	default: break;
	}
}

static long op_status(struct vcpu *caller, union event_args *u)
{
	struct evtchn_status *s = &u->status;
	struct domain *d = domain_by_handle(caller, s->dom);
	const struct event_channel *chn;
	long r = 0;

	if (!d)
		return -ESRCH;
	spin_lock(&d->events.lock);
	chn = event_channel_at(&d->events, s->port);
	if (!chn)
		r = -EINVAL;
	else if (!may_act_for(caller, d))
		r = -EPERM;
	else
		status_fill(s, chn);
	spin_unlock(&d->events.lock);
	domain_put(d);
	return r;
}

static long op_bind_vcpu(struct vcpu *caller, union event_args *u)
{
	const struct evtchn_bind_vcpu *b = &u->bind_vcpu;
	struct domain *d = caller->domain;
	struct event_channel *chn;
	bool may_move;

	if (!domain_vcpu(d, b->vcpu))
		return -ENOENT;
	spin_lock(&d->events.lock);
	chn = event_channel_at(&d->events, b->port);
	switch (chn ? chn->state : PORT_FREE) {
	case PORT_UNBOUND:
	case PORT_INTERDOMAIN:
	case PORT_PIRQ: may_move = !chn->fn; break;
	case PORT_VIRQ: may_move = virq_rules[chn->remote_port].is_global; break;
	default: may_move = false; break;
	}
	/* A sender of another domain looks at it under the delivery lock only, and more than once. */
	if (may_move) {
		spin_lock(&d->events.delivery);
		write_once(chn->vcpu_id, b->vcpu);
		spin_unlock(&d->events.delivery);
	}
	spin_unlock(&d->events.lock);
	return may_move ? 0 : -EINVAL;
}

static long op_unmask(struct vcpu *caller, union event_args *u)
{
	return event_channel_unmask(caller->domain, u->unmask.port);
}

static long reset_for(struct vcpu *caller, union event_args *u, bool resuming)
{
	struct domain *d = domain_by_handle(caller, u->reset.dom);
	int r = -EPERM;

	if (!d)
		return -ESRCH;
	if (may_act_for(caller, d)) {
		/* Another domain's ports only while it stands still. */
		r = d == caller->domain || read_once(d->tool_pauses)
		            ? event_channels_reset(d, resuming)
		            : -EINVAL;
	}
	domain_put(d);
	return r == -EINTR ? HYPERCALL_RESTART : r;
}

static long op_reset(struct vcpu *caller, union event_args *u)
{
	return reset_for(caller, u, false);
}

static long op_reset_cont(struct vcpu *caller, union event_args *u)
{
	return reset_for(caller, u, true);
}

static long op_init_control(struct vcpu *caller, union event_args *u)
{
	struct evtchn_init_control *c = &u->init_control;

	c->link_bits = EVTCHN_FIFO_LINK_BITS;
	return event_fifo_init_control(caller->domain, c);
}

static long op_expand_array(struct vcpu *caller, union event_args *u)
{
	return event_fifo_expand_array(caller->domain, u->expand_array.array_gfn);
}

static long op_set_priority(struct vcpu *caller, union event_args *u)
{
	const struct evtchn_set_priority *p = &u->set_priority;
	struct event_channels *e = &caller->domain->events;
	struct event_channel *chn;
	long r = 0;

	spin_lock(&e->lock);
	chn = event_channel_at(e, p->port);
	if (!chn)
		r = -EINVAL;
	else if (!e->ops->has_priority)
		r = -ENOSYS;
	else if (!event_channel_is_usable(chn))
		r = -EACCES;
	else if (p->priority > EVTCHN_FIFO_PRIORITY_MIN)
		r = -EINVAL;
	if (!r) {
		/* For events to come; one that is pending stays where it is. */
		spin_lock(&e->delivery);
		write_once(chn->priority, (uint8_t)p->priority);
		spin_unlock(&e->delivery);
	}
	spin_unlock(&e->lock);
	return r;
}

#define EVTCHNOP_RESET_CONT 14 /* public header: seen by a hypervisor only */

static const struct event_op {
	long (*fn)(struct vcpu *caller, union event_args *u);
	uint8_t size;
	bool copies_back;
} event_ops[] = {
	[EVTCHNOP_bind_interdomain] = { op_bind_interdomain, sizeof(evtchn_bind_interdomain_t),
	                                true },
	[EVTCHNOP_bind_virq] = { op_bind_virq, sizeof(evtchn_bind_virq_t), true },
	[EVTCHNOP_bind_pirq] = { op_bind_pirq, sizeof(evtchn_bind_pirq_t), true },
	[EVTCHNOP_close] = { op_close, sizeof(evtchn_close_t), false },
	[EVTCHNOP_send] = { op_send, sizeof(evtchn_send_t), false },
	[EVTCHNOP_status] = { op_status, sizeof(evtchn_status_t), true },
	[EVTCHNOP_alloc_unbound] = { op_alloc_unbound, sizeof(evtchn_alloc_unbound_t), true },
	[EVTCHNOP_bind_ipi] = { op_bind_ipi, sizeof(evtchn_bind_ipi_t), true },
	[EVTCHNOP_bind_vcpu] = { op_bind_vcpu, sizeof(evtchn_bind_vcpu_t), false },
	[EVTCHNOP_unmask] = { op_unmask, sizeof(evtchn_unmask_t), false },
	[EVTCHNOP_reset] = { op_reset, sizeof(evtchn_reset_t), false },
	[EVTCHNOP_init_control] = { op_init_control, sizeof(evtchn_init_control_t), true },
	[EVTCHNOP_expand_array] = { op_expand_array, sizeof(evtchn_expand_array_t), false },
	[EVTCHNOP_set_priority] = { op_set_priority, sizeof(evtchn_set_priority_t), false },
	[EVTCHNOP_RESET_CONT] = { op_reset_cont, sizeof(evtchn_reset_t), false },
};

long event_channel_op(struct vcpu *caller, uint64_t *args)
{
	uint32_t cmd = (uint32_t)args[0];
	const struct event_op *op;
	union event_args u;
	long r;

	if (cmd >= ARRAY_LEN(event_ops))
		return -ENOSYS;
	op = &event_ops[cmd];
	if (copy_from_guest(caller, &u, args[1], op->size))
		return -EFAULT;
	r = op->fn(caller, &u);
	if (!r && op->copies_back && copy_to_guest(caller, args[1], &u, op->size))
		r = -EFAULT;
	if (r == HYPERCALL_RESTART)
		args[0] = EVTCHNOP_RESET_CONT;
	return r;
}
