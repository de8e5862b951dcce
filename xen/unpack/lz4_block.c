// SPDX-License-Identifier: GPL-2.0-or-later
/* LZ4's sequences: a token with two lengths, literals, and a match. The last sequence ends behind its literals. */
#include "lz4_block.h"
#include "bytes.h"

enum {
	LENGTH_MORE = 15, /* further bytes are added, up to one that is not 255 */
	MATCH_MIN = 4,
};

/* False: the input is over. */
inner_fn bool length_more(const uint8_t **in, const uint8_t *end, size_t *length)
{
	uint8_t byte;

	do {
		if (*in == end)
			return false;
		byte = *(*in)++;
		*length += byte;
	} while (byte == 255);
	return true;
}

int lz4_block_unpack(struct unpack_stream *s, size_t size, const uint8_t *window)
{
	const uint8_t *in = s->in, *end = in + size;
	uint8_t *out = s->out, *const out_end = s->out_end;

	s->in = end;
	for (;;) {
		size_t length, distance;
		uint8_t token;

		if (unlikely(in == end))
			break;
		token = *in++;
		length = token >> 4;
		if (length == LENGTH_MORE && !length_more(&in, end, &length))
			break;
		if (unlikely(length > (size_t)(end - in)))
			break;
		if (unlikely(length > (size_t)(out_end - out)))
			return stream_full(s);
		bytes_copy(out, out_end, in, end, length);
		out += length;
		in += length;
		if (in == end) {
			s->out = out;
			return 0;
		}
		if (unlikely(end - in < 2))
			break;
		distance = get_le16(in);
		in += 2;
		length = token & 0xf;
		if (length == LENGTH_MORE && !length_more(&in, end, &length))
			break;
		length += MATCH_MIN;
		if (unlikely(!distance || distance > (size_t)(out - window)))
			return stream_damaged(s, "a match begins before the data does");
		if (unlikely(length > (size_t)(out_end - out)))
			return stream_full(s);
		out = match_copy(out, out_end, distance, length);
	}
	return stream_damaged(s, "a block ends too early");
}
