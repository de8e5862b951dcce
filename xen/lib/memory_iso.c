/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The functions on memory that ISO C names (and that gcc calls by itself). Apart from string.c, because a host program takes
 * these from its libc: see HOST_LEFT_OUT in the Makefile.
 *
 * Sizes up to 64 bytes (hypercall arguments, register frames) take at most eight pairs of moves, the last one
 * overlapping: starting a REP instruction costs more than that.
 */
#include "string.h"

typedef uint64_t __attribute__((aligned(1), may_alias)) word_t;
typedef uint32_t __attribute__((aligned(1), may_alias)) half_t;
typedef uint16_t __attribute__((aligned(1), may_alias)) quarter_t;

#define SMALL 64

static inline uint64_t word_get(const void *p, size_t at)
{
	return *(const word_t *)((const char *)p + at);
}

static inline void word_put(void *p, size_t at, uint64_t v)
{
	*(word_t *)((char *)p + at) = v;
}

/* n <= 16. All loads come before the first store, so the blocks may overlap. */
static inline void copy_16(void *to, const void *from, size_t n)
{
	char *t = to;
	const char *f = from;

	if (n >= 8) {
		uint64_t head = word_get(f, 0), tail = word_get(f, n - 8);

		word_put(t, 0, head);
		word_put(t, n - 8, tail);
	} else if (n >= 4) {
		uint32_t head = *(const half_t *)f, tail = *(const half_t *)(f + n - 4);

		*(half_t *)t = head;
		*(half_t *)(t + n - 4) = tail;
	} else if (n >= 2) {
		uint16_t head = *(const quarter_t *)f, tail = *(const quarter_t *)(f + n - 2);

		*(quarter_t *)t = head;
		*(quarter_t *)(t + n - 2) = tail;
	} else if (n) {
		*t = *f;
	}
}

static inline void copy_fixed_16(void *to, const void *from, size_t at)
{
	uint64_t low = word_get(from, at), high = word_get(from, at + 8);

	word_put(to, at, low);
	word_put(to, at + 8, high);
}

/* Ascending, so right also for blocks that overlap when to < from. */
static inline void copy_words_up(void **to, const void **from, size_t words)
{
	__asm__ volatile("rep movsq" : "+D"(*to), "+S"(*from), "+c"(words) : : "memory");
}

void *memcpy(void *to, const void *from, size_t n)
{
	void *t = to;

	if (n <= 16) {
		copy_16(to, from, n);
		return to;
	}
	if (n <= SMALL) {
		copy_fixed_16(to, from, 0);
		if (n > 32) {
			copy_fixed_16(to, from, 16);
			copy_fixed_16(to, from, n - 32);
		}
		copy_fixed_16(to, from, n - 16);
		return to;
	}
	/* The last word first: what REP leaves over is then done. */
	word_put(to, n - 8, word_get(from, n - 8));
	copy_words_up(&t, &from, n / 8);
	return to;
}

static void copy_down(char *t, const char *f, size_t n)
{
	while (n >= 8) {
		n -= 8;
		word_put(t, n, word_get(f, n));
	}
	while (n--)
		t[n] = f[n];
}

void *memmove(void *to, const void *from, size_t n)
{
	void *t = to;

	if (n <= 16) {
		copy_16(to, from, n);
	} else if ((uintptr_t)to - (uintptr_t)from >= n) {
		copy_words_up(&t, &from, n / 8);
		copy_16(t, from, n % 8);
	} else {
		copy_down(to, from, n);
	}
	return to;
}

void *memset(void *to, int byte, size_t n)
{
	uint64_t pattern = 0x0101010101010101ull * (uint8_t)byte;
	char *t = to;
	size_t words = n / 8;

	if (n < 8) {
		while (n)
			t[--n] = (char)byte;
		return to;
	}
	word_put(t, n - 8, pattern);
	if (n <= SMALL) {
		for (size_t at = 0; at + 8 < n; at += 8)
			word_put(t, at, pattern);
		return to;
	}
	__asm__ volatile("rep stosq" : "+D"(t), "+c"(words) : "a"(pattern) : "memory");
	return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const uint8_t *x = a, *y = b;

	for (; n >= 8; n -= 8, x += 8, y += 8)
		if (word_get(x, 0) != word_get(y, 0))
			break;
	for (; n; n--, x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}

void *memchr(const void *s, int byte, size_t n)
{
	const uint8_t *p = s;

	for (; n; n--, p++)
		if (*p == (uint8_t)byte)
			return (void *)p;
	return NULL;
}
