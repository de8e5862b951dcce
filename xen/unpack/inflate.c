// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Deflate: blocks of literals and matches in Huffman codes, or of plain bytes. A code is looked up by its first bits; entries of longer ones link to a
 * second table for all 15 bits. While both buffers have room enough for any symbol, a loop without further checks runs.
 */
#include "inflate.h"
#include "bytes.h"
#include "string.h"

enum {
	BLOCK_PLAIN,
	BLOCK_FIXED,
	BLOCK_DYNAMIC,
	END_OF_BLOCK = 256,
	FIRST_LENGTH = 257,
	NR_LENGTHS = 29,
	NR_DISTANCES = 30,
	MATCH_MAX = 258,
	LITERALS_A_TURN = 3, /* of the fast loop: their codes fit the bits that one filling gives */
	ROOM_A_TURN = LITERALS_A_TURN + MATCH_MAX + 8,
};

/*
 * An entry of a table. Bits 0 to 3: bits of the code that this lookup uses up; 4 to 7: extra bits behind the code; 8 and 9: kind; from 16 on: value.
 */
enum {
	EXTRA_SHIFT = 4,
	KIND_MASK = 0x300,
	KIND_LITERAL = 0,     /* value: the byte, or symbol */
	KIND_BASE = 0x100,    /* value: length or distance, to which the extra bits are added */
	KIND_LINK = 0x200,    /* value: where the second table begins */
	KIND_SPECIAL = 0x300, /* value: SPECIAL_... */
	VALUE_SHIFT = 16,
};
enum { SPECIAL_INVALID, SPECIAL_END };

#define ENTRY_INVALID ((uint32_t)(KIND_SPECIAL | SPECIAL_INVALID << VALUE_SHIFT))

/* Lengths and distances: base, and the number of extra bits (RFC 1951, 3.2.5). */
struct base {
	uint16_t value;
	uint8_t extra;
};

static const struct base lengths[NR_LENGTHS] = {
	{ 3, 0 },   { 4, 0 },   { 5, 0 },   { 6, 0 },   { 7, 0 },   { 8, 0 },
	{ 9, 0 },   { 10, 0 },  { 11, 1 },  { 13, 1 },  { 15, 1 },  { 17, 1 },
	{ 19, 2 },  { 23, 2 },  { 27, 2 },  { 31, 2 },  { 35, 3 },  { 43, 3 },
	{ 51, 3 },  { 59, 3 },  { 67, 4 },  { 83, 4 },  { 99, 4 },  { 115, 4 },
	{ 131, 5 }, { 163, 5 }, { 195, 5 }, { 227, 5 }, { 258, 0 },
};

static const struct base distances[NR_DISTANCES] = {
	{ 1, 0 },     { 2, 0 },     { 3, 0 },     { 4, 0 },      { 5, 1 },      { 7, 1 },
	{ 9, 2 },     { 13, 2 },    { 17, 3 },    { 25, 3 },     { 33, 4 },     { 49, 4 },
	{ 65, 5 },    { 97, 5 },    { 129, 6 },   { 193, 6 },    { 257, 7 },    { 385, 7 },
	{ 513, 8 },   { 769, 8 },   { 1025, 9 },  { 1537, 9 },   { 2049, 10 },  { 3073, 10 },
	{ 4097, 11 }, { 6145, 11 }, { 8193, 12 }, { 12289, 12 }, { 16385, 13 }, { 24577, 13 },
};

/* The entries of symbols, without the bits of the code. */
typedef uint32_t entry_fn(unsigned symbol);

static uint32_t literal_entry(unsigned symbol)
{
	if (symbol < END_OF_BLOCK)
		return KIND_LITERAL | symbol << VALUE_SHIFT;
	if (symbol == END_OF_BLOCK)
		return KIND_SPECIAL | SPECIAL_END << VALUE_SHIFT;
	if (symbol - FIRST_LENGTH < NR_LENGTHS) {
		const struct base *b = &lengths[symbol - FIRST_LENGTH];

		return (uint32_t)(KIND_BASE | b->extra << EXTRA_SHIFT | b->value << VALUE_SHIFT);
	}
	return ENTRY_INVALID;
}

static uint32_t distance_entry(unsigned symbol)
{
	if (symbol < NR_DISTANCES)
		return KIND_BASE | (uint32_t)distances[symbol].extra << EXTRA_SHIFT |
		       (uint32_t)distances[symbol].value << VALUE_SHIFT;
	return ENTRY_INVALID;
}

static uint32_t length_entry(unsigned symbol)
{
	return KIND_LITERAL | symbol << VALUE_SHIFT;
}

/* One of the three codes of a block: where its table is, and how it is looked up. */
struct code {
	uint32_t *table;
	unsigned table_bits;
	entry_fn *entry;
};

static unsigned bits_reverse(unsigned v, unsigned n)
{
	unsigned r = 0;

	for (unsigned i = 0; i < n; i++)
		r |= (v >> i & 1) << (n - 1 - i);
	return r;
}

/* first[n]: the first code of n bits. False: more codes than fit, or fewer, which only a code of one symbol at most may. */
static bool codes_number(const uint8_t *code_lengths, unsigned symbols, uint16_t *first)
{
	unsigned count[INFLATE_CODE_MAX + 1] = { 0 }, code = 0, used = 0;

	for (unsigned i = 0; i < symbols; i++)
		count[code_lengths[i]]++;
	for (unsigned n = 1; n <= INFLATE_CODE_MAX; n++) {
		code <<= 1;
		first[n] = (uint16_t)code;
		code += count[n];
		used += count[n];
		if (code > 1u << n)
			return false;
	}
	return code == 1u << INFLATE_CODE_MAX || used <= 1;
}

static bool table_build(const struct code *c, const uint8_t *code_lengths, unsigned symbols)
{
	unsigned bits = c->table_bits, second_size = 1u << (INFLATE_CODE_MAX - bits);
	uint16_t next[INFLATE_CODE_MAX + 1];
	uint32_t used = 1u << bits;

	if (!codes_number(code_lengths, symbols, next))
		return false;
	for (unsigned i = 0; i < used; i++)
		c->table[i] = ENTRY_INVALID;
	for (unsigned symbol = 0; symbol < symbols; symbol++) {
		unsigned n = code_lengths[symbol], code;
		uint32_t entry, *table = c->table;
		unsigned size = 1u << bits;

		if (!n)
			continue;
		code = bits_reverse(next[n]++, n);
		entry = c->entry(symbol);
		if (n > bits) {
			uint32_t *link = &table[code & (size - 1)];

			if ((*link & KIND_MASK) != KIND_LINK) {
				*link = bits | KIND_LINK | used << VALUE_SHIFT;
				for (unsigned i = 0; i < second_size; i++)
					table[used++] = ENTRY_INVALID;
			}
			table += *link >> VALUE_SHIFT;
			size = second_size;
			code >>= bits;
			n -= bits;
		}
		for (; code < size; code += 1u << n)
			table[code] = entry | n;
	}
	return true;
}

/* ---- bits, the lowest of each byte first ---- */
struct bits {
	uint64_t held; /* above the first n bits: nothing, or bits that *in will bring again */
	unsigned n;
	unsigned padding; /* bytes of zeroes that stand for input that is not there */
	const uint8_t *in, *in_end;
};

/* With 8 bytes of input: 56 bits or more are held afterwards. */
inner_fn void bits_fill_fast(struct bits *b)
{
	b->held |= get_le64(b->in) << b->n;
	b->in += (63 - b->n) >> 3;
	b->n |= 56;
}

/* The same up to the end and beyond; false: bits beyond it have been used. */
static bool bits_fill(struct bits *b)
{
	while (b->n < 56) {
		if (b->in < b->in_end)
			b->held |= (uint64_t)*b->in++ << b->n;
		else
			b->padding++;
		b->n += 8;
	}
	return b->padding * 8 <= b->n;
}

inner_fn uint32_t bits_peek(const struct bits *b, unsigned n)
{
	return (uint32_t)b->held & ((1u << n) - 1);
}

inner_fn void bits_drop(struct bits *b, unsigned n)
{
	b->held >>= n;
	b->n -= n;
}

inner_fn uint32_t bits_take(struct bits *b, unsigned n)
{
	uint32_t v = bits_peek(b, n);

	bits_drop(b, n);
	return v;
}

/* Leaves the rest of the byte and gives back whole bytes. False: the input was over before. */
static bool bits_give_back(struct bits *b)
{
	unsigned bytes = b->n / 8;

	if (b->padding > bytes)
		return false;
	b->in -= bytes - b->padding;
	*b = (struct bits){ .in = b->in, .in_end = b->in_end };
	return true;
}

/* The entry of the code that comes next, which is used up. 15 bits are held. */
inner_fn uint32_t code_get(struct bits *b, const uint32_t *table, unsigned table_bits)
{
	uint32_t e = table[bits_peek(b, table_bits)];

	if (unlikely((e & KIND_MASK) == KIND_LINK)) {
		bits_drop(b, e & 0xf);
		e = table[(e >> VALUE_SHIFT) + bits_peek(b, INFLATE_CODE_MAX - table_bits)];
	}
	bits_drop(b, e & 0xf);
	return e;
}

inner_fn uint32_t base_get(struct bits *b, uint32_t e)
{
	return (e >> VALUE_SHIFT) + bits_take(b, e >> EXTRA_SHIFT & 0xf);
}

/* No room for what was read; but from beyond the end of the input anything can be read. */
static int no_room(struct unpack_stream *s, const struct bits *b)
{
	return b->padding * 8 > b->n ? stream_cut(s) : stream_full(s);
}

static int symbol_invalid(struct unpack_stream *s)
{
	return stream_damaged(s, "a code that stands for nothing");
}

enum { BLOCK_GOES_ON = 1, BLOCK_ENDS = 0 };

/*
 * Symbols while at least 8 bytes of input and ROOM_A_TURN of output are left. Each turn: up to three literals, or fewer and a match. A code and
 * its extra bits take 20 bits for a length and 28 for a distance.
 */
static int symbols_fast(struct unpack_stream *s, struct bits *bits, const struct inflate *f,
                        const uint8_t *start)
{
	struct bits b = *bits;
	uint8_t *out = s->out, *const out_end = s->out_end;
	int rc = BLOCK_GOES_ON;

	while (b.in_end - b.in >= 16 && out_end - out >= ROOM_A_TURN) {
		uint32_t e, length, distance;

		bits_fill_fast(&b);
		e = code_get(&b, f->literals, INFLATE_LITERAL_BITS);
		for (unsigned i = 1; i < LITERALS_A_TURN && !(e & KIND_MASK); i++) {
			*out++ = (uint8_t)(e >> VALUE_SHIFT);
			e = code_get(&b, f->literals, INFLATE_LITERAL_BITS);
		}
		if (!(e & KIND_MASK)) {
			*out++ = (uint8_t)(e >> VALUE_SHIFT);
			continue;
		}
		if (unlikely((e & KIND_MASK) == KIND_SPECIAL)) {
			rc = e >> VALUE_SHIFT == SPECIAL_END ? BLOCK_ENDS : symbol_invalid(s);
			break;
		}
		bits_fill_fast(&b);
		length = base_get(&b, e);
		e = code_get(&b, f->distances, INFLATE_DISTANCE_BITS);
		if (unlikely((e & KIND_MASK) != KIND_BASE)) {
			rc = symbol_invalid(s);
			break;
		}
		distance = base_get(&b, e);
		if (unlikely(distance > (size_t)(out - start))) {
			rc = stream_damaged(s, "a match begins before the data does");
			break;
		}
		out = match_copy(out, out_end, distance, length);
	}
	*bits = b;
	s->out = out;
	return rc;
}

/* One symbol, anywhere. */
static int symbol_careful(struct unpack_stream *s, struct bits *b, const struct inflate *f,
                          const uint8_t *start)
{
	uint32_t e, length, distance;

	if (!bits_fill(b))
		return stream_cut(s);
	e = code_get(b, f->literals, INFLATE_LITERAL_BITS);
	if ((e & KIND_MASK) == KIND_SPECIAL)
		return e >> VALUE_SHIFT == SPECIAL_END ? BLOCK_ENDS : symbol_invalid(s);
	if (!(e & KIND_MASK)) {
		if (!stream_room(s))
			return no_room(s, b);
		*s->out++ = (uint8_t)(e >> VALUE_SHIFT);
		return BLOCK_GOES_ON;
	}
	length = base_get(b, e);
	e = code_get(b, f->distances, INFLATE_DISTANCE_BITS);
	if ((e & KIND_MASK) != KIND_BASE)
		return symbol_invalid(s);
	distance = base_get(b, e);
	if (distance > (size_t)(s->out - start))
		return stream_damaged(s, "a match begins before the data does");
	if (length > stream_room(s))
		return no_room(s, b);
	s->out = match_copy(s->out, s->out_end, distance, length);
	return BLOCK_GOES_ON;
}

static int symbols(struct unpack_stream *s, struct bits *b, const struct inflate *f,
                   const uint8_t *start)
{
	int rc;

	do {
		rc = symbols_fast(s, b, f, start);
		if (rc == BLOCK_GOES_ON)
			rc = symbol_careful(s, b, f, start);
	} while (rc == BLOCK_GOES_ON);
	return rc;
}

static int plain_block(struct unpack_stream *s, struct bits *b)
{
	unsigned size;

	if (!bits_give_back(b) || b->in_end - b->in < 4)
		return stream_cut(s);
	size = get_le16(b->in);
	if ((size ^ get_le16(b->in + 2)) != 0xffff)
		return stream_damaged(s, "the size of a plain block is not valid");
	b->in += 4;
	if (size > stream_room(s))
		return stream_full(s);
	if (size > (size_t)(b->in_end - b->in))
		return stream_cut(s);
	bytes_copy(s->out, s->out_end, b->in, b->in_end, size);
	b->in += size;
	s->out += size;
	return 0;
}

static bool tables_build(struct inflate *f, unsigned nr_literals, unsigned nr_distances)
{
	const struct code literals = { f->literals, INFLATE_LITERAL_BITS, literal_entry };
	const struct code far = { f->distances, INFLATE_DISTANCE_BITS, distance_entry };

	return table_build(&literals, f->code_lengths, nr_literals) &&
	       table_build(&far, f->code_lengths + nr_literals, nr_distances);
}

static void fixed_lengths(uint8_t *code_lengths)
{
	for (unsigned i = 0; i < INFLATE_LITERALS; i++)
		code_lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
	memset(code_lengths + INFLATE_LITERALS, 5, INFLATE_DISTANCES);
}

/* The code of the code lengths: 4 more than the header says are given, in this order. */
static int lengths_code(struct unpack_stream *s, struct bits *b, struct inflate *f, unsigned n)
{
	static const uint8_t order[INFLATE_CODE_LENGTHS] = { 16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
		                                             11, 4,  12, 3, 13, 2, 14, 1, 15 };
	const struct code code = { f->lengths, INFLATE_LENGTH_BITS, length_entry };

	memset(f->code_lengths, 0, INFLATE_CODE_LENGTHS);
	for (unsigned i = 0; i < n; i++) {
		if (!bits_fill(b))
			return stream_cut(s);
		f->code_lengths[order[i]] = (uint8_t)bits_take(b, 3);
	}
	if (!table_build(&code, f->code_lengths, INFLATE_CODE_LENGTHS))
		return stream_damaged(s, "a Huffman code is not valid");
	return 0;
}

/* n code lengths: symbols up to 15 are one; the others repeat the last one, or zero. */
static int lengths_get(struct unpack_stream *s, struct bits *b, struct inflate *f, unsigned n)
{
	static const struct base repeats[] = { { 3, 2 }, { 3, 3 }, { 11, 7 } };

	for (unsigned i = 0; i < n;) {
		uint32_t e, symbol, repeat = 1;
		uint8_t length;

		if (!bits_fill(b))
			return stream_cut(s);
		e = code_get(b, f->lengths, INFLATE_LENGTH_BITS);
		if (e & KIND_MASK)
			return symbol_invalid(s);
		symbol = e >> VALUE_SHIFT;
		length = (uint8_t)symbol;
		if (symbol > 15) {
			const struct base *r = &repeats[symbol - 16];

			if (symbol == 16 && !i)
				return stream_damaged(s, "a Huffman code is not valid");
			length = symbol == 16 ? f->code_lengths[i - 1] : 0;
			repeat = r->value + bits_take(b, r->extra);
		}
		if (repeat > n - i)
			return stream_damaged(s, "a Huffman code is not valid");
		memset(f->code_lengths + i, length, repeat);
		i += repeat;
	}
	return 0;
}

static int dynamic_block(struct unpack_stream *s, struct bits *b, struct inflate *f,
                         const uint8_t *start)
{
	unsigned nr_literals = bits_take(b, 5) + 257, nr_distances = bits_take(b, 5) + 1;
	int rc = lengths_code(s, b, f, bits_take(b, 4) + 4);

	if (!rc)
		rc = lengths_get(s, b, f, nr_literals + nr_distances);
	if (rc)
		return rc;
	f->has_fixed = false;
	if (!tables_build(f, nr_literals, nr_distances))
		return stream_damaged(s, "a Huffman code is not valid");
	return symbols(s, b, f, start);
}

static int fixed_block(struct unpack_stream *s, struct bits *b, struct inflate *f,
                       const uint8_t *start)
{
	if (!f->has_fixed) {
		fixed_lengths(f->code_lengths);
		if (!tables_build(f, INFLATE_LITERALS, INFLATE_DISTANCES))
			return stream_damaged(s, "a Huffman code is not valid");
		f->has_fixed = true;
	}
	return symbols(s, b, f, start);
}

int inflate(struct unpack_stream *s, struct inflate *f)
{
	struct bits b = { .in = s->in, .in_end = s->in_end };
	const uint8_t *start = s->out;
	bool is_last;
	int rc;

	f->has_fixed = false;
	do {
		unsigned kind;

		if (!bits_fill(&b))
			return stream_cut(s);
		is_last = bits_take(&b, 1);
		kind = bits_take(&b, 2);
		if (kind == BLOCK_PLAIN)
			rc = plain_block(s, &b);
		else if (kind == BLOCK_FIXED)
			rc = fixed_block(s, &b, f, start);
		else if (kind == BLOCK_DYNAMIC)
			rc = dynamic_block(s, &b, f, start);
		else
			rc = stream_damaged(s, "a block of an unknown kind");
		if (rc)
			return rc;
	} while (!is_last);
	if (!bits_give_back(&b))
		return stream_cut(s);
	s->in = b.in;
	return 0;
}
