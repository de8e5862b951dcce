// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Frontends of paravirtual devices that were taken over: they write what they like into their rings and pages, at any time, and tell their ports. Two drives and an interface run in this process. They must copy
 * only inside of pages, read and write only inside of disks, and come to rest: what was taken from a ring that is not broken is answered.
 *
 * The input is a row of steps: a byte whose low 3 bits say what (enum step) and whose high 5 bits are a small number, then what the step takes.
 */
#include "process.h"

#include "../fuzz/input.h"
#include "pv_request.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include <xen/io/netif.h>

#define STEPS      300
#define PAGES      32u
#define DISK_BYTES (64u * 512)
#define PENDING    PV_REQUESTS

enum step {
	STEP_WRITE, /* number: which page; where in it (2 bytes); a length byte; bytes */
	STEP_REQUEST, /* a request of drive number & 1: operation, segments, sector (2 bytes), then 4 bytes a segment */
	STEP_INDEX,   /* number: which ring's which index; 4 bytes */
	STEP_SLOT,    /* a slot of a frame: grant, flags, offset (2), size (2) */
	STEP_BUFFER,  /* pages for frames: a grant */
	STEP_DISK,    /* number: which request ends; odd: with an error */
	STEP_CONNECT, /* number: what comes or goes */
	STEP_TELL,    /* number: which port; above 3: a frame comes, of so many times 512 bytes */
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ---- the place ---- */

static uint8_t pages[PAGES][PV_PAGE];
static bool is_bound[8];

bool pv_place_open(struct pv_place *p, struct failure *f)
{
	return true;
}

bool pv_place_attach(struct pv_place *p, const struct control_line *line, struct failure *f)
{
	return true;
}

/* Rings must lie one behind another: other lists are not granted. */
void *pv_place_map(struct pv_place *p, const uint32_t *grants, unsigned nr, bool is_writable)
{
	for (unsigned i = 0; i < nr; i++)
		if (grants[i] >= PAGES || grants[i] != grants[0] + i)
			return NULL;
	return pages[grants[0]];
}

void pv_place_unmap(struct pv_place *p, void *at, unsigned nr)
{
	if (!at || !nr)
		abort();
}

int pv_place_copy(struct pv_place *p, struct pv_copy *copies, unsigned nr)
{
	for (unsigned i = 0; i < nr; i++) {
		struct pv_copy *c = &copies[i];
		uint8_t *guests = pages[c->grant % PAGES] + c->offset;

		if (c->offset + c->length > PV_PAGE)
			abort(); /* it was to be checked before */
		c->status = c->grant < PAGES ? 0 : -1;
		if (!c->status)
			memcpy(c->to_guest ? guests : c->local, c->to_guest ? c->local : guests,
			       c->length);
	}
	return 0;
}

int pv_place_bind(struct pv_place *p, uint32_t remote)
{
	if (!remote || remote >= ARRAY_LEN(is_bound) || is_bound[remote])
		return -EINVAL;
	is_bound[remote] = true;
	return (int)remote;
}

void pv_place_unbind(struct pv_place *p, uint32_t port)
{
	if (!is_bound[port])
		abort();
	is_bound[port] = false;
}

void pv_place_tell(struct pv_place *p, uint32_t port)
{
	if (!is_bound[port])
		abort();
}

static int heard_port = -1;

int pv_place_heard(struct pv_place *p)
{
	int port = heard_port;

	heard_port = -1;
	return port;
}

void pv_place_unmask(struct pv_place *p, uint32_t port)
{
}

int pv_place_allow(const struct pv_place *p, scmp_filter_ctx filter)
{
	return 0;
}

bool link_place_open(struct failure *f)
{
	return true;
}

bool link_place_attach(struct link_place *p, const struct control_line *line, int descriptor,
                       struct failure *f)
{
	return false;
}

bool link_place_heard(struct link_place *p)
{
	return true;
}

void link_place_tell(struct link_place *p)
{
}

int link_place_allow(const struct link_place *p, scmp_filter_ctx filter)
{
	return 0;
}

/* ---- disks in memory, which answer when the input says ---- */

static uint8_t content[2][DISK_BYTES];
static struct disk_request *pending[PENDING];
static unsigned nr_pending;

static void submit(struct disk *d, struct disk_request *r)
{
	bool moves = r->op == DISK_READ || r->op == DISK_WRITE;

	if (nr_pending == PENDING || r->at > d->size || r->length > d->size - r->at ||
	    (r->op != DISK_READ && r->op != DISK_FLUSH && d->is_read_only) ||
	    (moves && r->length > PV_BUFFER))
		abort();
	pending[nr_pending++] = r;
}

static void pending_end(unsigned n, int error)
{
	struct disk_request *r;
	uint8_t *at;

	if (!nr_pending)
		return;
	n %= nr_pending;
	r = pending[n];
	pending[n] = pending[--nr_pending];
	at = content[r->disk->slot] + r->at;
	if (!error && r->op == DISK_READ)
		memcpy(r->bytes, at, r->length);
	if (!error && r->op == DISK_WRITE)
		memcpy(at, r->bytes, r->length);
	r->done(r, error);
}

static uint64_t measure(struct disk *d)
{
	return d->size;
}

static void disk_close(struct disk *d)
{
}

static const struct disk_kind kind = { submit, measure, disk_close };

/* ---- the process ---- */

static struct event_loop loop;
static struct pv_guest guest;
static struct block emulated;
static struct model_link no_link;
static struct pv_block drives;
static struct pv_net net;
static struct nic nic;
static struct disk disks[2];
static int wire;

static void text_said(void *context, const char *text)
{
	if (strlen(text) < 10)
		abort();
}

static void resumed(void *context)
{
}

static void ejected(void *context, unsigned drive)
{
}

static void closed(void *context, uint32_t number)
{
}

static const struct block_events events = { text_said, resumed, ejected, text_said };
static const struct pv_block_events pv_events = { closed };

static void start(void)
{
	int ends[2];

	if (!event_loop_init(&loop) ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends) != 0)
		abort();
	pv_guest_init(&guest, &loop);
	model_link_init(&no_link, &loop);
	memset(is_bound, 0, sizeof(is_bound));
	memset(pages, 0, sizeof(pages));
	nr_pending = 0;
	block_init(&emulated, &no_link, &events, NULL);
	pv_block_init(&drives, &guest, &emulated, &events, &pv_events, NULL);
	for (unsigned i = 0; i < 2; i++) {
		disks[i] = (struct disk){ .kind = &kind,
			                  .size = DISK_BYTES,
			                  .is_read_only = i,
			                  .may_discard = !i,
			                  .users = 2,
			                  .slot = i };
		(void)pv_block_add(&drives, 10 + i, &disks[i], -1);
	}
	memset(&nic, 0, sizeof(nic));
	nic.is_there = true;
	nic.frames.fd = ends[0];
	wire = ends[1];
	nic_start(&nic, &no_link);
	pv_net_init(&net, &guest, &nic, 0, text_said, NULL);
}

static void turn(void)
{
	(void)event_loop_round(&loop, 0);
	pv_block_round_over(&drives);
	pv_net_round_over(&net);
}

/* ---- steps ---- */

static uint8_t *ring_page(unsigned which)
{
	static const unsigned first[] = { 0, 4, 8, 9 }; /* drives, out, in */

	return pages[first[which & 3]];
}

static uint32_t *index_of(unsigned which, unsigned n)
{
	return (uint32_t *)ring_page(which) + (n & 3);
}

static void step_write(struct input *in, unsigned n)
{
	uint32_t at = input_number(in, 2) % PV_PAGE, length = input_byte(in);

	for (uint32_t i = 0; i < length && in->left; i++)
		pages[n % PAGES][(at + i) % PV_PAGE] = input_byte(in);
}

static void step_request(struct input *in, unsigned n)
{
	uint32_t *produced = index_of(n & 1, 0);
	struct blkif_request q;

	memset(&q, 0, sizeof(q));
	q.operation = input_byte(in);
	q.nr_segments = input_byte(in);
	q.sector_number = input_number(in, 2);
	q.id = n;
	for (unsigned i = 0; i < MIN(q.nr_segments, BLKIF_MAX_SEGMENTS_PER_REQUEST) && in->left;
	     i++)
		q.seg[i] = (struct blkif_request_segment){ (uint32_t)input_byte(in) % (PAGES + 2),
			                                   input_byte(in) % 9, input_byte(in) % 9 };
	memcpy(ring_page(n & 1) + 64 + (*produced % 32) * sizeof(q), &q, sizeof(q));
	++*produced;
}

static void step_slot(struct input *in)
{
	uint32_t *produced = index_of(2, 0);
	struct netif_tx_request q = { .gref = input_byte(in) % (PAGES + 2u),
		                      .flags = input_byte(in) };

	q.offset = (uint16_t)input_number(in, 2);
	q.size = (uint16_t)input_number(in, 2);
	memcpy(ring_page(2) + 64 + (*produced % 256) * sizeof(q), &q, sizeof(q));
	++*produced;
}

static void step_buffer(struct input *in)
{
	uint32_t *produced = index_of(3, 0);
	struct netif_rx_request q = { .gref = input_byte(in) % (PAGES + 2u) };

	memcpy(ring_page(3) + 64 + (*produced % 256) * sizeof(q), &q, sizeof(q));
	++*produced;
}

static void step_connect(struct input *in, unsigned n)
{
	static const char *const protocols[] = { NULL, "x86_64-abi", "x86_32-abi", "none" };
	struct pv_block_wish w = { .protocol = protocols[n >> 3 & 3],
		                   .nr_pages = n & 4 ? 4 : 1,
		                   .port = 1 + (n & 1) };
	const struct pv_net_wish v = { 8, 9, 3, n & 4 ? 4 : 0, !(n & 8), n & 16 };
	struct failure f;

	for (unsigned i = 0; i < 4; i++)
		w.grants[i] = (n & 1) * 4 + i;
	if (n & 2 && n & 1)
		pv_net_disconnect(&net);
	else if (n & 2)
		(void)pv_net_connect(&net, &v, &f);
	else if (input_byte(in) & 1)
		pv_block_disconnect(&drives.drives[n & 1]);
	else
		(void)pv_block_connect(&drives.drives[n & 1], &w, &f);
}

static void port_hear(unsigned n)
{
	for (struct pv_port *p = guest.ports; p; p = p->next)
		if (p->port == 1 + n) {
			p->heard(p);
			return;
		}
}

static void step_tell(unsigned n)
{
	static const uint8_t frame[16384];
	uint8_t sent[65536];

	if (n < 4)
		port_hear(n);
	else
		(void)send(wire, frame, n * 512u, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (recv(wire, sent, sizeof(sent), MSG_DONTWAIT) > 0)
		;
}

static void step(struct input *in)
{
	uint8_t first = input_byte(in);
	unsigned n = first >> 3;

	switch (first & 7) {
	case STEP_WRITE: step_write(in, n); break;
	case STEP_REQUEST: step_request(in, n); break;
	case STEP_INDEX: *index_of(n, n >> 2) = input_number(in, 4); break;
	case STEP_SLOT: step_slot(in); break;
	case STEP_BUFFER: step_buffer(in); break;
	case STEP_DISK: pending_end(n >> 1, n & 1 ? -EIO : 0); break;
	case STEP_CONNECT: step_connect(in, n); break;
	case STEP_TELL: step_tell(n); break;
	}
	turn();
}

/* All disks answer: nothing of what was taken is open, and the guest's drives can be closed. */
static void rest(void)
{
	for (unsigned i = 0; i < 1000 && (nr_pending || i < 3); i++) {
		while (nr_pending)
			pending_end(0, 0);
		turn();
	}
	if (nr_pending || drives.nr_busy)
		abort();
	for (unsigned i = 0; i < 2; i++) {
		struct pv_drive *d = &drives.drives[i];

		if (d->is_connected && !d->ring.is_broken && d->ring.taken != d->ring.answered)
			abort();
		pv_block_disconnect(d);
		if (d->is_connected || d->pages || d->buffers)
			abort();
	}
	pv_net_disconnect(&net);
	for (unsigned i = 0; i < ARRAY_LEN(is_bound); i++)
		if (is_bound[i])
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };

	start();
	for (unsigned i = 0; i < STEPS && in.left; i++)
		step(&in);
	rest();
	event_loop_close(&loop);
	close(nic.frames.fd);
	close(wire);
	return 0;
}
