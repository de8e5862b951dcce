// SPDX-License-Identifier: GPL-2.0-or-later
/* LZMA2's chunks: each begins with a control byte and sizes less one, highest byte first. */
#include "lzma2.h"
#include "bytes.h"

enum {
	CONTROL_END = 0,
	CONTROL_COPY_RESET = 1, /* bytes that are not packed; the dictionary starts here */
	CONTROL_COPY = 2,
	CONTROL_LZMA = 0x80, /* from here on; the lowest five bits are the size's highest ones */
	COPY_HEAD = 2,
	LZMA_HEAD = 4,
};

/* The two bits above the size: what an LZMA chunk resets. Each does what the ones before it do. */
enum { RESET_NOTHING, RESET_STATE, RESET_PROPERTIES, RESET_DICTIONARY };

/* What the data has still to begin with. */
struct needs {
	bool dictionary, properties, state;
};

static int copy_chunk(struct unpack_stream *s, struct needs *need, struct lzma *l, uint8_t control)
{
	const uint8_t *head = stream_take(s, COPY_HEAD), *data;
	size_t size;

	if (!head)
		return stream_cut(s);
	size = (size_t)get_be16(head) + 1;
	if (control == CONTROL_COPY_RESET) {
		need->dictionary = false;
		need->properties = true; /* the state refers to bytes that are gone */
		l->dictionary = s->out;
	} else if (need->dictionary) {
		return stream_damaged(s, "the first chunk does not start a dictionary");
	}
	if (size > stream_room(s))
		return stream_full(s);
	data = stream_take(s, size);
	if (!data)
		return stream_cut(s);
	bytes_copy(s->out, s->out_end, data, s->in_end, size);
	s->out += size;
	return 0;
}

static int lzma_chunk_reset(struct unpack_stream *s, struct needs *need, struct lzma *l,
                            unsigned reset)
{
	if (reset == RESET_DICTIONARY) {
		need->dictionary = false;
		l->dictionary = s->out;
	}
	if (reset >= RESET_PROPERTIES) {
		const uint8_t *properties = stream_take(s, 1);

		if (!properties)
			return stream_cut(s);
		if (!lzma_properties_set(l, *properties))
			return stream_damaged(s, "the LZMA properties are not valid");
		need->properties = false;
	}
	if (reset >= RESET_STATE) {
		lzma_state_reset(l);
		need->state = false;
	}
	if (need->dictionary || need->properties || need->state)
		return stream_damaged(s, "an LZMA chunk goes on with what did not begin");
	return 0;
}

static int lzma_chunk(struct unpack_stream *s, struct needs *need, struct lzma *l, uint8_t control)
{
	const uint8_t *head = stream_take(s, LZMA_HEAD), *end;
	size_t size, packed;
	int rc;

	if (!head)
		return stream_cut(s);
	size = ((size_t)(control & 0x1f) << 16 | get_be16(head)) + 1;
	packed = (size_t)get_be16(head + 2) + 1;
	rc = lzma_chunk_reset(s, need, l, control >> 5 & 3);
	if (rc)
		return rc;
	if (size > stream_room(s))
		return stream_full(s);
	if (packed > stream_left(s))
		return stream_cut(s);
	if (!lzma_range_start(l, s->in, packed))
		return stream_damaged(s, "an LZMA chunk does not begin as one");
	s->in += packed;
	l->out = s->out;
	rc = lzma_run(l, s->out + size);
	s->out = l->out;
	if (rc < 0) {
		s->why = l->why;
		return rc;
	}
	if (rc == LZMA_MARKER || !lzma_range_end(l, &end) || end != s->in)
		return stream_damaged(s, "an LZMA chunk is longer or shorter than it says");
	return 0;
}

int lzma2_unpack(struct unpack_stream *s, struct lzma *l)
{
	struct needs need = { true, true, true };

	l->room_end = s->out_end;
	for (;;) {
		const uint8_t *control = stream_take(s, 1);
		int rc;

		if (!control)
			return stream_cut(s);
		if (*control == CONTROL_END)
			return 0;
		if (*control >= CONTROL_LZMA)
			rc = lzma_chunk(s, &need, l, *control);
		else if (*control <= CONTROL_COPY)
			rc = copy_chunk(s, &need, l, *control);
		else
			rc = stream_damaged(s, "an LZMA2 chunk of an unknown kind");
		if (rc)
			return rc;
	}
}
