/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen/lib/format.c, compared with the host's snprintf. */
#include <stdint.h>
#include <string.h>
#include "unit.h"
#include "format.h"

/* The same arguments to both; same text and same length. */
#define SAME(...)                                                               \
	do {                                                                    \
		char ours_[128], theirs_[128];                                  \
		size_t n_ = format(ours_, sizeof(ours_), __VA_ARGS__);          \
		int m_ = snprintf(theirs_, sizeof(theirs_), __VA_ARGS__);       \
		if (strcmp(ours_, theirs_))                                     \
			printf("ours \"%s\", theirs \"%s\"\n", ours_, theirs_); \
		CHECK(!strcmp(ours_, theirs_));                                 \
		CHECK_EQ(n_, m_);                                               \
	} while (0)

#pragma GCC diagnostic ignored "-Wformat"

static void integers(void)
{
	static const long long values[] = { 0,         1,          -1,        9,        10,
		                            255,       256,        -128,      65535,    INT32_MAX,
		                            INT32_MIN, UINT32_MAX, INT64_MAX, INT64_MIN };

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		long long v = values[i];

		SAME("%d %i %u %x %X", (int)v, (int)v, (unsigned)v, (unsigned)v, (unsigned)v);
		SAME("%lld %llu %llx %llX", v, v, v, v);
		SAME("%ld %lu %lx", (long)v, (long)v, (long)v);
		SAME("%hd %hu %hx %hhd %hhu %hhx", (int)v, (int)v, (int)v, (int)v, (int)v, (int)v);
		SAME("%zu %jd %td", (size_t)v, (intmax_t)v, (ptrdiff_t)v);
		SAME("[%8d] [%-8d] [%08d] [%+d] [% d]", (int)v, (int)v, (int)v, (int)v, (int)v);
		SAME("[%.4d] [%8.4d] [%-8.4d] [%08.4d]", (int)v, (int)v, (int)v, (int)v);
		SAME("[%#x] [%#X] [%#10x] [%#010x] [%-#10x|", (int)v, (int)v, (int)v, (int)v,
		     (int)v);
		SAME("[%016llx] [%-20llx|", v, v);
		SAME("[%.0d] [%5.0x]", (int)v, (int)v);
	}
}

static void stars(void)
{
	SAME("[%*d] [%*d]", 6, 42, -6, 42);
	SAME("[%.*d] [%.*s]", 4, 42, 2, "abcdef");
	SAME("[%*.*s]", 8, 3, "abcdef");
	SAME("[%.*s]", -1, "abcdef");
}

static void texts(void)
{
	char open[3] = { 'a', 'b', 'c' };
	char *volatile none = NULL;

	SAME("%s|%10s|%-10s|", "abc", "abc", "abc");
	SAME("%.3s|%10.2s|%-10.2s|%.0s|", open, "abc", "abc", "abc");
	SAME("%c%c|%3c|%-3c|%%", 'x', 'y', 'z', 'w');
	SAME("%s", none);
	SAME("%p %p", (void *)0x1234, (void *)-1l);
}

static void cut(void)
{
	const char *volatile none = "";
	char buf[8];

	memset(buf, 'z', sizeof(buf));
	CHECK_EQ(format(buf, 4, "%d", 123456), 6);
	CHECK(!strcmp(buf, "123"));
	CHECK_EQ(buf[4], 'z');
	CHECK_EQ(format(buf, 1, "abc"), 3);
	CHECK_EQ(buf[0], 0);
	CHECK_EQ(format(NULL, 0, "%s", "abc"), 3);
	CHECK_EQ(format(buf, 4, "abc"), 3);
	CHECK(!strcmp(buf, "abc"));
	CHECK_EQ(format(buf, 8, none), 0);
	CHECK_EQ(buf[0], 0);
}

static void unknown(void)
{
	char buf[32];

	format(buf, sizeof(buf), "a%qb%d", 7);
	CHECK(!strcmp(buf, "a%qb7"));
	format(buf, sizeof(buf), "end%");
	CHECK(!strcmp(buf, "end"));
}

UNIT_MAIN(UNIT(integers), UNIT(stars), UNIT(texts), UNIT(cut), UNIT(unknown))
