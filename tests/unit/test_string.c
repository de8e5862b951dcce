/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen/lib/string.c, and memory_iso.c and string_iso.c under other names, compared with the host's libc. */
#include <stdint.h>
#include <string.h>
#include "unit.h"
#include "types.h"

#define memcpy  ours_memcpy
#define memmove ours_memmove
#define memset  ours_memset
#define memcmp  ours_memcmp
#define memchr  ours_memchr
#define strlen  ours_strlen
#define strnlen ours_strnlen
#define strcmp  ours_strcmp
#define strncmp ours_strncmp
#define strchr  ours_strchr
#define strstr  ours_strstr
#include "string.h"
#include "memory_iso.c"
#include "string_iso.c"
#undef memcpy
#undef memmove
#undef memset
#undef memcmp
#undef memchr
#undef strlen
#undef strnlen
#undef strcmp
#undef strncmp
#undef strchr
#undef strstr

#define LONGEST 300
static uint8_t a[2 * LONGEST], b[2 * LONGEST], want[2 * LONGEST];

static void pattern(uint8_t *p, unsigned seed)
{
	for (unsigned i = 0; i < 2 * LONGEST; i++)
		p[i] = (uint8_t)(i * 7 + seed);
}

/* Every length, at several alignments: nothing before, nothing after. */
static void copy_lengths(void)
{
	for (unsigned n = 0; n <= LONGEST; n++) {
		for (unsigned at = 0; at < 9; at++) {
			pattern(a, 1);
			pattern(b, 100);
			pattern(want, 100);
			memcpy(want + at, a + 3, n);
			CHECK(ours_memcpy(b + at, a + 3, n) == b + at);
			CHECK(!memcmp(b, want, sizeof(b)));
		}
	}
}

static void move_overlaps(void)
{
	for (unsigned n = 0; n <= LONGEST; n++) {
		for (unsigned from = 0; from < 40; from += 3) {
			for (unsigned to = 0; to < 40; to++) {
				pattern(b, 5);
				pattern(want, 5);
				memmove(want + to, want + from, n);
				CHECK(ours_memmove(b + to, b + from, n) == b + to);
				CHECK(!memcmp(b, want, sizeof(b)));
			}
		}
	}
}

static void set_lengths(void)
{
	for (unsigned n = 0; n <= LONGEST; n++) {
		pattern(b, 9);
		pattern(want, 9);
		memset(want + 5, 0xa5, n);
		CHECK(ours_memset(b + 5, 0x1a5, n) == b + 5);
		CHECK(!memcmp(b, want, sizeof(b)));
	}
}

static int sign(int x)
{
	return (x > 0) - (x < 0);
}

static void compares(void)
{
	for (unsigned n = 0; n < 40; n++) {
		pattern(a, 0);
		pattern(b, 0);
		CHECK_EQ(ours_memcmp(a, b, n), 0);
		for (unsigned i = 0; i < n; i++) {
			b[i] ^= 0x80;
			CHECK_EQ(sign(ours_memcmp(a, b, n)), sign(memcmp(a, b, n)));
			CHECK_EQ(ours_memcmp(a, b, i), 0);
			b[i] ^= 0x80;
		}
	}
	CHECK(ours_memchr("abcabc", 'c', 6) != NULL);
	CHECK(ours_memchr("abc", 'c', 2) == NULL);
	CHECK_EQ(sign(ours_strcmp("ab", "abc")), -1);
	CHECK_EQ(sign(ours_strcmp("\xff", "a")), 1);
	CHECK_EQ(ours_strcmp("", ""), 0);
	CHECK_EQ(ours_strncmp("abcd", "abce", 3), 0);
	CHECK_EQ(sign(ours_strncmp("abcd", "abce", 4)), -1);
	CHECK_EQ(ours_strncmp("ab", "ab", 10), 0);
}

static void searches(void)
{
	const char *s = "one two three";

	CHECK_EQ(ours_strlen(s), 13);
	CHECK_EQ(ours_strnlen(s, 5), 5);
	CHECK_EQ(ours_strnlen(s, 50), 13);
	CHECK(ours_strchr(s, 't') == s + 4);
	CHECK(ours_strchr(s, 0) == s + 13);
	CHECK(ours_strchr(s, 'q') == NULL);
	CHECK(ours_strstr(s, "three") == s + 8);
	CHECK(ours_strstr(s, "th") == s + 8);
	CHECK(ours_strstr(s, "") == s);
	CHECK(ours_strstr(s, "threes") == NULL);
}

static void bounded_copy(void)
{
	char to[6];

	CHECK_EQ(string_copy(to, "abc", sizeof(to)), 3);
	CHECK(!strcmp(to, "abc"));
	CHECK_EQ(string_copy(to, "abcdefgh", sizeof(to)), 8);
	CHECK(!strcmp(to, "abcde"));
	CHECK_EQ(string_copy(to, "x", 1), 1);
	CHECK_EQ(to[0], 0);
}

static void numbers(void)
{
	static const struct {
		const char *text;
		uint64_t value;
		int used;
	} rows[] = {
		{ "0", 0, 1 },
		{ "42,", 42, 2 },
		{ "0x1fG", 0x1f, 4 },
		{ "0X1f", 0x1f, 4 },
		{ "0x", 0, 1 },
		{ "", 0, 0 },
		{ "x", 0, 0 },
		{ "18446744073709551615", UINT64_MAX, 20 },
		{ "18446744073709551616", UINT64_MAX, 20 },
		{ "99999999999999999999999", UINT64_MAX, 23 },
		{ "0xffffffffffffffff", UINT64_MAX, 18 },
		{ "0x10000000000000001", UINT64_MAX, 19 },
		{ "0x8000000000000000 ", 0x8000000000000000, 18 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *end;

		CHECK_EQ(string_to_u64(rows[i].text, &end), rows[i].value);
		CHECK_EQ(end - rows[i].text, rows[i].used);
	}
}

static void sizes(void)
{
	const char *end, *bad = "M";

	CHECK_EQ(string_to_size("512", 10, &end), 512 << 10);
	CHECK_EQ(string_to_size("512M,max", 10, &end), 512ull << 20);
	CHECK_EQ(*end, ',');
	CHECK_EQ(string_to_size("4g", 10, &end), 4ull << 30);
	CHECK_EQ(string_to_size("7b", 10, &end), 7);
	CHECK_EQ(string_to_size("0x10K", 0, &end), 0x10 << 10);
	CHECK_EQ(string_to_size("1T", 0, &end), 1ull << 40);
	CHECK_EQ(string_to_size("16777216T", 0, &end), UINT64_MAX);
	CHECK_EQ(string_to_size("16777215T", 0, &end), 16777215ull << 40);
	string_to_size(bad, 10, &end);
	CHECK(end == bad);
}

UNIT_MAIN(UNIT(copy_lengths), UNIT(move_overlaps), UNIT(set_lengths), UNIT(compares),
          UNIT(searches), UNIT(bounded_copy), UNIT(numbers), UNIT(sizes))
