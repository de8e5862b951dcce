// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Files of LZ4. The legacy kind, which Linux packs with, is a magic and blocks with their sizes until the file ends; no checksum. The frame
 * has a header, an end mark and checksums as its flags say.
 */
#include "bytes.h"
#include "checksum.h"
#include "lz4_block.h"
#include "stream.h"

enum {
	MAGIC_SIZE = 4,
	WORD_SIZE = 4,              /* of block sizes and checksums */
	LEGACY_BLOCK_MAX = 8 << 20, /* unpacked */
	LEGACY_PACKED_MAX = LEGACY_BLOCK_MAX + LEGACY_BLOCK_MAX / 255 + 16,
	FLAGS_AT = 4,
	BLOCK_MAX_AT = 5,
	CONTENT_SIZE_AT = 6,
	FLAG_DICTIONARY = 0x01,
	FLAG_RESERVED = 0x02,
	FLAG_CONTENT_CHECKSUM = 0x04,
	FLAG_CONTENT_SIZE = 0x08,
	FLAG_BLOCK_CHECKSUM = 0x10,
	FLAG_INDEPENDENT = 0x20,
	FLAGS_VERSION = 0xc0,
	FLAGS_VERSION_1 = 0x40,
	BLOCK_MAX_RESERVED = 0x8f,
};

#define BLOCK_PLAIN 0x80000000u

/* The file ends here, or something begins that is no block: the appended size, padding, another magic. */
static bool legacy_is_end(const struct unpack_stream *s)
{
	size_t left = stream_left(s);
	uint32_t size;

	if (left < WORD_SIZE)
		return !left;
	size = get_le32(s->in);
	if (left == WORD_SIZE && size == (uint32_t)(s->out - s->out_start))
		return true;
	return !size || size > LEGACY_PACKED_MAX;
}

static int legacy_unpack(struct unpack_stream *s)
{
	if (!stream_take(s, MAGIC_SIZE) || !stream_left(s))
		return stream_cut(s);
	while (!legacy_is_end(s)) {
		const uint8_t *size = stream_take(s, WORD_SIZE);
		int rc;

		if (!size || get_le32(size) > stream_left(s))
			return stream_cut(s);
		rc = lz4_block_unpack(s, get_le32(size), s->out);
		if (rc)
			return rc;
	}
	return 0;
}

/* What a frame's header says. */
struct frame {
	uint8_t flags;
	size_t block_max;
	uint64_t size;
};

static int frame_header_read(struct unpack_stream *s, struct frame *f)
{
	const uint8_t *h = s->in, *sum;
	size_t size = CONTENT_SIZE_AT;

	if (!stream_take(s, CONTENT_SIZE_AT))
		return stream_cut(s);
	f->flags = h[FLAGS_AT];
	if ((f->flags & FLAGS_VERSION) != FLAGS_VERSION_1 ||
	    f->flags & (FLAG_RESERVED | FLAG_DICTIONARY) || h[BLOCK_MAX_AT] & BLOCK_MAX_RESERVED ||
	    h[BLOCK_MAX_AT] >> 4 < 4)
		return stream_unserved(s, "flags that are not known, or a dictionary");
	f->block_max = (size_t)1 << (8 + 2 * (h[BLOCK_MAX_AT] >> 4));
	if (f->flags & FLAG_CONTENT_SIZE) {
		if (!stream_take(s, sizeof(uint64_t)))
			return stream_cut(s);
		f->size = get_le64(h + CONTENT_SIZE_AT);
		size += sizeof(uint64_t);
	}
	sum = stream_take(s, 1);
	if (!sum)
		return stream_cut(s);
	if (*sum != (uint8_t)(xxh32(h + MAGIC_SIZE, size - MAGIC_SIZE) >> 8))
		return stream_damaged(s, "the checksum of the header is wrong");
	return 0;
}

static int sum_check(struct unpack_stream *s, const uint8_t *data, size_t n)
{
	const uint8_t *sum = stream_take(s, WORD_SIZE);

	if (!sum)
		return stream_cut(s);
	return get_le32(sum) == xxh32(data, n) ? 0 : stream_damaged(s, "the checksum is wrong");
}

/* A block whose size, with the flag, has been read. */
static int frame_block(struct unpack_stream *s, const struct frame *f, uint32_t word,
                       const uint8_t *start)
{
	const uint8_t *data = s->in, *from = s->out;
	size_t size = word & ~BLOCK_PLAIN;
	int rc = 0;

	if (size > f->block_max)
		return stream_damaged(s, "a block is larger than the header says");
	if (size > stream_left(s))
		return stream_cut(s);
	if (word & BLOCK_PLAIN) {
		if (size > stream_room(s))
			return stream_full(s);
		bytes_copy(s->out, s->out_end, data, s->in_end, size);
		s->in += size;
		s->out += size;
	} else {
		rc = lz4_block_unpack(s, size, f->flags & FLAG_INDEPENDENT ? from : start);
	}
	if (!rc && (size_t)(s->out - from) > f->block_max)
		return stream_damaged(s, "a block is larger than the header says");
	if (!rc && f->flags & FLAG_BLOCK_CHECKSUM)
		rc = sum_check(s, data, size);
	return rc;
}

static int frame_unpack(struct unpack_stream *s)
{
	const uint8_t *start = s->out;
	struct frame f = { 0 };
	int rc = frame_header_read(s, &f);

	while (!rc) {
		const uint8_t *word = stream_take(s, WORD_SIZE);

		if (!word)
			return stream_cut(s);
		if (!get_le32(word))
			break;
		rc = frame_block(s, &f, get_le32(word), start);
	}
	if (!rc && f.flags & FLAG_CONTENT_CHECKSUM)
		rc = sum_check(s, start, (size_t)(s->out - start));
	if (!rc && f.flags & FLAG_CONTENT_SIZE && f.size != (uint64_t)(s->out - start))
		rc = stream_damaged(s, "the size is wrong");
	return rc;
}

static uint64_t frame_size(const uint8_t *in, uint64_t size)
{
	return size >= CONTENT_SIZE_AT + 8 && in[FLAGS_AT] & FLAG_CONTENT_SIZE
	               ? get_le64(in + CONTENT_SIZE_AT)
	               : 0;
}

const struct unpack_format lz4_legacy_format = {
	.name = "LZ4 (legacy)",
	.magic = { 0x02, 0x21, 0x4c, 0x18 },
	.magic_size = MAGIC_SIZE,
	.unpack = legacy_unpack,
};

const struct unpack_format lz4_frame_format = {
	.name = "LZ4",
	.magic = { 0x04, 0x22, 0x4d, 0x18 },
	.magic_size = MAGIC_SIZE,
	.unpack = frame_unpack,
	.unpacked_size = frame_size,
};
