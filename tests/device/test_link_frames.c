// SPDX-License-Identifier: GPL-2.0-or-later
/* Network interfaces on the link: frames both ways, full queues, a backend that writes nonsense. */
#include <string.h>

#include "link_fake.h"
#include "unit.h"

#define L (&fake_link.memory)

static struct fake_machine *m;
static struct net_backend *net;
static uint8_t got[NET_FRAME_MAX], frame[NET_FRAME_MAX];
static unsigned got_size, got_n, writables, changes;
static bool refuses;

static bool receive(struct net_backend *b, const uint8_t *bytes, size_t n)
{
	if (refuses)
		return false;
	memcpy(got, bytes, n);
	got_size = (unsigned)n;
	got_n++;
	return true;
}

static void writable(struct net_backend *b)
{
	writables++;
}

static void link_changed(struct net_backend *b)
{
	changes++;
}

static void start(void)
{
	static const struct devmodel_board board = { .has_link = 1,
		                                     .nics = { { 1, { 2, 0, 0, 0, 0, 7 } } } };

	m = fake_machine_new();
	fake_link_start(&board, &m->ports);
	net = link_net(&board, 0);
	CHECK(net && !link_net(&board, 1));
	CHECK_EQ(net->mac[5], 7);
	CHECK(!net->link_up);
	net->receive = receive;
	net->writable = writable;
	net->link_changed = link_changed;
	got_n = got_size = writables = changes = 0;
	refuses = false;
	for (unsigned i = 0; i < sizeof(frame); i++)
		frame[i] = (uint8_t)(i * 3 + 1);
}

static void attach(uint32_t epoch)
{
	L->nics[0].is_up = 1;
	server_attach(epoch);
	CHECK(net->link_up);
}

static void cable(void)
{
	start();
	CHECK(net->send(net, frame, 60)); /* lost */
	attach(1);
	CHECK_EQ(changes, 1);
	CHECK_EQ(L->nics[0].out.queue.produced, 0);
	L->nics[0].is_up = 0;
	fake_link_look();
	CHECK_EQ(changes, 2);
	CHECK(!net->link_up);
}

static void out(void)
{
	static const unsigned sizes[] = { 14, 15, 60, 1514, NET_FRAME_MAX };
	uint8_t back[NET_FRAME_MAX];

	start();
	attach(1);
	for (unsigned round = 0; round < 40; round++) {
		unsigned n = sizes[round % 5];

		CHECK(net->send(net, frame + round % 7, MIN(n, NET_FRAME_MAX - round % 7)));
		link_turn_over();
		n = MIN(n, NET_FRAME_MAX - round % 7);
		CHECK_EQ(server_frame_get(back), n);
		CHECK(!memcmp(back, frame + round % 7, n));
	}
	CHECK(net->send(net, frame, 13) && net->send(net, frame, NET_FRAME_MAX + 1));
	CHECK_EQ(server_frame_get(back), 0);
}

static void full(void)
{
	uint8_t back[NET_FRAME_MAX];
	unsigned n = 0;

	start();
	attach(1);
	while (net->send(net, frame, 1514))
		n++;
	CHECK_EQ(n, LINK_FRAMES / (8 + 1520));
	CHECK_EQ(L->nics[0].out.queue.waits, 1);
	CHECK_EQ(writables, 0);
	CHECK(server_frame_get(
		back)); /* not enough for the largest yet: it is not woken for each frame */
	for (unsigned i = 0; i < 12; i++)
		CHECK(server_frame_get(back));
	CHECK_EQ(writables, 1);
	CHECK(net->send(net, frame, 1514));
	/* a backend that is gone: frames are lost, not held back */
	while (net->send(net, frame, 1514))
		;
	fake_link.is_bound = false;
	fake_link_look();
	fake_machine_advance(m, 1000000);
	CHECK_EQ(writables, 2);
	CHECK(net->send(net, frame, 1514));
	/* the next one begins with nothing */
	fake_link.is_bound = true;
	attach(2);
	CHECK_EQ(server_frame_get(back), 0);
	CHECK(net->send(net, frame, 1514));
	CHECK_EQ(server_frame_get(back), 1514);
}

static void in(void)
{
	start();
	attach(1);
	for (unsigned i = 0; i < 100; i++) {
		CHECK(server_frame_put(frame + i, 60 + i * 13));
		fake_link_look();
		CHECK_EQ(got_n, i + 1);
		CHECK_EQ(got_size, 60 + i * 13);
		CHECK(!memcmp(got, frame + i, got_size));
	}
	/* the interface has no buffer: frames wait, in order */
	refuses = true;
	CHECK(server_frame_put(frame, 100) && server_frame_put(frame, 101));
	fake_link_look();
	refuses = false;
	net->room(net);
	CHECK_EQ(got_n, 102);
	CHECK_EQ(got_size, 101);
	/* many at once: not all in one turn */
	for (unsigned i = 0; i < 200; i++)
		CHECK(server_frame_put(frame, 60));
	fake_link_look();
	CHECK(got_n < 302);
	fake_machine_advance(m, 1000000);
	CHECK_EQ(got_n, 302);
}

static void nonsense(void)
{
	static const struct {
		uint16_t length;
		uint32_t produced;
	} cases[] = {
		{ 0, 64 },
		{ 13, 64 },
		{ NET_FRAME_MAX + 1, LINK_FRAMES },
		{ 60, 64 },
		{ 60, 8 },
		{ 60, 4 },
		{ 0xffff, LINK_FRAMES },
	};

	for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
		struct link_frame head = { .length = cases[i].length };

		start();
		attach(1);
		memcpy(L->nics[0].in.bytes, &head, sizeof(head));
		L->nics[0].in.queue.produced = cases[i].produced;
		fake_link_look();
		CHECK_EQ(got_n, 0);
		fake_link_look();
		attach(2);
		CHECK(server_frame_put(frame, 60));
		fake_link_look();
		CHECK_EQ(got_n, 1);
	}
	start();
	attach(1);
	L->nics[0].in.queue.produced = LINK_FRAMES + 1;
	L->nics[0].out.queue.consumed = 5;
	fake_link_look();
	CHECK_EQ(got_n, 0);
	CHECK(!net->send(net, frame, 60));
}

UNIT_MAIN(UNIT(cable), UNIT(out), UNIT(full), UNIT(in), UNIT(nonsense))
