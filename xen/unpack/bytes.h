/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers in byte streams, and the copies of the inner loops: whole words that may run over what was asked for, as far as the buffer's end.
 * The builtins with a constant size become single moves, also where the host's AddressSanitizer watches them.
 */
#ifndef UNPACK_BYTES_H
#define UNPACK_BYTES_H

#include "types.h"

#define inner_fn static inline __attribute__((always_inline))

inner_fn uint16_t get_le16(const uint8_t *p)
{
	uint16_t v;

	__builtin_memcpy(&v, p, sizeof(v));
	return v;
}

inner_fn uint32_t get_le32(const uint8_t *p)
{
	uint32_t v;

	__builtin_memcpy(&v, p, sizeof(v));
	return v;
}

inner_fn uint64_t get_le64(const uint8_t *p)
{
	uint64_t v;

	__builtin_memcpy(&v, p, sizeof(v));
	return v;
}

inner_fn uint16_t get_be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

inner_fn uint32_t get_be32(const uint8_t *p)
{
	return __builtin_bswap32(get_le32(p));
}

inner_fn void put_le32(uint8_t *p, uint32_t v)
{
	__builtin_memcpy(p, &v, sizeof(v));
}

inner_fn void copy_word(uint8_t *to, const uint8_t *from)
{
	uint64_t v;

	__builtin_memcpy(&v, from, sizeof(v));
	__builtin_memcpy(to, &v, sizeof(v));
}

/* Copies n bytes that do not overlap; while both ends allow it in words, which may write up to 7 bytes more. */
inner_fn void bytes_copy(uint8_t *to, const uint8_t *to_end, const uint8_t *from,
                         const uint8_t *from_end, size_t n)
{
	if (likely((size_t)(to_end - to) >= n + 7 && (size_t)(from_end - from) >= n + 7)) {
		for (size_t i = 0; i < n; i += 8)
			copy_word(to + i, from + i);
	} else {
		for (size_t i = 0; i < n; i++)
			to[i] = from[i];
	}
}

/*
 * Repeats what was written distance bytes before: length bytes (1 or more) at out, which have room before end. distance is at least 1 and inside
 * what was written. May write up to 7 bytes more, before end. Returns the end of the copy.
 */
inner_fn uint8_t *match_copy(uint8_t *out, const uint8_t *end, size_t distance, size_t length)
{
	const uint8_t *from = out - distance;
	uint8_t *stop = out + length;

	if (unlikely((size_t)(end - stop) < 7)) {
		while (out < stop)
			*out++ = *from++;
		return stop;
	}
	if (distance < 8) {
		/* after the first word the same bytes stand the next multiple of distance from 8 on away, too */
		static const uint8_t multiple[8] = { 0, 8, 8, 9, 8, 10, 12, 14 };

		for (unsigned i = 0; i < 8; i++)
			out[i] = from[i];
		out += 8;
		from = out - multiple[distance];
	}
	while (out < stop) {
		copy_word(out, from);
		out += 8;
		from += 8;
	}
	return stop;
}

#endif
