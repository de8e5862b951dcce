/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The LZMA decoder that .lzma files and the LZMA2 chunks of xz share. Its window is the output itself. The caller keeps the struct (28 KiB) in the work
 * area.
 */
#ifndef UNPACK_LZMA_H
#define UNPACK_LZMA_H

#include "types.h"

enum {
	LZMA_STATES = 12,
	LZMA_POS_STATES = 16, /* pb up to 4 */
	LZMA_LITERAL_CODES =
		16, /* lc + lp up to 4: all that LZMA2 allows, and all that Linux packs with */
	LZMA_LITERAL_CODE = 0x300,
	LZMA_INPUT_MAX = 24, /* no symbol uses more bytes of input (20 and one to normalise) */
};

struct lzma_length {
	uint16_t choice, choice2;
	uint16_t low[LZMA_POS_STATES][8], middle[LZMA_POS_STATES][8], high[256];
};

/* The chances of a zero, in 2048ths, in the places where a bit can stand. */
struct lzma_chances {
	uint16_t is_match[LZMA_STATES][LZMA_POS_STATES];
	uint16_t is_repeat[LZMA_STATES], is_repeat0[LZMA_STATES], is_repeat1[LZMA_STATES],
		is_repeat2[LZMA_STATES];
	uint16_t is_long_repeat0[LZMA_STATES][LZMA_POS_STATES];
	uint16_t distance_slot[4][64], distance_middle[115], distance_low[16];
	struct lzma_length match_length, repeat_length;
	uint16_t literal[LZMA_LITERAL_CODES * LZMA_LITERAL_CODE];
};

struct lzma {
	struct lzma_chances chances;
	uint32_t literal_context_bits, literal_position_mask, position_mask;
	uint32_t state,
		distance[4]; /* state: what the last symbols were; distances less one of the last matches */
	/* the range coder */
	uint32_t range, code;
	const uint8_t *in, *in_end; /* the caller's; in_end also while tail is in use */
	/* The last bytes of the input with zeroes behind, so that one loop serves to the end. */
	bool in_tail;
	const uint8_t *tail_end;
	uint8_t tail[2 * LZMA_INPUT_MAX];
	/* the output: nothing before dictionary is referred to; writes may run on to room_end */
	const uint8_t *dictionary, *room_end;
	uint8_t *out;
	const char *why;
};

enum lzma_end {
	LZMA_LIMIT = 0,  /* the limit is reached */
	LZMA_MARKER = 1, /* an end marker came first */
};

/* Properties lc, lp, pb as both formats have them in a byte; false: not valid, or more than LZMA_LITERAL_CODES. */
bool lzma_properties_set(struct lzma *l, uint8_t byte);
/* All chances, states and distances as at the start. */
void lzma_state_reset(struct lzma *l);
/* Starts the range coder with the five bytes at in, of size bytes in all; false: fewer than those, or the first is not 0. */
bool lzma_range_start(struct lzma *l, const uint8_t *in, size_t size);
/*
 * Decodes until limit (between out and room_end): enum lzma_end, or -EBADMSG with why. A match that crosses the limit is damage too, or -ENOSPC
 * when limit is room_end.
 */
int lzma_run(struct lzma *l, uint8_t *limit);
/* Looks whether the next symbol is an end marker: LZMA_MARKER; LZMA_LIMIT if it is another one. -EBADMSG: the input is over. */
int lzma_run_marker(struct lzma *l);
/* After the last run: true when the range coder is where an encoder ends. *in is then the first byte that was not used. */
bool lzma_range_end(struct lzma *l, const uint8_t **in);

#endif
