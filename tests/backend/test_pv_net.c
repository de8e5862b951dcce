// SPDX-License-Identifier: GPL-2.0-or-later
/* Paravirtual network interfaces of a whole backend process, on a user-mode network: the test is the frontend, honest and otherwise. */
#include "backend_host.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xen/xen.h>

#define xen_mb()  __sync_synchronize()
#define xen_wmb() __sync_synchronize()
#define xen_rmb() __sync_synchronize()

#include <xen/io/netif.h>

#define H       (&backend_host)
#define OUT     0u /* grants of the rings */
#define IN      1u
#define DATA    2u  /* of frames that go out */
#define BUFFER  64u /* of those that come in */
#define BUFFERS 32u
#define PORT    5u
#define PORT_IN 6u

static const struct devmodel_board board = { .has_link = 1 };
static const char *const lines[] = { "guest name=g model=0",
	                             "pv-nic n=0 mac=00:16:3e:01:02:03 net=user", NULL };
static netif_tx_front_ring_t out;
static netif_rx_front_ring_t in;
static uint32_t port_in;

static void rings_new(void)
{
	memset(H->pv->pages[OUT], 0, 2 * 4096);
	XEN_FRONT_RING_INIT(&out, (netif_tx_sring_t *)H->pv->pages[OUT], 4096);
	XEN_FRONT_RING_INIT(&in, (netif_rx_sring_t *)H->pv->pages[IN], 4096);
}

static void buffers_give(unsigned n)
{
	int notify;

	for (unsigned i = 0; i < n; i++) {
		uint16_t id = (uint16_t)(in.req_prod_pvt % BUFFERS);

		*RING_GET_REQUEST(&in, in.req_prod_pvt) =
			(netif_rx_request_t){ .id = id, .gref = BUFFER + id };
		in.req_prod_pvt++;
	}
	RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(&in, notify);
	if (notify)
		backend_pv_tell(port_in);
}

static bool connect_single(void)
{
	port_in = PORT;
	return backend_ask("pv-connect nic=0 tx-ring-ref=0 rx-ring-ref=1 event-channel=5 rx-copy=1",
	                   -1);
}

static void start(void)
{
	backend_machine(&board);
	memset(H->pv->grants, PV_GRANTED_WRITE, PV_GRANTS);
	CHECK(backend_start(lines));
	CHECK(backend_attach_pvh());
	rings_new();
}

static void run(void)
{
	start();
	CHECK(connect_single());
	buffers_give(16);
}

/* ---- frames ---- */

static netif_tx_request_t *slot(uint32_t grant, uint16_t offset, uint16_t size, uint16_t flags)
{
	netif_tx_request_t *q = RING_GET_REQUEST(&out, out.req_prod_pvt);

	*q = (netif_tx_request_t){ .gref = grant,
		                   .offset = offset,
		                   .size = size,
		                   .flags = flags,
		                   .id = (uint16_t)(100 + out.req_prod_pvt) };
	out.req_prod_pvt++;
	return q;
}

static void push(void)
{
	int notify;

	RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(&out, notify);
	if (notify)
		backend_pv_tell(PORT);
}

/* The next answer's status; -100: none. */
static int sent(void)
{
	netif_tx_response_t a;
	int more;

	for (;;) {
		RING_FINAL_CHECK_FOR_RESPONSES(&out, more);
		if (more)
			break;
		if (!backend_pv_told(PORT))
			return -100;
	}
	a = *RING_GET_RESPONSE(&out, out.rsp_cons);
	if (a.status != NETIF_RSP_NULL)
		CHECK_EQ(a.id, (uint16_t)(100 + out.rsp_cons));
	out.rsp_cons++;
	return a.status;
}

/* The next frame that comes in; its bytes. */
static const uint8_t *received(int *n)
{
	netif_rx_response_t a;
	int more;

	for (;;) {
		RING_FINAL_CHECK_FOR_RESPONSES(&in, more);
		if (more)
			break;
		CHECK(backend_pv_told(port_in));
	}
	a = *RING_GET_RESPONSE(&in, in.rsp_cons);
	CHECK_EQ(a.id, in.rsp_cons % BUFFERS);
	CHECK_EQ(a.flags, 0);
	in.rsp_cons++;
	*n = a.status;
	return H->pv->pages[BUFFER + a.id] + a.offset;
}

static const uint8_t arp[42] = { 255, 255, 255, 255, 255, 255, 0, 0x16, 0x3e, 1,    2,    3, 8, 6,
	                         0,   1,   8,   0,   6,   4,   0, 1,    0,    0x16, 0x3e, 1, 2, 3,
	                         10,  0,   2,   15,  0,   0,   0, 0,    0,    0,    10,   0, 2, 2 };

static void arp_answered(void)
{
	const uint8_t *f;
	int n;

	do
		f = received(&n);
	while (n > 14 && !(f[12] == 8 && f[13] == 6)); /* it announces itself, too */
	CHECK(n >= 42);
	CHECK_EQ(f[21], 2);
	CHECK(!memcmp(f, arp + 6, 6));
	CHECK(!memcmp(f + 28, arp + 38, 4));
}

/* A question for an address, with its sum left out. */
static unsigned dhcp_make(uint8_t *f)
{
	static const uint8_t head[] = { 255, 255, 255,  255,  255, 255, 0,  0x16, 0x3e, 1,   2,
		                        3,   8,   0,    0x45, 0,   1,   44, 0,    1,    0,   0,
		                        64,  17,  0x79, 0xc1, 0,   0,   0,  0,    255,  255, 255,
		                        255, 0,   68,   0,    67,  1,   24, 0x5a, 0xa5 };
	static const uint8_t options[] = { 0x63, 0x82, 0x53, 0x63, 53, 1, 1, 255 };
	uint8_t *boot = f + sizeof(head);

	memset(f, 0, 314);
	memcpy(f, head, sizeof(head));
	boot[0] = boot[1] = 1;
	boot[2] = 6;
	memcpy(boot + 28, arp + 6, 6);
	memcpy(boot + 236, options, sizeof(options));
	return 314;
}

/* ---- tests ---- */

static void exchange(void)
{
	run();
	memcpy(H->pv->pages[DATA] + 100, arp, sizeof(arp));
	(void)slot(DATA, 100, sizeof(arp), 0);
	push();
	CHECK_EQ(sent(), NETIF_RSP_OKAY);
	arp_answered();
	/* in pieces of several pages */
	memcpy(H->pv->pages[DATA + 1] + 4076, arp, 20);
	memcpy(H->pv->pages[DATA + 2], arp + 20, 10);
	memcpy(H->pv->pages[DATA + 3] + 1, arp + 30, 12);
	(void)slot(DATA + 1, 4076, sizeof(arp), NETTXF_more_data);
	(void)slot(DATA + 2, 0, 10, NETTXF_more_data);
	(void)slot(DATA + 3, 1, 12, 0);
	push();
	for (unsigned i = 0; i < 3; i++)
		CHECK_EQ(sent(), NETIF_RSP_OKAY);
	arp_answered();
	CHECK_EQ(backend_quit(), 0);
}

/* The network behind throws away what has a wrong sum: an answer shows that it was filled in. */
static void blank_checksum(void)
{
	const uint8_t *f;
	int n;

	run();
	(void)slot(DATA, 0, (uint16_t)dhcp_make(H->pv->pages[DATA]),
	           NETTXF_csum_blank | NETTXF_data_validated);
	push();
	CHECK_EQ(sent(), NETIF_RSP_OKAY);
	do
		f = received(&n);
	while (n > 14 && !(f[12] == 8 && f[13] == 0));
	CHECK(n > 282);
	CHECK_EQ(f[35], 67);
	CHECK_EQ(f[42], 2);
	CHECK_EQ(backend_quit(), 0);
}

static void split_channels(void)
{
	start();
	port_in = PORT_IN;
	CHECK(backend_ask(
		"pv-connect nic=0 tx-ring-ref=0 rx-ring-ref=1 event-channel-tx=5 event-channel-rx=6 rx-copy=1 sg=1",
		-1));
	memcpy(H->pv->pages[DATA], arp, sizeof(arp));
	(void)slot(DATA, 0, sizeof(arp), 0);
	push();
	CHECK_EQ(sent(), NETIF_RSP_OKAY);
	/* it waits until there is room */
	buffers_give(24);
	arp_answered();
	CHECK_EQ(backend_quit(), 0);
}

static void wrong_frames(void)
{
	struct netif_extra_info *e;

	run();
	(void)slot(DATA, 4090, 42, 0); /* out of its page */
	(void)slot(40000, 0, 42, 0);
	(void)slot(DATA, 0, 0, 0);
	(void)slot(DATA, 0, 13, 0);
	(void)slot(DATA, 0, 65535, 0);
	push();
	for (unsigned i = 0; i < 5; i++)
		CHECK_EQ(sent(), NETIF_RSP_ERROR);
	/* parts that are larger than all of it; too many parts */
	(void)slot(DATA, 0, 100, NETTXF_more_data);
	(void)slot(DATA, 0, 100, 0);
	for (unsigned i = 0; i < 25; i++)
		(void)slot(DATA, 0, i ? 10 : 1000, i < 24 ? NETTXF_more_data : 0);
	push();
	for (unsigned i = 0; i < 27; i++)
		CHECK_EQ(sent(), NETIF_RSP_ERROR);
	/* what was not offered */
	(void)slot(DATA, 0, 100, NETTXF_extra_info);
	e = (struct netif_extra_info *)RING_GET_REQUEST(&out, out.req_prod_pvt++);
	*e = (struct netif_extra_info){ .type = XEN_NETIF_EXTRA_TYPE_GSO };
	push();
	CHECK_EQ(sent(), NETIF_RSP_ERROR);
	CHECK_EQ(sent(), NETIF_RSP_NULL);
	/* and it still works */
	memcpy(H->pv->pages[DATA], arp, sizeof(arp));
	(void)slot(DATA, 0, sizeof(arp), 0);
	push();
	CHECK_EQ(sent(), NETIF_RSP_OKAY);
	arp_answered();
	CHECK_EQ(backend_quit(), 0);
}

static void reconnect(void)
{
	CHECK(backend_ask("pv-disconnect nic=0", -1));
	rings_new();
	CHECK(connect_single());
}

static void hostile_rings(void)
{
	int n;

	run();
	/* a frame without an end */
	(void)slot(DATA, 0, 100, NETTXF_more_data);
	push();
	CHECK(backend_wait_line("log"));
	reconnect();
	/* extras without an end */
	for (unsigned i = 0; i < 256; i++)
		(void)slot(0x01010101, 0x0101, 0x0101, NETTXF_extra_info | NETTXF_more_data);
	push();
	CHECK(backend_wait_line("log"));
	reconnect();
	__atomic_store_n(&out.sring->req_prod, 257, __ATOMIC_SEQ_CST);
	backend_pv_tell(PORT);
	CHECK(backend_wait_line("log"));
	reconnect();
	/* pages for frames that are not granted */
	H->pv->grants[BUFFER] = PV_NOT_GRANTED;
	buffers_give(16);
	memcpy(H->pv->pages[DATA], arp, sizeof(arp));
	for (unsigned i = 0; i < 4; i++) {
		(void)slot(DATA, 0, sizeof(arp), 0);
		push();
		CHECK_EQ(sent(), NETIF_RSP_OKAY);
	}
	CHECK(backend_wait_line("log"));
	(void)received(&n);
	CHECK_EQ(n, NETIF_RSP_ERROR);
	arp_answered();
	CHECK_EQ(backend_quit(), 0);
}

static void coming_and_going(void)
{
	start();
	CHECK(!backend_ask("pv-connect nic=0 tx-ring-ref=0 rx-ring-ref=1 event-channel=5", -1));
	CHECK(!backend_ask(
		"pv-connect nic=0 tx-ring-ref=0 rx-ring-ref=40000 event-channel=5 rx-copy=1", -1));
	CHECK(!backend_ask("pv-connect nic=0 rx-ring-ref=0 event-channel=5 rx-copy=1", -1));
	CHECK(!backend_ask(
		"pv-connect nic=0 tx-ring-ref=0 rx-ring-ref=1 event-channel=5000 rx-copy=1", -1));
	CHECK(!backend_ask(
		"pv-connect nic=0 tx-ring-ref=0 rx-ring-ref=1 event-channel-tx=5 event-channel-rx=5000 rx-copy=1",
		-1));
	CHECK(!backend_ask("pv-connect nic=1 tx-ring-ref=0 rx-ring-ref=1 event-channel=5 rx-copy=1",
	                   -1));
	CHECK(!backend_ask("pv-disconnect nic=7", -1));
	CHECK(connect_single());
	CHECK(!connect_single());
	for (unsigned i = 0; i < 10; i++)
		reconnect();
	CHECK_EQ(backend_quit(), 0);
}

/* The successor goes on where the rings stand. */
static void killed(void)
{
	run();
	memcpy(H->pv->pages[DATA], arp, sizeof(arp));
	for (unsigned life = 0; life < 10; life++) {
		for (unsigned i = 0; i < 5; i++)
			(void)slot(DATA, 0, sizeof(arp), 0);
		push();
		backend_kill();
		CHECK(backend_start(lines));
		CHECK(backend_attach_pvh());
		CHECK(connect_single());
		buffers_give(MIN(8u, BUFFERS - (in.req_prod_pvt - in.rsp_cons)));
		(void)slot(DATA, 0, sizeof(arp),
		           0); /* answers to the others may have gone with the process */
		push();
		for (unsigned i = 0; i < 6; i++)
			CHECK_EQ(sent(), NETIF_RSP_OKAY);
		arp_answered();
		while (in.sring->rsp_prod != in.rsp_cons)
			in.rsp_cons++;
	}
	CHECK_EQ(backend_quit(), 0);
}

UNIT_MAIN(UNIT(exchange), UNIT(blank_checksum), UNIT(split_channels), UNIT(wrong_frames),
          UNIT(hostile_rings), UNIT(coming_and_going), UNIT(killed))
