// SPDX-License-Identifier: GPL-2.0-or-later
/* The literals of a zstd block: plain, one byte repeated, or Huffman codes in one stream or four (RFC 8878, 3.1.1.3.1 and 4.2). */
#include "zstd.h"
#include "string.h"
#include "zstd_bits.h"

enum { LITERALS_PLAIN, LITERALS_REPEATED, LITERALS_PACKED, LITERALS_SAME_CODE };
enum {
	STREAMS = 4,
	JUMPS_SIZE = 6, /* sizes of the first three streams */
	WEIGHT_BITS_MAX = 6,
	WEIGHT_MAX = ZSTD_HUFFMAN_BITS + 1,
	WEIGHTS_PLAIN = 128, /* from here on, the weights follow in four bits each */
};

static const struct zstd_symbols weight_symbols = { .nr = WEIGHT_MAX + 1,
	                                            .max_bits = WEIGHT_BITS_MAX };

static int damaged(struct unpack_stream *s)
{
	return stream_damaged(s, "a Huffman code is not valid");
}

/* Two coders in turn, until the stream has been over. The number of weights, or 0. */
static unsigned weights_unpack(struct zstd *z, const uint8_t *in, const uint8_t *end)
{
	struct zstd_states *t = &z->weights;
	unsigned state[2], n = 0;
	struct zstd_bits b;

	if (!zstd_states_read(z, t, &weight_symbols, &in, end) ||
	    !zstd_bits_start(&b, in, (size_t)(end - in)))
		return 0;
	state[0] = zstd_bits_take(&b, t->bits);
	state[1] = zstd_bits_take(&b, t->bits);
	if (b.left < 0)
		return 0;
	for (unsigned turn = 0; n < ZSTD_SYMBOLS - 2; turn ^= 1) {
		const struct zstd_state *s = &t->states[state[turn]];

		z->weight[n++] = (uint8_t)s->base;
		state[turn] = s->next + zstd_bits_take(&b, s->bits);
		if (b.left < 0) {
			z->weight[n++] = (uint8_t)t->states[state[turn ^ 1]].base;
			return n;
		}
	}
	return 0;
}

static unsigned weights_plain(struct zstd *z, const uint8_t *in, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		z->weight[i] = i & 1 ? in[i / 2] & 0xf : in[i / 2] >> 4;
	return n;
}

/* The last weight is what is missing. Fills the table: symbols of low weight, which have long codes, come first. */
static bool huffman_build(struct zstd *z, unsigned n)
{
	uint32_t total = 0, missing;
	unsigned bits, at = 0;

	for (unsigned i = 0; i < n; i++) {
		if (z->weight[i] > WEIGHT_MAX)
			return false;
		total += z->weight[i] ? 1u << (z->weight[i] - 1) : 0;
	}
	if (!total)
		return false;
	bits = 32 - (unsigned)__builtin_clz(total);
	missing = (1u << bits) - total;
	if (bits > ZSTD_HUFFMAN_BITS || missing & (missing - 1))
		return false;
	z->weight[n++] = (uint8_t)(__builtin_ctz(missing) + 1);
	for (unsigned weight = 1; weight <= bits; weight++)
		for (unsigned symbol = 0; symbol < n; symbol++) {
			unsigned end = at + (1u << (weight - 1));

			if (z->weight[symbol] != weight)
				continue;
			for (; at < end; at++)
				z->huffman[at] =
					(struct zstd_huffman_entry){ (uint8_t)symbol,
					                             (uint8_t)(bits + 1 - weight) };
		}
	z->huffman_bits = bits;
	return at == 1u << bits;
}

static bool huffman_read(struct zstd *z, const uint8_t **in, const uint8_t *end)
{
	unsigned head, size, n;

	z->huffman_bits = 0;
	if (*in == end)
		return false;
	head = *(*in)++;
	size = head < WEIGHTS_PLAIN ? head : (head - WEIGHTS_PLAIN + 2) / 2;
	if (size > (size_t)(end - *in))
		return false;
	n = head < WEIGHTS_PLAIN ? weights_unpack(z, *in, *in + size)
	                         : weights_plain(z, *in, head - WEIGHTS_PLAIN + 1);
	*in += size;
	return n && huffman_build(z, n);
}

/* A stream of codes: size bytes at in become n at out. */
static bool stream_unpack(const struct zstd *z, const uint8_t *in, size_t size, uint8_t *out,
                          size_t n)
{
	const unsigned shift = 64 - z->huffman_bits;
	const uint8_t *end = out + n;
	struct zstd_bits b;

	if (!zstd_bits_start(&b, in, size))
		return false;
	/* five codes fit the bits of a load */
	while (end - out >= 5) {
		uint64_t top = zstd_bits_top(&b);

#pragma GCC unroll 5
		for (unsigned i = 0; i < 5; i++) {
			struct zstd_huffman_entry e = z->huffman[top >> shift];

			out[i] = e.symbol;
			top <<= e.bits;
			b.left -= e.bits;
		}
		out += 5;
	}
	for (; out < end; out++) {
		struct zstd_huffman_entry e = z->huffman[zstd_bits_top(&b) >> shift];

		*out = e.symbol;
		b.left -= e.bits;
	}
	return !b.left;
}

static bool streams_unpack(struct zstd *z, const uint8_t *in, const uint8_t *end, size_t n)
{
	size_t part = (n + STREAMS - 1) / STREAMS;
	const uint8_t *jumps = in;
	uint8_t *out = z->literal;

	if (end - in < JUMPS_SIZE || part * (STREAMS - 1) > n)
		return false;
	in += JUMPS_SIZE;
	for (unsigned i = 0; i < STREAMS - 1; i++) {
		size_t size = get_le16(jumps + 2 * i);

		if (size > (size_t)(end - in) || !stream_unpack(z, in, size, out, part))
			return false;
		in += size;
		out += part;
	}
	return stream_unpack(z, in, (size_t)(end - in), out, n - part * (STREAMS - 1));
}

/* The head of a section: kind, form, and one or two sizes whose width the form says. */
struct section {
	unsigned kind, form;
	size_t size, packed;
};

static bool section_read(struct section *c, const uint8_t **in, const uint8_t *end)
{
	static const uint8_t heads[2][4] = { { 1, 2, 1, 3 }, { 3, 3, 4, 5 } };
	static const uint8_t size_bits[2][4] = { { 5, 12, 5, 20 }, { 10, 10, 14, 18 } };
	uint64_t v = 0;
	unsigned packed, head, bits;

	if (*in == end)
		return false;
	c->kind = **in & 3;
	c->form = **in >> 2 & 3;
	packed = c->kind >= LITERALS_PACKED;
	head = heads[packed][c->form];
	bits = size_bits[packed][c->form];
	if (head > (size_t)(end - *in))
		return false;
	for (unsigned i = 0; i < head; i++)
		v |= (uint64_t) * (*in)++ << (8 * i);
	/* without a second size, one bit tells the shortest form */
	v >>= packed || c->form & 1 ? 4 : 3;
	c->size = v & ((1u << bits) - 1);
	c->packed = packed                      ? v >> bits & ((1u << bits) - 1)
	            : c->kind == LITERALS_PLAIN ? c->size
	                                        : 1;
	return c->size <= ZSTD_BLOCK_MAX && c->packed <= (size_t)(end - *in);
}

int zstd_literals(struct unpack_stream *s, const uint8_t **in, const uint8_t *end)
{
	struct zstd *z = s->work;
	const uint8_t *data, *data_end;
	struct section c;
	bool ok;

	if (!section_read(&c, in, end))
		return stream_damaged(s, "the literals of a block are not valid");
	data = *in;
	data_end = *in += c.packed;
	z->literals = z->literal;
	z->literals_readable = z->literal + sizeof(z->literal);
	if (c.kind == LITERALS_PLAIN) {
		z->literals = data;
		z->literals_readable = s->in_end;
	} else if (c.kind == LITERALS_REPEATED) {
		memset(z->literal, *data, c.size);
	} else {
		if (c.kind == LITERALS_PACKED ? !huffman_read(z, &data, data_end)
		                              : !z->huffman_bits)
			return damaged(s);
		ok = c.form ? streams_unpack(z, data, data_end, c.size)
		            : stream_unpack(z, data, (size_t)(data_end - data), z->literal, c.size);
		if (!ok)
			return stream_damaged(s, "the literals of a block are not valid");
	}
	z->literals_end = z->literals + c.size;
	return 0;
}
