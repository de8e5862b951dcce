/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes that grow, and their reader. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "memory.h"

void buffer_append(struct buffer *b, const void *data, size_t len)
{
	if (!len)
		return;
	if (b->cap - b->len < len) {
		size_t cap = b->cap ? b->cap : 64;

		while (cap - b->len < len)
			cap *= 2;
		b->data = memory_resize(b->data, cap);
		b->cap = cap;
	}
	memcpy(b->data + b->len, data, len);
	b->len += len;
}

void buffer_append_string(struct buffer *b, const char *s)
{
	buffer_append(b, s, strlen(s) + 1);
}

void buffer_append_format(struct buffer *b, const char *format, ...)
{
	char text[512];
	va_list arguments;
	int len;

	va_start(arguments, format);
	len = vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (len > 0)
		buffer_append(b, text, len < (int)sizeof(text) ? (size_t)len : sizeof(text) - 1);
}

void buffer_free(struct buffer *b)
{
	free(b->data);
	memset(b, 0, sizeof(*b));
}

void buffer_put_u8(struct buffer *b, uint8_t v)
{
	buffer_append(b, &v, sizeof(v));
}

void buffer_put_u32(struct buffer *b, uint32_t v)
{
	buffer_append(b, &v, sizeof(v));
}

void buffer_put_u64(struct buffer *b, uint64_t v)
{
	buffer_append(b, &v, sizeof(v));
}

void buffer_put_bytes(struct buffer *b, const void *data, size_t len)
{
	buffer_put_u32(b, (uint32_t)len);
	buffer_append(b, data, len);
}

void buffer_put_string(struct buffer *b, const char *s)
{
	buffer_put_bytes(b, s, strlen(s) + 1);
}

static void read_into(struct reader *r, void *out, size_t len)
{
	memset(out, 0, len);
	if (r->bad || (size_t)(r->end - r->at) < len) {
		r->bad = true;
		return;
	}
	memcpy(out, r->at, len);
	r->at += len;
}

uint8_t reader_u8(struct reader *r)
{
	uint8_t v;

	read_into(r, &v, sizeof(v));
	return v;
}

uint32_t reader_u32(struct reader *r)
{
	uint32_t v;

	read_into(r, &v, sizeof(v));
	return v;
}

uint64_t reader_u64(struct reader *r)
{
	uint64_t v;

	read_into(r, &v, sizeof(v));
	return v;
}

const uint8_t *reader_bytes(struct reader *r, uint32_t *len)
{
	const uint8_t *p;

	*len = reader_u32(r);
	if (r->bad || (size_t)(r->end - r->at) < *len) {
		r->bad = true;
		*len = 0;
		return r->at;
	}
	p = r->at;
	r->at += *len;
	return p;
}

const char *reader_string(struct reader *r)
{
	uint32_t len;
	const char *s = (const char *)reader_bytes(r, &len);

	if (r->bad || !len || memchr(s, 0, len) != s + len - 1) {
		r->bad = true;
		return "";
	}
	return s;
}
