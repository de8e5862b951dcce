/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bit streams of zstd that are written forwards and read backwards: from the highest bit below the mark (the highest one set in the last byte) down to the
 * first byte. Reading keeps only a position; each read loads the word that ends there.
 */
#ifndef UNPACK_ZSTD_BITS_H
#define UNPACK_ZSTD_BITS_H

#include "bytes.h"

struct zstd_bits {
	const uint8_t *start;
	int64_t left; /* bits not read yet; below 0: so many were read beyond the start, as zeroes */
};

#define ZSTD_BITS_TOP 57 /* so many bits of zstd_bits_top() are right */

/* False: no bytes, or no mark. */
inner_fn bool zstd_bits_start(struct zstd_bits *b, const uint8_t *data, size_t size)
{
	if (!size || !data[size - 1])
		return false;
	b->start = data;
	b->left = (int64_t)size * 8 - 8 + (31 - __builtin_clz(data[size - 1]));
	return true;
}

static inline uint64_t zstd_bits_top_slow(const struct zstd_bits *b)
{
	uint64_t v = 0;

	if (b->left <= 0)
		return 0;
	for (int64_t i = 0; i < (b->left + 7) / 8 && i < 8; i++)
		v |= (uint64_t)b->start[i] << (8 * i);
	return v << (64 - b->left);
}

/* The bits that come next, at the upper end of a word. */
inner_fn uint64_t zstd_bits_top(const struct zstd_bits *b)
{
	int64_t at = b->left - ZSTD_BITS_TOP;

	if (unlikely(at < 0))
		return zstd_bits_top_slow(b);
	return get_le64(b->start + (at >> 3)) << (64 - ZSTD_BITS_TOP - (at & 7));
}

/* Bits off the upper end of a word that zstd_bits_top() gave; n may be 0. The caller counts them in b->left. */
inner_fn uint32_t zstd_top_take(uint64_t *top, unsigned n)
{
	uint32_t v = (uint32_t)(*top >> 1 >> (63 - n));

	*top <<= n;
	return v;
}

inner_fn uint32_t zstd_bits_take(struct zstd_bits *b, unsigned n)
{
	uint64_t top = zstd_bits_top(b);

	b->left -= n;
	return zstd_top_take(&top, n);
}

#endif
