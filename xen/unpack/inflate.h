/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Deflate, the packed data of gzip (RFC 1951). */
#ifndef UNPACK_INFLATE_H
#define UNPACK_INFLATE_H

#include "stream.h"

enum {
	INFLATE_LITERALS =
		288, /* literals, end of block, lengths: symbols and those that are not used */
	INFLATE_DISTANCES = 32,
	INFLATE_CODE_LENGTHS = 19,
	INFLATE_CODE_MAX = 15,     /* bits of the longest code */
	INFLATE_LITERAL_BITS = 11, /* looked up at once; longer codes have a second table */
	INFLATE_DISTANCE_BITS = 9,
	INFLATE_LENGTH_BITS = 7,
};

/* Bits of the first table, and for the second ones: a code longer than that needs less than 2^15 / 2^bits entries of its own. */
#define INFLATE_TABLE(symbols, bits) \
	((1u << (bits)) + (symbols) * (1u << (INFLATE_CODE_MAX - (bits))))

/* Tables of entries that inflate.c draws. */
struct inflate {
	uint32_t literals[INFLATE_TABLE(INFLATE_LITERALS, INFLATE_LITERAL_BITS)];
	uint32_t distances[INFLATE_TABLE(INFLATE_DISTANCES, INFLATE_DISTANCE_BITS)];
	uint32_t lengths[1u << INFLATE_LENGTH_BITS];
	uint8_t code_lengths[INFLATE_LITERALS + INFLATE_DISTANCES];
	bool has_fixed; /* the tables are those of a block with fixed codes */
};

/* All blocks, from s->in to s->out; matches refer back to s->out as it was at first. As unpack_fn. */
int inflate(struct unpack_stream *s, struct inflate *f);

#endif
