// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * LZO1X instructions. Each is a match, whose two lowest bits say how many literals follow (0 to 3), or a run of literals. What the numbers 0 to 15 mean
 * depends on what came before: "state" is the number of literals behind the last match, or 4 after a run.
 */
#include "lzo_block.h"
#include "bytes.h"

enum {
	STATE_RUN = 4,
	RUN_MIN = 3,
	FIRST_RUN = 17, /* the first byte, when larger, is a run of so many more */
	NEAR_MAX = 2048,
	FAR_BASE = 16384,
};

struct match {
	size_t length, distance;
};

enum { MATCH = 0, END = 1, CUT = 2 };

/* The length when the bits of the instruction are zero: 255 for each zero byte, and the first other byte. False: the input is over. */
inner_fn bool length_more(const uint8_t **in, const uint8_t *end, size_t *length)
{
	do {
		if (*in == end)
			return false;
		*length += **in ? **in : 255;
	} while (!*(*in)++);
	return true;
}

/* Instructions 16 to 63: a length in the low bits (mask), two bytes of distance and literals. */
inner_fn int far_match(struct match *m, const uint8_t **in, const uint8_t *end, uint8_t code,
                       unsigned *literals)
{
	size_t mask = code < 32 ? 7 : 31;

	m->length = code & mask;
	if (!m->length) {
		m->length = mask;
		if (!length_more(in, end, &m->length))
			return CUT;
	}
	m->length += 2;
	if (end - *in < 2)
		return CUT;
	m->distance = get_le16(*in) >> 2;
	*literals = **in & 3;
	*in += 2;
	if (code >= 32) {
		m->distance++;
		return MATCH;
	}
	m->distance += FAR_BASE + ((size_t)(code & 8) << 11);
	return m->distance == FAR_BASE ? END : MATCH;
}

/* The others, with one more byte of distance. */
inner_fn int near_match(struct match *m, const uint8_t **in, const uint8_t *end, uint8_t code,
                        unsigned state, unsigned *literals)
{
	size_t high;

	if (*in == end)
		return CUT;
	high = *(*in)++;
	*literals = code & 3;
	if (code >= 64) {
		m->length = code >= 128 ? 5 + (code >> 5 & 3) : 3 + (code >> 5 & 1);
		m->distance = (high << 3) + (code >> 2 & 7) + 1;
	} else {
		m->length = state == STATE_RUN ? 3 : 2;
		m->distance = (high << 2) + (code >> 2) + 1 + (state == STATE_RUN ? NEAR_MAX : 0);
	}
	return MATCH;
}

/* 0, or the error. */
inner_fn int literals_copy(struct unpack_stream *s, const uint8_t **in, const uint8_t *end,
                           uint8_t **out, size_t n)
{
	if (unlikely(n > (size_t)(end - *in)))
		return stream_damaged(s, "a block ends too early");
	if (unlikely(n > (size_t)(s->out_end - *out)))
		return stream_full(s);
	bytes_copy(*out, s->out_end, *in, end, n);
	*in += n;
	*out += n;
	return 0;
}

inner_fn int match_do(struct unpack_stream *s, const struct match *m, uint8_t **out)
{
	if (unlikely(m->distance > (size_t)(*out - s->out)))
		return stream_damaged(s, "a match begins before the data does");
	if (unlikely(m->length > (size_t)(s->out_end - *out)))
		return stream_full(s);
	*out = match_copy(*out, s->out_end, m->distance, m->length);
	return 0;
}

static int block_end(struct unpack_stream *s, const uint8_t *in, const uint8_t *end, uint8_t *out)
{
	if (in != end)
		return stream_damaged(s, "a block goes on behind its end");
	s->in = end;
	s->out = out;
	return 0;
}

int lzo_block_unpack(struct unpack_stream *s, size_t size)
{
	const uint8_t *in = s->in, *end = in + size;
	uint8_t *out = s->out; /* s->out stays: the window begins there */
	unsigned state = 0;
	int rc = 0;

	if (size && *in > FIRST_RUN) {
		size_t n = (size_t)*in++ - FIRST_RUN;

		state = n < STATE_RUN ? (unsigned)n : STATE_RUN;
		rc = literals_copy(s, &in, end, &out, n);
	}
	while (!rc) {
		struct match m;
		uint8_t code;
		int kind;

		if (unlikely(in == end))
			break;
		code = *in++;
		if (code < 16 && !state) {
			size_t n = code ? code : 15;

			if (!code && !length_more(&in, end, &n))
				break;
			rc = literals_copy(s, &in, end, &out, n + RUN_MIN);
			state = STATE_RUN;
			continue;
		}
		kind = code >= 16 && code < 64 ? far_match(&m, &in, end, code, &state)
		                               : near_match(&m, &in, end, code, state, &state);
		if (unlikely(kind == END))
			return block_end(s, in, end, out);
		if (unlikely(kind == CUT))
			break;
		rc = match_do(s, &m, &out);
		if (!rc)
			rc = literals_copy(s, &in, end, &out, state);
	}
	return rc ? rc : stream_damaged(s, "a block ends too early");
}
