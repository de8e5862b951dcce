/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bitmaps: searching, counting and filling a word at a time. */
#include "bitmap.h"

/* First bit at or after from that differs from the same bit of flip (all zeroes or all ones). */
static size_t next_bit(const uint64_t *map, size_t bits, size_t from, uint64_t flip)
{
	size_t word = from / 64;
	uint64_t found;

	if (from >= bits)
		return bits;
	found = (map[word] ^ flip) & ~0ull << (from % 64);
	while (!found) {
		if (++word >= BITMAP_WORDS(bits))
			return bits;
		found = map[word] ^ flip;
	}
	from = word * 64 + __builtin_ctzll(found);
	return from < bits ? from : bits;
}

size_t bitmap_next_set(const uint64_t *map, size_t bits, size_t from)
{
	return next_bit(map, bits, from, 0);
}

size_t bitmap_next_clear(const uint64_t *map, size_t bits, size_t from)
{
	return next_bit(map, bits, from, ~0ull);
}

/* The machine's POPCNT may be absent, and gcc's own helper lives in a library that we do not link. */
static unsigned word_count(uint64_t w)
{
	w -= w >> 1 & 0x5555555555555555ull;
	w = (w & 0x3333333333333333ull) + (w >> 2 & 0x3333333333333333ull);
	w = (w + (w >> 4)) & 0x0f0f0f0f0f0f0f0full;
	return w * 0x0101010101010101ull >> 56;
}

size_t bitmap_count(const uint64_t *map, size_t bits)
{
	size_t n = 0;

	for (size_t i = 0; i < bits / 64; i++)
		n += word_count(map[i]);
	if (bits % 64)
		n += word_count(map[bits / 64] & ~(~0ull << (bits % 64)));
	return n;
}

void bitmap_zero(uint64_t *map, size_t bits)
{
	for (size_t i = 0; i < BITMAP_WORDS(bits); i++)
		map[i] = 0;
}

void bitmap_fill(uint64_t *map, size_t bits)
{
	for (size_t i = 0; i < bits / 64; i++)
		map[i] = ~0ull;
	if (bits % 64)
		map[bits / 64] = ~(~0ull << (bits % 64));
}
