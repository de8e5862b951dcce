/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every number here is the guest's: it is copied out of the ring, or out of a granted page, then checked. */
#include "pv_request.h"

#include <string.h>

#define SECTORS_A_PAGE (PV_PAGE / DISK_SECTOR)
#define DISCARD_MOST   (1u << 22) /* sectors; a hint needs not be followed to its end */
#define HANDLE         4          /* bytes: of an indirect request, and what aligns it */
#define ENTRY_MOST     sizeof(struct blkif_request)

static const struct pv_layout layouts[] = {
	{ "x86_64-abi", 112, 16, 8, 16, 24 },
	{ "x86_32-abi", 108, 12, 4, 12, 20 },
};
_Static_assert(sizeof(struct blkif_request) == 112 && sizeof(struct blkif_response) == 16 &&
                       offsetof(struct blkif_request, id) == 8 &&
                       offsetof(struct blkif_request, sector_number) == 16 &&
                       offsetof(struct blkif_request, seg) == 24 &&
                       offsetof(struct blkif_request_discard, nr_sectors) == 24 &&
                       offsetof(struct blkif_request_indirect, nr_segments) == 2 &&
                       offsetof(struct blkif_request_indirect, indirect_grefs) == 24 + HANDLE,
               "x86_64-abi is what the public header says here");
_Static_assert(sizeof(struct blkif_request_segment) == 8 &&
                       offsetof(struct blkif_request_segment, first_sect) == 4,
               "the same for all");
_Static_assert(offsetof(struct blkif_response, operation) == 8 &&
                       offsetof(struct blkif_response, status) == 10,
               "the same for all");

const struct pv_layout *pv_layout_find(const char *protocol)
{
	if (!protocol || !*protocol || !strcmp(protocol, "native"))
		return &layouts[0];
	for (size_t i = 0; i < ARRAY_LEN(layouts); i++)
		if (!strcmp(layouts[i].protocol, protocol))
			return &layouts[i];
	return NULL;
}

/* ---- taking it apart ---- */

struct raw {
	uint8_t bytes[ENTRY_MOST];
};

static uint64_t number(const struct raw *r, uint32_t at, size_t size)
{
	uint64_t n = 0;

	memcpy(&n, r->bytes + at, size);
	return n;
}

bool pv_request_is_barrier(const struct pv_ring *r)
{
	uint8_t operation;

	pv_ring_peek(r, 0, &operation, sizeof(operation));
	return operation == BLKIF_OP_WRITE_BARRIER;
}

static struct pv_segment segment_of(const struct blkif_request_segment *from)
{
	return (struct pv_segment){ from->gref, from->first_sect, from->last_sect };
}

static int16_t segments_direct(struct pv_slot *s, const struct raw *r, const struct pv_layout *l)
{
	struct blkif_request_segment from;

	s->nr_segments = r->bytes[1];
	if (s->nr_segments > BLKIF_MAX_SEGMENTS_PER_REQUEST) {
		s->nr_segments = 0;
		return BLKIF_RSP_ERROR;
	}
	for (unsigned i = 0; i < s->nr_segments; i++) {
		memcpy(&from, r->bytes + l->segments + i * sizeof(from), sizeof(from));
		s->segments[i] = segment_of(&from);
	}
	return PV_REQUEST_IS_GOOD;
}

/* PV_SEGMENTS fit into one page of them. */
_Static_assert(PV_SEGMENTS * sizeof(struct blkif_request_segment) <= PV_PAGE, "one page");

static int16_t segments_indirect(struct pv_slot *s, const struct raw *r, const struct pv_layout *l,
                                 struct pv_place *place)
{
	struct blkif_request_segment from[PV_SEGMENTS];
	unsigned nr = (unsigned)number(r, 2, 2);
	struct pv_copy copy = { .local = from,
		                .grant = (uint32_t)number(r, l->sector + 8 + HANDLE, 4),
		                .length = (uint16_t)(nr * sizeof(from[0])) };

	s->operation = r->bytes[1];
	if (s->operation > BLKIF_OP_WRITE || !nr || nr > PV_SEGMENTS ||
	    pv_place_copy(place, &copy, 1) != 0 || copy.status != 0)
		return BLKIF_RSP_ERROR;
	s->nr_segments = nr;
	for (unsigned i = 0; i < nr; i++)
		s->segments[i] = segment_of(&from[i]);
	return PV_REQUEST_IS_GOOD;
}

/* ---- checking ---- */

static int16_t segments_check(struct pv_slot *s)
{
	s->count = 0;
	for (unsigned i = 0; i < s->nr_segments; i++) {
		const struct pv_segment *p = &s->segments[i];

		if (p->first > p->last || p->last >= SECTORS_A_PAGE)
			return BLKIF_RSP_ERROR;
		s->count += p->last - p->first + 1u;
	}
	return PV_REQUEST_IS_GOOD;
}

static int16_t place_check(const struct pv_slot *s, const struct disk *d)
{
	uint64_t sectors = d->size / DISK_SECTOR;

	if (s->operation != BLKIF_OP_READ && d->is_read_only)
		return BLKIF_RSP_ERROR;
	return s->sector > sectors || s->count > sectors - s->sector ? BLKIF_RSP_ERROR
	                                                             : PV_REQUEST_IS_GOOD;
}

static int16_t discard_check(struct pv_slot *s, const struct raw *r, const struct disk *d,
                             const struct pv_layout *l)
{
	int16_t said;

	if (r->bytes[1] & BLKIF_DISCARD_SECURE || !d->may_discard)
		return BLKIF_RSP_EOPNOTSUPP;
	s->count = number(r, l->sector + 8, 8);
	said = place_check(s, d);
	if (said == PV_REQUEST_IS_GOOD && !s->count)
		return BLKIF_RSP_OKAY;
	s->count = MIN(s->count, (uint64_t)DISCARD_MOST);
	return said;
}

/* A flush, or barrier, may come without data. */
static int16_t data_check(struct pv_slot *s, const struct disk *d, int16_t said)
{
	bool needs_data = s->operation <= BLKIF_OP_WRITE;

	if (said == PV_REQUEST_IS_GOOD)
		said = segments_check(s);
	if (said == PV_REQUEST_IS_GOOD && !s->count && needs_data)
		said = BLKIF_RSP_ERROR;
	if (said == PV_REQUEST_IS_GOOD && !s->count)
		return d->is_read_only ? BLKIF_RSP_OKAY : said;
	return said == PV_REQUEST_IS_GOOD ? place_check(s, d) : said;
}

int16_t pv_request_take(struct pv_slot *s, const struct disk *disk, struct pv_ring *r,
                        const struct pv_layout *l, struct pv_place *place)
{
	struct raw raw = { { 0 } };

	pv_ring_peek(r, 0, raw.bytes, l->bytes);
	r->taken++;
	s->operation = raw.bytes[0];
	s->id = number(&raw, l->id, 8);
	s->sector = number(&raw, l->sector, 8);
	s->count = 0;
	s->nr_segments = 0;
	if (s->operation == BLKIF_OP_DISCARD)
		return discard_check(s, &raw, disk, l);
	if (s->operation == BLKIF_OP_INDIRECT)
		return data_check(s, disk, segments_indirect(s, &raw, l, place));
	if (s->operation > BLKIF_OP_FLUSH_DISKCACHE)
		return BLKIF_RSP_EOPNOTSUPP;
	return data_check(s, disk, segments_direct(s, &raw, l));
}

/* ---- doing it ---- */

void pv_request_fill(struct pv_slot *s, enum disk_op op)
{
	struct disk_request *q = &s->request;

	q->op = op;
	q->fua = op == DISK_WRITE && s->operation == BLKIF_OP_WRITE_BARRIER;
	q->at = op == DISK_FLUSH ? 0 : s->sector * DISK_SECTOR;
	q->length = op == DISK_FLUSH ? 0 : (uint32_t)(s->count * DISK_SECTOR);
}

static bool data_move(struct pv_slot *s, struct pv_place *place, bool to_guest)
{
	struct pv_copy copies[PV_SEGMENTS];
	uint8_t *at = s->request.bytes;

	for (unsigned i = 0; i < s->nr_segments; i++) {
		const struct pv_segment *p = &s->segments[i];
		uint16_t length = (uint16_t)((p->last - p->first + 1u) * DISK_SECTOR);

		copies[i] = (struct pv_copy){ .local = at,
			                      .grant = p->grant,
			                      .offset = (uint16_t)(p->first * DISK_SECTOR),
			                      .length = length,
			                      .to_guest = to_guest };
		at += length;
	}
	if (pv_place_copy(place, copies, s->nr_segments) != 0)
		return false;
	for (unsigned i = 0; i < s->nr_segments; i++)
		if (copies[i].status != 0)
			return false;
	return true;
}

bool pv_data_take(struct pv_slot *s, struct pv_place *place)
{
	return data_move(s, place, false);
}

bool pv_data_give(struct pv_slot *s, struct pv_place *place)
{
	return data_move(s, place, true);
}

void pv_answer_put(struct pv_ring *r, const struct pv_layout *l, const struct pv_slot *s)
{
	struct blkif_response a;

	memset(&a, 0, sizeof(a));
	a.id = s->id;
	a.operation = s->operation;
	a.status = s->status;
	pv_ring_answer(r, &a);
}
