// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * LZMA: literals, matches and repeated matches, each bit of them coded by a range coder with a chance that learns. All helpers are inlined into lzma_run(),
 * so that range, code and the input pointer stay in registers: nearly all of the time goes into bit_get().
 */
#include "lzma.h"
#include "bytes.h"
#include "errno.h"

#define CHANCE_BITS       11
#define CHANCE_START      (1u << (CHANCE_BITS - 1))
#define LEARN_SHIFT       5
#define RANGE_LOW         (1u << 24) /* below this another byte is shifted in */
#define RANGE_BYTES       5
#define MATCH_MIN         2u
#define FIRST_NOT_LITERAL 7u /* states from here on: the last symbol was no literal */
#define END_MARKER        0xffffffffu

struct range {
	uint32_t range, code;
	const uint8_t *in;
};

inner_fn void range_normalise(struct range *r)
{
	if (r->range < RANGE_LOW) {
		r->range <<= 8;
		r->code = r->code << 8 | *r->in++;
	}
}

inner_fn uint32_t bit_get(struct range *r, uint16_t *chance)
{
	uint32_t c = *chance, bound;

	range_normalise(r);
	bound = (r->range >> CHANCE_BITS) * c;
	if (r->code < bound) {
		r->range = bound;
		*chance = (uint16_t)(c + (((1u << CHANCE_BITS) - c) >> LEARN_SHIFT));
		return 0;
	}
	r->range -= bound;
	r->code -= bound;
	*chance = (uint16_t)(c - (c >> LEARN_SHIFT));
	return 1;
}

/* A number of some bits, highest first; each prefix has its own chance. */
inner_fn uint32_t tree_get(struct range *r, uint16_t *chances, unsigned bits)
{
	uint32_t symbol = 1;

#pragma GCC unroll 8
	for (unsigned i = 0; i < bits; i++)
		symbol = symbol << 1 | bit_get(r, &chances[symbol]);
	return symbol - (1u << bits);
}

/* The same, lowest bit first. */
inner_fn uint32_t tree_get_reversed(struct range *r, uint16_t *chances, unsigned bits)
{
	uint32_t symbol = 1, value = 0;

	for (unsigned i = 0; i < bits; i++) {
		uint32_t bit = bit_get(r, &chances[symbol]);

		symbol = symbol << 1 | bit;
		value |= bit << i;
	}
	return value;
}

/* Bits that are as likely 0 as 1 have no chances. */
inner_fn uint32_t direct_get(struct range *r, unsigned bits)
{
	uint32_t value = 0;

	while (bits--) {
		uint32_t below;

		range_normalise(r);
		r->range >>= 1;
		r->code -= r->range;
		below = 0u - (r->code >> 31); /* all ones: it was the lower half, so put it back */
		r->code += r->range & below;
		value = (value << 1) + 1 + below;
	}
	return value;
}

inner_fn uint8_t literal_get(struct range *r, uint16_t *chances)
{
	return (uint8_t)tree_get(r, chances, 8);
}

/* After a match the byte that the match would have gone on with is a good guess: as long as it holds, its bits choose the chances. */
inner_fn uint8_t literal_get_guessed(struct range *r, uint16_t *chances, uint32_t guess)
{
	uint32_t symbol = 1, offset = 0x100;

#pragma GCC unroll 8
	for (unsigned i = 0; i < 8; i++) {
		uint32_t guessed, bit;

		guess <<= 1;
		guessed = guess & offset;
		bit = bit_get(r, &chances[offset + guessed + symbol]);
		symbol = symbol << 1 | bit;
		offset = bit ? guessed : offset & ~guessed;
	}
	return (uint8_t)symbol;
}

inner_fn uint32_t length_get(struct range *r, struct lzma_length *l, uint32_t pos_state)
{
	if (!bit_get(r, &l->choice))
		return MATCH_MIN + tree_get(r, l->low[pos_state], 3);
	if (!bit_get(r, &l->choice2))
		return MATCH_MIN + 8 + tree_get(r, l->middle[pos_state], 3);
	return MATCH_MIN + 16 + tree_get(r, l->high, 8);
}

/* A distance less one: six bits say its two highest bits and how many follow. */
inner_fn uint32_t distance_get(struct range *r, struct lzma_chances *c, uint32_t length)
{
	uint32_t slot = tree_get(r, c->distance_slot[MIN(length - MATCH_MIN, 3u)], 6);
	uint32_t bits = (slot >> 1) - 1, base;

	if (slot < 4)
		return slot;
	base = (2 | (slot & 1)) << bits;
	if (slot < 14)
		return base + tree_get_reversed(r, c->distance_middle + base - slot, bits);
	base += direct_get(r, bits - 4) << 4;
	return base + tree_get_reversed(r, c->distance_low, 4);
}

bool lzma_properties_set(struct lzma *l, uint8_t byte)
{
	unsigned lc = byte % 9, lp = byte / 9 % 5, pb = byte / 45;

	if (pb > 4 || lc + lp > 4)
		return false;
	l->literal_context_bits = lc;
	l->literal_position_mask = (1u << lp) - 1;
	l->position_mask = (1u << pb) - 1;
	return true;
}

void lzma_state_reset(struct lzma *l)
{
	uint16_t *chance = (uint16_t *)&l->chances;

	for (size_t i = 0; i < sizeof(l->chances) / sizeof(*chance); i++)
		chance[i] = CHANCE_START;
	l->state = 0;
	for (unsigned i = 0; i < 4; i++)
		l->distance[i] = 0;
}

bool lzma_range_start(struct lzma *l, const uint8_t *in, size_t size)
{
	if (size < RANGE_BYTES || in[0])
		return false;
	l->range = 0xffffffff;
	l->code = get_be32(in + 1);
	l->in = in + RANGE_BYTES;
	l->in_end = in + size;
	l->in_tail = false;
	return true;
}

bool lzma_range_end(struct lzma *l, const uint8_t **in)
{
	struct range r = { l->range, l->code, l->in };

	if (r.range < RANGE_LOW && r.in == (l->in_tail ? l->tail_end : l->in_end))
		return false;
	range_normalise(&r);
	if (l->in_tail && r.in > l->tail_end)
		return false;
	*in = l->in_tail ? l->in_end - (l->tail_end - r.in) : r.in;
	return !r.code;
}

/* Fewer bytes than a symbol may use are left. The first time, goes on in a copy with zeroes behind; then, says whether those were used. */
static bool cold_fn input_goes_on(struct lzma *l, struct range *r, const uint8_t **in_safe)
{
	size_t left = (size_t)(l->in_end - r->in);

	if (l->in_tail)
		return false;
	for (size_t i = 0; i < sizeof(l->tail); i++)
		l->tail[i] = i < left ? r->in[i] : 0;
	l->in_tail = true;
	l->tail_end = l->tail + left;
	r->in = l->tail;
	*in_safe = l->tail_end + 1;
	return true;
}

/* What lzma_run() keeps in registers. */
struct run {
	struct range r;
	uint8_t *out;
	uint32_t state, distance[4];
};

inner_fn void run_literal(struct run *u, struct lzma *l)
{
	size_t position = (size_t)(u->out - l->dictionary);
	uint32_t before = position ? u->out[-1] : 0, bits = l->literal_context_bits;
	uint32_t code =
		(((uint32_t)position & l->literal_position_mask) << bits) + (before >> (8 - bits));
	uint16_t *chances = l->chances.literal + LZMA_LITERAL_CODE * code;

	if (u->state < FIRST_NOT_LITERAL) {
		*u->out++ = literal_get(&u->r, chances);
		u->state = u->state < 4 ? 0 : u->state - 3;
	} else {
		*u->out =
			literal_get_guessed(&u->r, chances, u->out[-(ptrdiff_t)u->distance[0] - 1]);
		u->out++;
		u->state -= u->state < 10 ? 3 : 6;
	}
}

/* Which of the last four distances: that one becomes the last. False: the last one, and only one byte. */
inner_fn bool run_repeat_choose(struct run *u, struct lzma_chances *c, uint32_t pos_state)
{
	uint32_t chosen;

	if (!bit_get(&u->r, &c->is_repeat0[u->state]))
		return bit_get(&u->r, &c->is_long_repeat0[u->state][pos_state]);
	if (!bit_get(&u->r, &c->is_repeat1[u->state])) {
		chosen = u->distance[1];
	} else {
		if (!bit_get(&u->r, &c->is_repeat2[u->state])) {
			chosen = u->distance[2];
		} else {
			chosen = u->distance[3];
			u->distance[3] = u->distance[2];
		}
		u->distance[2] = u->distance[1];
	}
	u->distance[1] = u->distance[0];
	u->distance[0] = chosen;
	return true;
}

/* A match's length; 0: an end marker. */
inner_fn uint32_t run_match(struct run *u, struct lzma_chances *c, uint32_t pos_state)
{
	bool repeat = bit_get(&u->r, &c->is_repeat[u->state]),
	     after_literal = u->state < FIRST_NOT_LITERAL;
	uint32_t length;

	if (repeat && !run_repeat_choose(u, c, pos_state)) {
		u->state = after_literal ? 9 : 11;
		return 1;
	}
	length = length_get(&u->r, repeat ? &c->repeat_length : &c->match_length, pos_state);
	if (repeat) {
		u->state = after_literal ? 8 : 11;
		return length;
	}
	u->state = after_literal ? 7 : 10;
	u->distance[3] = u->distance[2];
	u->distance[2] = u->distance[1];
	u->distance[1] = u->distance[0];
	u->distance[0] = distance_get(&u->r, c, length);
	return u->distance[0] == END_MARKER ? 0 : length;
}

static int cold_fn run_fail(struct lzma *l, int error, const char *why)
{
	l->why = why;
	return error;
}

/* A match that crosses limit. Beyond the end of the input any match can be read. */
static int cold_fn run_too_long(const uint8_t *in, struct lzma *l, const uint8_t *limit)
{
	if (l->in_tail && in > l->tail_end)
		return run_fail(l, -EBADMSG, "the data ends too early");
	if (limit == l->room_end)
		return run_fail(l, -ENOSPC, "the result is larger than the room for it");
	return run_fail(l, -EBADMSG, "a match is longer than its part of the data");
}

inner_fn int run_to(struct run *u, struct lzma *l, const uint8_t *in_safe, const uint8_t *limit)
{
	while (u->out < limit) {
		uint32_t pos_state = (uint32_t)(u->out - l->dictionary) & l->position_mask, length;

		if (unlikely(u->r.in >= in_safe)) {
			/* by a copy: the address of the original would keep it in memory all the time */
			struct range r = u->r;

			if (!input_goes_on(l, &r, &in_safe))
				return run_fail(l, -EBADMSG, "the data ends too early");
			u->r = r;
		}
		if (!bit_get(&u->r, &l->chances.is_match[u->state][pos_state])) {
			run_literal(u, l);
			continue;
		}
		length = run_match(u, &l->chances, pos_state);
		if (unlikely(!length))
			return LZMA_MARKER;
		if (unlikely(u->distance[0] >= (size_t)(u->out - l->dictionary)))
			return run_fail(l, -EBADMSG, "a match begins before the data does");
		if (unlikely(length > (size_t)(limit - u->out)))
			return run_too_long(u->r.in, l, limit);
		u->out = match_copy(u->out, l->room_end, (size_t)u->distance[0] + 1, length);
	}
	return LZMA_LIMIT;
}

static struct run run_load(const struct lzma *l)
{
	return (struct run){ { l->range, l->code, l->in },
		             l->out,
		             l->state,
		             { l->distance[0], l->distance[1], l->distance[2], l->distance[3] } };
}

static void run_store(struct lzma *l, const struct run *u)
{
	l->range = u->r.range;
	l->code = u->r.code;
	l->in = u->r.in;
	l->out = u->out;
	l->state = u->state;
	for (unsigned i = 0; i < 4; i++)
		l->distance[i] = u->distance[i];
}

/* As long as the input pointer is before this, a symbol has all that it may use. */
static const uint8_t *input_safe(const struct lzma *l)
{
	if (l->in_tail)
		return l->tail_end + 1;
	return l->in_end - l->in >= LZMA_INPUT_MAX ? l->in_end - LZMA_INPUT_MAX + 1 : l->in;
}

int lzma_run(struct lzma *l, uint8_t *limit)
{
	struct run u = run_load(l);
	int rc = run_to(&u, l, input_safe(l), limit);

	run_store(l, &u);
	return rc;
}

int lzma_run_marker(struct lzma *l)
{
	struct run u = run_load(l);
	const uint8_t *in_safe = input_safe(l);
	uint32_t pos_state = (uint32_t)(u.out - l->dictionary) & l->position_mask;
	bool is_marker;

	if (u.r.in >= in_safe && !input_goes_on(l, &u.r, &in_safe))
		return run_fail(l, -EBADMSG, "the data ends too early");
	is_marker = bit_get(&u.r, &l->chances.is_match[u.state][pos_state]) &&
	            !run_match(&u, &l->chances, pos_state);
	run_store(l, &u);
	if (l->in_tail && l->in > l->tail_end)
		return run_fail(l, -EBADMSG, "the data ends too early");
	return is_marker ? LZMA_MARKER : LZMA_LIMIT;
}
