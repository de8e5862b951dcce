// SPDX-License-Identifier: GPL-2.0-or-later
/* The frames of zstd (RFC 8878, 3.1.1): a header, blocks and a checksum. The whole output is the window. */
#include "zstd.h"
#include "bytes.h"
#include "checksum.h"
#include "string.h"

enum {
	MAGIC_SIZE = 4,
	FLAGS_AT = 4,
	FLAG_DICTIONARY = 0x03, /* how its id is stored */
	FLAG_CHECKSUM = 0x04,
	FLAG_RESERVED = 0x08,
	FLAG_SINGLE = 0x20, /* no window: the size is it */
	SIZE_SHIFT = 6,     /* how the size is stored */
	BLOCK_HEAD = 3,
	CHECKSUM_SIZE = 4,
};
enum { BLOCK_PLAIN, BLOCK_REPEATED, BLOCK_PACKED };

#define UNKNOWN UINT64_MAX

struct frame {
	bool has_checksum, has_dictionary;
	uint64_t size; /* of the content; UNKNOWN */
};

static uint64_t get_le(const uint8_t *p, unsigned n)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < n; i++)
		v |= (uint64_t)p[i] << (8 * i);
	return v;
}

/* The header's length; 0: it is cut. */
static size_t header_parse(const uint8_t *in, size_t size, struct frame *f)
{
	static const uint8_t size_sizes[4] = { 0, 2, 4, 8 }, dictionary_sizes[4] = { 0, 1, 2, 4 };
	unsigned flags, size_size, dictionary_size;
	size_t at = FLAGS_AT + 1;

	if (size <= FLAGS_AT)
		return 0;
	flags = in[FLAGS_AT];
	dictionary_size = dictionary_sizes[flags & FLAG_DICTIONARY];
	size_size = size_sizes[flags >> SIZE_SHIFT];
	if (flags & FLAG_SINGLE)
		size_size = MAX(size_size, 1u);
	else
		at++; /* the window */
	if (size < at + dictionary_size + size_size)
		return 0;
	f->has_checksum = flags & FLAG_CHECKSUM;
	f->has_dictionary = get_le(in + at, dictionary_size);
	at += dictionary_size;
	f->size = size_size ? get_le(in + at, size_size) + (size_size == 2 ? 256 : 0) : UNKNOWN;
	return at + size_size;
}

static int packed_block(struct unpack_stream *s, size_t size)
{
	const uint8_t *in = s->in, *end = in + size;
	int rc = zstd_literals(s, &in, end);

	s->in = end;
	return rc ? rc : zstd_sequences(s, in, end);
}

static int block_unpack(struct unpack_stream *s, unsigned kind, size_t size)
{
	const uint8_t *data;

	if (size > ZSTD_BLOCK_MAX)
		return stream_damaged(s, "a block that is too large");
	if ((kind == BLOCK_REPEATED ? 1 : size) > stream_left(s))
		return stream_cut(s);
	if (kind == BLOCK_PACKED)
		return packed_block(s, size);
	if (size > stream_room(s))
		return stream_full(s);
	data = s->in;
	if (kind == BLOCK_PLAIN)
		bytes_copy(s->out, s->out_end, data, s->in_end, size);
	else
		memset(s->out, *data, size);
	s->in += kind == BLOCK_PLAIN ? size : 1;
	s->out += size;
	return 0;
}

static int blocks_unpack(struct unpack_stream *s)
{
	for (;;) {
		const uint8_t *p = stream_take(s, BLOCK_HEAD);
		uint32_t head;
		int rc;

		if (!p)
			return stream_cut(s);
		head = (uint32_t)get_le(p, BLOCK_HEAD);
		if ((head >> 1 & 3) > BLOCK_PACKED)
			return stream_damaged(s, "a block of an unknown kind");
		rc = block_unpack(s, head >> 1 & 3, head >> 3);
		if (rc || head & 1)
			return rc;
	}
}

static int zstd_unpack(struct unpack_stream *s)
{
	struct zstd *z = s->work;
	struct frame f;
	size_t header = header_parse(s->in, stream_left(s), &f);
	const uint8_t *sum;
	uint64_t size;
	int rc;

	if (!header)
		return stream_cut(s);
	if (s->in[FLAGS_AT] & FLAG_RESERVED || f.has_dictionary)
		return stream_unserved(s, "flags that are not known, or a dictionary");
	s->in += header;
	for (unsigned kind = 0; kind < ZSTD_KINDS; kind++)
		z->tables[kind].valid = false;
	z->huffman_bits = 0;
	z->repeat[0] = 1;
	z->repeat[1] = 4;
	z->repeat[2] = 8;
	z->frame = s->out;
	rc = blocks_unpack(s);
	if (rc)
		return rc;
	size = (uint64_t)(s->out - z->frame);
	if (f.size != UNKNOWN && f.size != size)
		return stream_damaged(s, "the size is wrong");
	if (!f.has_checksum)
		return 0;
	sum = stream_take(s, CHECKSUM_SIZE);
	if (!sum)
		return stream_cut(s);
	return get_le32(sum) == (uint32_t)xxh64(z->frame, size)
	               ? 0
	               : stream_damaged(s, "the checksum is wrong");
}

static uint64_t zstd_size(const uint8_t *in, uint64_t size)
{
	struct frame f;

	return header_parse(in, size, &f) && f.size != UNKNOWN ? f.size : 0;
}

const struct unpack_format zstd_format = {
	.name = "zstd",
	.magic = { 0x28, 0xb5, 0x2f, 0xfd },
	.magic_size = MAGIC_SIZE,
	.unpack = zstd_unpack,
	.unpacked_size = zstd_size,
	.work_size = sizeof(struct zstd),
};
