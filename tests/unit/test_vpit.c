/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The interval timer: its six modes clock by clock against a chip that really counts, latches, read-back, BCD, the speaker's port, interrupt 0. */
#include <string.h>

#include "errno.h"
#include "fake_platform.h"
#include "machine_fake.h"
#include "unit.h"

#include <xen/arch-x86/xen.h>

static struct domain *d;
static uint64_t clocks;

static void start(void)
{
	d = board_create(BOARD_ALL, 1);
	clocks = 0;
}

/* To the chip's next clocks. */
static void tick(uint64_t n)
{
	clocks += n;
	fake_set_now(counts_to_time(clocks, PIT_HZ));
	board_advance(0);
}

static void control(uint8_t word)
{
	board_out(d, 0x43, word);
}

static void count(unsigned channel, uint16_t n)
{
	board_out(d, (uint16_t)(0x40 + channel), (uint8_t)n);
	board_out(d, (uint16_t)(0x40 + channel), (uint8_t)(n >> 8));
}

static uint16_t value(unsigned channel)
{
	uint8_t low;

	control((uint8_t)(channel << 6)); /* latch */
	low = board_in(d, (uint16_t)(0x40 + channel));
	return (uint16_t)(low | board_in(d, (uint16_t)(0x40 + channel)) << 8);
}

static uint8_t status(unsigned channel)
{
	control((uint8_t)(0xe0 | 2 << channel));
	return board_in(d, (uint16_t)(0x40 + channel));
}

static bool out2(void)
{
	return board_in(d, 0x61) & 0x20;
}

static void gate(bool on)
{
	board_out(d, 0x61, on);
}

/* ---- each mode, on channel 2 ---- */

static void mode_0(void)
{
	start();
	gate(true);
	control(0xb0);
	CHECK(!out2());
	count(2, 5);
	CHECK_EQ(status(2), 0x70); /* low, not loaded */
	tick(1);
	CHECK_EQ(value(2), 5);
	CHECK_EQ(status(2), 0x30);
	tick(4);
	CHECK_EQ(value(2), 1);
	CHECK(!out2());
	tick(1);
	CHECK(out2());
	tick(1);
	CHECK_EQ(value(2), 0xffff); /* it goes on */
	CHECK(out2());
	/* the gate holds it */
	count(2, 5);
	CHECK(!out2());
	tick(3);
	CHECK_EQ(value(2), 3);
	gate(false);
	tick(10);
	CHECK_EQ(value(2), 3);
	gate(true);
	tick(2);
	CHECK(!out2());
	tick(1);
	CHECK(out2());
	/* the first byte stops it */
	board_out(d, 0x42, 9);
	CHECK(!out2());
	tick(20);
	CHECK(!out2());
	board_out(d, 0x42, 0);
	tick(1 + 8);
	CHECK(!out2());
	tick(1);
	CHECK(out2());
	/* written while the gate is low: loaded, and N clocks from the gate */
	gate(false);
	count(2, 4);
	tick(10);
	CHECK_EQ(value(2), 4);
	gate(true);
	tick(3);
	CHECK(!out2());
	tick(1);
	CHECK(out2());
	board_destroy(d);
}

static void mode_1(void)
{
	start();
	control(0xb2);
	CHECK(out2());
	count(2, 3);
	tick(5);
	CHECK(out2());
	CHECK_EQ(status(2) & 0x40, 0x40);
	gate(true); /* trigger */
	tick(1);
	CHECK(!out2());
	CHECK_EQ(value(2), 3);
	tick(2);
	CHECK(!out2());
	tick(1);
	CHECK(out2());
	/* a new trigger in the middle; a new count only for the next one */
	gate(false);
	gate(true);
	tick(2);
	CHECK_EQ(value(2), 2);
	count(2, 6);
	tick(1);
	CHECK_EQ(value(2), 1);
	gate(false);
	gate(true);
	tick(1);
	CHECK_EQ(value(2), 6);
	CHECK(!out2());
	tick(6);
	CHECK(out2());
	board_destroy(d);
}

static void mode_2(void)
{
	start();
	gate(true);
	control(0xb4);
	count(2, 3);
	tick(1);
	for (unsigned i = 0; i < 9; i++) {
		CHECK_EQ(value(2), 3 - i % 3);
		CHECK_EQ(out2(), i % 3 != 2);
		tick(1);
	}
	/* a new count from the next period on; the last written counts */
	count(2, 7);
	CHECK_EQ(status(2) & 0x40, 0x40);
	count(2, 5);
	tick(2);
	CHECK_EQ(value(2), 1);
	tick(1);
	CHECK_EQ(value(2), 5);
	CHECK_EQ(status(2) & 0x40, 0);
	tick(4);
	CHECK(!out2());
	gate(false); /* high at once */
	CHECK(out2());
	tick(7);
	gate(true);
	tick(1);
	CHECK_EQ(value(2), 5);
	board_destroy(d);
}

/* The gate holds what has been loaded, not the loading. */
static void loaded_while_held(void)
{
	for (unsigned mode = 2; mode <= 3; mode++) {
		start();
		control((uint8_t)(0xb0 | mode << 1));
		count(2, 1000);
		tick(1);
		CHECK_EQ(value(2), 1000);
		CHECK_EQ(status(2) & 0xc0, 0x80); /* OUT high, a count loaded */
		tick(50);
		CHECK_EQ(value(2), 1000);
		count(2, 800);
		tick(1);
		CHECK_EQ(value(2), 800);
		gate(true);
		tick(11);
		CHECK_EQ(value(2), mode == 2 ? 790 : 780);
		gate(false);
		tick(10);
		CHECK_EQ(value(2), mode == 2 ? 790 : 780);
		board_destroy(d);
	}
}

static void mode_3(void)
{
	static const uint16_t even[] = { 4, 2, 4, 2 }, odd[] = { 4, 2, 0, 4, 2 };

	start();
	gate(true);
	control(0xb6);
	count(2, 4);
	tick(1);
	for (unsigned i = 0; i < 8; i++) {
		CHECK_EQ(value(2), even[i % 4]);
		CHECK_EQ(out2(), i % 4 < 2);
		tick(1);
	}
	control(0xb6);
	count(2, 5);
	tick(1);
	for (unsigned i = 0; i < 10; i++) {
		CHECK_EQ(value(2), odd[i % 5]);
		CHECK_EQ(out2(), i % 5 < 3);
		tick(1);
	}
	/* a new count is taken at the end of a half */
	control(0xb6);
	count(2, 8);
	tick(1 + 2);
	count(2, 4);
	tick(1);
	CHECK(out2());
	CHECK_EQ(value(2), 2);
	tick(1);
	CHECK(!out2());
	CHECK_EQ(value(2), 4);
	tick(2);
	CHECK(out2());
	CHECK_EQ(value(2), 4);
	board_destroy(d);
}

static void mode_4_and_5(void)
{
	start();
	gate(true);
	control(0xb8);
	count(2, 3);
	tick(1);
	CHECK_EQ(value(2), 3);
	CHECK(out2());
	tick(3);
	CHECK(!out2()); /* for one clock */
	tick(1);
	CHECK(out2());
	CHECK_EQ(value(2), 0xffff);
	count(2, 2);
	tick(1 + 2);
	CHECK(!out2());
	control(0xba); /* 5: by the gate */
	count(2, 3);
	tick(10);
	CHECK(out2());
	gate(false);
	gate(true);
	tick(1 + 3);
	CHECK(!out2());
	tick(1);
	CHECK(out2());
	board_destroy(d);
}

static void mode_numbers(void)
{
	start();
	control(0xbc); /* 6 is 2, 7 is 3 */
	CHECK_EQ(status(2) & 0x0e, 4);
	control(0xbe);
	CHECK_EQ(status(2) & 0x0e, 6);
	board_destroy(d);
}

static void largest_and_bcd(void)
{
	start();
	control(0x74); /* channel 1, mode 2 */
	count(1, 0);
	tick(1);
	CHECK_EQ(value(1), 0);
	tick(1);
	CHECK_EQ(value(1), 0xffff);
	tick(65535);
	CHECK_EQ(value(1), 0);
	control(0x75);
	count(1, 0);
	tick(2);
	CHECK_EQ(value(1), 0x9999);
	count(1, 0x1234);
	tick(9999);
	CHECK_EQ(value(1), 0x1234);
	tick(35);
	CHECK_EQ(value(1), 0x1199);
	control(0x70 | 1); /* mode 0 goes on below zero */
	count(1, 0x0002);
	tick(1 + 3);
	CHECK_EQ(value(1), 0x9999);
	control(0x74); /* one is no period */
	count(1, 1);
	tick(1);
	CHECK(value(1) <= 2);
	board_destroy(d);
}

static void bytes(void)
{
	start();
	control(0x54); /* channel 1, low byte */
	board_out(d, 0x41, 200);
	tick(1);
	CHECK_EQ(board_in(d, 0x41), 200);
	CHECK_EQ(board_in(d, 0x41), 200);
	control(0x64); /* high byte */
	board_out(d, 0x41, 2);
	tick(1);
	CHECK_EQ(board_in(d, 0x41), 2);
	tick(1);
	CHECK_EQ(board_in(d, 0x41), 1);
	control(0x74); /* both, in turns */
	count(1, 0x1234);
	tick(1);
	CHECK_EQ(board_in(d, 0x41), 0x34);
	CHECK_EQ(board_in(d, 0x41), 0x12);
	/* a latch holds until it is read, and another one does not change it */
	control(0x40);
	tick(0x35);
	control(0x40);
	CHECK_EQ(board_in(d, 0x41), 0x34);
	CHECK_EQ(board_in(d, 0x41), 0x12);
	CHECK_EQ(board_in(d, 0x41), 0xff);
	CHECK_EQ(board_in(d, 0x41), 0x11);
	CHECK_EQ(board_in(d, 0x43), 0xff); /* nothing there to be read */
	board_destroy(d);
}

static void read_back(void)
{
	start();
	gate(true);
	control(0x34);
	count(0, 0x1000);
	control(0xb6);
	count(2, 0x2000);
	tick(1 + 0x10);
	control(0xca); /* counts and states of 0 and 2 */
	tick(5);
	CHECK_EQ(board_in(d, 0x40), 0xb4); /* high, both bytes, mode 2 */
	CHECK_EQ(board_in(d, 0x40), 0xf0);
	CHECK_EQ(board_in(d, 0x40), 0x0f);
	CHECK_EQ(board_in(d, 0x42), 0xb6);
	CHECK_EQ(board_in(d, 0x42), 0xe0);
	CHECK_EQ(board_in(d, 0x42), 0x1f);
	control(0xd2); /* count of 0 */
	CHECK_EQ(board_in(d, 0x40), 0xeb);
	CHECK_EQ(board_in(d, 0x40), 0x0f);
	control(0xe8); /* state of 2, kept at the first */
	control(0xb6);
	CHECK_EQ(board_in(d, 0x42) & 0, 0);
	board_destroy(d);
}

static void port_61(void)
{
	unsigned changes = 0;
	uint8_t last;

	start();
	board_out(d, 0x61, 0xff);
	CHECK_EQ(board_in(d, 0x61) & 0xcf, 0x0f);
	last = board_in(d, 0x61) & 0x10;
	for (unsigned i = 0; i < 1000; i++) {
		uint8_t now;

		board_advance(1000);
		now = board_in(d, 0x61) & 0x10;
		changes += now != last;
		last = now;
	}
	CHECK(changes >= 65 && changes <= 67); /* each 15.085 us in a millisecond */
	board_destroy(d);
}

/* ---- a chip that counts, as the data sheet says, one clock after the other ---- */

struct model {
	uint32_t count, element, pending;
	unsigned mode;
	bool loads, counts, out, gate, fired, has_pending, odd_extra;
};

static void model_control(struct model *m, unsigned mode)
{
	m->mode = mode;
	m->loads = m->counts = m->has_pending = m->fired = false;
	m->count = 0;
	m->out = mode != 0;
}

static void model_count(struct model *m, uint32_t n)
{
	if (m->mode == 1 || m->mode == 5) {
		m->pending = n;
		m->has_pending = true;
	} else if ((m->mode == 2 || m->mode == 3) && m->counts) {
		m->pending = n;
		m->has_pending = true;
	} else {
		m->count = n;
		m->has_pending = false;
		m->loads = m->mode == 0 || m->mode == 4 || m->gate;
		m->counts = false;
		if (m->mode == 0)
			m->out = false;
	}
}

static void model_gate(struct model *m, bool gate)
{
	bool rise = gate && !m->gate;

	m->gate = gate;
	if (m->mode == 2 || m->mode == 3) {
		if (!gate) {
			m->out = true;
			m->counts = m->loads = false;
		} else if (rise && (m->count || m->has_pending)) {
			m->loads = true;
		}
	} else if ((m->mode == 1 || m->mode == 5) && rise && (m->count || m->has_pending)) {
		m->loads = true;
	}
}

static void model_load(struct model *m)
{
	if (m->has_pending)
		m->count = m->pending;
	m->has_pending = false;
	m->element = m->mode == 3 ? m->count & ~1u : m->count;
	m->odd_extra = m->mode == 3 && (m->count & 1) && m->out;
}

static void model_clock(struct model *m)
{
	if (m->loads) {
		m->loads = false;
		m->counts = true;
		m->fired = false;
		if (m->mode == 1)
			m->out = false;
		if (m->mode >= 3)
			m->out = true;
		model_load(m);
		return;
	}
	if (!m->counts || ((m->mode == 0 || m->mode == 4) && !m->gate))
		return;
	if (m->mode == 2) {
		if (--m->element == 1)
			m->out = false;
		if (m->element == 0) {
			m->out = true;
			model_load(m);
		}
		return;
	}
	if (m->mode == 3) {
		if (m->element == 2 && !m->odd_extra) {
			m->out = !m->out;
			model_load(m);
		} else if (m->element == 0) {
			m->odd_extra = false;
			m->out = !m->out;
			model_load(m);
		} else {
			m->element -= 2;
		}
		return;
	}
	m->element = (m->element - 1) & 0xffff;
	if (m->mode >= 4)
		m->out = m->fired || m->element != 0;
	if (m->element == 0) {
		if (m->mode < 2)
			m->out = true;
		m->fired = true;
	}
}

static void against_the_model(void)
{
	srand(11);
	for (unsigned round = 0; round < 400; round++) {
		unsigned mode = round % 6;
		struct model m = { .gate = rand() & 1 };

		start();
		gate(m.gate);
		model_control(&m, mode);
		control((uint8_t)(0xb0 | mode << 1));
		for (unsigned i = 0; i < 60; i++) {
			unsigned what = (unsigned)rand() % 10, n = 2 + (unsigned)rand() % 9;

			if (what == 0) {
				model_count(&m, n);
				count(2, (uint16_t)n);
			} else if (what == 1) {
				model_gate(&m, !m.gate);
				gate(m.gate);
			}
			tick(1);
			model_clock(&m);
			if (!m.counts || m.loads)
				continue;
			if (out2() != m.out || value(2) != (m.element & 0xffff)) {
				printf("round %u, mode %u, step %u: out %d, element %u\n", round,
				       mode, i, m.out, m.element);
				CHECK_EQ(value(2), m.element);
				CHECK_EQ(out2(), m.out);
			}
		}
		board_destroy(d);
	}
}

/* ---- interrupt 0 ---- */

static void ticks_of(uint8_t word)
{
	unsigned n = 0;

	start();
	board_pics(d, 0xfffe);
	control(word);
	(void)board_take_pic(d);
	count(0, 1193); /* about a millisecond */
	for (unsigned i = 0; i < 1000; i++) {
		board_advance(100000);
		if (board_take_pic(d) == 0x20)
			n++;
		CHECK_EQ(board_take_pic(d), -1);
	}
	CHECK_EQ(n, 100);
	board_destroy(d);
}

static void periodic(void)
{
	ticks_of(0x34);
	ticks_of(0x36);
}

static void once(void)
{
	start();
	board_pin(d, 2, 0x30);
	control(0x30);
	count(0, 1193);
	CHECK_EQ(board_take(d), -1);
	board_advance(990000);
	CHECK_EQ(board_take(d), -1);
	board_advance(20000);
	CHECK_EQ(board_take(d), 0x30);
	board_advance(100000000);
	CHECK_EQ(board_take(d), -1); /* OUT stays high */
	control(0x38);               /* mode 4 */
	count(0, 1193);
	board_advance(1010000);
	CHECK_EQ(board_take(d), 0x30);
	board_advance(100000000);
	CHECK_EQ(board_take(d), -1);
	board_destroy(d);
}

static void change_of_period(void)
{
	start();
	board_pin(d, 2, 0x30);
	control(0x34);
	count(0, 11932); /* 10 ms */
	board_advance(5000000);
	count(0, 1193);
	board_advance(4900000);
	(void)board_take(d); /* the rise when the mode was set */
	board_advance(200000);
	CHECK_EQ(board_take(d), 0x30);
	board_advance(1000000);
	CHECK_EQ(board_take(d), 0x30);
	vpit_cut_off(d->platform->pit, true);
	board_advance(5000000);
	CHECK_EQ(board_take(d), -1);
	vpit_cut_off(d->platform->pit, false);
	(void)board_take(d);
	board_advance(1000000);
	CHECK_EQ(board_take(d), 0x30);
	board_destroy(d);
}

/* The fastest period that there is does not take the whole CPU. */
static void too_fast(void)
{
	unsigned n = 0;

	start();
	board_pin(d, 2, 0x30);
	control(0x34);
	count(0, 2);
	for (unsigned i = 0; i < 100; i++) {
		board_advance(10000);
		n += board_take(d) == 0x30;
	}
	CHECK(n >= 15 && n <= 25);
	board_destroy(d);
}

static void saved(void)
{
	struct vpit out, in;

	start();
	gate(true);
	control(0x34);
	count(0, 1193);
	control(0xb6);
	count(2, 1000);
	tick(700);
	memset(&out, 0, sizeof(out));
	vpit_save(d->platform->pit, &out);
	board_destroy(d);
	d = board_create(BOARD_ALL, 1);
	clocks = 0;
	tick(700);
	board_pin(d, 2, 0x30);
	CHECK_EQ(vpit_restore(d->platform->pit, &out), 0);
	CHECK_EQ(value(0), 1193 - 699);
	CHECK(!out2());
	tick(493);
	CHECK_EQ(board_take(d), -1);
	tick(1);
	CHECK_EQ(board_take(d), 0x30);
	in = out;
	in.channel[1].mode = 6;
	CHECK_EQ(vpit_restore(d->platform->pit, &in), -EINVAL);
	in = out;
	in.channel[0].count = 0;
	CHECK_EQ(vpit_restore(d->platform->pit, &in), -EINVAL);
	in = out;
	in.channel[0].start = UINT64_MAX;
	CHECK_EQ(vpit_restore(d->platform->pit, &in), -EINVAL);
	in = out;
	in.seen = UINT64_MAX; /* the clock was a little further there */
	CHECK_EQ(vpit_restore(d->platform->pit, &in), 0);
	in = out;
	in.control = 0; /* the gate says otherwise */
	CHECK_EQ(vpit_restore(d->platform->pit, &in), -EINVAL);
	vpit_reset(d->platform->pit);
	CHECK_EQ(status(0) & 0x40, 0x40);
	board_destroy(d);
}

UNIT_MAIN(UNIT(mode_0), UNIT(mode_1), UNIT(mode_2), UNIT(loaded_while_held), UNIT(mode_3),
          UNIT(mode_4_and_5), UNIT(mode_numbers), UNIT(largest_and_bcd), UNIT(bytes),
          UNIT(read_back), UNIT(port_61), UNIT(against_the_model), UNIT(periodic), UNIT(once),
          UNIT(change_of_period), UNIT(too_fast), UNIT(saved))
