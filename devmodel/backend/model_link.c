/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The link as a whole. */
#include "model_link.h"

#include <sys/random.h>
#include <time.h>

void model_link_init(struct model_link *l, struct event_loop *loop)
{
	*l = (struct model_link){ .loop = loop };
}

void model_link_add_part(struct model_link *l, void (*attached)(void *), void (*look)(void *),
                         void *context)
{
	l->parts[l->nr_parts++] = (struct model_part){ attached, look, context };
}

void model_link_tell(struct model_link *l)
{
	l->is_to_be_told = true;
}

void model_link_look_again(struct model_link *l)
{
	l->is_to_be_looked_at = true;
}

static void parts_look(struct model_link *l)
{
	for (unsigned i = 0; i < l->nr_parts; i++)
		l->parts[i].look(l->parts[i].context);
}

/* What it has said before it answered, it has said after it emptied the queues. */
static bool answer_look(struct model_link *l)
{
	if (l->is_attached)
		return true;
	if (load_acquire(&l->memory->model_epoch) != l->epoch)
		return false;
	l->is_attached = true;
	for (unsigned i = 0; i < l->nr_parts; i++)
		l->parts[i].attached(l->parts[i].context);
	return true;
}

static void heard(struct event_source *s, uint32_t events)
{
	struct model_link *l = container_of(s, struct model_link, source);

	if (!link_place_heard(&l->place)) {
		event_remove(l->loop, s);
		l->loop->is_over = true;
		return;
	}
	if (answer_look(l))
		parts_look(l);
}

/* Another than the one before, whoever wrote that. */
static uint32_t epoch_make(const struct devmodel_link *m)
{
	uint32_t before = read_once(m->epoch), known = read_once(m->model_epoch), epoch;

	if (getrandom(&epoch, sizeof(epoch), GRND_NONBLOCK) != sizeof(epoch))
		epoch = (uint32_t)event_now_ns();
	while (!epoch || epoch == before || epoch == known)
		epoch++;
	return epoch;
}

bool model_link_attach(struct model_link *l, const struct control_line *line, int descriptor,
                       struct failure *f)
{
	if (!link_place_attach(&l->place, line, descriptor, f))
		return false;
	l->memory = l->place.link;
	if (l->place.link_size < sizeof(struct devmodel_link) ||
	    read_once(l->memory->version) != DEVMODEL_LINK_VERSION ||
	    read_once(l->memory->size) != sizeof(struct devmodel_link))
		return fail(f,
		            "guest %u: its device model is of another version than this program: "
		            "install both from one build",
		            l->place.domid);
	l->source = (struct event_source){ .fd = l->place.fd, .ready = heard };
	if (!event_add(l->loop, &l->source, EPOLLIN))
		return fail(f, "guest %u: its device model cannot be heard", l->place.domid);
	l->epoch = epoch_make(l->memory);
	store_release(&l->memory->epoch, l->epoch);
	model_link_tell(l);
	return true;
}

void model_link_round_over(struct model_link *l)
{
	if (l->is_to_be_looked_at) {
		l->is_to_be_looked_at = false;
		if (l->is_attached)
			parts_look(l);
	}
	l->loop->has_more |= l->is_to_be_looked_at;
	if (!l->is_to_be_told)
		return;
	l->is_to_be_told = false;
	link_place_tell(&l->place);
}

struct link_end model_producer(struct link_queue *q, uint32_t size)
{
	return (struct link_end){ q, read_once(q->produced), size };
}

struct link_end model_consumer(struct link_queue *q, uint32_t size)
{
	return (struct link_end){ q, read_once(q->consumed), size };
}

void model_consumed(struct model_link *l, struct link_end *e, uint32_t n)
{
	if (link_consumed(e, n))
		model_link_tell(l);
}

void model_produced(struct model_link *l, struct link_end *e, uint32_t n)
{
	link_produced(e, n);
	model_link_tell(l);
}
