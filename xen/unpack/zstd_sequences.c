// SPDX-License-Identifier: GPL-2.0-or-later
/* The sequences of a zstd block: each copies some literals and then a match (RFC 8878, 3.1.1.3.2 to 3.1.1.5). */
#include "zstd.h"
#include "zstd_bits.h"

enum { TABLE_DEFAULT, TABLE_SINGLE, TABLE_NEW, TABLE_SAME };

static const uint32_t literal_bases[36] = {
	0,  1,  2,  3,  4,  5,  6,  7,  8,   9,   10,  11,   12,   13,   14,   15,    16,    18,
	20, 22, 24, 28, 32, 40, 48, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536,
};
static const uint8_t literal_extras[36] = {
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,  0,  0,  0,  0,  1,  1,
	1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
};
static const int16_t literal_chances[36] = {
	4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1,  1,  2,  2,
	2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1,
};

static const uint32_t match_bases[53] = {
	3,  4,  5,  6,  7,  8,  9,  10,  11,  12,  13,   14,   15,   16,   17,    18,    19,    20,
	21, 22, 23, 24, 25, 26, 27, 28,  29,  30,  31,   32,   33,   34,   35,    37,    39,    41,
	43, 47, 51, 59, 67, 83, 99, 131, 259, 515, 1027, 2051, 4099, 8195, 16387, 32771, 65539,
};
static const uint8_t match_extras[53] = {
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,  0,  0,  0,  0,  0,  0,  0,
	0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
};
static const int16_t match_chances[53] = {
	1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,  1,  1,  1,  1,  1,  1,  1,
	1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1,
};

/* An offset's base is a power of two, with as many bits. */
static const uint32_t offset_bases[32] = {
	1u << 0,  1u << 1,  1u << 2,  1u << 3,  1u << 4,  1u << 5,  1u << 6,  1u << 7,
	1u << 8,  1u << 9,  1u << 10, 1u << 11, 1u << 12, 1u << 13, 1u << 14, 1u << 15,
	1u << 16, 1u << 17, 1u << 18, 1u << 19, 1u << 20, 1u << 21, 1u << 22, 1u << 23,
	1u << 24, 1u << 25, 1u << 26, 1u << 27, 1u << 28, 1u << 29, 1u << 30, 1u << 31,
};
static const uint8_t offset_extras[32] = {
	0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
	16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
};
static const int16_t offset_chances[29] = {
	1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1,
};

static const struct {
	struct zstd_symbols symbols;
	const int16_t *chances; /* of the default table */
	uint8_t nr, bits;
} kinds[ZSTD_KINDS] = {
	[ZSTD_LITERAL_LENGTH] = { { literal_bases, literal_extras, 36, 9 },
	                          literal_chances,
	                          36,
	                          6 },
	[ZSTD_OFFSET] = { { offset_bases, offset_extras, 32, 8 }, offset_chances, 29, 5 },
	[ZSTD_MATCH_LENGTH] = { { match_bases, match_extras, 53, 9 }, match_chances, 53, 6 },
};

static bool table_read(struct zstd *z, enum zstd_kind kind, unsigned mode, const uint8_t **in,
                       const uint8_t *end)
{
	struct zstd_states *t = &z->tables[kind];
	const struct zstd_symbols *symbols = &kinds[kind].symbols;

	if (mode == TABLE_DEFAULT)
		return zstd_states_build(t, symbols, kinds[kind].chances, kinds[kind].nr,
		                         kinds[kind].bits);
	if (mode == TABLE_SINGLE)
		return *in < end && zstd_states_single(t, symbols, *(*in)++);
	if (mode == TABLE_NEW)
		return zstd_states_read(z, t, symbols, in, end);
	return t->valid;
}

/* The number of sequences, and the tables. -1: damaged. */
static int32_t head_read(struct zstd *z, const uint8_t **in, const uint8_t *end)
{
	int32_t n;
	unsigned modes;

	if (*in == end)
		return -1;
	n = *(*in)++;
	if (n >= 128 && *in == end)
		return -1;
	if (n == 255) {
		if (end - *in < 2)
			return -1;
		n = get_le16(*in) + 0x7f00;
		*in += 2;
	} else if (n >= 128) {
		n = (n - 128) << 8 | *(*in)++;
	}
	if (!n)
		return *in == end ? 0 : -1;
	if (*in == end || **in & 3)
		return -1;
	modes = *(*in)++;
	for (unsigned kind = 0; kind < ZSTD_KINDS; kind++)
		if (!table_read(z, kind, modes >> (6 - 2 * kind) & 3, in, end))
			return -1;
	return n;
}

/* What is read of a sequence, and the states of the coders. */
struct sequences {
	struct zstd_bits b;
	const struct zstd_state *literal, *offset, *match;
	uint32_t repeat0, repeat1, repeat2;
};

/* Offsets from 1 to 3 stand for the last ones; without literals, these count from the second, and the last but one stands for the last less one. */
inner_fn uint32_t offset_resolve(struct sequences *q, uint32_t value, uint32_t literals)
{
	uint32_t offset;

	if (likely(value > 3)) {
		offset = value - 3;
	} else {
		value += !literals;
		if (value == 1)
			return q->repeat0;
		offset = value == 2 ? q->repeat1 : value == 3 ? q->repeat2 : q->repeat0 - 1;
		if (value == 2) {
			q->repeat1 = q->repeat0;
			q->repeat0 = offset;
			return offset;
		}
	}
	q->repeat2 = q->repeat1;
	q->repeat1 = q->repeat0;
	q->repeat0 = offset;
	return offset;
}

inner_fn void states_go_on(struct sequences *q, const struct zstd *z, uint64_t top)
{
	const struct zstd_state *l = q->literal, *m = q->match, *o = q->offset;

	q->b.left -= l->bits + m->bits + o->bits;
	q->literal = &z->tables[ZSTD_LITERAL_LENGTH].states[l->next + zstd_top_take(&top, l->bits)];
	q->match = &z->tables[ZSTD_MATCH_LENGTH].states[m->next + zstd_top_take(&top, m->bits)];
	q->offset = &z->tables[ZSTD_OFFSET].states[o->next + zstd_top_take(&top, o->bits)];
}

inner_fn int sequence_do(struct unpack_stream *s, struct zstd *z, struct sequences *q, bool is_last)
{
	uint64_t top = zstd_bits_top(&q->b);
	uint32_t value = q->offset->base + zstd_top_take(&top, q->offset->extra);
	uint32_t length = q->match->base + zstd_top_take(&top, q->match->extra), literals, offset;
	uint8_t *out = s->out;

	q->b.left -= q->offset->extra + q->match->extra;
	top = zstd_bits_top(&q->b);
	literals = q->literal->base + zstd_top_take(&top, q->literal->extra);
	q->b.left -= q->literal->extra;
	if (!is_last)
		states_go_on(q, z, top);
	offset = offset_resolve(q, value, literals);
	if (unlikely(literals > (size_t)(z->literals_end - z->literals)))
		return stream_damaged(s, "a block has fewer literals than it uses");
	if (unlikely((uint64_t)literals + length > stream_room(s)))
		return q->b.left < 0 ? stream_damaged(s, "the sequences of a block are not valid")
		                     : stream_full(s);
	bytes_copy(out, s->out_end, z->literals, z->literals_readable, literals);
	z->literals += literals;
	out += literals;
	if (unlikely(!offset || offset > (size_t)(out - z->frame)))
		return stream_damaged(s, "a match begins before the data does");
	s->out = match_copy(out, s->out_end, offset, length);
	return 0;
}

static int sequences_do(struct unpack_stream *s, const uint8_t *in, const uint8_t *end, int32_t n)
{
	struct zstd *z = s->work;
	struct sequences q = { .repeat0 = z->repeat[0],
		               .repeat1 = z->repeat[1],
		               .repeat2 = z->repeat[2] };
	struct zstd_states *t = z->tables;
	int rc = 0;

	if (!zstd_bits_start(&q.b, in, (size_t)(end - in)))
		return stream_damaged(s, "the sequences of a block are not valid");
	q.literal =
		&t[ZSTD_LITERAL_LENGTH].states[zstd_bits_take(&q.b, t[ZSTD_LITERAL_LENGTH].bits)];
	q.offset = &t[ZSTD_OFFSET].states[zstd_bits_take(&q.b, t[ZSTD_OFFSET].bits)];
	q.match = &t[ZSTD_MATCH_LENGTH].states[zstd_bits_take(&q.b, t[ZSTD_MATCH_LENGTH].bits)];
	while (n-- && !rc && q.b.left >= 0)
		rc = sequence_do(s, z, &q, !n);
	if (!rc && q.b.left)
		rc = stream_damaged(s, "the sequences of a block are not valid");
	z->repeat[0] = q.repeat0;
	z->repeat[1] = q.repeat1;
	z->repeat[2] = q.repeat2;
	return rc;
}

int zstd_sequences(struct unpack_stream *s, const uint8_t *in, const uint8_t *end)
{
	struct zstd *z = s->work;
	int32_t n = head_read(z, &in, end);
	size_t left;
	int rc = 0;

	if (n < 0)
		return stream_damaged(s, "the tables of a block are not valid");
	if (n)
		rc = sequences_do(s, in, end, n);
	if (rc)
		return rc;
	left = (size_t)(z->literals_end - z->literals);
	if (left > stream_room(s))
		return stream_full(s);
	bytes_copy(s->out, s->out_end, z->literals, z->literals_readable, left);
	s->out += left;
	return 0;
}
