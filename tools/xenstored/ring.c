/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ring between a domain and the daemon. */
#include <string.h>

#include "connection.h"
#include "request.h"
#include "server.h"
#include "state.h"

/* Requests of one domain before another's turn. */
#define TURN 8

static uint32_t load(const uint32_t *index)
{
	return __atomic_load_n(index, __ATOMIC_ACQUIRE);
}

static void store(uint32_t *index, uint32_t value)
{
	__atomic_store_n(index, value, __ATOMIC_RELEASE);
}

/* The domain broke the rules: it is not listened to until it asks for a new beginning. */
static void fail(struct connection *c, uint32_t error)
{
	connection_reset(c);
	c->dead = true;
	state_domain(c->domain);
	store(&c->ring.page->error, error);
	c->server->hypervisor->notify(c->server->hypervisor, c->ring.port);
}

static void advertise(struct xenstore_domain_interface *page)
{
	store(&page->server_features,
	      XENSTORE_SERVER_FEATURE_RECONNECTION | XENSTORE_SERVER_FEATURE_ERROR);
}

void ring_begin(struct connection *c)
{
	struct ring *r = &c->ring;

	r->taken = r->told = load(&r->page->req_cons);
	r->put = load(&r->page->rsp_prod);
	store(&r->page->error, XENSTORE_ERROR_NONE);
	advertise(r->page);
}

void ring_resume(struct connection *c)
{
	struct ring *r = &c->ring;
	uint32_t gone = load(&r->page->rsp_prod) - r->put, len;

	/* What the domain says may be wrong; what it does not know may be what the last flush did not reach. */
	r->told = load(&r->page->req_cons);
	advertise(r->page);
	if (c->dead)
		return;
	if (gone > c->out_bytes) {
		fail(c, XENSTORE_ERROR_RINGIDX);
		return;
	}
	r->put += gone;
	while (gone) {
		connection_next_out(c, &len);
		len = len < gone ? len : gone;
		connection_sent(c, len);
		gone -= len;
	}
}

/* The domain asks for a new beginning. */
static void reconnect(struct connection *c)
{
	struct ring *r = &c->ring;

	connection_reset(c);
	c->dead = false;
	r->taken = r->told = r->put = 0;
	state_domain(c->domain);
	/*
	 * If the daemon dies between here and the journal's flush, it finds the page as it is now, without the request to reconnect, and positions that
	 * do not fit: so the flush comes first.
	 */
	journal_flush(&c->server->journal);
	store(&r->page->req_cons, 0);
	store(&r->page->req_prod, 0);
	store(&r->page->rsp_cons, 0);
	store(&r->page->rsp_prod, 0);
	store(&r->page->error, XENSTORE_ERROR_NONE);
	store(&r->page->connection, XENSTORE_CONNECTED);
	c->server->hypervisor->notify(c->server->hypervisor, r->port);
}

/* Bytes into the request that comes. */
static void copy_in(struct connection *c, uint32_t len)
{
	const struct xenstore_domain_interface *page = c->ring.page;
	uint32_t at = MASK_XENSTORE_IDX(c->ring.taken), first = XENSTORE_RING_SIZE - at;

	if (first > len)
		first = len;
	memcpy(c->in + c->in_len, page->req + at, first);
	memcpy(c->in + c->in_len + first, page->req, len - first);
	c->ring.taken += len;
}

/* Takes what there is of one request. Returns whether it is whole. */
static bool take_some(struct connection *c)
{
	uint32_t there = load(&c->ring.page->req_prod) - c->ring.taken, want;

	if (there > XENSTORE_RING_SIZE) {
		fail(c, XENSTORE_ERROR_RINGIDX);
		return false;
	}
	while ((want = connection_wants(c)) && there) {
		if (want > there)
			want = there;
		copy_in(c, want);
		there -= want;
		if (!connection_got(c, want)) {
			fail(c, XENSTORE_ERROR_PROTO);
			return false;
		}
	}
	return !want;
}

bool ring_take(struct connection *c)
{
	if (!c->ring.page)
		return false;
	if (load(&c->ring.page->connection) == XENSTORE_RECONNECT)
		reconnect(c);
	for (int i = 0; i < TURN; i++) {
		c->blocked = !connection_has_room(c);
		if (c->dead || c->blocked || !take_some(c))
			return false;
		request_handle(c);
	}
	return true;
}

static void copy_out(struct xenstore_domain_interface *page, uint32_t put, const uint8_t *data,
                     uint32_t len)
{
	uint32_t at = MASK_XENSTORE_IDX(put), first = XENSTORE_RING_SIZE - at;

	if (first > len)
		first = len;
	memcpy(page->rsp + at, data, first);
	memcpy(page->rsp, data + first, len - first);
}

/* Returns whether the domain has something to see. */
static bool give_replies(struct connection *c)
{
	struct ring *r = &c->ring;
	uint32_t used = r->put - load(&r->page->rsp_cons), len, before = r->put;
	const uint8_t *data;

	if (used > XENSTORE_RING_SIZE) {
		fail(c, XENSTORE_ERROR_RINGIDX);
		return false;
	}
	while (used < XENSTORE_RING_SIZE && (data = connection_next_out(c, &len))) {
		if (len > XENSTORE_RING_SIZE - used)
			len = XENSTORE_RING_SIZE - used;
		copy_out(r->page, r->put, data, len);
		connection_sent(c, len);
		r->put += len;
		used += len;
	}
	store(&r->page->rsp_prod, r->put);
	return r->put != before;
}

void ring_give(struct connection *c)
{
	struct ring *r = &c->ring;
	bool tell = false;

	if (!r->page || c->dead)
		return;
	if (r->told != r->taken) {
		r->told = r->taken;
		store(&r->page->req_cons, r->taken);
		tell = true;
	}
	if (c->out_bytes)
		tell |= give_replies(c);
	if (tell)
		c->server->hypervisor->notify(c->server->hypervisor, r->port);
}
