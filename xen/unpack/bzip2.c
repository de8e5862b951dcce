// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bzip2: blocks of up to 900,000 bytes that were run-length coded, sorted by what follows each byte (Burrows and Wheeler), moved to front and
 * Huffman coded. All is bits, the highest of each byte first. The way back follows a chain through the whole block: 4 bytes of work area for each
 * byte of it.
 */
#include "bytes.h"
#include "stream.h"
#include "string.h"

enum {
	BLOCK_UNIT = 100000, /* times the level, 1 to 9 */
	BLOCK_MAX = 9 * BLOCK_UNIT,
	CODE_MAX = 20,    /* bits */
	LOOKUP_BITS = 10, /* shorter codes are found at once */
	TABLES_MIN = 2,
	TABLES_MAX = 6,
	SYMBOLS_MAX = 258,     /* two for runs, 255 places, the end */
	GROUP = 50,            /* symbols from one table */
	SELECTORS_MAX = 18002, /* so many can be used; more may be said */
	RUN_A = 0,
	RUN_B = 1,
	RUN_START = 4, /* equal bytes, behind which a count stands */
};

#define BLOCK_MAGIC    0x314159265359u /* of digits that everybody knows */
#define END_MAGIC      0x177245385090u
#define CRC_POLYNOMIAL 0x04c11db7u

struct huffman {
	uint16_t lookup[1 << LOOKUP_BITS]; /* symbol << 5 | bits; 0: the code is longer, or none */
	uint32_t end[CODE_MAX +
	             2]; /* of n bits: the codes from here on are longer; in CODE_MAX bits */
	uint32_t offset[CODE_MAX + 1]; /* added to a code of n bits: its place in order */
	uint16_t order[SYMBOLS_MAX];
};

struct bzip2 {
	uint32_t chain[BLOCK_MAX]; /* low byte: the byte; above: the next place */
	struct huffman tables[TABLES_MAX];
	uint8_t selectors[SELECTORS_MAX];
	uint8_t front[256], used[256];
	uint32_t count[256];
	uint8_t lengths[SYMBOLS_MAX];
	uint32_t crc[256];
	/* of the block */
	uint32_t block_max, size, origin;
	unsigned nr_used, nr_tables, nr_selectors;
};

/* ---- bits ---- */
struct bits {
	uint64_t held; /* at the lower end; above the first n: nothing of meaning */
	unsigned n;
	const uint8_t *in, *in_end;
	unsigned padding; /* bytes of zeroes for input that is not there */
};

inner_fn void bits_fill(struct bits *b)
{
	if (likely(b->in_end - b->in >= 4)) {
		if (b->n < 32) {
			b->held = b->held << 32 | get_be32(b->in);
			b->in += 4;
			b->n += 32;
		}
		return;
	}
	while (b->n < 32) {
		if (b->in < b->in_end)
			b->held = b->held << 8 | *b->in++;
		else {
			b->held <<= 8;
			b->padding++;
		}
		b->n += 8;
	}
}

/* n up to 24. */
inner_fn uint32_t bits_take(struct bits *b, unsigned n)
{
	bits_fill(b);
	b->n -= n;
	return (uint32_t)(b->held >> b->n) & ((1u << n) - 1);
}

static bool bits_over(const struct bits *b)
{
	return b->padding * 8 > b->n;
}

static uint64_t bits_take_48(struct bits *b)
{
	uint64_t high = bits_take(b, 24);

	return high << 24 | bits_take(b, 24);
}

static uint32_t bits_take_32(struct bits *b)
{
	uint32_t high = bits_take(b, 16);

	return high << 16 | bits_take(b, 16);
}

/* ---- Huffman codes ---- */
static bool huffman_build(struct huffman *h, const uint8_t *lengths, unsigned symbols)
{
	uint32_t code = 0;
	unsigned place = 0;

	memset(h->lookup, 0, sizeof(h->lookup));
	for (unsigned n = 1; n <= CODE_MAX; n++) {
		h->offset[n] = place - code;
		for (unsigned symbol = 0; symbol < symbols; symbol++) {
			if (lengths[symbol] != n)
				continue;
			if (code >= 1u << n)
				return false;
			if (n <= LOOKUP_BITS)
				for (unsigned i = 0; i < 1u << (LOOKUP_BITS - n); i++)
					h->lookup[(code << (LOOKUP_BITS - n)) + i] =
						(uint16_t)(symbol << 5 | n);
			h->order[place++] = (uint16_t)symbol;
			code++;
		}
		h->end[n] = code << (CODE_MAX - n);
		code <<= 1;
	}
	return true;
}

/* -1: a code that stands for nothing. */
inner_fn int symbol_get(struct bits *b, const struct huffman *h)
{
	uint32_t v;
	unsigned e, n = LOOKUP_BITS + 1;

	bits_fill(b);
	v = (uint32_t)(b->held >> (b->n - CODE_MAX)) & ((1u << CODE_MAX) - 1);
	e = h->lookup[v >> (CODE_MAX - LOOKUP_BITS)];
	if (likely(e)) {
		b->n -= e & 0x1f;
		return (int)(e >> 5);
	}
	while (n <= CODE_MAX && v >= h->end[n])
		n++;
	if (n > CODE_MAX)
		return -1;
	b->n -= n;
	return h->order[(v >> (CODE_MAX - n)) + h->offset[n]];
}

/* ---- the head of a block ---- */
static void used_read(struct bzip2 *z, struct bits *b)
{
	uint32_t rows = bits_take(b, 16);

	z->nr_used = 0;
	for (unsigned row = 0; row < 16; row++) {
		uint32_t bytes = rows & 0x8000u >> row ? bits_take(b, 16) : 0;

		for (unsigned i = 0; i < 16; i++)
			if (bytes & 0x8000u >> i)
				z->used[z->nr_used++] = (uint8_t)(row * 16 + i);
	}
}

static bool selectors_read(struct bzip2 *z, struct bits *b)
{
	uint8_t front[TABLES_MAX] = { 0, 1, 2, 3, 4, 5 };

	z->nr_tables = bits_take(b, 3);
	z->nr_selectors = bits_take(b, 15);
	if (z->nr_tables < TABLES_MIN || z->nr_tables > TABLES_MAX || !z->nr_selectors)
		return false;
	for (unsigned i = 0; i < z->nr_selectors; i++) {
		unsigned place = 0;
		uint8_t table;

		while (bits_take(b, 1))
			if (++place == z->nr_tables)
				return false;
		table = front[place];
		for (; place; place--)
			front[place] = front[place - 1];
		front[0] = table;
		if (i < SELECTORS_MAX)
			z->selectors[i] = table;
	}
	z->nr_selectors = MIN(z->nr_selectors, (unsigned)SELECTORS_MAX);
	return true;
}

static bool table_read(struct bzip2 *z, struct bits *b, struct huffman *h, unsigned symbols)
{
	unsigned length = bits_take(b, 5);

	for (unsigned i = 0; i < symbols; i++) {
		for (;;) {
			if (length < 1 || length > CODE_MAX)
				return false;
			if (!bits_take(b, 1))
				break;
			length += bits_take(b, 1) ? -1u : 1;
		}
		z->lengths[i] = (uint8_t)length;
	}
	return huffman_build(h, z->lengths, symbols);
}

static bool tables_read(struct bzip2 *z, struct bits *b)
{
	for (unsigned i = 0; i < z->nr_tables; i++)
		if (!table_read(z, b, &z->tables[i], z->nr_used + 2))
			return false;
	return true;
}

/* ---- the bytes, in the order of the sort ---- */
inner_fn uint8_t front_take(uint8_t *front, unsigned place)
{
	uint8_t byte = front[place];

	for (; place; place--)
		front[place] = front[place - 1];
	front[0] = byte;
	return byte;
}

/* A run of the byte in front: its length in digits 1 and 2, the lowest first. False: it is too long. */
static bool run_put(struct bzip2 *z, uint32_t length)
{
	uint8_t byte = z->front[0];

	if (length > z->block_max - z->size)
		return false;
	z->count[byte] += length;
	for (; length; length--)
		z->chain[z->size++] = byte;
	return true;
}

static bool bytes_read(struct bzip2 *z, struct bits *bits)
{
	struct bits b = *bits;
	unsigned end = z->nr_used + 1, left = 0, group = 0;
	uint32_t run = 0, digit = 1;
	const struct huffman *h = z->tables;

	memcpy(z->front, z->used, z->nr_used);
	memset(z->count, 0, sizeof(z->count));
	z->size = 0;
	for (;;) {
		int symbol;
		uint8_t byte;

		if (!left--) {
			if (group == z->nr_selectors || bits_over(&b))
				return false;
			h = &z->tables[z->selectors[group++]];
			left = GROUP - 1;
		}
		symbol = symbol_get(&b, h);
		if (symbol < 0)
			return false;
		if (symbol <= RUN_B) {
			run += digit << symbol;
			if (run > z->block_max)
				return false;
			digit <<= 1;
			continue;
		}
		if (run && !run_put(z, run))
			return false;
		run = 0;
		digit = 1;
		if ((unsigned)symbol == end)
			break;
		if (z->size == z->block_max)
			return false;
		byte = front_take(z->front, (unsigned)symbol - 1);
		z->count[byte]++;
		z->chain[z->size++] = byte;
	}
	*bits = b;
	return z->origin < z->size;
}

/* ---- the way back ---- */
static void chain_link(struct bzip2 *z)
{
	uint32_t sum = 0;

	for (unsigned i = 0; i < 256; i++) {
		uint32_t n = z->count[i];

		z->count[i] = sum;
		sum += n;
	}
	for (uint32_t i = 0; i < z->size; i++)
		z->chain[z->count[z->chain[i] & 0xff]++] |= i << 8;
}

/* Follows the chain and undoes the first run-length coding. False: no room. */
static bool block_write(struct unpack_stream *s, const struct bzip2 *z, uint32_t *crc_out)
{
	uint32_t entry = z->chain[z->origin], crc = ~0u;
	unsigned same = 0;
	int last = -1;
	uint8_t *out = s->out, *const end = s->out_end;

	for (uint32_t i = 0; i < z->size; i++) {
		uint8_t byte;

		entry = z->chain[entry >> 8];
		byte = (uint8_t)entry;
		if (unlikely(same == RUN_START)) {
			if (byte > end - out)
				return false;
			memset(out, last, byte);
			for (unsigned n = byte; n; n--)
				crc = crc << 8 ^ z->crc[crc >> 24 ^ (uint8_t)last];
			out += byte;
			same = 0;
			last = -1;
			continue;
		}
		if (out == end)
			return false;
		same = byte == last ? same + 1 : 1;
		last = byte;
		*out++ = byte;
		crc = crc << 8 ^ z->crc[crc >> 24 ^ byte];
	}
	s->out = out;
	*crc_out = ~crc;
	return true;
}

static int block_unpack(struct unpack_stream *s, struct bzip2 *z, struct bits *b,
                        uint32_t *crc_of_all)
{
	uint32_t stored = bits_take_32(b), crc;
	bool is_randomised = bits_take(b, 1), ok;

	if (is_randomised)
		return stream_unserved(s,
		                       "a randomised block, which only bzip2 of before 1999 wrote");
	z->origin = bits_take(b, 24);
	used_read(z, b);
	ok = z->nr_used && selectors_read(z, b) && tables_read(z, b) && bytes_read(z, b);
	if (bits_over(b))
		return stream_cut(s);
	if (!ok)
		return stream_damaged(s, "a block is not valid");
	chain_link(z);
	if (!block_write(s, z, &crc))
		return stream_full(s);
	if (crc != stored)
		return stream_damaged(s, "the CRC is wrong");
	*crc_of_all = (*crc_of_all << 1 | *crc_of_all >> 31) ^ crc;
	return 0;
}

static void crc_init(uint32_t *table)
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t v = i << 24;

		for (unsigned bit = 0; bit < 8; bit++)
			v = v << 1 ^ (v >> 31 ? CRC_POLYNOMIAL : 0);
		table[i] = v;
	}
}

static int stream_end(struct unpack_stream *s, struct bits *b, uint32_t crc_of_all)
{
	uint32_t stored = bits_take_32(b);

	if (bits_over(b))
		return stream_cut(s);
	if (stored != crc_of_all)
		return stream_damaged(s, "the CRC is wrong");
	/* whole bytes that were not used */
	s->in = b->in - (b->n / 8 - b->padding);
	return 0;
}

static int bzip2_unpack(struct unpack_stream *s)
{
	struct bzip2 *z = s->work;
	const uint8_t *head = stream_take(s, 4);
	struct bits b = { .in = s->in, .in_end = s->in_end };
	uint32_t crc_of_all = 0;
	int rc = 0;

	if (!head)
		return stream_cut(s);
	if (head[3] < '1' || head[3] > '9')
		return stream_damaged(s, "the size of blocks is not valid");
	z->block_max = (uint32_t)(head[3] - '0') * BLOCK_UNIT;
	if (s->is_first)
		crc_init(z->crc);
	while (!rc) {
		uint64_t magic = bits_take_48(&b);

		if (bits_over(&b))
			return stream_cut(s);
		if (magic == END_MAGIC)
			return stream_end(s, &b, crc_of_all);
		rc = magic == BLOCK_MAGIC
		             ? block_unpack(s, z, &b, &crc_of_all)
		             : stream_damaged(s, "what should be a block begins as none");
	}
	return rc;
}

const struct unpack_format bzip2_format = {
	.name = "bzip2",
	.magic = { 'B', 'Z', 'h' },
	.magic_size = 3,
	.unpack = bzip2_unpack,
	.work_size = sizeof(struct bzip2),
};
