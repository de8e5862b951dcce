// SPDX-License-Identifier: GPL-2.0-or-later
/* The .lzma file: a byte of properties, the dictionary's size and the result's (all ones: an end marker says it), then LZMA; no checksum. */
#include "bytes.h"
#include "lzma.h"
#include "stream.h"

enum {
	SIZE_AT = 5,
	HEADER_SIZE = 13,
};

#define UNKNOWN UINT64_MAX

static int run_fail(struct unpack_stream *s, const struct lzma *l, int rc)
{
	s->why = l->why;
	return rc;
}

/* To the end marker, or to limit and maybe the marker behind it. */
static int lzma_run_all(struct unpack_stream *s, struct lzma *l, uint8_t *limit, bool is_exact)
{
	int rc = lzma_run(l, limit);

	s->out = l->out;
	if (rc < 0)
		return run_fail(s, l, rc);
	if (rc == LZMA_MARKER && is_exact && l->out != limit)
		return stream_damaged(s, "the data is shorter than it says");
	if (rc == LZMA_LIMIT && !(is_exact && lzma_range_end(l, &s->in))) {
		rc = lzma_run_marker(l);
		if (rc < 0)
			return run_fail(s, l, rc);
		if (rc != LZMA_MARKER)
			return is_exact ? stream_damaged(s, "the data is longer than it says")
			                : stream_full(s);
	}
	if (!lzma_range_end(l, &s->in))
		return stream_damaged(s, "the data is damaged or ends too early");
	return 0;
}

static int lzma_alone_unpack(struct unpack_stream *s)
{
	struct lzma *l = s->work;
	const uint8_t *head = stream_take(s, HEADER_SIZE);
	uint64_t size;

	if (!head)
		return stream_cut(s);
	if (!lzma_properties_set(l, *head))
		return stream_unserved(
			s,
			"properties that are not valid, or that nobody packs kernels with (lc + lp > 4)");
	size = get_le64(head + SIZE_AT);
	if (size != UNKNOWN && size > stream_room(s))
		return stream_full(s);
	if (!lzma_range_start(l, s->in, stream_left(s)))
		return stream_damaged(s, "the data does not begin as LZMA does");
	lzma_state_reset(l);
	l->dictionary = l->out = s->out;
	l->room_end = s->out_end;
	return lzma_run_all(s, l, size == UNKNOWN ? s->out_end : s->out + size, size != UNKNOWN);
}

static uint64_t lzma_alone_size(const uint8_t *in, uint64_t size)
{
	uint64_t unpacked = size < HEADER_SIZE ? UNKNOWN : get_le64(in + SIZE_AT);

	return unpacked == UNKNOWN ? 0 : unpacked;
}

const struct unpack_format lzma_format = {
	.name = "LZMA",
	.magic = { 0x5d, 0, 0 }, /* lc 3, lp 0, pb 2, and a dictionary of 64 KiB or more */
	.magic_size = 3,
	.unpack = lzma_alone_unpack,
	.unpacked_size = lzma_alone_size,
	.work_size = sizeof(struct lzma),
};
