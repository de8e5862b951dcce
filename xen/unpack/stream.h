/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a format's function gets and does: one stream (member, frame) of packed data becomes bytes of output. The output is also the window that
 * matches copy from, so no format keeps one of its own.
 */
#ifndef UNPACK_STREAM_H
#define UNPACK_STREAM_H

#include "errno.h"
#include "types.h"

struct unpack_stream {
	const uint8_t *in, *in_end; /* in: what is not used yet; moves on */
	uint8_t *out, *out_end;     /* out: the next byte to write; moves on */
	uint8_t *out_start;         /* of the whole result: streams before this one wrote there */
	void *work; /* the format's work area: of no meaning at first, and kept from stream to stream */
	bool is_first;   /* of the streams of a file: what is the same for all has to be made */
	const char *why; /* set with every error */
};

/*
 * Unpacks one stream. 0: in stands behind it, out behind the last byte. A negative error as unpack() says, with why.
 * May write beyond out as far as out_end: the bytes there have no meaning yet.
 */
typedef int unpack_fn(struct unpack_stream *s);
/* The size of the result of a whole file (one stream or more), if it says one: 0 if not. size is at least that of the magic. */
typedef uint64_t unpack_size_fn(const uint8_t *in, uint64_t size);

struct unpack_format {
	const char *name;
	uint8_t magic[9];
	uint8_t magic_size;
	unpack_fn *unpack;             /* NULL: not packed */
	unpack_size_fn *unpacked_size; /* NULL: it never says */
	size_t work_size;
};

extern const struct unpack_format gzip_format, bzip2_format, xz_format, lzma_format, lzo_format,
	lz4_legacy_format, lz4_frame_format, zstd_format;

static inline int stream_damaged(struct unpack_stream *s, const char *why)
{
	s->why = why;
	return -EBADMSG;
}

static inline int stream_cut(struct unpack_stream *s)
{
	return stream_damaged(s, "the data ends too early");
}

static inline int stream_unserved(struct unpack_stream *s, const char *why)
{
	s->why = why;
	return -EOPNOTSUPP;
}

static inline int stream_full(struct unpack_stream *s)
{
	s->why = "the result is larger than the room for it";
	return -ENOSPC;
}

static inline size_t stream_left(const struct unpack_stream *s)
{
	return (size_t)(s->in_end - s->in);
}

static inline size_t stream_room(const struct unpack_stream *s)
{
	return (size_t)(s->out_end - s->out);
}

/* n bytes of input, or NULL when they are not there (in does not move). */
static inline const uint8_t *stream_take(struct unpack_stream *s, size_t n)
{
	const uint8_t *p = s->in;

	if (n > stream_left(s))
		return NULL;
	s->in += n;
	return p;
}

#endif
