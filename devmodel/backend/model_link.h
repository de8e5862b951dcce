/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The link to a guest's device model (xen/bus/devmodel_link.h), the backend's side: attaching, and who is told when. What is read there is the guest's say: it is copied once, then checked; an impossible index makes
 * a queue empty, or full, for ever.
 */
#ifndef BACKEND_MODEL_LINK_H
#define BACKEND_MODEL_LINK_H

#include "event_loop.h"
#include "link_place.h"
#include "link_queue.h"

#define MODEL_PARTS 16

/* One kind of thing that goes over the link. */
struct model_part {
	/* The device model has answered: the queues' indices are as they stand. */
	void (*attached)(void *context);
	/* The device model said "look". */
	void (*look)(void *context);
	void *context;
};

struct model_link {
	struct event_loop *loop;
	struct link_place place;
	struct devmodel_link *memory; /* NULL: not mapped yet */
	struct event_source source;
	struct model_part parts[MODEL_PARTS];
	unsigned nr_parts;
	uint32_t epoch;
	bool is_attached;   /* the device model knows this epoch */
	bool is_to_be_told; /* when the round is over */
	bool is_to_be_looked_at;
};

void model_link_init(struct model_link *l, struct event_loop *loop);
void model_link_add_part(struct model_link *l, void (*attached)(void *), void (*look)(void *),
                         void *context);
/* Maps, writes a new epoch and tells. Parts hear later. */
bool model_link_attach(struct model_link *l, const struct control_line *line, int descriptor,
                       struct failure *f);
/* When the round is over, once for all. */
void model_link_tell(struct model_link *l);
/* There was more to do than a round should: the parts are called again in the next one. */
void model_link_look_again(struct model_link *l);
/* The round is over. */
void model_link_round_over(struct model_link *l);

/* An end of a queue, with the index as it stands. */
struct link_end model_producer(struct link_queue *q, uint32_t size);
struct link_end model_consumer(struct link_queue *q, uint32_t size);
/* Consumed n: the device model is told when it waits for room. */
void model_consumed(struct model_link *l, struct link_end *e, uint32_t n);
void model_produced(struct model_link *l, struct link_end *e, uint32_t n);

#endif
