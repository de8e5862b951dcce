// SPDX-License-Identifier: GPL-2.0-or-later
/* xxHash, 32 and 64 bits, with seed 0: four lanes over stripes, then what is left in words and bytes, then a last mixing. */
#include "bytes.h"
#include "checksum.h"

#define A32 0x9e3779b1u
#define B32 0x85ebca77u
#define C32 0xc2b2ae3du
#define D32 0x27d4eb2fu
#define E32 0x165667b1u

#define A64 0x9e3779b185ebca87u
#define B64 0xc2b2ae3d27d4eb4fu
#define C64 0x165667b19e3779f9u
#define D64 0x85ebca77c2b2ae63u
#define E64 0x27d4eb2f165667c5u

inner_fn uint32_t turn32(uint32_t v, unsigned n)
{
	return v << n | v >> (32 - n);
}

inner_fn uint64_t turn64(uint64_t v, unsigned n)
{
	return v << n | v >> (64 - n);
}

inner_fn uint32_t round32(uint32_t lane, uint32_t v)
{
	return turn32(lane + v * B32, 13) * A32;
}

inner_fn uint64_t round64(uint64_t lane, uint64_t v)
{
	return turn64(lane + v * B64, 31) * A64;
}

uint32_t xxh32(const uint8_t *data, size_t n)
{
	const uint8_t *end = data + n;
	uint32_t h = E32;

	if (n >= 16) {
		uint32_t a = A32 + B32, b = B32, c = 0, d = 0u - A32;

		for (; end - data >= 16; data += 16) {
			a = round32(a, get_le32(data));
			b = round32(b, get_le32(data + 4));
			c = round32(c, get_le32(data + 8));
			d = round32(d, get_le32(data + 12));
		}
		h = turn32(a, 1) + turn32(b, 7) + turn32(c, 12) + turn32(d, 18);
	}
	h += (uint32_t)n;
	for (; end - data >= 4; data += 4)
		h = turn32(h + get_le32(data) * C32, 17) * D32;
	for (; data < end; data++)
		h = turn32(h + *data * E32, 11) * A32;
	h = (h ^ h >> 15) * B32;
	h = (h ^ h >> 13) * C32;
	return h ^ h >> 16;
}

inner_fn uint64_t merge64(uint64_t h, uint64_t lane)
{
	return (h ^ round64(0, lane)) * A64 + D64;
}

uint64_t xxh64(const uint8_t *data, size_t n)
{
	const uint8_t *end = data + n;
	uint64_t h = E64;

	if (n >= 32) {
		uint64_t a = A64 + B64, b = B64, c = 0, d = 0u - A64;

		for (; end - data >= 32; data += 32) {
			a = round64(a, get_le64(data));
			b = round64(b, get_le64(data + 8));
			c = round64(c, get_le64(data + 16));
			d = round64(d, get_le64(data + 24));
		}
		h = turn64(a, 1) + turn64(b, 7) + turn64(c, 12) + turn64(d, 18);
		h = merge64(merge64(merge64(merge64(h, a), b), c), d);
	}
	h += n;
	for (; end - data >= 8; data += 8)
		h = turn64(h ^ round64(0, get_le64(data)), 27) * A64 + D64;
	if (end - data >= 4) {
		h = turn64(h ^ get_le32(data) * A64, 23) * B64 + C64;
		data += 4;
	}
	for (; data < end; data++)
		h = turn64(h ^ *data * E64, 11) * A64;
	h = (h ^ h >> 33) * B64;
	h = (h ^ h >> 29) * C64;
	return h ^ h >> 32;
}
