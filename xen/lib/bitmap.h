/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Arrays of bits in 64-bit words, bit n in word n / 64. The plain ones need the caller's lock. */
#ifndef LIB_BITMAP_H
#define LIB_BITMAP_H

#include "types.h"

#define BITMAP_WORDS(bits)         (((bits) + 63) / 64)
#define BITMAP_DECLARE(name, bits) uint64_t name[BITMAP_WORDS(bits)]

static inline bool bitmap_test(const uint64_t *map, size_t n)
{
	return map[n / 64] >> (n % 64) & 1;
}
static inline void bitmap_set(uint64_t *map, size_t n)
{
	map[n / 64] |= 1ull << (n % 64);
}
static inline void bitmap_clear(uint64_t *map, size_t n)
{
	map[n / 64] &= ~(1ull << (n % 64));
}
/* First bit set (or clear) at or after from, or bits when there is none. Bits past the end are never looked at. */
size_t bitmap_next_set(const uint64_t *map, size_t bits, size_t from);
size_t bitmap_next_clear(const uint64_t *map, size_t bits, size_t from);
size_t bitmap_count(const uint64_t *map, size_t bits);
void bitmap_zero(uint64_t *map, size_t bits);
/* Sets bits [0, bits) and clears the rest of the last word. */
void bitmap_fill(uint64_t *map, size_t bits);

#define bitmap_for_each(n, map, bits) \
	for (n = bitmap_next_set(map, bits, 0); n < (bits); n = bitmap_next_set(map, bits, n + 1))

#endif
