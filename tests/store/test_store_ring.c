/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rings of guests that are slow, wrong or hostile. */
#include <string.h>

#include "unit.h"
#include "world.h"

static struct world w;
#define DOM0(type, tx, data)  peer_ask(&w.dom0, type, tx, data)
#define GUEST(type, tx, data) peer_ask(&w.guest, type, tx, data)

static struct xenstore_domain_interface *ring_of(uint32_t domid)
{
	return &w.fake.domain[domid].ring;
}

static void step(int times)
{
	while (times--)
		server_step(w.server, 0);
}

/* Puts bytes where the indices say, whatever they say. */
static void put_raw(uint32_t domid, const void *data, uint32_t len)
{
	struct xenstore_domain_interface *r = ring_of(domid);

	for (uint32_t i = 0; i < len; i++)
		r->req[MASK_XENSTORE_IDX(r->req_prod++)] = ((const char *)data)[i];
	fake_kick(&w.fake, domid);
}

static void byte_by_byte(void)
{
	struct xsd_sockmsg header = { XS_WRITE, 5, 0, 8 };
	char request[sizeof(header) + 8];

	world_begin(&w, false);
	memcpy(request, &header, sizeof(header));
	memcpy(request + sizeof(header), "slow\0yes", 8);
	for (size_t i = 0; i < sizeof(request); i++) {
		CHECK_EQ(ring_of(1)->rsp_prod, ring_of(1)->rsp_cons);
		put_raw(1, request + i, 1);
		step(1);
		CHECK_EQ(ring_of(1)->req_cons, ring_of(1)->req_prod);
	}
	CHECK_STR(DOM0(XS_READ, 0, "/local/domain/1/slow|"), "yes");
	CHECK(world_end(&w));
}

/* Domain 0's kernel waits for an event: before it asks for anything it is told that there is a store. */
static void the_kernel_is_told(void)
{
	struct fake f;
	struct server *s;

	fake_init(&f);
	s = fake_server(&f, NULL);
	CHECK(s);
	CHECK(f.domain[0].told > 0);
	fake_server_free(s);
	fake_free(&f);
}

static void features_and_events(void)
{
	uint32_t told;

	world_begin(&w, false);
	CHECK_EQ(ring_of(1)->server_features,
	         XENSTORE_SERVER_FEATURE_RECONNECTION | XENSTORE_SERVER_FEATURE_ERROR);
	told = w.fake.domain[1].told;
	GUEST(XS_READ, 0, "x|");
	CHECK(w.fake.domain[1].told > told);
	/* Nothing to say, nothing said. */
	step(3);
	told = w.fake.domain[1].told;
	fake_kick(&w.fake, 1);
	step(3);
	CHECK_EQ(w.fake.domain[1].told, told);
	CHECK(world_end(&w));
}

/* A ring that has turned over many times, from indices near their end. */
static void indices_turn_over(void)
{
	char text[64];

	world_begin(&w, false);
	DOM0(XS_RELEASE, 0, "1|");
	ring_of(1)->req_cons = ring_of(1)->req_prod = 0xffffff00u;
	ring_of(1)->rsp_cons = ring_of(1)->rsp_prod = 0xffffffa0u;
	CHECK_STR(DOM0(XS_INTRODUCE, 0, "1|77|5|"), "OK|");
	for (int i = 0; i < 200; i++) {
		snprintf(text, sizeof(text), "n|%d", i);
		CHECK_STR(GUEST(XS_WRITE, 0, text), "OK|");
		snprintf(text, sizeof(text), "%d", i);
		CHECK_STR(GUEST(XS_READ, 0, "n|"), text);
	}
	CHECK(ring_of(1)->req_prod < 0x10000);
	CHECK(world_end(&w));
}

static void wrong_request_index(void)
{
	world_begin(&w, false);
	ring_of(1)->req_prod = ring_of(1)->req_cons + XENSTORE_RING_SIZE + 1;
	fake_kick(&w.fake, 1);
	step(3);
	CHECK_EQ(ring_of(1)->error, XENSTORE_ERROR_RINGIDX);
	CHECK_STR(GUEST(XS_READ, 0, "x|"), "");
	CHECK_STR(DOM0(XS_READ, 0, "/tool|"), "");
	CHECK(world_end(&w));
}

static void wrong_reply_index(void)
{
	struct xsd_sockmsg header = { XS_TRANSACTION_START, 5, 0, 0 };

	world_begin(&w, false);
	ring_of(1)->rsp_cons = ring_of(1)->rsp_prod + 1;
	put_raw(1, &header, sizeof(header));
	step(3);
	CHECK_EQ(ring_of(1)->error, XENSTORE_ERROR_RINGIDX);
	CHECK_STR(DOM0(XS_READ, 0, "/tool|"), "");
	CHECK(world_end(&w));
}

static void too_long(void)
{
	struct xsd_sockmsg header = { XS_WRITE, 5, 0, XENSTORE_PAYLOAD_MAX + 1 };

	world_begin(&w, false);
	GUEST(XS_WATCH, 0, "w|t|");
	peer_events(&w.guest);
	put_raw(1, &header, sizeof(header));
	step(3);
	CHECK_EQ(ring_of(1)->error, XENSTORE_ERROR_PROTO);
	/* What it had is gone. */
	CHECK_EQ(domain_find(w.server, 1)->account.used[QUOTA_WATCHES], 0);
	/* A request to begin anew is heard. */
	ring_of(1)->connection = XENSTORE_RECONNECT;
	fake_kick(&w.fake, 1);
	step(3);
	CHECK_EQ(ring_of(1)->connection, XENSTORE_CONNECTED);
	CHECK_EQ(ring_of(1)->error, XENSTORE_ERROR_NONE);
	CHECK_STR(GUEST(XS_WRITE, 0, "x|1"), "OK|");
	CHECK(world_end(&w));
}

static void reconnect_in_the_middle(void)
{
	struct xsd_sockmsg header = { XS_WRITE, 5, 0, 100 };
	uint32_t t;

	world_begin(&w, false);
	t = peer_begin(&w.guest);
	GUEST(XS_WATCH, 0, "w|t|");
	put_raw(1, &header, sizeof(header));
	step(1);
	ring_of(1)->connection = XENSTORE_RECONNECT;
	fake_kick(&w.fake, 1);
	step(2);
	CHECK_EQ(ring_of(1)->connection, XENSTORE_CONNECTED);
	CHECK_EQ(ring_of(1)->req_prod, 0);
	CHECK_EQ(ring_of(1)->rsp_prod, 0);
	CHECK_STR(GUEST(XS_READ, t, "x|"), "!ENOENT");
	GUEST(XS_WRITE, 0, "w|1");
	CHECK_STR(peer_events(&w.guest), "");
	CHECK(world_end(&w));
}

/* A guest that asks and does not take: it is not asked for more, and the others are served. */
static void asks_and_does_not_take(void)
{
	struct xsd_sockmsg header = { XS_READ, 5, 0, 4 };
	struct connection *c;
	char request[sizeof(header) + 4], value[2000];

	world_begin(&w, false);
	memset(value, 'v', sizeof(value));
	memcpy(value, "big|", 4);
	value[sizeof(value) - 1] = 0;
	CHECK_STR(GUEST(XS_WRITE, 0, value), "OK|");
	memcpy(request, &header, sizeof(header));
	memcpy(request + sizeof(header), "big", 4);
	c = domain_find(w.server, 1)->connection;
	for (int i = 0; i < 3000; i++) {
		if (ring_of(1)->req_prod - ring_of(1)->req_cons + sizeof(request) <=
		    XENSTORE_RING_SIZE)
			put_raw(1, request, sizeof(request));
		step(1);
	}
	CHECK(c->out_bytes <= quota_defaults.limit[QUOTA_OUTSTANDING] + 4200);
	CHECK(ring_of(1)->req_prod != ring_of(1)->req_cons);
	CHECK_STR(peer_ask(&w.other, XS_WRITE, 0, "x|1"), "OK|");
	/* It begins to take, and everything comes. */
	while (ring_of(1)->rsp_prod != ring_of(1)->rsp_cons) {
		ring_of(1)->rsp_cons = ring_of(1)->rsp_prod;
		fake_kick(&w.fake, 1);
		step(2);
	}
	CHECK_EQ(ring_of(1)->req_prod, ring_of(1)->req_cons);
	CHECK_EQ(c->out_bytes, 0);
	CHECK(world_end(&w));
}

/* A page that says the ring is full of requests, again and again: each round does a few, and the others are served. */
static void a_flood(void)
{
	world_begin(&w, false);
	for (int i = 0; i < 200; i++) {
		char text[32];

		ring_of(1)->req_prod = ring_of(1)->req_cons + XENSTORE_RING_SIZE;
		ring_of(1)->rsp_cons = ring_of(1)->rsp_prod;
		memset(ring_of(1)->req, 0, XENSTORE_RING_SIZE);
		fake_kick(&w.fake, 1);
		snprintf(text, sizeof(text), "n|%d", i);
		CHECK_STR(peer_ask(&w.other, XS_WRITE, 0, text), "OK|");
	}
	CHECK(world_end(&w));
}

UNIT_MAIN(UNIT(byte_by_byte), UNIT(the_kernel_is_told), UNIT(features_and_events),
          UNIT(indices_turn_over), UNIT(wrong_request_index), UNIT(wrong_reply_index),
          UNIT(too_long), UNIT(reconnect_in_the_middle), UNIT(asks_and_does_not_take),
          UNIT(a_flood))
