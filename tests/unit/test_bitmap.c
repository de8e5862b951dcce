/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen/lib/bitmap.c, against bit-by-bit loops. */
#include <string.h>
#include "unit.h"
#include "bitmap.h"

#define BITS 200

static size_t slow_next(const uint64_t *map, size_t bits, size_t from, bool value)
{
	while (from < bits && bitmap_test(map, from) != value)
		from++;
	return from < bits ? from : bits;
}

static void searches(void)
{
	BITMAP_DECLARE(map, BITS);

	srand(1);
	for (int round = 0; round < 300; round++) {
		size_t bits = 1 + rand() % BITS, n = 0;

		memset(map, round & 1 ? 0xff : 0, sizeof(map));
		for (int i = rand() % 8; i > 0; i--) {
			if (round & 1)
				bitmap_clear(map, rand() % BITS);
			else
				bitmap_set(map, rand() % BITS);
		}
		for (size_t from = 0; from <= BITS; from++) {
			CHECK_EQ(bitmap_next_set(map, bits, from),
			         slow_next(map, bits, from, true));
			CHECK_EQ(bitmap_next_clear(map, bits, from),
			         slow_next(map, bits, from, false));
		}
		for (size_t i = 0; i < bits; i++)
			n += bitmap_test(map, i);
		CHECK_EQ(bitmap_count(map, bits), n);
	}
}

static void fills(void)
{
	uint64_t map[4];

	for (size_t bits = 1; bits <= 192; bits++) {
		memset(map, 0x5a, sizeof(map));
		bitmap_fill(map, bits);
		CHECK_EQ(bitmap_count(map, BITMAP_WORDS(bits) * 64), bits);
		CHECK_EQ(bitmap_next_clear(map, bits, 0), bits);
		CHECK_EQ(map[BITMAP_WORDS(bits)], 0x5a5a5a5a5a5a5a5a);
		bitmap_zero(map, bits);
		CHECK_EQ(bitmap_count(map, bits), 0);
		CHECK_EQ(map[BITMAP_WORDS(bits)], 0x5a5a5a5a5a5a5a5a);
	}
}

static void each(void)
{
	uint64_t map[2] = { 1ull << 63 | 1, 4 };
	size_t n, sum = 0, count = 0;

	bitmap_for_each(n, map, 128) {
		sum += n;
		count++;
	}
	CHECK_EQ(count, 3);
	CHECK_EQ(sum, 0 + 63 + 66);
}

UNIT_MAIN(UNIT(searches), UNIT(fills), UNIT(each))
