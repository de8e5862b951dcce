// SPDX-License-Identifier: GPL-2.0-or-later
/* lzop's files: a header, blocks with their sizes and checksums, and a size of zero. Numbers have the highest byte first. */
#include "bytes.h"
#include "checksum.h"
#include "lzo_block.h"
#include "stream.h"

enum {
	MAGIC_SIZE = 9,
	VERSION_AT = 9,  /* 2 bytes each: of lzop, of the library, needed to unpack */
	METHOD_AT = 15,  /* and a level */
	FLAGS_AT = 17,   /* then mode, time, and time's upper half */
	FIXED_SIZE = 33, /* up to the name, without a filter */
	VERSION_MIN = 0x0940,
	METHOD_MIN = 1, /* three packers, one format */
	METHOD_MAX = 3,
	FLAG_ADLER_OUT = 0x0001,
	FLAG_ADLER_IN = 0x0002,
	FLAG_EXTRA = 0x0040,
	FLAG_CRC_OUT = 0x0100,
	FLAG_CRC_IN = 0x0200,
	FLAG_PARTS = 0x0400,
	FLAG_FILTER = 0x0800,
	FLAG_CRC_HEADER = 0x1000,
	WORD_SIZE = 4,
};

struct lzo_work {
	struct crc crc32;
};

static uint32_t sum_of(const struct lzo_work *w, const uint8_t *data, size_t n, bool is_crc)
{
	return is_crc ? (uint32_t)crc_add(&w->crc32, 0, data, n) : adler32(1, data, n);
}

static int header_read(struct unpack_stream *s, uint32_t *flags)
{
	const uint8_t *h = s->in, *p = stream_take(s, FIXED_SIZE);
	bool is_crc;

	if (!p || !(p = stream_take(s, 1)) || !stream_take(s, *p))
		return stream_cut(s);
	*flags = get_be32(h + FLAGS_AT);
	if (get_be16(h + VERSION_AT) < VERSION_MIN || h[METHOD_AT] < METHOD_MIN ||
	    h[METHOD_AT] > METHOD_MAX || *flags & (FLAG_FILTER | FLAG_PARTS))
		return stream_unserved(s, "a version, method or flags that are not known");
	is_crc = *flags & FLAG_CRC_HEADER;
	p = stream_take(s, WORD_SIZE);
	if (!p)
		return stream_cut(s);
	if (get_be32(p) != sum_of(s->work, h + MAGIC_SIZE, (size_t)(p - h) - MAGIC_SIZE, is_crc))
		return stream_damaged(s, "the checksum of the header is wrong");
	if (*flags & FLAG_EXTRA) {
		p = stream_take(s, WORD_SIZE);
		if (!p || !stream_take(s, get_be32(p)) || !stream_take(s, WORD_SIZE))
			return stream_cut(s);
	}
	return 0;
}

/* The sums that stand before a block. */
struct sums {
	const uint8_t *adler_out, *crc_out, *adler_in, *crc_in; /* NULL: not there */
};

static bool sums_read(struct unpack_stream *s, uint32_t flags, bool is_packed, struct sums *sums)
{
	const struct {
		uint32_t flag;
		const uint8_t **to;
	} rows[] = {
		{ FLAG_ADLER_OUT, &sums->adler_out },
		{ FLAG_CRC_OUT, &sums->crc_out },
		{ is_packed ? FLAG_ADLER_IN : 0, &sums->adler_in },
		{ is_packed ? FLAG_CRC_IN : 0, &sums->crc_in },
	};

	*sums = (struct sums){ 0 };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (!(flags & rows[i].flag))
			continue;
		*rows[i].to = stream_take(s, WORD_SIZE);
		if (!*rows[i].to)
			return false;
	}
	return true;
}

static bool sums_fit(const struct lzo_work *w, const uint8_t *adler, const uint8_t *crc,
                     const uint8_t *data, size_t n)
{
	return (!adler || get_be32(adler) == sum_of(w, data, n, false)) &&
	       (!crc || get_be32(crc) == sum_of(w, data, n, true));
}

static int block_unpack(struct unpack_stream *s, uint32_t flags, size_t size)
{
	const uint8_t *from = s->out, *p = stream_take(s, WORD_SIZE), *data;
	size_t packed = p ? get_be32(p) : 0;
	struct sums sums;
	int rc = 0;

	if (!p || !sums_read(s, flags, packed < size, &sums))
		return stream_cut(s);
	if (packed > size)
		return stream_damaged(s, "a block that has grown");
	if (packed > stream_left(s))
		return stream_cut(s);
	data = s->in;
	if (!sums_fit(s->work, sums.adler_in, sums.crc_in, data, packed))
		return stream_damaged(s, "the checksum of a packed block is wrong");
	if (size > stream_room(s))
		return stream_full(s);
	if (packed == size) {
		bytes_copy(s->out, s->out_end, data, s->in_end, size);
		s->in += size;
		s->out += size;
	} else {
		rc = lzo_block_unpack(s, packed);
	}
	if (rc)
		return rc;
	if ((size_t)(s->out - from) != size)
		return stream_damaged(s, "a block is longer or shorter than it says");
	if (!sums_fit(s->work, sums.adler_out, sums.crc_out, from, size))
		return stream_damaged(s, "the checksum is wrong");
	return 0;
}

static int lzo_unpack(struct unpack_stream *s)
{
	struct lzo_work *w = s->work;
	uint32_t flags = 0;
	int rc;

	if (s->is_first)
		crc32_init(&w->crc32);
	rc = header_read(s, &flags);
	while (!rc) {
		const uint8_t *size = stream_take(s, WORD_SIZE);

		if (!size)
			return stream_cut(s);
		if (!get_be32(size))
			return 0;
		rc = block_unpack(s, flags, get_be32(size));
	}
	return rc;
}

const struct unpack_format lzo_format = {
	.name = "LZO",
	.magic = { 0x89, 'L', 'Z', 'O', 0, '\r', '\n', 0x1a, '\n' },
	.magic_size = MAGIC_SIZE,
	.unpack = lzo_unpack,
	.work_size = sizeof(struct lzo_work),
};
