// SPDX-License-Identifier: GPL-2.0-or-later
/* CRCs, eight bytes a step: each byte of a word has a table that knows how far it is from the word's end. */
#include "checksum.h"
#include "bytes.h"

#define CRC32_POLYNOMIAL 0xedb88320u
#define CRC64_POLYNOMIAL 0xc96c5795d7870f42u

static void crc_init(struct crc *c, uint64_t polynomial, uint64_t ones)
{
	c->ones = ones;
	for (uint64_t i = 0; i < 256; i++) {
		uint64_t v = i;

		for (unsigned bit = 0; bit < 8; bit++)
			v = v >> 1 ^ (v & 1 ? polynomial : 0);
		c->table[0][i] = v;
	}
	for (unsigned t = 1; t < 8; t++)
		for (unsigned i = 0; i < 256; i++) {
			uint64_t v = c->table[t - 1][i];

			c->table[t][i] = v >> 8 ^ c->table[0][v & 0xff];
		}
}

void crc32_init(struct crc *c)
{
	crc_init(c, CRC32_POLYNOMIAL, UINT32_MAX);
}

void crc64_init(struct crc *c)
{
	crc_init(c, CRC64_POLYNOMIAL, UINT64_MAX);
}

uint64_t crc_add(const struct crc *c, uint64_t sum, const uint8_t *data, size_t n)
{
	sum ^= c->ones;
	for (; n >= 8; n -= 8, data += 8) {
		uint64_t v = get_le64(data) ^ sum;

		sum = c->table[7][v & 0xff] ^ c->table[6][v >> 8 & 0xff] ^
		      c->table[5][v >> 16 & 0xff] ^ c->table[4][v >> 24 & 0xff] ^
		      c->table[3][v >> 32 & 0xff] ^ c->table[2][v >> 40 & 0xff] ^
		      c->table[1][v >> 48 & 0xff] ^ c->table[0][v >> 56];
	}
	for (; n; n--)
		sum = sum >> 8 ^ c->table[0][(sum ^ *data++) & 0xff];
	return sum ^ c->ones;
}

uint32_t adler32(uint32_t sum, const uint8_t *data, size_t n)
{
	const uint32_t modulus = 65521;
	uint32_t a = sum & 0xffff, b = sum >> 16;

	while (n) {
		/* so many that b cannot overflow before it is reduced */
		size_t part = MIN(n, (size_t)5552);

		n -= part;
		for (; part; part--) {
			a += *data++;
			b += a;
		}
		a %= modulus;
		b %= modulus;
	}
	return b << 16 | a;
}
