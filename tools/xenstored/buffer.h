/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes that grow at their end, and a reader of such bytes that never goes past it. */
#ifndef XENSTORED_BUFFER_H
#define XENSTORED_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer {
	uint8_t *data;
	size_t len, cap;
};

void buffer_append(struct buffer *b, const void *data, size_t len);
/* A string with its nul. */
void buffer_append_string(struct buffer *b, const char *s);
/* A text without a nul at its end. */
void buffer_append_format(struct buffer *b, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void buffer_free(struct buffer *b);

/* Numbers in this machine's order, and bytes with their length before them: for the journal. */
void buffer_put_u8(struct buffer *b, uint8_t v);
void buffer_put_u32(struct buffer *b, uint32_t v);
void buffer_put_u64(struct buffer *b, uint64_t v);
void buffer_put_bytes(struct buffer *b, const void *data, size_t len);
void buffer_put_string(struct buffer *b, const char *s);

/* After the first read past the end everything reads as nothing, and bad is set. */
struct reader {
	const uint8_t *at, *end;
	bool bad;
};

uint8_t reader_u8(struct reader *r);
uint32_t reader_u32(struct reader *r);
uint64_t reader_u64(struct reader *r);
/* Points into what is read. */
const uint8_t *reader_bytes(struct reader *r, uint32_t *len);
/* A string that is whole, with its nul in place; "" if not. */
const char *reader_string(struct reader *r);

#endif
