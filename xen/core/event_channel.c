/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A domain's ports: their table, taking and giving back, closing, reset and teardown. */
#include "event_ops.h"

#include "errno.h"
#include "heap.h"
#include "hypercall.h"
#include "log.h"
#include "string.h"

#define BUCKETS_AT_FIRST 8
#define CLOSES_A_CALL    4096
#define DUMP_MAX         256
/* Ports of a pair that is broken and made again by its other end while we take the locks: how often we look again. */
#define CLOSE_TRIES 16

const struct save_field event_channel_saved[] = {
	SAVE_ONE(SAVE_U8, 1, struct event_channel, state),
	SAVE_ONE(SAVE_U8, 1, struct event_channel, priority),
	SAVE_ONE(SAVE_BOOL, 1, struct event_channel, pending_hint),
	SAVE_ONE(SAVE_U8, 1, struct event_channel, fifo_last_priority),
	SAVE_ONE(SAVE_U32, 1, struct event_channel, fifo_last_vcpu),
	SAVE_ONE(SAVE_U16, 1, struct event_channel, remote_domid),
	SAVE_ONE(SAVE_U32, 1, struct event_channel, vcpu_id),
	SAVE_ONE(SAVE_U32, 1, struct event_channel, remote_port),
	SAVE_LAST,
};

void event_channels_lock_pair(struct domain *a, struct domain *b)
{
	if (a->id > b->id) {
		struct domain *t = a;

		a = b;
		b = t;
	}
	spin_lock(&a->events.lock);
	if (a != b)
		spin_lock(&b->events.lock);
}

void event_channels_unlock_pair(struct domain *a, struct domain *b)
{
	spin_unlock(&a->events.lock);
	if (a != b)
		spin_unlock(&b->events.lock);
}

/* Senders of other domains look into the table under the delivery lock only. */
static int buckets_grow(struct event_channels *e)
{
	uint32_t nr = e->nr_ports / EVENT_CHANNELS_PER_BUCKET, max = e->max_buckets;
	struct event_channel **old = e->buckets, **wider = old, *bucket;

	bucket = heap_alloc_array(EVENT_CHANNELS_PER_BUCKET, sizeof(*bucket));
	if (!bucket)
		return -ENOMEM;
	if (nr == max) {
		max = max ? max * 2 : BUCKETS_AT_FIRST;
		wider = heap_alloc_array(max, sizeof(*wider));
		if (!wider) {
			heap_free(bucket);
			return -ENOMEM;
		}
		if (nr)
			memcpy(wider, old, nr * sizeof(*wider));
	}
	wider[nr] = bucket;
	spin_lock(&e->delivery);
	e->buckets = wider;
	e->max_buckets = max;
	e->nr_ports += EVENT_CHANNELS_PER_BUCKET;
	spin_unlock(&e->delivery);
	if (wider != old)
		heap_free(old);
	return 0;
}

static void buckets_free(struct event_channels *e)
{
	struct event_channel **buckets = e->buckets;
	uint32_t nr = e->nr_ports / EVENT_CHANNELS_PER_BUCKET;

	spin_lock(&e->delivery);
	e->buckets = NULL;
	e->nr_ports = e->max_buckets = 0;
	spin_unlock(&e->delivery);
	for (uint32_t i = 0; i < nr; i++)
		heap_free(buckets[i]);
	heap_free(buckets);
}

int event_channels_init(struct domain *d, uint32_t max_port)
{
	struct event_channels *e = &d->events;
	int r;

	memset(e, 0, sizeof(*e));
	spin_init(&e->lock);
	spin_init(&e->delivery);
	e->ops = &event_ops_2l;
	e->max_port = max_port && max_port < EVENT_CHANNELS_MAX ? max_port : EVENT_CHANNELS_MAX;
	e->next_free_hint = 1;
	r = buckets_grow(e);
	if (r)
		return r;
	e->buckets[0][0].state = PORT_RESERVED;
	return 0;
}

int event_port_make(struct domain *d, uint32_t port, struct event_channel **out)
{
	struct event_channels *e = &d->events;

	if (!port || port > e->max_port || port >= e->ops->nr_ports(d))
		return -EINVAL;
	while (port >= e->nr_ports)
		if (buckets_grow(e))
			return -ENOMEM;
	*out = event_channel_at(e, port);
	return (*out)->state == PORT_FREE ? 0 : -EEXIST;
}

static bool port_is_busy(struct domain *d, uint32_t port)
{
	bool busy;

	spin_lock(&d->events.delivery);
	busy = d->events.ops->is_busy(d, port);
	spin_unlock(&d->events.delivery);
	return busy;
}

/* The lowest free port, as it is (state stays PORT_FREE until the caller binds it). */
int event_port_alloc(struct domain *d, struct event_channel **out)
{
	struct event_channels *e = &d->events;
	uint32_t end = MIN(e->max_port + 1, e->ops->nr_ports(d));
	bool below_is_used = true;

	if (domain_is_dying(d))
		return -EINVAL;
	for (uint32_t port = e->next_free_hint; port < end; port++) {
		struct event_channel *chn;

		if (port >= e->nr_ports && buckets_grow(e))
			return -ENOMEM;
		chn = event_channel_at(e, port);
		if (chn->state != PORT_FREE)
			continue;
		if (e->fifo && port_is_busy(d, port)) {
			below_is_used = false;
			continue;
		}
		if (below_is_used)
			e->next_free_hint = port;
		chn->priority = EVTCHN_FIFO_PRIORITY_DEFAULT;
		chn->vcpu_id = 0;
		*out = chn;
		return port;
	}
	return -ENOSPC;
}

static void virq_forget(struct domain *d, uint32_t virq, uint32_t port)
{
	struct vcpu *v;
	uint32_t i;

	domain_for_each_vcpu(d, v, i) {
		if (v->virq_port[virq] == port)
			v->virq_port[virq] = 0;
	}
}

/* Pending is cleared, so that who binds the port next sees nothing of the old life. */
static void port_free(struct domain *d, struct event_channel *chn, uint32_t port)
{
	struct event_channels *e = &d->events;

	spin_lock(&e->delivery);
	e->ops->clear_pending(d, chn, port);
	spin_unlock(&e->delivery);
	chn->state = PORT_FREE;
	chn->vcpu_id = 0;
	chn->remote = NULL;
	chn->fn = NULL;
	chn->remote_domid = 0;
	chn->remote_port = 0;
	e->next_free_hint = MIN(e->next_free_hint, port);
}

/* Both locks of a pair are held. The other end waits for a new partner from this domain. */
static int port_close(struct domain *d, struct event_channel *chn, uint32_t port)
{
	switch (chn->state) {
	case PORT_FREE:
	case PORT_RESERVED: return -EINVAL;
	case PORT_VIRQ: virq_forget(d, chn->remote_port, port); break;
	case PORT_PIRQ: bitmap_clear(d->events.pirqs, chn->remote_port); break;
	case PORT_INTERDOMAIN: {
		struct event_channel *other =
			event_channel_at(&chn->remote->events, chn->remote_port);

		if (other != chn) {
			other->state = PORT_UNBOUND;
			other->remote = NULL;
			other->remote_domid = d->id;
			other->remote_port = 0;
		}
		break;
	}
	default: break;
	}
	port_free(d, chn, port);
	return 0;
}

/*
 * With d's lock held: takes the other end's too. When that has to come first, d's is let go in between and the port may change: false. The
 * pair keeps the other domain alive until then; a reference does while no lock is held.
 */
static bool pair_lock_other(struct domain *d, struct event_channel *chn)
{
	struct domain *other = chn->remote;
	bool same;

	if (other == d)
		return true;
	if (other->id > d->id) {
		spin_lock(&other->events.lock);
		return true;
	}
	atomic_fetch_add(&other->refs, 1);
	spin_unlock(&d->events.lock);
	event_channels_lock_pair(d, other);
	same = chn->state == PORT_INTERDOMAIN && chn->remote == other;
	if (!same)
		spin_unlock(&other->events.lock);
	domain_put(other);
	return same;
}

static int close_any(struct domain *d, uint32_t port, bool by_guest)
{
	struct event_channel *chn;
	struct domain *other;
	int r = -EBUSY;

	spin_lock(&d->events.lock);
	for (unsigned i = 0; i < CLOSE_TRIES; i++) {
		chn = event_channel_at(&d->events, port);
		if (!chn || (by_guest && chn->fn)) {
			r = -EINVAL;
			break;
		}
		if (chn->state != PORT_INTERDOMAIN) {
			r = port_close(d, chn, port);
			break;
		}
		if (!pair_lock_other(d, chn))
			continue;
		other = chn->remote;
		r = port_close(d, chn, port);
		event_channels_unlock_pair(d, other);
		return r;
	}
	spin_unlock(&d->events.lock);
	return r;
}

int event_channel_close(struct domain *d, uint32_t port)
{
	return close_any(d, port, true);
}

/* Closes from *next on. -EINTR: not all yet. */
static int ports_close_from(struct domain *d, uint32_t *next, bool by_guest,
                            bool (*should_stop)(void))
{
	uint32_t port = *next, end = MIN(port + CLOSES_A_CALL, d->events.nr_ports);
	int r = 0;

	for (; port < end && !r; port++) {
		/* A port that is free is no error here. */
		if (close_any(d, port, by_guest) == -EBUSY)
			break;
		if (should_stop && port % 64 == 0 && should_stop())
			r = -EINTR;
	}
	*next = port;
	return port < d->events.nr_ports ? -EINTR : 0;
}

int event_channels_reset(struct domain *d, bool resuming)
{
	struct event_channels *e = &d->events;
	int r;

	spin_lock(&e->lock);
	r = resuming == (e->reset_next != 0) ? 0 : -EBUSY;
	if (!r && !resuming)
		e->reset_next = 1;
	spin_unlock(&e->lock);
	if (!r)
		r = ports_close_from(d, &e->reset_next, true, hypercall_should_restart);
	if (r)
		return r;
	spin_lock(&e->lock);
	e->reset_next = 0;
	event_fifo_destroy(d);
	spin_unlock(&e->lock);
	return 0;
}

int event_channels_destroy(struct domain *d)
{
	struct event_channels *e = &d->events;
	int r = ports_close_from(d, &e->teardown_next, false, NULL);

	if (r)
		return r;
	spin_lock(&e->lock);
	event_fifo_destroy(d);
	buckets_free(e);
	spin_unlock(&e->lock);
	return 0;
}

static int port_offer(struct domain *d, uint16_t remote_domid,
                      void (*fn)(struct domain *d, uint32_t port))
{
	struct event_channel *chn;
	int port;

	spin_lock(&d->events.lock);
	port = event_port_alloc(d, &chn);
	if (port >= 0) {
		chn->state = PORT_UNBOUND;
		chn->remote_domid = remote_domid;
		chn->fn = fn;
	}
	spin_unlock(&d->events.lock);
	return port;
}

int event_channel_alloc_unbound(struct domain *d, uint16_t remote_domid)
{
	return port_offer(d, remote_domid, NULL);
}

int event_channel_bind_hypervisor(struct domain *d, uint16_t remote_domid,
                                  void (*fn)(struct domain *d, uint32_t port))
{
	return port_offer(d, remote_domid, fn);
}

static void port_dump(struct domain *d, const struct event_channel *chn, uint32_t port)
{
	static const char *const states[] = { "free", "reserved", "unbound", "interdomain",
		                              "pirq", "virq",     "ipi",     "hypervisor" };

	log_info("  %5u %s vcpu %u remote d%u:%u priority %u%s%s%s", port, states[chn->state],
	         chn->vcpu_id, chn->remote_domid, chn->remote_port, chn->priority,
	         d->events.ops->is_pending(d, chn, port) ? " pending" : "",
	         d->events.ops->is_masked(d, port) ? " masked" : "", chn->fn ? " ours" : "");
}

void event_channels_dump(struct domain *d)
{
	struct event_channels *e = &d->events;
	uint32_t shown = 0;

	spin_lock(&e->lock);
	spin_lock(&e->delivery);
	log_info("%s: event channels (%s)", d->name, e->ops->name);
	for (uint32_t port = 1; port < e->nr_ports && shown < DUMP_MAX; port++) {
		const struct event_channel *chn = event_channel_at(e, port);

		if (chn->state == PORT_FREE)
			continue;
		port_dump(d, chn, port);
		shown++;
	}
	spin_unlock(&e->delivery);
	spin_unlock(&e->lock);
}
