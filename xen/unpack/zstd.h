/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the zstd decoder (RFC 8878) share: the work area and the steps of a compressed block. */
#ifndef UNPACK_ZSTD_H
#define UNPACK_ZSTD_H

#include "stream.h"

enum {
	ZSTD_BLOCK_MAX = 128 << 10, /* bytes of a block, packed or not, and of its literals */
	ZSTD_HUFFMAN_BITS = 11,
	ZSTD_SYMBOLS = 256,
	ZSTD_STATE_BITS_MAX = 9,
	ZSTD_CODES_MAX = 53, /* symbols of the largest of the three tables below */
	ZSTD_KINDS = 3,      /* of fields of a sequence, in the order of their tables: */
};
enum zstd_kind { ZSTD_LITERAL_LENGTH, ZSTD_OFFSET, ZSTD_MATCH_LENGTH };

/* A state of a finite-state coder: the symbol, already as base and extra bits; the next state is read from the stream. */
struct zstd_state {
	uint32_t base;       /* of the symbol */
	uint16_t next;       /* base of the next state */
	uint8_t extra, bits; /* how many are added to base and to next */
};

struct zstd_states {
	struct zstd_state states[1 << ZSTD_STATE_BITS_MAX];
	unsigned bits; /* 1 << bits are used */
	bool valid;
};

struct zstd_huffman_entry {
	uint8_t symbol, bits;
};

struct zstd {
	struct zstd_states tables[ZSTD_KINDS];
	struct zstd_states weights; /* of the Huffman code's description */
	struct zstd_huffman_entry huffman[1 << ZSTD_HUFFMAN_BITS];
	unsigned huffman_bits; /* 0: there is no code yet */
	uint8_t weight[ZSTD_SYMBOLS];
	int16_t chances[ZSTD_SYMBOLS];
	uint32_t repeat[3];   /* the last offsets */
	const uint8_t *frame; /* where its output begins */
	/* the literals of a block: in the input, or in literal */
	const uint8_t *literals, *literals_end,
		*literals_readable; /* the last: reading beyond the end is allowed so far */
	uint8_t literal[ZSTD_BLOCK_MAX + 8];
};

/* What becomes of the symbols of a table. */
struct zstd_symbols {
	const uint32_t *bases; /* NULL: the base is the symbol */
	const uint8_t *extras;
	unsigned nr;       /* symbols 0 to nr - 1 are valid */
	unsigned max_bits; /* of the table */
};

/* Reads chances from *in and builds the table. False: damaged. */
bool zstd_states_read(struct zstd *z, struct zstd_states *t, const struct zstd_symbols *symbols,
                      const uint8_t **in, const uint8_t *end);
/* Builds the table from chances of nr symbols (in 1 << bits in all; -1: less than one). False: they do not add up. */
bool zstd_states_build(struct zstd_states *t, const struct zstd_symbols *symbols,
                       const int16_t *chances, unsigned nr, unsigned bits);
/* A table of one state, for one symbol. */
bool zstd_states_single(struct zstd_states *t, const struct zstd_symbols *symbols, unsigned symbol);

/* The literals section at *in: sets z->literals. As unpack_fn. */
int zstd_literals(struct unpack_stream *s, const uint8_t **in, const uint8_t *end);
/* The sequences section, to end: writes the output of the block. As unpack_fn. */
int zstd_sequences(struct unpack_stream *s, const uint8_t *in, const uint8_t *end);

#endif
