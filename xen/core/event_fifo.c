/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The FIFO way to show events: a word for each port in pages of the guest's, and for each vcpu and priority a queue of ports, linked through those
 * words. We append at the tail and the guest takes from the head, without a common lock: the LINKED bit of a word says who owns its link.
 * We never walk a queue and read only the tail's word, so what the guest writes into words can lose only its own events.
 */
#include "event_ops.h"

#include "errno.h"
#include "log.h"

#define PENDING   (1u << EVTCHN_FIFO_PENDING)
#define MASKED    (1u << EVTCHN_FIFO_MASKED)
#define LINKED    (1u << EVTCHN_FIFO_LINKED)
#define BUSY      (1u << EVTCHN_FIFO_BUSY)
#define LINK_MASK ((uint32_t)EVTCHN_FIFO_LINK_MASK)

/* An honest guest changes a word a few times at most while we try; it keeps its hands off while BUSY is set. */
#define LINK_TRIES 8

static inline event_word_t *fifo_word(const struct domain *d, uint32_t port)
{
	const struct event_fifo *f = d->events.fifo;
	uint32_t page = port / FIFO_WORDS_PER_PAGE;

	return page < f->nr_pages ? f->pages[page] + port % FIFO_WORDS_PER_PAGE : NULL;
}

/* 1: port stands behind the word's now. 0: that one was taken by the guest. -EAGAIN: the word does not keep still. */
static int try_link(event_word_t *word, uint32_t port)
{
	uint32_t old = read_once(*word);

	for (unsigned i = 0; i < LINK_TRIES; i++) {
		if (!(old & LINKED))
			return 0;
		if (atomic_compare_exchange(word, &old, (old & ~(BUSY | LINK_MASK)) | port))
			return 1;
	}
	return -EAGAIN;
}

static bool link_behind(struct domain *d, uint32_t tail, uint32_t port)
{
	event_word_t *word = fifo_word(d, tail);
	int r;

	if (!word)
		return false;
	r = try_link(word, port);
	if (likely(r >= 0))
		return r;
	atomic_fetch_or(word, BUSY);
	r = try_link(word, port);
	if (r > 0)
		return true;
	atomic_fetch_and(word, ~BUSY);
	if (r < 0)
		log_guest(d, LOG_WARNING, "event word of port %u does not keep still", tail);
	return false;
}

/* The caller has just set LINKED in the port's word: no queue holds it now. */
static void enqueue(struct domain *d, struct event_channel *chn, uint32_t port)
{
	struct vcpu *v = d->vcpus[chn->vcpu_id], *last = d->vcpus[chn->fifo_last_vcpu];
	struct evtchn_fifo_control_block *control = v->fifo_control;
	uint32_t priority = chn->priority, *tail = &v->fifo->tail[priority];

	/* Where it was the last one the queue is empty: nothing may be linked behind it there, as it stands elsewhere now. */
	if (last->fifo->tail[chn->fifo_last_priority] == port)
		last->fifo->tail[chn->fifo_last_priority] = 0;
	chn->fifo_last_vcpu = chn->vcpu_id;
	chn->fifo_last_priority = priority;

	if (*tail && link_behind(d, *tail, port)) {
		*tail = port;
		return;
	}
	store_release(&control->head[priority], port);
	*tail = port;
	if (!shared_bit_set(&control->ready, priority))
		event_channel_upcall(v);
}

static void fifo_set_pending(struct domain *d, struct event_channel *chn, uint32_t port)
{
	event_word_t *word = fifo_word(d, port);
	uint32_t was;

	if (unlikely(!word)) {
		chn->pending_hint = true;
		return;
	}
	was = atomic_fetch_or(word, PENDING);
	/* A vcpu without a control block has no queues yet. */
	if (!(was & (MASKED | LINKED)) && d->vcpus[chn->vcpu_id]->fifo_control &&
	    !shared_bit_set(word, EVTCHN_FIFO_LINKED))
		enqueue(d, chn, port);
	if (!(was & PENDING))
		event_channel_wake_pollers(d, port);
}

/* Only the bit: the guest takes the port off its queue and finds it not pending. */
static void fifo_clear_pending(struct domain *d, struct event_channel *chn, uint32_t port)
{
	event_word_t *word = fifo_word(d, port);

	chn->pending_hint = false;
	if (word)
		shared_bit_clear(word, EVTCHN_FIFO_PENDING);
}

static void fifo_unmask(struct domain *d, struct event_channel *chn, uint32_t port)
{
	event_word_t *word = fifo_word(d, port);

	if (!word)
		return;
	if (atomic_fetch_and(word, ~MASKED) & PENDING)
		fifo_set_pending(d, chn, port);
}

static bool fifo_is_pending(struct domain *d, const struct event_channel *chn, uint32_t port)
{
	const event_word_t *word = fifo_word(d, port);

	return word ? read_once(*word) & PENDING : chn->pending_hint;
}

static bool fifo_is_masked(struct domain *d, uint32_t port)
{
	const event_word_t *word = fifo_word(d, port);

	return !word || read_once(*word) & MASKED;
}

static bool fifo_is_busy(struct domain *d, uint32_t port)
{
	const event_word_t *word = fifo_word(d, port);

	return word && read_once(*word) & LINKED;
}

static uint32_t fifo_nr_ports(const struct domain *d)
{
	return EVTCHN_FIFO_NR_CHANNELS;
}

const struct event_ops event_ops_fifo = {
	.name = "FIFO",
	.set_pending = fifo_set_pending,
	.clear_pending = fifo_clear_pending,
	.unmask = fifo_unmask,
	.is_pending = fifo_is_pending,
	.is_masked = fifo_is_masked,
	.is_busy = fifo_is_busy,
	.nr_ports = fifo_nr_ports,
	.has_priority = true,
};
