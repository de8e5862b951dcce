/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames out of one ring and into the other. */
#include "pv_net.h"

#include "checksum.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <xen/xen.h>

#include <xen/io/netif.h>

#define TURN 64 /* frames in one look */

_Static_assert(sizeof(struct netif_tx_request) == 12 && sizeof(struct netif_extra_info) == 8 &&
                       sizeof(struct netif_tx_response) == 4 &&
                       sizeof(struct netif_rx_request) == 8 &&
                       sizeof(struct netif_rx_response) == 8,
               "the public layout");

static void error_tell(struct pv_net *v, const char *what)
{
	char text[200];

	if (v->errors++)
		return;
	snprintf(
		text, sizeof(text),
		"guest %u: the driver of its network interface %u %s. Further errors are counted only",
		v->guest->place.domid, v->n, what);
	v->log(v->context, text);
}

static void broken_tell(struct pv_net *v)
{
	if ((!v->out.is_broken && !v->in.is_broken) || v->was_broken)
		return;
	v->was_broken = true;
	error_tell(
		v,
		"writes numbers into a ring that cannot be: the interface stands still until that driver starts anew");
}

/* ---- from the guest: a frame's slots ---- */

struct part {
	struct netif_tx_request request;
	uint32_t size;
};

struct chain {
	struct part parts[PV_NET_SLOTS];
	unsigned nr_parts;
	uint32_t taken, waiting;
	bool is_wrong;    /* it is answered with an error */
	bool is_unending; /* it goes on where nothing is */
};

static void slot_note(struct pv_net *v, struct chain *c, uint16_t id, bool is_extra)
{
	v->slots[v->nr_slots].id = id;
	v->slots[v->nr_slots++].is_extra = is_extra;
	c->taken++;
}

static bool slot_peek(struct pv_net *v, struct chain *c, void *to, size_t n)
{
	if (c->taken == c->waiting || v->nr_slots == ARRAY_LEN(v->slots)) {
		c->is_unending = true;
		return false;
	}
	pv_ring_peek(&v->out, c->taken, to, n);
	return true;
}

/* We offer none of them: a frame with one is refused. */
static void extras_take(struct pv_net *v, struct chain *c)
{
	struct netif_extra_info e;

	do {
		if (!slot_peek(v, c, &e, sizeof(e)))
			return;
		slot_note(v, c, 0, true);
		c->is_wrong = true;
	} while (e.flags & XEN_NETIF_EXTRA_FLAG_MORE);
}

static void parts_take(struct pv_net *v, struct chain *c)
{
	struct netif_tx_request q;

	do {
		if (!slot_peek(v, c, &q, sizeof(q)))
			return;
		slot_note(v, c, q.id, false);
		if (c->nr_parts < PV_NET_SLOTS)
			c->parts[c->nr_parts++] = (struct part){ q, q.size };
		else
			c->is_wrong = true;
		if (c->nr_parts == 1 && c->taken == 1 && q.flags & NETTXF_extra_info)
			extras_take(v, c);
	} while (!c->is_unending && q.flags & NETTXF_more_data);
}

/* The first slot's size is the whole frame's. */
static bool sizes_check(struct chain *c)
{
	uint32_t total = c->parts[0].size, rest = 0;

	for (unsigned i = 1; i < c->nr_parts; i++)
		rest += c->parts[i].size;
	if (rest >= total)
		return false;
	c->parts[0].size = total - rest;
	for (unsigned i = 0; i < c->nr_parts; i++)
		if (c->parts[i].request.offset + c->parts[i].size > PV_PAGE)
			return false;
	return true;
}

static bool parts_copy(struct pv_net *v, const struct chain *c)
{
	struct pv_copy copies[PV_NET_SLOTS];
	uint32_t at = 0;

	for (unsigned i = 0; i < c->nr_parts; i++) {
		const struct part *p = &c->parts[i];

		copies[i] = (struct pv_copy){ .local = v->frame + at,
			                      .grant = p->request.gref,
			                      .offset = p->request.offset,
			                      .length = (uint16_t)p->size };
		at += p->size;
	}
	v->length = at;
	if (pv_place_copy(&v->guest->place, copies, c->nr_parts) != 0)
		return false;
	for (unsigned i = 0; i < c->nr_parts; i++)
		if (copies[i].status != 0)
			return false;
	return true;
}

static void slots_answer(struct pv_net *v, int16_t status)
{
	for (unsigned i = 0; i < v->nr_slots; i++) {
		struct netif_tx_response a = { v->slots[i].id,
			                       v->slots[i].is_extra ? NETIF_RSP_NULL : status };

		pv_ring_answer(&v->out, &a);
	}
	v->nr_slots = 0;
	v->out_is_dirty = true;
}

/* A whole frame into v->frame. False: it was answered with an error, or the ring is broken. */
static bool frame_take(struct pv_net *v)
{
	struct chain c = { .waiting = pv_ring_waiting(&v->out) };
	bool is_good;

	v->nr_slots = 0;
	parts_take(v, &c);
	if (c.is_unending) {
		v->out.is_broken = true;
		return false;
	}
	v->out.taken += c.taken;
	is_good = !c.is_wrong && sizes_check(&c) && parts_copy(v, &c) && v->length >= 14;
	/* A sum that cannot be made stays: the receiver throws the frame away. */
	if (is_good && c.parts[0].request.flags & NETTXF_csum_blank)
		(void)checksum_fill(v->frame, v->length);
	if (is_good)
		return true;
	error_tell(v, "sends frames that make no sense");
	slots_answer(v, NETIF_RSP_ERROR);
	return false;
}

/* False: the wire is busy. */
static bool frame_send(struct pv_net *v)
{
	v->out_waits = !nic_send(v->nic, v->frame, v->length);
	if (v->out_waits)
		return false;
	slots_answer(v, NETIF_RSP_OKAY);
	return true;
}

static void out_look(struct pv_net *v)
{
	if (!v->is_connected || (v->out_waits && !frame_send(v)))
		return;
	for (unsigned i = 0; i < TURN; i++) {
		if (!pv_ring_sleep(&v->out, 1))
			return;
		if (frame_take(v) && !frame_send(v))
			return;
	}
	if (!v->soon.is_set)
		event_timer_set(v->guest->loop, &v->soon, 0);
}

static void soon(struct event_timer *t)
{
	out_look(container_of(t, struct pv_net, soon));
}

/* ---- to the guest ---- */

static uint32_t pages_of(uint32_t n)
{
	return (n + PV_PAGE - 1) / PV_PAGE;
}

static bool has_room(void *context)
{
	struct pv_net *v = context;

	return pv_ring_sleep(&v->in, v->takes_parts ? pages_of(NET_FRAME_MAX) : 1);
}

/* A page of the frame into the next one of the guest's. */
static bool page_give(struct pv_net *v, const uint8_t *from, uint32_t n, bool is_last)
{
	struct netif_rx_request q;
	struct netif_rx_response a;
	struct pv_copy copy = { .local = (void *)(uintptr_t)from,
		                .length = (uint16_t)n,
		                .to_guest = true };
	bool is_good;

	pv_ring_peek(&v->in, 0, &q, sizeof(q));
	v->in.taken++;
	copy.grant = q.gref;
	is_good = pv_place_copy(&v->guest->place, &copy, 1) == 0 && copy.status == 0;
	a = (struct netif_rx_response){ .id = q.id,
		                        .flags = is_last ? 0 : NETRXF_more_data,
		                        .status = is_good ? (int16_t)n : NETIF_RSP_ERROR };
	pv_ring_answer(&v->in, &a);
	v->in_is_dirty = true;
	return is_good;
}

static void give(void *context, const uint8_t *frame, uint32_t n)
{
	struct pv_net *v = context;
	bool is_good = true;

	if (pages_of(n) > 1 && !v->takes_parts)
		return; /* too large for it */
	for (uint32_t at = 0; at < n; at += PV_PAGE)
		is_good &= page_give(v, frame + at, MIN(n - at, PV_PAGE), n - at <= PV_PAGE);
	if (!is_good)
		error_tell(v, "gives pages for frames that are not granted");
}

static void can_send(void *context)
{
	out_look(context);
}

static const struct nic_taker taker = { has_room, give, can_send };

/* ---- coming and going ---- */

static void out_heard(struct pv_port *port)
{
	struct pv_net *v = container_of(port, struct pv_net, out_port);

	out_look(v);
	if (!v->in_port.port)
		nic_has_room(v->nic);
}

static void in_heard(struct pv_port *port)
{
	nic_has_room(container_of(port, struct pv_net, in_port)->nic);
}

static void unmap(struct pv_net *v)
{
	if (v->out_page)
		pv_place_unmap(&v->guest->place, v->out_page, 1);
	if (v->in_page)
		pv_place_unmap(&v->guest->place, v->in_page, 1);
	v->out_page = v->in_page = NULL;
	v->out.shared = v->in.shared = NULL;
}

static bool map(struct pv_net *v, const struct pv_net_wish *w, struct failure *f)
{
	v->out_page = pv_place_map(&v->guest->place, &w->out_grant, 1, true);
	v->in_page = v->out_page ? pv_place_map(&v->guest->place, &w->in_grant, 1, true) : NULL;
	if (!v->in_page) {
		fail(f, "network interface %u: the pages of its rings are not granted: %s", v->n,
		     strerror(errno));
		unmap(v);
		return false;
	}
	pv_ring_init(&v->out, v->out_page, PV_PAGE, sizeof(struct netif_tx_request),
	             sizeof(struct netif_tx_response));
	pv_ring_init(&v->in, v->in_page, PV_PAGE, sizeof(struct netif_rx_request),
	             sizeof(struct netif_rx_response));
	return true;
}

static bool ports_bind(struct pv_net *v, const struct pv_net_wish *w, struct failure *f)
{
	int err;

	v->out_port.heard = out_heard;
	v->in_port.heard = in_heard;
	err = pv_port_bind(v->guest, &v->out_port, w->out_port);
	if (!err && w->in_port)
		err = pv_port_bind(v->guest, &v->in_port, w->in_port);
	if (!err)
		return true;
	pv_port_unbind(v->guest, &v->out_port);
	return fail(f, "network interface %u: its event channels cannot be bound: %s", v->n,
	            strerror(-err));
}

bool pv_net_connect(struct pv_net *v, const struct pv_net_wish *w, struct failure *f)
{
	if (v->is_connected)
		return fail(f, "network interface %u: its frontend is connected already", v->n);
	if (!w->takes_copies)
		return fail(
			f,
			"network interface %u: its driver wants pages given instead of copied, which no "
			"hypervisor does any more",
			v->n);
	if (!map(v, w, f))
		return false;
	if (!ports_bind(v, w, f)) {
		unmap(v);
		return false;
	}
	v->takes_parts = w->takes_parts;
	v->out_waits = v->was_broken = false;
	v->nr_slots = 0;
	v->errors = 0;
	v->is_connected = true;
	nic_take(v->nic, &taker, v);
	/* Answers of a predecessor may not have been heard, and there may be frames already. */
	v->out_is_dirty = v->in_is_dirty = false;
	pv_port_tell(v->guest, &v->out_port);
	if (v->in_port.port)
		pv_port_tell(v->guest, &v->in_port);
	out_look(v);
	return true;
}

static void publish(struct pv_net *v)
{
	bool tells_out = v->out_is_dirty && pv_ring_publish(&v->out);
	bool tells_in = v->in_is_dirty && pv_ring_publish(&v->in);

	v->out_is_dirty = v->in_is_dirty = false;
	if (tells_in && v->in_port.port)
		pv_port_tell(v->guest, &v->in_port);
	if (tells_out || (tells_in && !v->in_port.port))
		pv_port_tell(v->guest, &v->out_port);
}

void pv_net_disconnect(struct pv_net *v)
{
	if (!v->is_connected)
		return;
	nic_take(v->nic, NULL, NULL);
	publish(v);
	event_timer_clear(v->guest->loop, &v->soon);
	pv_port_unbind(v->guest, &v->out_port);
	pv_port_unbind(v->guest, &v->in_port);
	unmap(v);
	v->is_connected = false;
}

void pv_net_round_over(struct pv_net *v)
{
	if (!v->is_connected)
		return;
	publish(v);
	broken_tell(v);
}

void pv_net_init(struct pv_net *v, struct pv_guest *g, struct nic *nic, unsigned n,
                 void (*log)(void *context, const char *text), void *context)
{
	memset(v, 0, sizeof(*v));
	v->guest = g;
	v->nic = nic;
	v->n = n;
	v->log = log;
	v->context = context;
	v->soon.fire = soon;
	v->is_there = true;
}
