/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen/unpack/checksum.c, xxhash.c: the check values that their definitions give, and the same in parts and one bit at a time. */
#include <string.h>
#include "unit.h"
#include "checksum.h"

static const uint8_t *digits = (const uint8_t *)"123456789";
static struct crc c32;
static struct crc c64;

static void check_values(void)
{
	crc32_init(&c32);
	crc64_init(&c64);
	CHECK_EQ(crc_add(&c32, 0, digits, 9), 0xcbf43926);
	CHECK(crc_add(&c64, 0, digits, 9) == 0x995dc9bbdf1939fau);
	CHECK_EQ(adler32(1, digits, 9), 0x091e01de);
	CHECK_EQ(xxh32(digits, 0), 0x02cc5d05);
	CHECK(xxh64(digits, 0) == 0xef46db3751d8e999u);
	CHECK_EQ(xxh32((const uint8_t *)"a", 1), 0x550d7456);
	CHECK(xxh64((const uint8_t *)"a", 1) == 0xd24ec4f1a98c6e5bu);
}

static uint64_t crc_slow(uint64_t polynomial, uint64_t ones, const uint8_t *p, size_t n)
{
	uint64_t v = ones;

	for (; n; n--) {
		v ^= *p++;
		for (unsigned bit = 0; bit < 8; bit++)
			v = v >> 1 ^ (v & 1 ? polynomial : 0);
	}
	return v ^ ones;
}

/* All lengths around the words that are taken at once, and cut in two. */
static void lengths_and_parts(void)
{
	uint8_t data[100];

	crc32_init(&c32);
	crc64_init(&c64);
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * i * 37 + 11);
	for (size_t n = 0; n <= sizeof(data); n++) {
		size_t half = n / 3;
		uint64_t v = crc_add(&c32, 0, data, half);
		uint64_t w = crc_add(&c64, 0, data, half);

		CHECK_EQ(crc_add(&c32, v, data + half, n - half),
		         crc_slow(0xedb88320u, 0xffffffffu, data, n));
		CHECK(crc_add(&c64, w, data + half, n - half) ==
		      crc_slow(0xc96c5795d7870f42u, ~0ull, data, n));
		CHECK_EQ(adler32(adler32(1, data, half), data + half, n - half),
		         adler32(1, data, n));
	}
}

/* The sums of Adler-32 must not overflow, whatever the bytes. */
static void adler_of_much(void)
{
	const size_t n = 100000;
	uint8_t *data = malloc(n);
	uint64_t a = 1, b = 0;

	memset(data, 0xff, n);
	for (size_t i = 0; i < n; i++) {
		a = (a + 0xff) % 65521;
		b = (b + a) % 65521;
	}
	CHECK_EQ(adler32(1, data, n), b << 16 | a);
	free(data);
}

UNIT_MAIN(UNIT(check_values), UNIT(lengths_and_parts), UNIT(adler_of_much))
