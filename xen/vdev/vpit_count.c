/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A channel of the 82C54 in its six modes. Intel 231244-006, "Mode definitions". A count that is written is loaded by the next clock. */
#include "vpit.h"

#define COUNTS_BINARY 65536u
#define COUNTS_BCD    10000u

static uint32_t counts_of(const struct vpit_channel *c)
{
	return c->bcd ? COUNTS_BCD : COUNTS_BINARY;
}

static bool is_periodic(const struct vpit_channel *c)
{
	return c->mode == 2 || c->mode == 3;
}

static bool is_triggered(const struct vpit_channel *c)
{
	return c->mode == 1 || c->mode == 5;
}

static uint32_t high_half(uint32_t count)
{
	return (count + 1) / 2;
}

/* ---- numbers ---- */

static uint16_t to_bcd(uint32_t n)
{
	return (uint16_t)(n % 10 | n / 10 % 10 << 4 | n / 100 % 10 << 8 | n / 1000 % 10 << 12);
}

static uint32_t from_bcd(uint16_t v)
{
	return (v & 0xf) + (v >> 4 & 0xf) * 10u + (v >> 8 & 0xf) * 100u + (v >> 12) * 1000u;
}

/* Zero is the largest. One is no count in the periodic modes: the chip has no such period; two is the nearest. */
static uint32_t count_from(const struct vpit_channel *c, uint16_t written)
{
	uint32_t n = c->bcd ? from_bcd(written) % COUNTS_BCD : written;

	if (!n)
		return counts_of(c);
	return is_periodic(c) && n == 1 ? 2 : n;
}

/* ---- where it stands ---- */

static bool is_loaded(const struct vpit_channel *c, uint64_t t)
{
	return c->state == PIT_HELD || (c->state == PIT_RUNNING && t >= c->start);
}

static uint64_t elapsed(const struct vpit_channel *c, uint64_t t)
{
	return c->state == PIT_HELD ? c->elapsed : t - c->start;
}

static uint32_t element(const struct vpit_channel *c, uint64_t t)
{
	uint64_t e;
	uint32_t p;

	if (!is_loaded(c, t))
		return c->element;
	e = elapsed(c, t);
	if (c->mode == 2)
		return c->count - (uint32_t)(e % c->count);
	if (c->mode == 3) {
		p = (uint32_t)(e % c->count);
		if (p >= high_half(c->count))
			p -= high_half(c->count);
		return (c->count & ~1u) - 2 * p;
	}
	return (uint32_t)((c->count + counts_of(c) - e % counts_of(c)) % counts_of(c));
}

uint16_t vpit_channel_value(const struct vpit_channel *c, uint64_t t)
{
	uint32_t n = element(c, t);

	return c->bcd ? to_bcd(n) : (uint16_t)n;
}

bool vpit_channel_out(const struct vpit_channel *c, uint64_t t)
{
	uint64_t e;

	if (!is_loaded(c, t))
		return c->mode != 0;
	e = elapsed(c, t);
	switch (c->mode) {
	case 0:
	case 1: return e >= c->count;
	case 2: return e % c->count != c->count - 1;
	case 3: return e % c->count < high_half(c->count);
	default: return e != c->count;
	}
}

bool vpit_channel_is_null(const struct vpit_channel *c, uint64_t t)
{
	return !c->count || c->next_count || (c->state == PIT_RUNNING && t < c->start);
}

/* ---- events ---- */

void vpit_channel_advance(struct vpit_channel *c, uint64_t t)
{
	if (!c->next_count || !is_periodic(c) || c->state != PIT_RUNNING || t < c->next_at)
		return;
	c->count = c->next_count;
	c->start = c->next_at;
	if (c->next_low)
		c->start -= MIN(c->start, (uint64_t)high_half(c->count));
	c->next_count = 0;
}

static void stop(struct vpit_channel *c, uint64_t t)
{
	c->element = element(c, t);
	c->state = PIT_IDLE;
}

void vpit_channel_control(struct vpit_channel *c, uint8_t word, uint64_t t)
{
	stop(c, t);
	c->mode = word >> 1 & 7;
	if (c->mode > 5)
		c->mode -= 4; /* X10 and X11 */
	c->bcd = word & 1;
	c->access = word >> 4 & 3;
	c->count = c->next_count = 0;
	c->write_high = c->read_high = false;
	c->latched = 0;
	c->status_latched = false;
}

/* Mode 0 stops at the first byte, with OUT low; the others wait for the whole count. */
void vpit_channel_half_written(struct vpit_channel *c, uint64_t t)
{
	if (c->mode == 0)
		stop(c, t);
}

/* Its old value is read until the clock. */
static void load(struct vpit_channel *c, uint32_t count, uint64_t t)
{
	c->element = element(c, t);
	c->count = count;
	c->next_count = 0;
	c->start = t + 1;
	c->state = PIT_RUNNING;
	if (!c->gate) {
		c->state = PIT_HELD;
		c->elapsed = 0;
	}
}

/* The end of a period, or in mode 3 of a half: then a new count is taken. */
static void load_later(struct vpit_channel *c, uint32_t count, uint64_t t)
{
	uint64_t e = t - c->start;
	uint32_t p = (uint32_t)(e % c->count), half = high_half(c->count);

	c->next_count = count;
	c->next_low = c->mode == 3 && p < half;
	c->next_at = t - p + (c->next_low ? half : c->count);
}

void vpit_channel_count(struct vpit_channel *c, uint16_t written, uint64_t t)
{
	uint32_t count = count_from(c, written);

	if (is_triggered(c)) {
		c->next_count = count;
		c->count = c->count ? c->count : count;
	} else if (is_periodic(c) && c->state == PIT_RUNNING && t >= c->start) {
		load_later(c, count, t);
	} else {
		load(c, count, t);
	}
}

static void trigger(struct vpit_channel *c, uint64_t t)
{
	if (!c->count)
		return;
	c->element = element(c, t);
	if (c->next_count)
		c->count = c->next_count;
	c->next_count = 0;
	c->start = t + 1;
	c->state = PIT_RUNNING;
}

static void gate_falls(struct vpit_channel *c, uint64_t t)
{
	if (is_triggered(c) || c->state != PIT_RUNNING)
		return;
	if (is_periodic(c)) {
		stop(c, t);
		return;
	}
	c->elapsed = t >= c->start ? t - c->start : 0;
	c->state = PIT_HELD;
}

static void gate_rises(struct vpit_channel *c, uint64_t t)
{
	if (is_triggered(c) || is_periodic(c)) {
		trigger(c, t);
	} else if (c->state == PIT_HELD) {
		c->start = t - MIN(t, c->elapsed);
		c->state = PIT_RUNNING;
	}
}

void vpit_channel_gate(struct vpit_channel *c, bool gate, uint64_t t)
{
	if (c->gate == gate)
		return;
	c->gate = gate;
	if (gate)
		gate_rises(c, t);
	else
		gate_falls(c, t);
}

/* ---- edges ---- */

/* The one rise of a mode that counts once. */
static uint64_t single_edge(const struct vpit_channel *c)
{
	return c->start + c->count + (c->mode >= 4);
}

uint64_t vpit_channel_edges(const struct vpit_channel *c, uint64_t from, uint64_t to)
{
	uint64_t at;

	if (c->state != PIT_RUNNING || to < c->start)
		return 0;
	if (is_periodic(c)) {
		from = MAX(from, c->start);
		return (to - c->start) / c->count - (from - c->start) / c->count;
	}
	at = single_edge(c);
	return at > from && at <= to;
}

uint64_t vpit_channel_next(const struct vpit_channel *c, uint64_t t)
{
	uint64_t at;

	if (c->state != PIT_RUNNING)
		return UINT64_MAX;
	if (!is_periodic(c)) {
		at = single_edge(c);
		return at > t ? at : UINT64_MAX;
	}
	at = t < c->start ? c->start + c->count : t + c->count - (t - c->start) % c->count;
	return c->next_count ? MIN(at, c->next_at) : at;
}
