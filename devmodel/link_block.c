/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Disks on the link. A request that the drive has given up stays with the backend until that answers: until then its memory is not used again, and nothing later is asked of that drive, so
 * that an old request can neither overwrite new data nor overtake a new write.
 */
#include "link_part.h"

#include "errno.h"
#include "string.h"

#define PIECE     131072u
#define PIECES    (unsigned)(LINK_DATA / PIECE)
#define NO_PIECE  PIECES
#define SLOT_MASK (LINK_BLOCK_SLOTS - 1)

struct drive {
	struct block_backend backend;
	bool is_there;
	uint8_t number;
	unsigned given_up; /* requests that the backend still has */
};

/* A piece of data[]: lent to a client, and in use by requests that are on their way. */
struct piece {
	bool is_lent;
	unsigned requests;
};

/* A request that is on its way. */
struct slot {
	struct block_request *request; /* NULL: it was given up */
	struct drive *drive;
	uint64_t age;
	uint32_t tag, buffer;
	unsigned piece; /* NO_PIECE: it moves no data */
	bool is_used, is_copied;
	struct link_block_request message;
};

static struct drive drives[DEVMODEL_DISKS];
static struct piece pieces[PIECES];
static struct slot slots[LINK_BLOCK_SLOTS];
static struct block_request *first, **last; /* not on their way yet, the oldest first */
static struct link_end requests, answers;
static uint64_t next_age;
static uint32_t next_tag;

static struct devmodel_link *shared(void)
{
	return link_memory();
}

/* ---- memory ---- */

static unsigned piece_find(void)
{
	unsigned i = 0;

	while (i < PIECES && (pieces[i].is_lent || pieces[i].requests))
		i++;
	return i;
}

/* Of an address of a client's: NO_PIECE: not in data[]. */
static unsigned piece_of(const void *p)
{
	uint64_t at = (uint64_t)((const uint8_t *)p - shared()->data);

	return at < LINK_DATA ? (unsigned)(at / PIECE) : NO_PIECE;
}

static void *lend(struct block_backend *b, size_t size)
{
	unsigned i = piece_find();

	if (size > PIECE || i == NO_PIECE)
		return NULL;
	pieces[i].is_lent = true;
	return shared()->data + i * PIECE;
}

static void take_back(struct block_backend *b, void *p)
{
	unsigned i = piece_of(p);

	if (i != NO_PIECE)
		pieces[i].is_lent = false;
}

/* ---- on the way ---- */

static size_t bytes_of(const struct block_request *r)
{
	return r->op == BLOCK_READ || r->op == BLOCK_WRITE ? (size_t)r->count * BLOCK_SECTOR : 0;
}

/* Where the request's bytes lie, or go. False: there is no memory now. */
static bool slot_memory(struct slot *s, const struct block_request *r)
{
	size_t n = bytes_of(r);

	s->is_copied = false;
	s->piece = NO_PIECE;
	s->buffer = 0;
	if (!n)
		return true;
	s->piece = piece_of(r->buffer);
	if (s->piece != NO_PIECE) {
		s->buffer = (uint32_t)((uint8_t *)r->buffer - shared()->data);
		return true;
	}
	s->piece = piece_find();
	if (s->piece == NO_PIECE)
		return false;
	s->is_copied = true;
	s->buffer = s->piece * PIECE;
	if (r->op == BLOCK_WRITE)
		memcpy(shared()->data + s->buffer, r->buffer, n);
	return true;
}

static void message_put(const struct link_block_request *m)
{
	shared()->block.requests[requests.index & SLOT_MASK] = *m;
	link_produced(&requests, 1);
	link_tell();
}

static struct slot *slot_find(void)
{
	for (unsigned i = 0; i < LINK_BLOCK_SLOTS; i++)
		if (!slots[i].is_used)
			return &slots[i];
	return NULL;
}

/* False: it has to wait. */
static bool slot_start(struct block_request *r, struct drive *d)
{
	struct slot *s = slot_find();

	if (!s || !link_room(&requests) || !slot_memory(s, r))
		return false;
	s->request = r;
	s->drive = d;
	s->is_used = true;
	s->age = next_age++;
	next_tag += LINK_BLOCK_SLOTS;
	s->tag = next_tag | (uint32_t)(s - slots);
	if (s->piece != NO_PIECE)
		pieces[s->piece].requests++;
	s->message = (struct link_block_request){ .tag = s->tag,
		                                  .op = (uint8_t)r->op,
		                                  .drive = d->number,
		                                  .flags = r->fua ? LINK_BLOCK_FUA : 0,
		                                  .sector = r->op == BLOCK_FLUSH ? 0 : r->sector,
		                                  .count = r->op == BLOCK_FLUSH ? 0 : r->count,
		                                  .buffer = s->buffer };
	message_put(&s->message);
	return true;
}

static void slot_free(struct slot *s)
{
	if (s->piece != NO_PIECE)
		pieces[s->piece].requests--;
	if (!s->request)
		s->drive->given_up--;
	s->request = NULL;
	s->is_used = false;
}

static struct drive *drive_of(const struct block_request *r);

/* What can go goes, in order. One that has to wait for its drive's old requests holds back only what is for that drive. */
static void pump(void)
{
	bool waits[DEVMODEL_DISKS] = { false };
	struct block_request **p = &first;

	if (!link_is_attached())
		return;
	while (*p) {
		struct block_request *r = *p, *next = r->next;
		struct drive *d = drive_of(r);

		waits[d->number] |= d->given_up != 0;
		if (waits[d->number]) {
			p = &r->next;
			continue;
		}
		if (!slot_start(r, d))
			break;
		*p = next;
	}
	while (*p)
		p = &(*p)->next;
	last = p;
}

/* ---- the client's calls ---- */

static struct drive *drive_of(const struct block_request *r)
{
	return container_of((struct block_backend *)r->backend, struct drive, backend);
}

static void submit(struct block_backend *b, struct block_request *r)
{
	r->backend = b;
	if (bytes_of(r) > PIECE) {
		r->done(r, -EIO);
		return;
	}
	r->next = NULL;
	*last = r;
	last = &r->next;
	pump();
}

static bool waiting_remove(const struct block_request *r)
{
	struct block_request **p = &first;

	while (*p && *p != r)
		p = &(*p)->next;
	if (!*p)
		return false;
	*p = r->next;
	if (!*p)
		last = p;
	return true;
}

static void cancel(struct block_backend *b, struct block_request *r)
{
	if (!waiting_remove(r)) {
		for (unsigned i = 0; i < LINK_BLOCK_SLOTS; i++) {
			if (!slots[i].is_used || slots[i].request != r)
				continue;
			slots[i].request = NULL;
			slots[i].drive->given_up++;
		}
	}
	r->done(r, -EIO);
}

struct block_backend *link_disk(const struct devmodel_board *b, unsigned n)
{
	return drives[n].is_there ? &drives[n].backend : NULL;
}

/* ---- what comes ---- */

/* What a backend may say; anything else is an error of the medium. */
static int error_of(int32_t said)
{
	static const int errors[] = { 0, -EIO, -ENOSPC, -EROFS, -ENOMEDIUM };

	for (unsigned i = 0; i < ARRAY_LEN(errors); i++)
		if (errors[i] == said)
			return said;
	return -EIO;
}

static void answer(const struct link_block_answer *a)
{
	struct slot *s = &slots[a->tag & SLOT_MASK];
	struct block_request *r = s->request;
	int error = error_of(a->error);

	if (!s->is_used || s->tag != a->tag)
		return; /* to a question that nobody asked */
	if (r && s->is_copied && r->op == BLOCK_READ && !error)
		memcpy(r->buffer, shared()->data + s->buffer, bytes_of(r));
	slot_free(s);
	if (r)
		r->done(r, error);
}

static void answers_look(void)
{
	uint32_t n = link_waiting(&answers);

	for (uint32_t i = 0; i < n; i++) {
		struct link_block_answer *from =
			&shared()->block.answers[(answers.index + i) & SLOT_MASK];
		struct link_block_answer a = { read_once(from->tag), read_once(from->error) };

		answer(&a);
	}
	if (n && link_consumed(&answers, n))
		link_tell();
}

static void look(void)
{
	answers_look();
	pump();
}

/* ---- a new backend ---- */

/* The oldest that is younger than age; NULL: none. */
static struct slot *slot_after(uint64_t age)
{
	struct slot *found = NULL;

	for (unsigned i = 0; i < LINK_BLOCK_SLOTS; i++)
		if (slots[i].is_used && slots[i].age >= age &&
		    (!found || slots[i].age < found->age))
			found = &slots[i];
	return found;
}

/* What was given up went with the old one. */
static void attach(void)
{
	link_empty(&requests);
	link_empty(&answers);
	for (unsigned i = 0; i < LINK_BLOCK_SLOTS; i++)
		if (slots[i].is_used && !slots[i].request)
			slot_free(&slots[i]);
	for (struct slot *s = slot_after(0); s; s = slot_after(s->age + 1))
		message_put(&s->message);
}

static void drive_start(struct drive *d, unsigned n, const struct devmodel_drive *from)
{
	*d = (struct drive){ .is_there = from->kind != DEVMODEL_DRIVE_NONE, .number = (uint8_t)n };
	d->backend = (struct block_backend){ .sectors = from->size / BLOCK_SECTOR,
		                             .read_only = from->read_only != 0,
		                             .submit = submit,
		                             .cancel = cancel,
		                             .lend = lend,
		                             .take_back = take_back };
	if (d->is_there)
		link_medium_start(n, &d->backend, from->kind == DEVMODEL_DRIVE_CDROM);
}

static void start(const struct devmodel_board *b)
{
	struct link_block *l = &shared()->block;

	requests = (struct link_end){ &l->request_queue, 0, LINK_BLOCK_SLOTS };
	answers = (struct link_end){ &l->answer_queue, 0, LINK_BLOCK_SLOTS };
	memset(slots, 0, sizeof(slots));
	memset(pieces, 0, sizeof(pieces));
	first = NULL;
	last = &first;
	for (unsigned i = 0; i < DEVMODEL_DISKS; i++)
		drive_start(&drives[i], i, &b->drives[i]);
}

const struct link_part link_block_part = { start, attach, look };
