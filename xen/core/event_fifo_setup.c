/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Switching a domain from 2-level to FIFO events: control blocks, pages of event words, and the way back. */
#include "event_ops.h"

#include "errno.h"
#include "heap.h"

static int control_block_map(struct vcpu *v, uint64_t gfn_, uint32_t offset)
{
	uint8_t *page;

	if (v->fifo_control)
		return -EINVAL;
	if (guest_page_pin(v->domain, gfn(gfn_), (void **)&page))
		return -EINVAL;
	spin_lock(&v->domain->events.delivery);
	v->fifo_control = page + offset;
	v->fifo_control_gfn = gfn_;
	spin_unlock(&v->domain->events.delivery);
	return 0;
}

static void control_block_unmap(struct vcpu *v)
{
	void *page = (void *)align_down((uintptr_t)v->fifo_control, PAGE_SIZE);

	if (v->fifo_control)
		guest_page_unpin(page);
	v->fifo_control = NULL;
}

static void queues_free(struct domain *d)
{
	struct vcpu *v;
	uint32_t i;

	domain_for_each_vcpu(d, v, i) {
		control_block_unmap(v);
		heap_free(v->fifo);
		v->fifo = NULL;
	}
}

static int queues_alloc(struct domain *d)
{
	struct vcpu *v;
	uint32_t i;

	domain_for_each_vcpu(d, v, i) {
		v->fifo = heap_alloc(sizeof(*v->fifo));
		if (!v->fifo) {
			queues_free(d);
			return -ENOMEM;
		}
	}
	return 0;
}

/* What is pending stays so: it is shown once the event words exist. */
static void ports_carry_over(struct domain *d)
{
	struct event_channels *e = &d->events;

	for (uint32_t port = 1; port < e->nr_ports; port++) {
		struct event_channel *chn = event_channel_at(e, port);

		chn->pending_hint = e->ops->is_pending(d, chn, port);
		chn->priority = EVTCHN_FIFO_PRIORITY_DEFAULT;
	}
}

static int fifo_create(struct domain *d, struct vcpu *v, const struct evtchn_init_control *c)
{
	struct event_channels *e = &d->events;
	struct event_fifo *f = heap_alloc(sizeof(*f));
	int r = -ENOMEM;

	if (!f)
		return r;
	r = queues_alloc(d);
	if (r)
		goto free_fifo;
	r = control_block_map(v, c->control_gfn, c->offset);
	if (r)
		goto free_queues;
	spin_lock(&e->delivery);
	ports_carry_over(d);
	e->fifo = f;
	e->ops = &event_ops_fifo;
	spin_unlock(&e->delivery);
	return 0;

free_queues:
	queues_free(d);
free_fifo:
	heap_free(f);
	return r;
}

int event_fifo_init_control(struct domain *d, const struct evtchn_init_control *c)
{
	struct vcpu *v = domain_vcpu(d, c->vcpu);
	int r;

	if (!v)
		return -ENOENT;
	if (c->offset > PAGE_SIZE - sizeof(struct evtchn_fifo_control_block) || c->offset % 8)
		return -EINVAL;
	spin_lock(&d->events.lock);
	if (d->events.fifo)
		r = control_block_map(v, c->control_gfn, c->offset);
	else
		r = fifo_create(d, v, c);
	spin_unlock(&d->events.lock);
	return r;
}

/* The ports whose words have just come: shows those that wait. */
static void ports_show(struct domain *d, uint32_t from, uint32_t end)
{
	struct event_channels *e = &d->events;

	for (uint32_t port = MAX(from, 1u); port < MIN(end, e->nr_ports); port++) {
		struct event_channel *chn = event_channel_at(e, port);

		if (!chn->pending_hint)
			continue;
		chn->pending_hint = false;
		e->ops->set_pending(d, chn, port);
	}
}

static int words_add(struct domain *d, uint64_t array_gfn)
{
	struct event_channels *e = &d->events;
	struct event_fifo *f = e->fifo;
	void *page;

	if (!f)
		return -EOPNOTSUPP;
	if (f->nr_pages >= FIFO_MAX_PAGES)
		return -ENOSPC;
	if (guest_page_pin(d, gfn(array_gfn), &page))
		return -EINVAL;
	spin_lock(&e->delivery);
	f->gfns[f->nr_pages] = array_gfn;
	f->pages[f->nr_pages++] = page;
	ports_show(d, (f->nr_pages - 1) * FIFO_WORDS_PER_PAGE, f->nr_pages * FIFO_WORDS_PER_PAGE);
	spin_unlock(&e->delivery);
	return 0;
}

int event_fifo_expand_array(struct domain *d, uint64_t array_gfn)
{
	int r;

	spin_lock(&d->events.lock);
	r = words_add(d, array_gfn);
	spin_unlock(&d->events.lock);
	return r;
}

void event_fifo_destroy(struct domain *d)
{
	struct event_channels *e = &d->events;
	struct event_fifo *f = e->fifo;

	if (!f)
		return;
	/* The ports are closed and the lock is held: nobody delivers any more once the ops have changed. */
	spin_lock(&e->delivery);
	e->ops = &event_ops_2l;
	e->fifo = NULL;
	spin_unlock(&e->delivery);
	for (uint32_t i = 0; i < f->nr_pages; i++)
		guest_page_unpin(f->pages[i]);
	heap_free(f);
	queues_free(d);
}
