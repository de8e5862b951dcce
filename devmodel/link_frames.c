/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Network interfaces on the link. */
#include "link_part.h"

#include "string.h"

#define FRAME_MIN     14u
#define FRAMES_A_TURN 64
#define RECORD(n)     (uint32_t)(sizeof(struct link_frame) + align_up((n), 8))

_Static_assert(NET_FRAME_MAX + 2 * sizeof(struct link_frame) < LINK_FRAMES, "the largest fits");

struct nic {
	struct net_backend backend;
	struct link_nic *shared; /* NULL: not on the board */
	struct link_end out, in;
	bool is_blocked; /* the interface waits until it can send */
	bool is_broken;  /* what came in made no sense: nothing more is taken from this backend */
	uint32_t length; /* of a frame that the interface had no buffer for; 0: none */
	uint8_t waiting[NET_FRAME_MAX];
};
static struct nic nics[DEVMODEL_NICS];

/* ---- out ---- */

static bool send(struct net_backend *b, const uint8_t *frame, size_t n)
{
	struct nic *c = container_of(b, struct nic, backend);
	struct link_frame head = { .length = (uint16_t)n };
	uint32_t record = RECORD(n);

	if (n < FRAME_MIN || n > NET_FRAME_MAX || !b->link_up)
		return true; /* lost, as a frame that no wire carries */
	if (!link_room_wanted(&c->out, record)) {
		c->is_blocked = link_is_heard();
		return !c->is_blocked;
	}
	link_ring_put(c->shared->out.bytes, LINK_FRAMES, c->out.index, &head, sizeof(head));
	link_ring_put(c->shared->out.bytes, LINK_FRAMES, c->out.index + (uint32_t)sizeof(head),
	              frame, (uint32_t)n);
	link_produced(&c->out, record);
	link_tell();
	return true;
}

static void out_look(struct nic *c)
{
	/* Room for the largest: else it would be woken for each little piece. */
	if (!c->is_blocked)
		return;
	if (link_is_heard() && link_room(&c->out) < RECORD(NET_FRAME_MAX)) {
		write_once(c->out.queue->waits, 1);
		link_tell(); /* so we know whether it still is there */
		return;
	}
	c->is_blocked = false;
	link_room_found(&c->out);
	if (c->backend.writable)
		c->backend.writable(&c->backend);
}

/* ---- in ---- */

/* The next frame of the queue, copied to waiting; false: there is none. */
static bool fetch(struct nic *c)
{
	uint32_t n = link_waiting(&c->in);
	struct link_frame head;

	if (!n)
		return false;
	c->is_broken = true;
	if (n < sizeof(head))
		return false;
	link_ring_get(&head, c->shared->in.bytes, LINK_FRAMES, c->in.index, sizeof(head));
	if (head.length < FRAME_MIN || head.length > NET_FRAME_MAX || RECORD(head.length) > n)
		return false;
	c->is_broken = false;
	link_ring_get(c->waiting, c->shared->in.bytes, LINK_FRAMES,
	              c->in.index + (uint32_t)sizeof(head), head.length);
	c->length = head.length;
	if (link_consumed(&c->in, RECORD(head.length)))
		link_tell();
	return true;
}

static bool take_one(struct nic *c)
{
	if (!c->backend.receive || c->is_broken || (!c->length && !fetch(c)))
		return false;
	if (!c->backend.receive(&c->backend, c->waiting, c->length))
		return false;
	c->length = 0;
	return true;
}

static void take(struct nic *c)
{
	unsigned n = 0;

	while (n < FRAMES_A_TURN && take_one(c))
		n++;
	if (n == FRAMES_A_TURN)
		link_look_again();
}

static void room(struct net_backend *b)
{
	if (link_is_attached())
		take(container_of(b, struct nic, backend));
}

/* ---- the part ---- */

static void nic_look(struct nic *c)
{
	bool up = read_once(c->shared->is_up) != 0;

	if (up != c->backend.link_up) {
		c->backend.link_up = up;
		if (c->backend.link_changed)
			c->backend.link_changed(&c->backend);
	}
	out_look(c);
	take(c);
}

static void look(void)
{
	for (unsigned i = 0; i < DEVMODEL_NICS; i++)
		if (nics[i].shared)
			nic_look(&nics[i]);
}

static void attach(void)
{
	for (unsigned i = 0; i < DEVMODEL_NICS; i++) {
		if (!nics[i].shared)
			continue;
		link_empty(&nics[i].out);
		link_empty(&nics[i].in);
		nics[i].is_broken = false;
	}
}

/* No cable before the backend says so. */
static void start(const struct devmodel_board *b)
{
	for (unsigned i = 0; i < DEVMODEL_NICS; i++) {
		struct link_nic *s = &link_memory()->nics[i];
		struct nic *c = &nics[i];

		c->shared = b->nics[i].present ? s : NULL;
		c->out = (struct link_end){ &s->out.queue, 0, LINK_FRAMES };
		c->in = (struct link_end){ &s->in.queue, 0, LINK_FRAMES };
		c->is_blocked = c->is_broken = false;
		c->length = 0;
		c->backend = (struct net_backend){ .send = send, .room = room };
		memcpy(c->backend.mac, b->nics[i].mac, sizeof(c->backend.mac));
	}
}

struct net_backend *link_net(const struct devmodel_board *b, unsigned n)
{
	return nics[n].shared ? &nics[n].backend : NULL;
}

const struct link_part link_frames_part = { start, attach, look };
