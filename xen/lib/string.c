/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Strings: what ISO C lacks. A bounded copy that says what it did, and numbers as options write them. */
#include "string.h"

size_t string_copy(char *to, const char *from, size_t size)
{
	size_t len = strlen(from);
	size_t n = MIN(len, size - 1);

	memcpy(to, from, n);
	to[n] = 0;
	return len;
}

/* Value of a digit in base 16 or below; 16 and more: not a digit. */
static unsigned digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return 16;
}

uint64_t string_to_u64(const char *s, const char **end)
{
	unsigned base = 10;
	uint64_t value = 0;
	bool overflow = false;

	if (s[0] == '0' && (s[1] | 0x20) == 'x' && digit_value(s[2]) < 16) {
		base = 16;
		s += 2;
	}
	for (; digit_value(*s) < base; s++) {
		overflow |= __builtin_mul_overflow(value, (uint64_t)base, &value);
		overflow |= __builtin_add_overflow(value, (uint64_t)digit_value(*s), &value);
	}
	*end = s;
	return overflow ? UINT64_MAX : value;
}

uint64_t string_to_size(const char *s, unsigned default_shift, const char **end)
{
	static const char units[] = "bkmgt";
	uint64_t value = string_to_u64(s, end);
	unsigned shift = default_shift;

	if (*end == s)
		return value;
	for (unsigned i = 0; units[i]; i++) {
		if ((**end | 0x20) == units[i]) {
			shift = i * 10;
			(*end)++;
			break;
		}
	}
	return value > UINT64_MAX >> shift ? UINT64_MAX : value << shift;
}
