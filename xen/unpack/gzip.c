// SPDX-License-Identifier: GPL-2.0-or-later
/* The members of a gzip file (RFC 1952): a header with optional fields, deflated data, CRC and size. */
#include "bytes.h"
#include "checksum.h"
#include "inflate.h"
#include "stream.h"
#include "string.h"

enum {
	METHOD_AT = 2,
	FLAGS_AT = 3,
	HEADER_SIZE = 10,
	TRAILER_SIZE = 8,
	METHOD_DEFLATE = 8,
	FLAG_HEADER_CRC = 0x02,
	FLAG_EXTRA = 0x04,
	FLAG_NAME = 0x08,
	FLAG_COMMENT = 0x10,
	FLAGS_RESERVED = 0xe0,
};

struct gzip_work {
	struct inflate inflate;
	struct crc crc32;
};

/* A text that ends with a zero byte. */
static bool text_skip(struct unpack_stream *s)
{
	const uint8_t *end = memchr(s->in, 0, stream_left(s));

	if (!end)
		return false;
	s->in = end + 1;
	return true;
}

static bool extra_skip(struct unpack_stream *s)
{
	const uint8_t *size = stream_take(s, 2);

	return size && stream_take(s, get_le16(size));
}

static int header_skip(struct unpack_stream *s)
{
	const struct gzip_work *w = s->work;
	const uint8_t *h = stream_take(s, HEADER_SIZE);

	if (!h)
		return stream_cut(s);
	if (h[METHOD_AT] != METHOD_DEFLATE || h[FLAGS_AT] & FLAGS_RESERVED)
		return stream_unserved(s, "a method or flags that are not known");
	if ((h[FLAGS_AT] & FLAG_EXTRA && !extra_skip(s)) ||
	    (h[FLAGS_AT] & FLAG_NAME && !text_skip(s)) ||
	    (h[FLAGS_AT] & FLAG_COMMENT && !text_skip(s)))
		return stream_cut(s);
	if (h[FLAGS_AT] & FLAG_HEADER_CRC) {
		uint16_t crc = (uint16_t)crc_add(&w->crc32, 0, h, (size_t)(s->in - h));
		const uint8_t *stored = stream_take(s, sizeof(crc));

		if (!stored)
			return stream_cut(s);
		if (get_le16(stored) != crc)
			return stream_damaged(s, "the CRC of the header is wrong");
	}
	return 0;
}

static int gzip_unpack(struct unpack_stream *s)
{
	struct gzip_work *w = s->work;
	const uint8_t *from = s->out, *trailer;
	int rc;

	if (s->is_first)
		crc32_init(&w->crc32);
	rc = header_skip(s);
	if (!rc)
		rc = inflate(s, &w->inflate);
	if (rc)
		return rc;
	trailer = stream_take(s, TRAILER_SIZE);
	if (!trailer)
		return stream_cut(s);
	if (get_le32(trailer + 4) != (uint32_t)(s->out - from))
		return stream_damaged(s, "the size is wrong");
	if (get_le32(trailer) != crc_add(&w->crc32, 0, from, (size_t)(s->out - from)))
		return stream_damaged(s, "the CRC is wrong");
	return 0;
}

/* Of the last member, and less whole multiples of 4 GiB: right for all kernels. */
static uint64_t gzip_size(const uint8_t *in, uint64_t size)
{
	return size < HEADER_SIZE + TRAILER_SIZE ? 0 : get_le32(in + size - 4);
}

const struct unpack_format gzip_format = {
	.name = "gzip",
	.magic = { 0x1f, 0x8b },
	.magic_size = 2,
	.unpack = gzip_unpack,
	.unpacked_size = gzip_size,
	.work_size = sizeof(struct gzip_work),
};
