/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames on their way. */
#include "nic.h"

#include <errno.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#define FRAME_MIN     14u
#define FRAMES_A_TURN 64
#define RECORD(n)     ((uint32_t)(sizeof(struct link_frame) + align_up((n), 8)))
#define BURST_NS      50000000u /* the rate is kept over this time */

_Static_assert(NET_FRAME_MAX + 2 * sizeof(struct link_frame) < LINK_FRAMES, "the largest fits");

static struct link_nic *shared(const struct nic *c)
{
	return &c->link->memory->nics[c->n];
}

static void interest_set(struct nic *c)
{
	event_change(c->link->loop, &c->frames,
	             (c->in_waits ? 0 : EPOLLIN) | (c->out_waits ? EPOLLOUT : 0));
}

/* ---- from the guest ---- */

/* False: the rate's share is used up, and the timer set. */
static bool credit_ask(struct nic *c)
{
	uint64_t now;

	if (!c->rate)
		return true;
	now = event_now_ns();
	c->credit += (int64_t)((double)c->rate *
	                       (double)MIN(now - c->filled_ns, (uint64_t)BURST_NS) / 1e9);
	c->credit = MIN(c->credit, (int64_t)(c->rate / (1000000000u / BURST_NS)) + 2048);
	c->filled_ns = now;
	if (c->credit > 0)
		return true;
	if (!c->refill.is_set)
		event_timer_set(c->link->loop, &c->refill, BURST_NS / 10);
	return false;
}

/* The next frame, whole, in frame (NET_FRAME_MAX bytes). Its length; 0: none, or none that makes sense. */
static uint32_t frame_get(struct nic *c, uint8_t *frame)
{
	uint32_t n = link_waiting(&c->out);
	struct link_frame head;

	if (!n || c->is_broken)
		return 0;
	c->is_broken = true;
	if (n < sizeof(head))
		return 0;
	link_ring_get(&head, shared(c)->out.bytes, LINK_FRAMES, c->out.index, sizeof(head));
	if (head.length < FRAME_MIN || head.length > NET_FRAME_MAX || RECORD(head.length) > n)
		return 0;
	c->is_broken = false;
	link_ring_get(frame, shared(c)->out.bytes, LINK_FRAMES,
	              c->out.index + (uint32_t)sizeof(head), head.length);
	return head.length;
}

/* False: it waits until the descriptor can take it. */
static bool frame_send(struct nic *c, const uint8_t *frame, uint32_t n)
{
	static const struct virtio_net_hdr complete; /* nothing is left to the card */
	const struct iovec parts[2] = { { (void *)&complete, sizeof(complete) },
		                        { (void *)frame, n } };
	ssize_t done;

	do
		done = c->is_tap ? writev(c->frames.fd, parts, 2) : write(c->frames.fd, frame, n);
	while (done < 0 && errno == EINTR);
	if (done < 0 && errno == EAGAIN)
		return false;
	c->sent += done >= 0;
	c->dropped += done < 0; /* as on a wire that is cut */
	c->credit -= n;
	return true;
}

/* A paravirtual interface has the wire: what the emulated one sends is lost. */
static bool emulated_send(struct nic *c, const uint8_t *frame, uint32_t n)
{
	if (!c->taker)
		return frame_send(c, frame, n);
	c->dropped++;
	return true;
}

static void out_look(struct nic *c)
{
	uint8_t frame[NET_FRAME_MAX];
	unsigned turn = 0;
	uint32_t n;

	for (; turn < FRAMES_A_TURN && !c->out_waits; turn++) {
		if (!link_waiting(&c->out) || !credit_ask(c))
			return;
		n = frame_get(c, frame);
		if (!n)
			return;
		if (!emulated_send(c, frame, n)) {
			c->out_waits = true;
			interest_set(c);
			return;
		}
		model_consumed(c->link, &c->out, RECORD(n));
	}
	if (turn == FRAMES_A_TURN)
		model_link_look_again(c->link);
}

static void refill_fire(struct event_timer *t)
{
	struct nic *c = container_of(t, struct nic, refill);

	if (c->taker)
		c->taker->can_send(c->taker_context);
	else if (c->is_attached)
		out_look(c);
}

/* ---- to the guest ---- */

static void frame_put(struct nic *c, const uint8_t *frame, uint32_t n)
{
	struct link_frame head = { .length = (uint16_t)n };

	link_ring_put(shared(c)->in.bytes, LINK_FRAMES, c->in.index, &head, sizeof(head));
	link_ring_put(shared(c)->in.bytes, LINK_FRAMES, c->in.index + (uint32_t)sizeof(head), frame,
	              n);
	model_produced(c->link, &c->in, RECORD(n));
	c->received++;
}

static bool has_room(struct nic *c)
{
	return c->taker ? c->taker->has_room(c->taker_context)
	                : link_room_wanted(&c->in, RECORD(NET_FRAME_MAX));
}

static void give(struct nic *c, const uint8_t *frame, uint32_t n)
{
	if (!c->taker) {
		frame_put(c, frame, n);
		return;
	}
	c->taker->give(c->taker_context, frame, n);
	c->received++;
}

/* The next packet. False: there is none now. */
static bool packet_read(struct nic *c)
{
	struct virtio_net_hdr head = { 0 };
	struct iovec parts[2] = { { &head, sizeof(head) }, { c->bytes, sizeof(c->bytes) } };
	ssize_t n = c->is_tap ? readv(c->frames.fd, parts, 2)
	                      : read(c->frames.fd, c->bytes, sizeof(c->bytes));

	if (c->is_tap)
		n -= (ssize_t)sizeof(head);
	if (n <= 0)
		return false;
	if (!segments_begin(&c->packet, &head, c->bytes, (uint32_t)n, NET_FRAME_MAX))
		c->dropped++;
	return true;
}

static void in_look(struct nic *c)
{
	uint8_t frame[NET_FRAME_MAX];

	for (unsigned turn = 0; turn < FRAMES_A_TURN; turn++) {
		if (!has_room(c)) {
			c->in_waits = true;
			interest_set(c);
			return;
		}
		if (segments_left(&c->packet))
			give(c, frame, segments_next(&c->packet, frame));
		else if (!packet_read(c))
			return;
	}
	/* The rest of a packet is nothing that the descriptor tells of. */
	if (segments_left(&c->packet))
		event_timer_set(c->link->loop, &c->again, 0);
}

static void again_fire(struct event_timer *t)
{
	struct nic *c = container_of(t, struct nic, again);

	if (segments_left(&c->packet) && !c->in_waits && (c->taker || c->is_attached))
		in_look(c);
}

/* There is room again. */
static void in_go_on(struct nic *c)
{
	c->in_waits = false;
	interest_set(c);
	if (segments_left(&c->packet))
		event_timer_set(c->link->loop, &c->again, 0);
}

/* Who plays the network is gone: the cable is out. */
static void cut(struct nic *c)
{
	event_remove(c->link->loop, &c->frames);
	if (!c->is_attached)
		return;
	write_once(shared(c)->is_up, 0);
	model_link_tell(c->link);
}

static void frames_ready(struct event_source *s, uint32_t events)
{
	struct nic *c = container_of(s, struct nic, frames);
	uint8_t nothing[NET_FRAME_MAX];

	if (events & EPOLLOUT) {
		c->out_waits = false;
		interest_set(c);
		if (c->taker)
			c->taker->can_send(c->taker_context);
		else if (c->is_attached)
			out_look(c);
	}
	if (events & EPOLLIN && !c->taker && !c->is_attached)
		(void)!read(s->fd, nothing, sizeof(nothing)); /* nobody there yet */
	else if (events & EPOLLIN)
		in_look(c);
	else if (events & (EPOLLHUP | EPOLLERR))
		cut(c);
}

/* ---- the part ---- */

static void attached(void *context)
{
	struct nic *c = context;

	c->out = model_consumer(&shared(c)->out.queue, LINK_FRAMES);
	c->in = model_producer(&shared(c)->in.queue, LINK_FRAMES);
	c->is_attached = true;
	write_once(shared(c)->is_up, c->frames.is_added);
	model_link_tell(c->link);
}

static void look(void *context)
{
	struct nic *c = context;

	out_look(c);
	if (!c->taker && c->in_waits && link_room(&c->in) >= RECORD(NET_FRAME_MAX)) {
		link_room_found(&c->in);
		in_go_on(c);
	}
}

void nic_start(struct nic *c, struct model_link *l)
{
	c->link = l;
	c->refill.fire = refill_fire;
	c->again.fire = again_fire;
	c->filled_ns = event_now_ns();
	c->frames.ready = frames_ready;
	(void)event_add(l->loop, &c->frames, EPOLLIN);
	model_link_add_part(l, attached, look, c);
}

/* ---- a paravirtual interface in its place ---- */

void nic_take(struct nic *c, const struct nic_taker *t, void *context)
{
	c->taker = t;
	c->taker_context = context;
	c->in_waits = c->out_waits = false;
	c->packet = (struct segments){ 0 }; /* what was on its way to the other one is lost */
	if (c->frames.is_added)
		interest_set(c);
}

bool nic_send(struct nic *c, const uint8_t *frame, uint32_t n)
{
	if (!credit_ask(c))
		return false;
	if (frame_send(c, frame, n))
		return true;
	c->out_waits = c->frames.is_added;
	interest_set(c);
	return !c->out_waits; /* a cable that is out takes everything */
}

void nic_has_room(struct nic *c)
{
	if (c->in_waits)
		in_go_on(c);
}
