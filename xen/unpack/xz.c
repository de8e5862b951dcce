// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The .xz container: a stream header, blocks, an index of the blocks and a footer. Filters served: LZMA2, alone or after the x86 filter, as
 * Linux packs its kernels. As the output is the dictionary too, the x86 filter is undone when a block is whole: the next begins with a new dictionary.
 */
#include "bcj_x86.h"
#include "bytes.h"
#include "checksum.h"
#include "lzma2.h"
#include "stream.h"
#include "string.h"

enum {
	MAGIC_SIZE = 6,
	HEADER_SIZE = 12, /* of a stream: magic, two bytes of flags, CRC32 of these */
	FOOTER_SIZE = 12, /* CRC32 of the next six bytes, size of the index, flags, magic */
	FOOTER_MAGIC = 0x5a59,
	CRC_SIZE = 4,
	CHECK_NONE = 0,
	CHECK_CRC32 = 1,
	CHECK_CRC64 = 4,
	FILTER_X86 = 4,
	FILTER_LZMA2 = 0x21,
	BLOCK_MAX_FILTERS = 4,
	BLOCK_HAS_PACKED_SIZE = 0x40,
	BLOCK_HAS_SIZE = 0x80,
	BLOCK_RESERVED = 0x3c,
	INDEX_MARK = 0, /* where a block's header says its size */
	NUMBER_MAX_BYTES = 9,
};

#define UNKNOWN UINT64_MAX

struct xz_work {
	struct lzma lzma;
	struct crc crc32;
	struct crc crc64;
};

/* The blocks of a stream, to compare with its index. */
struct totals {
	uint64_t blocks, packed, unpacked;
};

struct block {
	uint64_t packed, unpacked; /* sizes that its header says; UNKNOWN */
	bool has_x86;
	uint32_t x86_start;
};

/* A number of seven bits a byte, lowest first; false: cut, too large, or not in the shortest form. */
static bool number_get(const uint8_t **p, const uint8_t *end, uint64_t *out)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < NUMBER_MAX_BYTES && *p < end; i++) {
		uint8_t byte = *(*p)++;

		v |= (uint64_t)(byte & 0x7f) << (7 * i);
		if (!(byte & 0x80)) {
			*out = v;
			return byte || !i;
		}
	}
	return false;
}

static bool is_crc32(const struct xz_work *w, const uint8_t *data, size_t n, const uint8_t *stored)
{
	return crc_add(&w->crc32, 0, data, n) == get_le32(stored);
}

static size_t check_size(uint8_t check)
{
	return check ? (size_t)4 << (check - 1) / 3 : 0;
}

static int header_read(struct unpack_stream *s, uint8_t *check)
{
	const struct xz_work *w = s->work;
	const uint8_t *h = stream_take(s, HEADER_SIZE);

	if (!h)
		return stream_cut(s);
	if (!is_crc32(w, h + MAGIC_SIZE, 2, h + MAGIC_SIZE + 2))
		return stream_damaged(s, "the CRC of the header is wrong");
	if (h[MAGIC_SIZE] || h[MAGIC_SIZE + 1] > 15)
		return stream_unserved(s, "flags that are not known");
	*check = h[MAGIC_SIZE + 1];
	return 0;
}

static int filter_read(struct unpack_stream *s, struct block *b, const uint8_t **p,
                       const uint8_t *end, bool is_last)
{
	uint64_t id, size;

	if (!number_get(p, end, &id) || !number_get(p, end, &size) || size > (size_t)(end - *p))
		return stream_damaged(s, "the header of a block is not valid");
	if (is_last && id == FILTER_LZMA2 && size == 1) {
		/* the dictionary's size: all of the output is one here */
	} else if (!is_last && id == FILTER_X86 && !b->has_x86 && (!size || size == 4)) {
		b->has_x86 = true;
		b->x86_start = size ? get_le32(*p) : 0;
	} else {
		return stream_unserved(s, "filters other than LZMA2 and, before it, x86");
	}
	*p += size;
	return 0;
}

/* h: the header's size bytes, with its CRC. */
static int block_header_read(struct unpack_stream *s, struct block *b, const uint8_t *h,
                             size_t size)
{
	const uint8_t *p = h + 2, *end = h + size - CRC_SIZE;
	uint8_t flags = h[1];
	unsigned filters = (flags & (BLOCK_MAX_FILTERS - 1)) + 1;

	*b = (struct block){ .packed = UNKNOWN, .unpacked = UNKNOWN };
	if (!is_crc32(s->work, h, size - CRC_SIZE, end))
		return stream_damaged(s, "the CRC of a block's header is wrong");
	if (flags & BLOCK_RESERVED)
		return stream_unserved(s, "flags that are not known");
	if ((flags & BLOCK_HAS_PACKED_SIZE && !number_get(&p, end, &b->packed)) ||
	    (flags & BLOCK_HAS_SIZE && !number_get(&p, end, &b->unpacked)))
		return stream_damaged(s, "the header of a block is not valid");
	for (unsigned i = 0; i < filters; i++) {
		int rc = filter_read(s, b, &p, end, i + 1 == filters);

		if (rc)
			return rc;
	}
	for (; p < end; p++)
		if (*p)
			return stream_unserved(s, "more in a block's header than is known");
	return 0;
}

/* Zeroes up to a multiple of four bytes from start on. */
static int padding_skip(struct unpack_stream *s, const uint8_t *start)
{
	while ((s->in - start) % 4) {
		const uint8_t *p = stream_take(s, 1);

		if (!p)
			return stream_cut(s);
		if (*p)
			return stream_damaged(s, "the padding is not zero");
	}
	return 0;
}

static int check_read(struct unpack_stream *s, uint8_t check, const uint8_t *from)
{
	const struct xz_work *w = s->work;
	const uint8_t *stored = stream_take(s, check_size(check));
	size_t n = (size_t)(s->out - from);

	if (!stored)
		return stream_cut(s);
	if ((check == CHECK_CRC32 && !is_crc32(w, from, n, stored)) ||
	    (check == CHECK_CRC64 && crc_add(&w->crc64, 0, from, n) != get_le64(stored)))
		return stream_damaged(s, "the CRC is wrong");
	return 0;
}

static int block_unpack(struct unpack_stream *s, uint8_t check, struct totals *t)
{
	struct xz_work *w = s->work;
	size_t header_size = ((size_t)*s->in + 1) * 4;
	const uint8_t *header = stream_take(s, header_size), *data = s->in;
	uint8_t *from = s->out;
	struct block b;
	int rc;

	if (!header)
		return stream_cut(s);
	rc = block_header_read(s, &b, header, header_size);
	if (!rc)
		rc = lzma2_unpack(s, &w->lzma);
	if (rc)
		return rc;
	if ((b.packed != UNKNOWN && b.packed != (uint64_t)(s->in - data)) ||
	    (b.unpacked != UNKNOWN && b.unpacked != (uint64_t)(s->out - from)))
		return stream_damaged(s, "a block is longer or shorter than it says");
	t->blocks++;
	t->packed += header_size + (uint64_t)(s->in - data) + check_size(check);
	t->unpacked += (uint64_t)(s->out - from);
	rc = padding_skip(s, data);
	if (rc)
		return rc;
	if (b.has_x86)
		bcj_x86_undo(from, (size_t)(s->out - from), b.x86_start);
	return check_read(s, check, from);
}

/* Sums up the index from p (behind its mark) on; false: not valid. Every record has two bytes at least. */
static bool index_sum(const uint8_t **p, const uint8_t *end, struct totals *t)
{
	*t = (struct totals){ 0 };
	if (!number_get(p, end, &t->blocks))
		return false;
	for (uint64_t i = 0; i < t->blocks; i++) {
		uint64_t packed, unpacked;

		if (!number_get(p, end, &packed) || !number_get(p, end, &unpacked))
			return false;
		t->packed += packed;
		t->unpacked += unpacked;
	}
	return true;
}

/* The index and the footer. */
static int end_read(struct unpack_stream *s, uint8_t check, const struct totals *t)
{
	const struct xz_work *w = s->work;
	const uint8_t *index = s->in, *p = index + 1, *footer;
	struct totals indexed;
	size_t size;
	int rc;

	if (!index_sum(&p, s->in_end, &indexed))
		return stream_damaged(s, "the index ends too early or is not valid");
	s->in = p;
	rc = padding_skip(s, index);
	if (rc)
		return rc;
	size = (size_t)(s->in - index);
	p = stream_take(s, CRC_SIZE);
	footer = stream_take(s, FOOTER_SIZE);
	if (!p || !footer)
		return stream_cut(s);
	if (!is_crc32(w, index, size, p))
		return stream_damaged(s, "the CRC of the index is wrong");
	if (indexed.blocks != t->blocks || indexed.packed != t->packed ||
	    indexed.unpacked != t->unpacked)
		return stream_damaged(s, "the index does not fit the blocks");
	if (!is_crc32(w, footer + CRC_SIZE, 6, footer) || footer[8] || footer[9] != check ||
	    get_le16(footer + 10) != FOOTER_MAGIC ||
	    (uint64_t)get_le32(footer + CRC_SIZE) * 4 != size + CRC_SIZE - 4)
		return stream_damaged(s, "the footer is not valid");
	return 0;
}

static int xz_unpack(struct unpack_stream *s)
{
	struct xz_work *w = s->work;
	struct totals t = { 0 };
	uint8_t check = CHECK_NONE;
	int rc;

	if (s->is_first) {
		crc32_init(&w->crc32);
		crc64_init(&w->crc64);
	}
	rc = header_read(s, &check);
	while (!rc) {
		if (s->in == s->in_end)
			return stream_cut(s);
		if (*s->in == INDEX_MARK)
			return end_read(s, check, &t);
		rc = block_unpack(s, check, &t);
	}
	return rc;
}

/* From the index, if the file ends with a footer; only the last stream's if there are more, which then is too little: see the header. */
static uint64_t xz_unpacked_size(const uint8_t *in, uint64_t size)
{
	const uint8_t *footer = in + size - FOOTER_SIZE, *p;
	uint64_t index_size;
	struct totals t;

	if (size < HEADER_SIZE + FOOTER_SIZE || get_le16(footer + 10) != FOOTER_MAGIC)
		return 0;
	index_size = ((uint64_t)get_le32(footer + CRC_SIZE) + 1) * 4;
	if (index_size > size - HEADER_SIZE - FOOTER_SIZE)
		return 0;
	p = footer - index_size + 1;
	if (!index_sum(&p, footer, &t))
		return 0;
	/* one stream only: its parts are all of the file */
	return align_up(t.packed, 4) + index_size + HEADER_SIZE + FOOTER_SIZE == size ? t.unpacked
	                                                                              : 0;
}

const struct unpack_format xz_format = {
	.name = "xz",
	.magic = { 0xfd, '7', 'z', 'X', 'Z', 0 },
	.magic_size = MAGIC_SIZE,
	.unpack = xz_unpack,
	.unpacked_size = xz_unpacked_size,
	.work_size = sizeof(struct xz_work),
};
