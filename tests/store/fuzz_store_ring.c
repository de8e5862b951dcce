/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest that writes what it likes: requests of any kind, bytes that are none, ring indices out of the air, new beginnings in the middle; and a process on the socket that does the same to the wire.
 * Whatever they do, the daemon stays whole, and the other guest is served and finds what it wrote.
 *
 * The input is a row of steps: a byte whose low 3 bits say what (enum step), whose high 5 bits are a small number, then what the step takes. A byte string is a length byte and the bytes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../fuzz/input.h"
#include "unit.h"
#include "world.h"

#define STEPS 400
#define RING  XENSTORE_RING_SIZE

enum step {
	STEP_REQUEST, /* number: its type; a transaction byte, a byte string */
	STEP_RAW,     /* a byte string, into the guest's ring */
	STEP_INDEX,   /* number: which of four; 4 bytes */
	STEP_READ,    /* the guest has read all replies */
	STEP_STATE, /* number: bit 0: a new beginning is asked for; bit 1: the guest ends, 2: another begins, 3: it is released, 4: introduced */
	STEP_SOCKET,         /* a byte string, into the socket */
	STEP_SOCKET_REQUEST, /* as STEP_REQUEST */
	STEP_REST,           /* the daemon runs */
};

static struct world w;
static int process = -1;    /* our end of the socket */
static bool was_privileged; /* somebody who may do all has asked for something */

static void rest(int times)
{
	while (times--)
		server_step(w.server, 0);
}

/* As far as there is room: what the guest breaks by its indices is another step's. */
static void ring_put(const void *bytes, size_t n)
{
	struct xenstore_domain_interface *r = &w.fake.domain[1].ring;

	for (size_t i = 0; i < n; i++) {
		if (r->req_prod - r->req_cons >= RING) {
			fake_kick(&w.fake, 1);
			rest(1);
		}
		r->req[MASK_XENSTORE_IDX(r->req_prod++)] = ((const uint8_t *)bytes)[i];
	}
	fake_kick(&w.fake, 1);
}

static void socket_put(const void *bytes, size_t n)
{
	was_privileged = true;
	if (send(process, bytes, n, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		rest(1);
}

static void request(struct input *in, unsigned type, void (*put)(const void *bytes, size_t n))
{
	struct xsd_sockmsg header = { .type = type % (XS_RESET_WATCHES + 3), .req_id = 7 };
	const uint8_t *bytes;

	header.tx_id = input_byte(in);
	header.len = (uint32_t)input_take(in, input_byte(in), &bytes);
	put(&header, sizeof(header));
	put(bytes, header.len);
}

static void index_set(struct input *in, unsigned which)
{
	struct xenstore_domain_interface *r = &w.fake.domain[1].ring;
	uint32_t *const indices[4] = { &r->req_cons, &r->req_prod, &r->rsp_cons, &r->rsp_prod };

	*indices[which % 4] = input_number(in, 4);
	fake_kick(&w.fake, 1);
}

static void state(unsigned bits)
{
	struct fake_domain *d = &w.fake.domain[1];

	if (bits & 1)
		d->ring.connection = XENSTORE_RECONNECT;
	if (bits & 2)
		d->shutdown = d->dying = true;
	if (bits & 2)
		fake_tell_exception(&w.fake);
	if (bits & 4 && !d->mapped)
		fake_start(&w.fake, 1);
	if (bits & 8)
		peer_ask(&w.dom0, XS_RELEASE, 0, "1|");
	if (bits & 16)
		peer_ask(&w.dom0, XS_INTRODUCE, 0, "1|77|5|");
	fake_kick(&w.fake, 1);
}

static void take_step(struct input *in)
{
	struct xenstore_domain_interface *r = &w.fake.domain[1].ring;
	uint8_t first = input_byte(in), sink[256];
	const uint8_t *bytes;
	size_t n;

	switch (first & 7) {
	case STEP_REQUEST: request(in, first >> 3, ring_put); break;
	case STEP_RAW:
		n = input_take(in, input_byte(in), &bytes);
		ring_put(bytes, n);
		break;
	case STEP_INDEX: index_set(in, first >> 3); break;
	case STEP_READ:
		r->rsp_cons = r->rsp_prod;
		fake_kick(&w.fake, 1);
		break;
	case STEP_STATE: state(first >> 3); break;
	case STEP_SOCKET:
		n = input_take(in, input_byte(in), &bytes);
		socket_put(bytes, n);
		break;
	case STEP_SOCKET_REQUEST: request(in, first >> 3, socket_put); break;
	default: rest(1); break;
	}
	while (process >= 0 && recv(process, sink, sizeof(sink), MSG_DONTWAIT) > 0)
		;
}

static void process_begin(void)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0)
		abort();
	process = ends[0];
	connection_new(w.server, 0, NULL, ends[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };

	was_privileged = false;
	world_begin(&w, false);
	process_begin();
	peer_ask(&w.other, XS_WRITE, 0, "mine|kept");
	for (unsigned i = 0; i < STEPS && in.left; i++)
		take_step(&in);
	rest(20);
	if (!was_privileged) {
		peer_events(&w.other);
		if (strcmp(peer_ask(&w.other, XS_READ, 0, "mine|"), "kept") != 0)
			abort();
	}
	close(process);
	rest(2);
	if (!world_end(&w))
		abort();
	return 0;
}
