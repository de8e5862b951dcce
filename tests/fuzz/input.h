/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bytes of a fuzzer's input, taken from the front; when there are no more, zeroes. */
#ifndef FUZZ_INPUT_H
#define FUZZ_INPUT_H

#include <stddef.h>
#include <stdint.h>

struct input {
	const uint8_t *at;
	size_t left;
};

static inline uint8_t input_byte(struct input *in)
{
	if (!in->left)
		return 0;
	in->left--;
	return *in->at++;
}

/* The highest byte first. */
static inline uint32_t input_number(struct input *in, int bytes)
{
	uint32_t v = 0;

	while (bytes--)
		v = v << 8 | input_byte(in);
	return v;
}

/* At most n bytes, in place; returns how many. */
static inline size_t input_take(struct input *in, size_t n, const uint8_t **bytes)
{
	n = n < in->left ? n : in->left;
	*bytes = in->at;
	in->at += n;
	in->left -= n;
	return n;
}

#endif
