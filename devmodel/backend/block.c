/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests for drives. As many as there are slots are taken; the rest waits in the link. */
#include "block.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define SLOT_MASK   (LINK_BLOCK_SLOTS - 1)
#define RETRY_NS    1000000000u
#define SECTORS_MAX (LINK_DATA / BLOCK_SECTOR)

_Static_assert((int)DISK_READ == BLOCK_READ && (int)DISK_WRITE == BLOCK_WRITE &&
                       (int)DISK_FLUSH == BLOCK_FLUSH && (int)DISK_DISCARD == BLOCK_DISCARD,
               "disk.h's are the link's");

static struct devmodel_link *shared(const struct block *b)
{
	return b->link->memory;
}

/* ---- answers ---- */

/* Linux's errors as those that a device model knows. */
static int32_t error_of(int error)
{
	switch (-error) {
	case 0: return 0;
	case ENOSPC:
	case EDQUOT:
	case EFBIG: return -ENOSPC;
	case EROFS:
	case EPERM:
	case EBADF: return -EROFS;
	case ENOMEDIUM: return -ENOMEDIUM;
	default: return -EIO;
	}
}

/* False: the device model does not take its answers out. */
static bool answer_put(struct block *b, struct block_slot *s)
{
	struct link_block_answer *to = &shared(b)->block.answers[b->answers.index & SLOT_MASK];

	if (!link_room_wanted(&b->answers, 1))
		return false;
	*to = (struct link_block_answer){ s->tag, error_of(s->error) };
	model_produced(b->link, &b->answers, 1);
	s->state = BLOCK_FREE;
	b->nr_free++;
	return true;
}

static void answer(struct block *b, struct block_slot *s, int error)
{
	s->error = error;
	s->state = BLOCK_ANSWERED;
	if (!answer_put(b, s))
		b->nr_answered++;
}

static void answers_look(struct block *b)
{
	if (!b->nr_answered)
		return;
	for (unsigned i = 0; i < DISK_REQUESTS; i++)
		if (b->slots[i].state == BLOCK_ANSWERED) {
			if (!answer_put(b, &b->slots[i]))
				return;
			b->nr_answered--;
		}
	link_room_found(&b->answers);
}

/* ---- from disks ---- */

static void no_room(struct block *b, struct block_slot *s)
{
	char text[DISK_NAME + 200];

	s->state = BLOCK_NO_ROOM;
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
		event_timer_set(b->link->loop, &b->again, RETRY_NS);
}

/* When nobody waits for room any more the guest goes on. */
static void resume(struct block *b)
{
	for (unsigned i = 0; i < DISK_REQUESTS; i++)
		if (b->slots[i].was_refused)
			return;
	b->is_paused = false;
	b->events->resumed(b->context);
}

static void try_again(struct event_timer *t)
{
	struct block *b = container_of(t, struct block, again);

	for (unsigned i = 0; i < DISK_REQUESTS; i++) {
		struct block_slot *s = &b->slots[i];

		if (s->state != BLOCK_NO_ROOM)
			continue;
		s->state = BLOCK_BUSY;
		s->request.disk->kind->submit(s->request.disk, &s->request);
	}
}

static void error_log(struct block *b, const struct block_slot *s, int error)
{
	static const char *const names[] = { "read", "write", "flush", "discard" };
	char text[DISK_NAME + 200];

	b->errors++;
	if (b->has_errors_logged)
		return;
	b->has_errors_logged = true;
	snprintf(text, sizeof(text),
	         "disk %s: %s at byte %llu: %s. The guest gets a medium error; look at the disk "
	         "under it (dmesg). Further errors are counted only",
	         s->request.disk->name, names[s->request.op], (unsigned long long)s->request.at,
	         strerror(-error));
	b->events->log(b->context, text);
}

static void done(struct disk_request *r, int error)
{
	struct block_slot *s = container_of(r, struct block_slot, request);
	struct block *b = s->block;

	if (error_of(error) == -ENOSPC && r->op == DISK_WRITE) {
		no_room(b, s);
		return;
	}
	if (error)
		error_log(b, s, error);
	disk_put(r->disk);
	r->disk = NULL;
	s->was_refused = false;
	answer(b, s, error);
	if (b->is_paused)
		resume(b);
	/* There is a free slot again, and perhaps somebody who waits for one. */
	if (link_waiting(&b->requests))
		model_link_look_again(b->link);
}

/* ---- from the link ---- */

/* 0: it can be submitted. Otherwise its answer: an error, or 1 for one that is done already. */
static int request_check(const struct block *b, const struct link_block_request *q)
{
	const struct block_drive *d = &b->drives[q->drive < BLOCK_DRIVES ? q->drive : 0];
	bool moves = q->op == BLOCK_READ || q->op == BLOCK_WRITE;
	uint64_t sectors;

	if (q->drive >= BLOCK_DRIVES || !d->is_there || q->op > BLOCK_DISCARD)
		return -EIO;
	if (!d->disk)
		return -ENOMEDIUM;
	if (q->op == BLOCK_FLUSH)
		return 0;
	if (q->op != BLOCK_READ && (d->disk->is_read_only || d->is_set_aside))
		return -EROFS;
	sectors = d->disk->size / BLOCK_SECTOR;
	if (!q->count || q->sector > sectors || q->count > sectors - q->sector)
		return -EIO;
	if (moves && (q->count > SECTORS_MAX || q->buffer % BLOCK_SECTOR ||
	              q->buffer > LINK_DATA - (uint64_t)q->count * BLOCK_SECTOR))
		return -EIO;
	return q->op == BLOCK_DISCARD && !d->disk->may_discard ? 1 : 0;
}

static void request_submit(struct block *b, struct block_slot *s,
                           const struct link_block_request *q)
{
	struct disk *d = b->drives[q->drive].disk;
	bool moves = q->op == BLOCK_READ || q->op == BLOCK_WRITE;

	d->users++;
	s->request = (struct disk_request){
		.disk = d,
		.op = (enum disk_op)q->op,
		.fua = q->flags & LINK_BLOCK_FUA,
		/* of the others the buffer has not been checked: it means nothing */
		.bytes = moves ? shared(b)->data + q->buffer : NULL,
		.at = q->op == BLOCK_FLUSH ? 0 : q->sector * BLOCK_SECTOR,
		.length = 0,
		.done = done
	};
	if (moves)
		s->request.length = q->count * BLOCK_SECTOR;
	if (q->op == BLOCK_DISCARD) /* a hint, which needs not be followed to its end */
		s->request.length = MIN(q->count, 1u << 22) * BLOCK_SECTOR;
	b->reads += q->op == BLOCK_READ;
	b->writes += q->op == BLOCK_WRITE;
	b->read_bytes += q->op == BLOCK_READ ? s->request.length : 0;
	b->written_bytes += q->op == BLOCK_WRITE ? s->request.length : 0;
	d->kind->submit(d, &s->request);
}

static struct link_block_request request_get(const struct block *b, uint32_t index)
{
	const struct link_block_request *q = &shared(b)->block.requests[index & SLOT_MASK];

	return (struct link_block_request){ .tag = read_once(q->tag),
		                            .op = read_once(q->op),
		                            .drive = read_once(q->drive),
		                            .flags = read_once(q->flags),
		                            .sector = read_once(q->sector),
		                            .count = read_once(q->count),
		                            .buffer = read_once(q->buffer) };
}

static struct block_slot *slot_find(struct block *b)
{
	for (unsigned i = 0; i < DISK_REQUESTS; i++)
		if (b->slots[i].state == BLOCK_FREE)
			return &b->slots[i];
	return NULL;
}

static void requests_look(struct block *b)
{
	uint32_t n = MIN(link_waiting(&b->requests), b->nr_free);

	for (uint32_t i = 0; i < n; i++) {
		struct link_block_request q = request_get(b, b->requests.index + i);
		struct block_slot *s = slot_find(b);
		int said = request_check(b, &q);

		if (!s)
			break; /* cannot be: as many are free */
		s->tag = q.tag;
		s->state = BLOCK_BUSY;
		b->nr_free--;
		if (said)
			answer(b, s, said < 0 ? said : 0);
		else
			request_submit(b, s, &q);
	}
	if (n)
		model_consumed(b->link, &b->requests, n);
	if (b->nr_free && link_waiting(&b->requests))
		model_link_look_again(b->link);
}

/* ---- media ---- */

static void medium_announce(struct block *b, unsigned n)
{
	struct link_medium *m = &shared(b)->media[n];
	const struct disk *d = b->drives[n].disk;

	write_once(m->sectors, d ? d->size / BLOCK_SECTOR : 0);
	write_once(m->read_only, !d || d->is_read_only);
	store_release(&m->generation, read_once(m->generation) + 1);
	model_link_tell(b->link);
}

/* The device model knows what the board says as long as nobody has said anything else: what our predecessor said may be another thing. */
static void medium_attach(struct block *b, unsigned n)
{
	const struct link_medium *m = &shared(b)->media[n];
	struct block_drive *d = &b->drives[n];

	d->ejects = read_once(shared(b)->drives[n].ejects);
	if (d->is_there && (read_once(m->generation) || d->ejects))
		medium_announce(b, n);
}

static void ejects_look(struct block *b)
{
	for (unsigned i = 0; i < BLOCK_DRIVES; i++) {
		struct block_drive *d = &b->drives[i];
		uint32_t ejects;

		if (!d->is_cdrom)
			continue;
		ejects = read_once(shared(b)->drives[i].ejects);
		if (ejects == d->ejects)
			continue;
		d->ejects = ejects;
		block_change_medium(b, i, NULL);
		b->events->ejected(b->context, i);
	}
}

static void attached(void *context)
{
	struct block *b = context;
	struct link_block *l = &shared(b)->block;

	b->requests = model_consumer(&l->request_queue, LINK_BLOCK_SLOTS);
	b->answers = model_producer(&l->answer_queue, LINK_BLOCK_SLOTS);
	for (unsigned i = 0; i < BLOCK_DRIVES; i++)
		medium_attach(b, i);
}

static void look(void *context)
{
	struct block *b = context;

	answers_look(b);
	requests_look(b);
	ejects_look(b);
}

void block_change_medium(struct block *b, unsigned n, struct disk *disk)
{
	struct block_drive *d = &b->drives[n];

	disk_put(d->disk);
	d->disk = disk;
	if (b->link->is_attached)
		medium_announce(b, n);
}

bool block_is_locked(const struct block *b, unsigned n)
{
	return b->link->is_attached && read_once(shared(b)->drives[n].is_locked);
}

void block_ask_eject(struct block *b, unsigned n)
{
	uint32_t *wanted = &shared(b)->media[n].eject_wanted;

	write_once(*wanted, read_once(*wanted) + 1);
	model_link_tell(b->link);
}

uint64_t block_resize(struct block *b, unsigned n)
{
	struct disk *d = b->drives[n].disk;
	uint64_t size;

	if (!d)
		return 0;
	size = d->kind->measure(d) / DISK_SECTOR * DISK_SECTOR;
	if (size != d->size) {
		d->size = size;
		if (b->link->is_attached)
			medium_announce(b, n);
	}
	return size / DISK_SECTOR;
}

void block_set_aside(struct block *b, unsigned n, bool is_set_aside)
{
	b->drives[n].is_set_aside = is_set_aside;
}

bool block_drive_is_idle(const struct block *b, unsigned n)
{
	for (unsigned i = 0; i < DISK_REQUESTS; i++)
		if ((b->slots[i].state == BLOCK_BUSY || b->slots[i].state == BLOCK_NO_ROOM) &&
		    b->slots[i].request.disk == b->drives[n].disk)
			return false;
	return true;
}

bool block_is_idle(const struct block *b)
{
	for (unsigned i = 0; i < DISK_REQUESTS; i++)
		if (b->slots[i].state == BLOCK_BUSY)
			return false;
	return true;
}

/* ---- all ---- */

void block_init(struct block *b, struct model_link *l, const struct block_events *e, void *context)
{
	memset(b, 0, sizeof(*b));
	b->link = l;
	b->events = e;
	b->context = context;
	b->again.fire = try_again;
	b->nr_free = DISK_REQUESTS;
	for (unsigned i = 0; i < DISK_REQUESTS; i++)
		b->slots[i].block = b;
	model_link_add_part(l, attached, look, b);
}

void block_add_drive(struct block *b, unsigned n, bool is_cdrom, struct disk *disk)
{
	b->drives[n] = (struct block_drive){ .is_there = true, .is_cdrom = is_cdrom, .disk = disk };
}

void block_close(struct block *b)
{
	for (unsigned i = 0; i < BLOCK_DRIVES; i++) {
		disk_put(b->drives[i].disk);
		b->drives[i].disk = NULL;
	}
}
