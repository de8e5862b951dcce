/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Drives and their connections: which requests are taken when, and what is answered. pv_request.c has what is in a request. */
#include "pv_block.h"

#include "pv_request.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#define RETRY_NS 1000000000u
#define REST_NS  2000000000u
#define TURN     64 /* requests of a drive in one look */

static void look(struct pv_drive *d);

static unsigned in_flight(const struct pv_drive *d)
{
	return d->ring.taken - d->ring.answered;
}

static struct pv_slot *slot_at(struct pv_drive *d, uint32_t index)
{
	return &d->slots[index % PV_IN_FLIGHT];
}

/* ---- answers ---- */

static void broken_tell(struct pv_drive *d)
{
	char text[160];

	if (!d->ring.is_broken || d->was_broken)
		return;
	d->was_broken = true;
	snprintf(
		text, sizeof(text),
		"guest %u: the driver of its drive %u writes numbers into the ring that cannot be: the drive "
		"stands still until that driver starts anew",
		d->block->guest->place.domid, d->number);
	d->block->events->log(d->block->context, text);
}

/* In the order of requests; see pv_ring.h. */
static void answer(struct pv_slot *s, int16_t status)
{
	struct pv_drive *d = s->drive;

	s->status = status;
	s->state = PV_ANSWERED;
	while (in_flight(d)) {
		s = slot_at(d, d->ring.answered);
		if (s->state != PV_ANSWERED)
			break;
		pv_answer_put(&d->ring, d->layout, s);
		s->state = PV_FREE;
		d->is_dirty = true;
	}
	d->is_to_be_looked_at = true;
}

static void publish(struct pv_drive *d)
{
	if (!d->is_dirty)
		return;
	d->is_dirty = false;
	if (pv_ring_publish(&d->ring))
		pv_port_tell(d->block->guest, &d->port);
}

/* ---- from disks ---- */

static void submit(struct pv_slot *s)
{
	s->state = PV_BUSY;
	s->request.disk->kind->submit(s->request.disk, &s->request);
}

static bool is_out_of_room(int error)
{
	return error == -ENOSPC || error == -EDQUOT || error == -EFBIG;
}

/* The guest is not to blame: it stands still until there is room. */
static void no_room(struct pv_slot *s)
{
	struct pv_block *b = s->drive->block;
	char text[DISK_NAME + 200];

	s->state = PV_NO_ROOM;
	s->was_refused = true;
	if (!b->is_paused) {
		b->is_paused = true;
		snprintf(
			text, sizeof(text),
			"disk %s: there is no room left where it is stored; the guest stands still until "
			"there is: delete or move something there",
			s->request.disk->name);
		b->events->paused(b->context, text);
	}
	if (!b->again.is_set)
		event_timer_set(b->guest->loop, &b->again, RETRY_NS);
}

static bool any_slot(struct pv_block *b, bool (*is_such)(struct pv_slot *s))
{
	bool any = false;

	for (unsigned i = 0; i < b->nr_drives; i++)
		for (unsigned j = 0; j < PV_IN_FLIGHT; j++)
			any |= is_such(&b->drives[i].slots[j]);
	return any;
}

static bool try_slot(struct pv_slot *s)
{
	if (s->state != PV_NO_ROOM)
		return false;
	submit(s);
	return true;
}

static void try_again(struct event_timer *t)
{
	(void)any_slot(container_of(t, struct pv_block, again), try_slot);
}

static bool is_refused(struct pv_slot *s)
{
	return s->was_refused;
}

static void resume(struct pv_block *b)
{
	if (!b->is_paused || any_slot(b, is_refused))
		return;
	b->is_paused = false;
	b->events->resumed(b->context);
}

static void finish(struct pv_slot *s, int16_t status)
{
	struct pv_drive *d = s->drive;
	struct pv_block *b = d->block;

	d->nr_busy--;
	b->nr_busy--;
	if (!d->nr_busy && !b->rest.is_set)
		event_timer_set(b->guest->loop, &b->rest, REST_NS);
	s->was_refused = false;
	answer(s, status);
	resume(b);
}

static void error_tell(struct pv_slot *s, int error)
{
	struct pv_block *b = s->drive->block;
	char text[DISK_NAME + 200];

	if (b->errors++)
		return;
	snprintf(
		text, sizeof(text),
		"disk %s: operation %u at byte %llu: %s. The guest gets an error; look at the disk "
		"under it (dmesg). Further errors are counted only",
		s->request.disk->name, s->operation, (unsigned long long)s->request.at,
		strerror(-error));
	b->events->log(b->context, text);
}

/* What is flushed first is written afterwards. */
static void done(struct disk_request *r, int error)
{
	struct pv_slot *s = container_of(r, struct pv_slot, request);

	if (is_out_of_room(error) && r->op == DISK_WRITE) {
		no_room(s);
		return;
	}
	if (error) {
		error_tell(s, error);
		finish(s, BLKIF_RSP_ERROR);
		return;
	}
	if (r->op == DISK_FLUSH && s->count) {
		pv_request_fill(s, DISK_WRITE);
		submit(s);
		return;
	}
	if (r->op == DISK_READ && !pv_data_give(s, &s->drive->block->guest->place)) {
		finish(s, BLKIF_RSP_ERROR);
		return;
	}
	finish(s, BLKIF_RSP_OKAY);
}

/* ---- from the ring ---- */

static void account(struct pv_block *b, const struct pv_slot *s)
{
	bool reads = s->operation == BLKIF_OP_READ,
	     moves = s->operation <= BLKIF_OP_FLUSH_DISKCACHE;

	b->reads += reads;
	b->writes += !reads && moves;
	b->read_bytes += reads ? s->count * DISK_SECTOR : 0;
	b->written_bytes += !reads && moves ? s->count * DISK_SECTOR : 0;
}

static enum disk_op first_step(const struct pv_slot *s)
{
	static const enum disk_op steps[] = { [BLKIF_OP_READ] = DISK_READ,
		                              [BLKIF_OP_WRITE] = DISK_WRITE,
		                              [BLKIF_OP_WRITE_BARRIER] = DISK_FLUSH,
		                              [BLKIF_OP_FLUSH_DISKCACHE] = DISK_FLUSH,
		                              [BLKIF_OP_DISCARD] = DISK_DISCARD };

	return steps[s->operation];
}

static void begin(struct pv_drive *d, struct pv_slot *s)
{
	s->request.disk = d->disk;
	s->request.done = done;
	s->request.bytes = d->buffers + (size_t)(s - d->slots) * PV_BUFFER;
	if (s->operation != BLKIF_OP_READ && s->nr_segments &&
	    !pv_data_take(s, &d->block->guest->place)) {
		answer(s, BLKIF_RSP_ERROR);
		return;
	}
	account(d->block, s);
	pv_request_fill(s, first_step(s));
	d->nr_busy++;
	d->block->nr_busy++;
	submit(s);
}

static bool barrier_is_on_its_way(struct pv_drive *d)
{
	return in_flight(d) && slot_at(d, d->ring.taken - 1)->operation == BLKIF_OP_WRITE_BARRIER;
}

/* One request. False: it is to wait for others. */
static bool take(struct pv_drive *d)
{
	struct pv_slot *s = slot_at(d, d->ring.taken);
	int16_t said;

	if (in_flight(d) == PV_IN_FLIGHT || d->block->nr_busy >= PV_REQUESTS ||
	    barrier_is_on_its_way(d) || (in_flight(d) && pv_request_is_barrier(&d->ring)))
		return false;
	said = pv_request_take(s, d->disk, &d->ring, d->layout, &d->block->guest->place);
	if (said != PV_REQUEST_IS_GOOD)
		answer(s, said);
	else
		begin(d, s);
	return true;
}

/* The emulated drive has finished what it had; from then on the disk is ours. */
static bool may_start(struct pv_drive *d)
{
	d->has_started = d->has_started || d->shadow < 0 ||
	                 block_drive_is_idle(d->block->emulated, (unsigned)d->shadow);
	return d->has_started;
}

static void look(struct pv_drive *d)
{
	struct pv_block *b = d->block;

	if (!d->is_connected || d->is_closing)
		return;
	d->is_to_be_looked_at = true;
	if (!may_start(d))
		return; /* the end of its request ends a round, too */
	for (unsigned i = 0; i < TURN; i++) {
		if (!pv_ring_waiting(&d->ring) && !pv_ring_sleep(&d->ring, 1)) {
			d->is_to_be_looked_at = false;
			broken_tell(d);
			return;
		}
		if (!take(d))
			return;
	}
	if (!b->soon.is_set)
		event_timer_set(b->guest->loop, &b->soon, 0);
}

static void heard(struct pv_port *port)
{
	look(container_of(port, struct pv_drive, port));
}

/* The round that it ends looks. */
static void soon(struct event_timer *t)
{
}

/* ---- coming and going ---- */

static bool wish_check(const struct pv_drive *d, const struct pv_block_wish *w, struct failure *f)
{
	if (d->is_connected)
		return fail(f, "drive %u: its frontend is connected already", d->number);
	if (!w->nr_pages || w->nr_pages > 1u << PV_RING_ORDER || w->nr_pages & (w->nr_pages - 1))
		return fail(f, "drive %u: its ring has %u pages: 1, 2 or %u are possible",
		            d->number, w->nr_pages, 1u << PV_RING_ORDER);
	return pv_layout_find(w->protocol) ||
	       fail(f,
	            "drive %u: its driver speaks \"%s\": x86_64-abi, x86_32-abi and native are known",
	            d->number, w->protocol);
}

static bool buffers_map(struct pv_drive *d, struct failure *f)
{
	void *at = mmap(NULL, (size_t)PV_IN_FLIGHT * PV_BUFFER, PROT_READ | PROT_WRITE,
	                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (at == MAP_FAILED)
		return fail(f, "drive %u: there is no memory left in the control domain",
		            d->number);
	d->buffers = at;
	return true;
}

/* What stands in them nobody needs: a guest that rests costs no memory for what it once read and wrote. */
static void rest(struct event_timer *t)
{
	struct pv_block *b = container_of(t, struct pv_block, rest);

	for (unsigned i = 0; i < b->nr_drives; i++) {
		struct pv_drive *d = &b->drives[i];

		if (d->buffers && !d->nr_busy)
			(void)madvise(d->buffers, (size_t)PV_IN_FLIGHT * PV_BUFFER, MADV_DONTNEED);
	}
}

static void buffers_unmap(struct pv_drive *d)
{
	(void)munmap(d->buffers, (size_t)PV_IN_FLIGHT * PV_BUFFER);
	d->buffers = NULL;
}

static void unmap(struct pv_drive *d)
{
	pv_place_unmap(&d->block->guest->place, d->pages, d->nr_pages);
	d->pages = NULL;
	d->ring.shared = NULL;
	buffers_unmap(d);
}

static bool map(struct pv_drive *d, const struct pv_block_wish *w, struct failure *f)
{
	if (!buffers_map(d, f))
		return false;
	d->pages = pv_place_map(&d->block->guest->place, w->grants, w->nr_pages, true);
	if (!d->pages) {
		buffers_unmap(d);
		return fail(f, "drive %u: the pages of its ring are not granted: %s", d->number,
		            strerror(errno));
	}
	d->nr_pages = w->nr_pages;
	d->layout = pv_layout_find(w->protocol);
	pv_ring_init(&d->ring, d->pages, w->nr_pages * PV_PAGE, d->layout->bytes,
	             d->layout->answer_bytes);
	return true;
}

bool pv_block_connect(struct pv_drive *d, const struct pv_block_wish *w, struct failure *f)
{
	int err;

	if (!wish_check(d, w, f) || !map(d, w, f))
		return false;
	d->port.heard = heard;
	err = pv_port_bind(d->block->guest, &d->port, w->port);
	if (err) {
		unmap(d);
		return fail(f, "drive %u: its event channel %u cannot be bound: %s", d->number,
		            w->port, strerror(-err));
	}
	if (d->shadow >= 0)
		block_set_aside(d->block->emulated, (unsigned)d->shadow, true);
	d->is_connected = true;
	d->is_closing = d->has_started = d->was_broken = d->is_dirty = false;
	d->is_to_be_looked_at = true;
	pv_port_tell(d->block->guest,
	             &d->port); /* answers of a predecessor may not have been heard */
	return true;
}

static void close_if_idle(struct pv_drive *d)
{
	if (!d->is_closing || d->nr_busy)
		return;
	publish(d);
	pv_port_unbind(d->block->guest, &d->port);
	unmap(d);
	for (unsigned i = 0; i < PV_IN_FLIGHT; i++)
		d->slots[i].state = PV_FREE;
	if (d->shadow >= 0)
		block_set_aside(d->block->emulated, (unsigned)d->shadow, false);
	d->is_connected = d->is_closing = false;
	d->block->pv_events->closed(d->block->context, d->number);
}

void pv_block_disconnect(struct pv_drive *d)
{
	if (!d->is_connected) {
		d->block->pv_events->closed(d->block->context, d->number);
		return;
	}
	d->is_closing = true;
	close_if_idle(d);
}

/* ---- all ---- */

void pv_block_init(struct pv_block *b, struct pv_guest *g, struct block *emulated,
                   const struct block_events *e, const struct pv_block_events *pv, void *context)
{
	memset(b, 0, sizeof(*b));
	b->guest = g;
	b->emulated = emulated;
	b->events = e;
	b->pv_events = pv;
	b->context = context;
	b->again.fire = try_again;
	b->soon.fire = soon;
	b->rest.fire = rest;
}

struct pv_drive *pv_block_find(struct pv_block *b, uint32_t number)
{
	for (unsigned i = 0; i < b->nr_drives; i++)
		if (b->drives[i].number == number)
			return &b->drives[i];
	return NULL;
}

struct pv_drive *pv_block_add(struct pv_block *b, uint32_t number, struct disk *disk, int shadow)
{
	struct pv_drive *d = &b->drives[b->nr_drives];

	if (b->nr_drives == PV_DRIVES || pv_block_find(b, number))
		return NULL;
	b->nr_drives++;
	d->block = b;
	d->number = number;
	d->disk = disk;
	d->shadow = shadow;
	for (unsigned i = 0; i < PV_IN_FLIGHT; i++)
		d->slots[i].drive = d;
	return d;
}

void pv_block_round_over(struct pv_block *b)
{
	for (unsigned i = 0; i < b->nr_drives; i++)
		if (b->drives[i].is_to_be_looked_at)
			look(&b->drives[i]);
	for (unsigned i = 0; i < b->nr_drives; i++) {
		publish(&b->drives[i]);
		close_if_idle(&b->drives[i]);
	}
}

bool pv_block_is_idle(const struct pv_block *b)
{
	for (unsigned i = 0; i < b->nr_drives; i++)
		for (unsigned j = 0; j < PV_IN_FLIGHT; j++)
			if (b->drives[i].slots[j].state == PV_BUSY)
				return false;
	return true;
}

void pv_block_close(struct pv_block *b)
{
	for (unsigned i = 0; i < b->nr_drives; i++) {
		publish(&b->drives[i]);
		disk_put(b->drives[i].disk);
		b->drives[i].disk = NULL;
	}
}
