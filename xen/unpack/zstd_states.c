// SPDX-License-Identifier: GPL-2.0-or-later
/* Tables of zstd's finite-state coder (RFC 8878, 4.1). */
#include "zstd.h"
#include "bytes.h"

#define BITS_MIN 5

static unsigned highest_bit(uint32_t v)
{
	return 31 - (unsigned)__builtin_clz(v);
}

/* Bits from the lowest on, for the chances only: 4 bytes at most are looked at, zeroes beyond the end. */
static uint32_t bits_at(const uint8_t *in, const uint8_t *end, size_t at)
{
	uint32_t v = 0;

	for (size_t i = 0; i < 4 && at / 8 + i < (size_t)(end - in); i++)
		v |= (uint32_t)in[at / 8 + i] << (8 * i);
	return v >> (at & 7);
}

/* A number up to most: the small ones take a bit less, as far as the bits would not be used up. */
static unsigned chance_get(uint32_t bits, unsigned most, unsigned *used)
{
	unsigned n = highest_bit(most) + 1, low = bits & ((1u << (n - 1)) - 1);
	unsigned short_ones = (1u << n) - 1 - most, v = bits & ((1u << n) - 1);

	if (low < short_ones) {
		*used = n - 1;
		return low;
	}
	*used = n;
	return v >= 1u << (n - 1) ? v - short_ones : v;
}

bool zstd_states_read(struct zstd *z, struct zstd_states *t, const struct zstd_symbols *symbols,
                      const uint8_t **in, const uint8_t *end)
{
	unsigned bits = (bits_at(*in, end, 0) & 0xf) + BITS_MIN, nr = 0, left = 1u << bits;
	size_t at = 4;

	if (bits > symbols->max_bits)
		return false;
	while (left) {
		unsigned used, value;
		int chance;

		if (nr >= symbols->nr || at > (size_t)(end - *in) * 8)
			return false;
		value = chance_get(bits_at(*in, end, at), left + 1, &used);
		at += used;
		chance = (int)value - 1;
		left -= chance < 0 ? 1 : (unsigned)chance;
		z->chances[nr++] = (int16_t)chance;
		/* behind a zero: how many more, two bits at a time */
		for (unsigned more = chance ? 0 : 3; more == 3;) {
			more = bits_at(*in, end, at) & 3;
			at += 2;
			if (more > symbols->nr - nr || at > (size_t)(end - *in) * 8)
				return false;
			for (unsigned i = 0; i < more; i++)
				z->chances[nr++] = 0;
		}
	}
	at = (at + 7) / 8;
	if (at > (size_t)(end - *in))
		return false;
	*in += at;
	return zstd_states_build(t, symbols, z->chances, nr, bits);
}

static void symbol_put(struct zstd_state *s, const struct zstd_symbols *symbols, unsigned symbol)
{
	s->base = symbols->bases ? symbols->bases[symbol] : symbol;
	s->extra = symbols->extras ? symbols->extras[symbol] : 0;
}

/* Spreads the symbols: the rarest at the end, the others in a stride that meets every place once. In next, the symbols for now. */
static bool symbols_spread(struct zstd_states *t, const int16_t *chances, unsigned nr,
                           unsigned size)
{
	unsigned high = size, at = 0, stride = (size >> 1) + (size >> 3) + 3;

	for (unsigned symbol = 0; symbol < nr; symbol++)
		if (chances[symbol] < 0) {
			if (!high)
				return false;
			t->states[--high].next = (uint16_t)symbol;
		}
	for (unsigned symbol = 0, placed = 0; symbol < nr; symbol++)
		for (int i = 0; i < chances[symbol]; i++) {
			if (placed++ == high)
				return false;
			t->states[at].next = (uint16_t)symbol;
			do
				at = (at + stride) & (size - 1);
			while (at >= high && placed < high);
		}
	return true;
}

bool zstd_states_build(struct zstd_states *t, const struct zstd_symbols *symbols,
                       const int16_t *chances, unsigned nr, unsigned bits)
{
	unsigned size = 1u << bits, total = 0;
	uint16_t next[ZSTD_CODES_MAX];

	t->valid = false;
	if (nr > ARRAY_LEN(next))
		return false;
	for (unsigned i = 0; i < nr; i++) {
		next[i] = (uint16_t)(chances[i] < 0 ? 1 : chances[i]);
		total += next[i];
	}
	if (total != size || !symbols_spread(t, chances, nr, size))
		return false;
	for (unsigned i = 0; i < size; i++) {
		struct zstd_state *s = &t->states[i];
		unsigned symbol = s->next, number = next[symbol]++;

		symbol_put(s, symbols, symbol);
		s->bits = (uint8_t)(bits - highest_bit(number));
		s->next = (uint16_t)((number << s->bits) - size);
	}
	t->bits = bits;
	t->valid = true;
	return true;
}

bool zstd_states_single(struct zstd_states *t, const struct zstd_symbols *symbols, unsigned symbol)
{
	if (symbol >= symbols->nr)
		return false;
	t->states[0] = (struct zstd_state){ 0 };
	symbol_put(&t->states[0], symbols, symbol);
	t->bits = 0;
	t->valid = true;
	return true;
}
