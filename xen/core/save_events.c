/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records of events: where vcpus are told, the FIFO's pages and queues, and the ports. */
#include "event_ops.h"
#include "save_records.h"

#include "string.h"

/* ---- places: pages that the guest gave for its vcpu_info and its FIFO control block ---- */

struct places_state {
	bool has_info, has_control;
	uint64_t info_gfn, control_gfn;
	uint32_t info_offset, control_offset;
	uint32_t tail[EVTCHN_FIFO_MAX_QUEUES];
};
static const struct save_field places_saved[] = {
	SAVE_ONE(SAVE_BOOL, 1, struct places_state, has_info),
	SAVE_ONE(SAVE_BOOL, 1, struct places_state, has_control),
	SAVE_ONE(SAVE_U64, 1, struct places_state, info_gfn),
	SAVE_ONE(SAVE_U64, 1, struct places_state, control_gfn),
	SAVE_ONE(SAVE_U32, 1, struct places_state, info_offset),
	SAVE_ONE(SAVE_U32, 1, struct places_state, control_offset),
	SAVE_ARRAY(SAVE_U32, 1, struct places_state, tail),
	SAVE_LAST,
};

static const void *places_get(struct domain *d, uint32_t n, void *state)
{
	struct places_state *s = state;
	struct vcpu *v = domain_vcpu(d, n);

	if (!v)
		return NULL;
	spin_lock(&d->events.delivery);
	s->has_info = v->info_page != NULL;
	if (s->has_info) {
		s->info_gfn = v->info_gfn;
		s->info_offset = (uint32_t)(v->info - (uint8_t *)v->info_page);
	}
	s->has_control = v->fifo_control != NULL;
	if (s->has_control) {
		s->control_gfn = v->fifo_control_gfn;
		s->control_offset = (uint32_t)((uintptr_t)v->fifo_control & ~PAGE_MASK);
		memcpy(s->tail, v->fifo->tail, sizeof(s->tail));
	}
	spin_unlock(&d->events.delivery);
	return s;
}

static int places_put(struct restore *r, uint32_t n, const void *state)
{
	const struct places_state *s = state;
	struct vcpu *v = domain_vcpu(r->d, n);
	int err;

	if (s->has_info && vcpu_info_restore(v, s->info_gfn, s->info_offset))
		return restore_refuse(r, "vcpu_info cannot lie there");
	if (s->has_control) {
		struct evtchn_init_control c = { .control_gfn = s->control_gfn,
			                         .offset = s->control_offset,
			                         .vcpu = n };

		err = event_fifo_init_control(r->d, &c);
		if (err)
			return err == -ENOMEM
			               ? err
			               : restore_refuse(r, "the control block cannot lie there");
		memcpy(v->fifo->tail, s->tail, sizeof(s->tail));
	}
	return 0;
}

const struct save_row save_places = {
	.name = "places of vcpu",
	.version = 1,
	.is_complete = true,
	SAVE_STATE(struct places_state, places_saved),
	.limit = save_limit_vcpus,
	.get = places_get,
	.put = places_put,
};

/* ---- pages of event words ---- */

struct fifo_page_state {
	uint64_t gfn;
};
static const struct save_field fifo_page_saved[] = {
	SAVE_ONE(SAVE_U64, 1, struct fifo_page_state, gfn),
	SAVE_LAST,
};

static uint32_t fifo_page_limit(const struct domain *d)
{
	return d->events.fifo ? d->events.fifo->nr_pages : 0;
}

static const void *fifo_page_get(struct domain *d, uint32_t n, void *state)
{
	return &d->events.fifo->gfns[n];
}

static int fifo_page_put(struct restore *r, uint32_t n, const void *state)
{
	const struct fifo_page_state *s = state;

	if (n != fifo_page_limit(r->d) || event_fifo_expand_array(r->d, s->gfn))
		return restore_refuse(r, "event words cannot lie there");
	return 0;
}

const struct save_row save_fifo_page = {
	.name = "page of event words",
	.version = 1,
	SAVE_STATE(struct fifo_page_state, fifo_page_saved),
	.limit = fifo_page_limit,
	.get = fifo_page_get,
	.put = fifo_page_put,
};

/* ---- ports ---- */

static uint32_t port_limit(const struct domain *d)
{
	return d->events.nr_ports;
}

/*
 * A free port that stood on a queue counts too: the queue may still end with it. The other end of an interdomain port stays behind: it waits for a new partner. So does a
 * port whose end the hypervisor has: who makes the domain anew makes it anew.
 */
static const void *port_get(struct domain *d, uint32_t port, void *state)
{
	struct event_channel *s = state;
	const struct event_channel *chn;
	bool is_ours;

	spin_lock(&d->events.lock);
	chn = event_channel_at(&d->events, port);
	save_copy(event_channel_saved, s, chn);
	if (s->state == PORT_INTERDOMAIN)
		s->remote_domid = chn->remote->id;
	is_ours = chn->fn != NULL;
	spin_unlock(&d->events.lock);
	if (is_ours)
		return NULL;
	if (s->state == PORT_INTERDOMAIN) {
		s->state = PORT_UNBOUND;
		s->remote_port = 0;
	}
	if (s->state == PORT_FREE && !s->fifo_last_vcpu && !s->fifo_last_priority)
		return NULL;
	return s->state == PORT_RESERVED ? NULL : s;
}

/* What is bound could have been bound by the guest itself. */
static bool binding_valid(const struct domain *d, const struct event_channel *s)
{
	switch (s->state) {
	case PORT_FREE: return !s->pending_hint && !s->remote_domid && !s->remote_port;
	case PORT_UNBOUND: return s->remote_domid <= DOMID_INVALID && !s->remote_port;
	case PORT_PIRQ:
		return event_pirq_allowed(d, s->remote_port) &&
		       !bitmap_test(d->events.pirqs, s->remote_port);
	case PORT_VIRQ: return event_virq_allowed(d, s->remote_port);
	case PORT_IPI: return !s->remote_port;
	default: return false;
	}
}

static int port_put(struct restore *r, uint32_t port, const void *state)
{
	const struct event_channel *s = state;
	struct domain *d = r->d;
	struct event_channel *chn;
	int err;

	if (!domain_vcpu(d, s->vcpu_id) || !domain_vcpu(d, s->fifo_last_vcpu) ||
	    s->priority >= EVTCHN_FIFO_MAX_QUEUES ||
	    s->fifo_last_priority >= EVTCHN_FIFO_MAX_QUEUES)
		return restore_refuse(r, "no such vcpu or priority");
	if (!binding_valid(d, s))
		return restore_refuse(r, "bound to what the domain cannot have");
	spin_lock(&d->events.lock);
	err = event_port_make(d, port, &chn);
	if (!err) {
		save_copy(event_channel_saved, chn, s);
		if (s->state == PORT_PIRQ)
			bitmap_set(d->events.pirqs, s->remote_port);
	}
	spin_unlock(&d->events.lock);
	return err && err != -ENOMEM ? restore_refuse(r, "the port is taken, or cannot exist")
	                             : err;
}

const struct save_row save_port = {
	.name = "port",
	.version = 1,
	SAVE_STATE(struct event_channel, event_channel_saved),
	.limit = port_limit,
	.get = port_get,
	.put = port_put,
};
