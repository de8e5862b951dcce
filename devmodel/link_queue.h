/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Our end of a queue of the link. The index that is ours is kept here: what stands of it in the shared page is for the other side only. */
#ifndef DEVMODEL_LINK_QUEUE_H
#define DEVMODEL_LINK_QUEUE_H

#include "atomic.h"
#include "devmodel_link.h"

struct link_end {
	struct link_queue *queue;
	uint32_t index; /* produced, or consumed */
	uint32_t size;
};

/* As a producer: how much can be put in. An index of the other side's that is impossible: no room. */
static inline uint32_t link_room(const struct link_end *e)
{
	uint32_t used = e->index - load_acquire(&e->queue->consumed);

	return used <= e->size ? e->size - used : 0;
}

static inline void link_produced(struct link_end *e, uint32_t n)
{
	e->index += n;
	store_release(&e->queue->produced, e->index);
}

/* Room for n, or the other side will tell when it has consumed. */
static inline bool link_room_wanted(struct link_end *e, uint32_t n)
{
	if (link_room(e) >= n)
		return true;
	write_once(e->queue->waits, 1);
	barrier_full();
	if (link_room(e) < n)
		return false;
	write_once(e->queue->waits, 0);
	return true;
}

static inline void link_room_found(struct link_end *e)
{
	write_once(e->queue->waits, 0);
}

/* As a consumer: how much waits. An impossible index: nothing. */
static inline uint32_t link_waiting(const struct link_end *e)
{
	uint32_t n = load_acquire(&e->queue->produced) - e->index;

	return n <= e->size ? n : 0;
}

/* True: the producer waits for it, and is to be told. */
static inline bool link_consumed(struct link_end *e, uint32_t n)
{
	e->index += n;
	store_release(&e->queue->consumed, e->index);
	barrier_full();
	return read_once(e->queue->waits) != 0;
}

/* Nothing is in it. The other side stands still. */
static inline void link_empty(struct link_end *e)
{
	e->index = 0;
	write_once(e->queue->produced, 0);
	write_once(e->queue->consumed, 0);
	write_once(e->queue->waits, 0);
}

/* Copies out of, and into, a ring of size bytes (a power of two) from index on; n is at most size. */
void link_ring_get(void *to, const uint8_t *ring, uint32_t size, uint32_t index, uint32_t n);
void link_ring_put(uint8_t *ring, uint32_t size, uint32_t index, const void *from, uint32_t n);

#endif
