/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The HPET: registers, one-shot, periodic with and without the set bit, 32-bit comparators, levels, routes, legacy replacement. */
#include <string.h>

#include "errno.h"
#include "fake_platform.h"
#include "machine_fake.h"
#include "unit.h"

#include <xen/arch-x86/xen.h>

static struct domain *d;

static void start(void)
{
	d = board_create(BOARD_ALL, 1);
}

static uint64_t get(unsigned offset)
{
	return board_read(d, HPET_BASE + offset, 8);
}

static uint32_t get32(unsigned offset)
{
	return (uint32_t)board_read(d, HPET_BASE + offset, 4);
}

static void set(unsigned offset, uint64_t v)
{
	board_write(d, HPET_BASE + offset, 8, v);
}

static void set32(unsigned offset, uint32_t v)
{
	board_write(d, HPET_BASE + offset, 4, v);
}

static void config(unsigned n, uint64_t v)
{
	set(HPET_REG_TIMER(n), v);
}

static void comparator(unsigned n, uint64_t v)
{
	set(HPET_REG_TIMER(n) + HPET_TIMER_COMPARATOR, v);
}

static void ticks(uint64_t n)
{
	board_advance(n * HPET_TICK_NS);
}

#define ROUTE(line) ((uint64_t)(line) << HPET_ROUTE_SHIFT)

static void registers(void)
{
	start();
	CHECK_EQ(get(HPET_REG_ID), 0x00f424008086a201ull);
	CHECK_EQ(get32(HPET_REG_ID + 4), 16000000);
	set(HPET_REG_ID, 0);
	CHECK_EQ(get32(HPET_REG_ID), 0x8086a201);
	CHECK_EQ(get(HPET_REG_COUNTER), 0);
	ticks(100);
	CHECK_EQ(get(HPET_REG_COUNTER), 0); /* it stands */
	set(HPET_REG_COUNTER, 0x1122334455667788);
	set32(HPET_REG_COUNTER, 5);
	CHECK_EQ(get(HPET_REG_COUNTER), 0x1122334400000005);
	set32(HPET_REG_COUNTER + 4, 1);
	set(HPET_REG_CONFIG, ~0ull);
	CHECK_EQ(get(HPET_REG_CONFIG), 3);
	ticks(1000);
	CHECK_EQ(get(HPET_REG_COUNTER), 0x100000005 + 1000);
	CHECK_EQ(get32(HPET_REG_COUNTER + 4), 1);
	set(HPET_REG_CONFIG, 0);
	ticks(1000);
	CHECK_EQ(get(HPET_REG_COUNTER), 0x100000005 + 1000);
	set(HPET_REG_CONFIG, 1);
	ticks(1);
	CHECK_EQ(get(HPET_REG_COUNTER), 0x100000005 + 1001);
	/* timers: what they can do, routes that they have not got, places that are nothing */
	CHECK_EQ(get(HPET_REG_TIMER(0)), 0x00f0000000000030ull);
	config(0, ~0ull);
	CHECK_EQ(get(HPET_REG_TIMER(0)), 0x00f0000000000030ull | 0x14e);
	config(0, ROUTE(20));
	CHECK_EQ(get(HPET_REG_TIMER(0)), 0x00f0000000000030ull | ROUTE(20));
	config(0, ROUTE(5));
	CHECK_EQ(get(HPET_REG_TIMER(0)) & HPET_TIMER_ROUTE, ROUTE(20));
	CHECK_EQ(get(HPET_REG_TIMER(0) + 0x10), 0);
	CHECK_EQ(get(HPET_REG_TIMER(1) + 8), ~0ull);
	CHECK_EQ(get(HPET_REG_TIMER(3)), 0);
	set(0x3f8, 1);
	set(0x008, 1);
	CHECK_EQ(get(0x008), 0);
	/* a byte of a register */
	CHECK_EQ(board_read(d, HPET_BASE + 2, 1), 0x86);
	/* the tools can take it away */
	d->hvm_params.value[HVM_PARAM_HPET_ENABLED] = 0;
	CHECK_EQ(get(HPET_REG_ID), ~0ull);
	board_destroy(d);
}

static void one_shot(void)
{
	start();
	board_pin(d, 20, 0x60);
	config(0, HPET_TIMER_ENABLE | ROUTE(20));
	comparator(0, 1000);
	set(HPET_REG_CONFIG, 1);
	ticks(999);
	CHECK_EQ(board_take(d), -1);
	ticks(1);
	CHECK_EQ(board_take(d), 0x60);
	CHECK_EQ(get(HPET_REG_STATUS), 0); /* of edges there is none */
	ticks(10000000);
	CHECK_EQ(board_take(d), -1);
	comparator(0, get(HPET_REG_COUNTER) + 500);
	ticks(500);
	CHECK_EQ(board_take(d), 0x60);
	/* just passed when it was written: at once; long ago: not at all */
	comparator(0, get(HPET_REG_COUNTER) - 10);
	board_advance(0);
	CHECK_EQ(board_take(d), 0x60);
	comparator(0, get(HPET_REG_COUNTER) - 1000000);
	ticks(100000);
	CHECK_EQ(board_take(d), -1);
	/* the counter is set: the way to the comparator is another */
	comparator(0, 20000000);
	set(HPET_REG_COUNTER, 20000000 - 300);
	ticks(300);
	CHECK_EQ(board_take(d), 0x60);
	/* stopped on the way, and on again */
	comparator(0, get(HPET_REG_COUNTER) + 500);
	ticks(200);
	set(HPET_REG_CONFIG, 0);
	ticks(1000);
	CHECK_EQ(board_take(d), -1);
	set(HPET_REG_CONFIG, 1);
	ticks(299);
	CHECK_EQ(board_take(d), -1);
	ticks(1);
	CHECK_EQ(board_take(d), 0x60);
	board_destroy(d);
}

static void with_32_bits(void)
{
	start();
	board_pin(d, 21, 0x61);
	set(HPET_REG_COUNTER, 0xfffffff0);
	config(1, HPET_TIMER_ENABLE | HPET_TIMER_32 | ROUTE(21));
	comparator(1, 0x1200000010);
	CHECK_EQ(get(HPET_REG_TIMER(1) + 8), 0x10);
	set(HPET_REG_CONFIG, 1);
	ticks(0x20);
	CHECK_EQ(board_take(d), 0x61); /* over the end of 32 bits */
	ticks(0xffffffff);
	CHECK_EQ(board_take(d), -1);
	ticks(1);
	CHECK_EQ(board_take(d), 0x61); /* round */
	board_destroy(d);
}

static void periodic(void)
{
	start();
	board_pin(d, 22, 0x62);
	/* one write sets both */
	config(2, HPET_TIMER_ENABLE | HPET_TIMER_PERIODIC | HPET_TIMER_SET | ROUTE(22));
	comparator(2, 62500);
	CHECK_EQ(get(HPET_REG_TIMER(2)) & HPET_TIMER_SET, 0);
	set(HPET_REG_CONFIG, 1);
	for (unsigned i = 1; i <= 10; i++) {
		ticks(62499);
		CHECK_EQ(board_take(d), -1);
		ticks(1);
		CHECK_EQ(board_take(d), 0x62);
		CHECK_EQ(get(HPET_REG_TIMER(2) + 8), 62500 * (i + 1));
	}
	/* two writes: the first interrupt at one time, the period another */
	config(2, HPET_TIMER_ENABLE | HPET_TIMER_PERIODIC | HPET_TIMER_SET | ROUTE(22));
	comparator(2, get(HPET_REG_COUNTER) + 10000);
	comparator(2, 125000);
	ticks(10000);
	CHECK_EQ(board_take(d), 0x62);
	ticks(124999);
	CHECK_EQ(board_take(d), -1);
	ticks(1);
	CHECK_EQ(board_take(d), 0x62);
	/* by halves, 32 bits */
	config(2, HPET_TIMER_ENABLE | HPET_TIMER_PERIODIC | HPET_TIMER_SET | HPET_TIMER_32 |
	                  ROUTE(22));
	set32(HPET_REG_TIMER(2) + 8, get32(HPET_REG_COUNTER) + 70000);
	set32(HPET_REG_TIMER(2) + 8, 70000);
	for (unsigned i = 0; i < 5; i++) {
		ticks(70000);
		CHECK_EQ(board_take(d), 0x62);
	}
	/* a period of nothing is none */
	config(2, HPET_TIMER_ENABLE | HPET_TIMER_PERIODIC | HPET_TIMER_SET | ROUTE(22));
	comparator(2, 0);
	ticks(70000);
	board_destroy(d);
}

static void too_fast(void)
{
	unsigned n = 0;

	start();
	board_pin(d, 22, 0x62);
	config(2, HPET_TIMER_ENABLE | HPET_TIMER_PERIODIC | HPET_TIMER_SET | ROUTE(22));
	comparator(2, 1);
	set(HPET_REG_CONFIG, 1);
	for (unsigned i = 0; i < 1000; i++) {
		board_advance(1000);
		n += board_take(d) == 0x62;
	}
	CHECK(n >= 15 && n <= 25);
	board_destroy(d);
}

static void levels(void)
{
	start();
	board_pin(d, 20, 0x60 | PIN_LEVEL);
	config(0, HPET_TIMER_ENABLE | HPET_TIMER_LEVEL | ROUTE(20));
	comparator(0, 1000);
	set(HPET_REG_CONFIG, 1);
	ticks(1000);
	CHECK_EQ(get(HPET_REG_STATUS), 1);
	CHECK_EQ(board_take(d), 0x60);
	CHECK_EQ(board_take(d), 0x60); /* until the status is cleared */
	set(HPET_REG_STATUS, 6);
	CHECK_EQ(get(HPET_REG_STATUS), 1);
	set(HPET_REG_STATUS, 1);
	CHECK_EQ(get(HPET_REG_STATUS), 0);
	(void)board_take(d);
	CHECK_EQ(board_take(d), -1);
	/* not enabled: the status is there all the same, and interrupts when it is */
	config(0, HPET_TIMER_LEVEL | ROUTE(20));
	comparator(0, get(HPET_REG_COUNTER) + 1000);
	ticks(1000);
	CHECK_EQ(get(HPET_REG_STATUS), 1);
	CHECK_EQ(board_take(d), -1);
	config(0, HPET_TIMER_ENABLE | HPET_TIMER_LEVEL | ROUTE(20));
	CHECK_EQ(board_take(d), 0x60);
	/* another route takes the level along */
	board_pin(d, 23, 0x63 | PIN_LEVEL);
	config(0, HPET_TIMER_ENABLE | HPET_TIMER_LEVEL | ROUTE(23));
	CHECK_EQ(board_take(d), 0x63);
	CHECK_EQ(board_take(d), 0x63);
	config(0, HPET_TIMER_ENABLE | ROUTE(23)); /* an edge now: nothing is kept */
	(void)board_take(d);                      /* what was on its way by both lines */
	(void)board_take(d);
	CHECK_EQ(board_take(d), -1);
	CHECK_EQ(get(HPET_REG_STATUS), 0);
	board_destroy(d);
}

static void legacy(void)
{
	start();
	board_pin(d, 2, 0x30);
	board_pin(d, 8, 0x38);
	/* the PIT and the RTC at work */
	board_out(d, 0x43, 0x34);
	board_out(d, 0x40, 0xa9);
	board_out(d, 0x40, 0x04);
	board_out(d, 0x70, RTC_B);
	board_out(d, 0x71, RTC_B_24_HOUR | RTC_B_UIE);
	board_advance(1100000);
	(void)board_take(d);
	config(0, HPET_TIMER_ENABLE);
	config(1, HPET_TIMER_ENABLE);
	comparator(0, 100000);
	comparator(1, 200000);
	set(HPET_REG_CONFIG, 3);
	(void)board_take(d);
	ticks(99999);
	CHECK_EQ(board_take(d), -1); /* 1.6 ms without the PIT */
	ticks(1);
	CHECK_EQ(board_take(d), 0x30);
	ticks(100000);
	CHECK_EQ(board_take(d), 0x38);
	board_advance(2000000000);
	CHECK_EQ(board_take(d), -1);
	set(HPET_REG_CONFIG, 1);
	CHECK_EQ(board_take(d), 0x38); /* the RTC's update has waited */
	(void)board_take(d);
	board_advance(1000000);
	CHECK_EQ(board_take(d), 0x30);
	board_destroy(d);
}

/* Through the PICs, an edge that nobody takes at once must stay. */
static void legacy_through_the_pics(void)
{
	start();
	board_pics(d, 0xfffe);
	config(0, HPET_TIMER_ENABLE);
	comparator(0, 1000);
	set(HPET_REG_CONFIG, 3);
	(void)board_take_pic(d);
	ticks(1000);
	comparator(0, get(HPET_REG_COUNTER) + 1000000);
	CHECK_EQ(board_take_pic(d), 0x20);
	CHECK_EQ(board_take_pic(d), -1);
	ticks(1000000);
	CHECK_EQ(board_take_pic(d), 0x20);
	board_destroy(d);
}

static void saved(void)
{
	struct vhpet out, in;

	start();
	config(0, HPET_TIMER_ENABLE | HPET_TIMER_PERIODIC | HPET_TIMER_SET | ROUTE(20));
	comparator(0, 62500);
	set(HPET_REG_CONFIG, 1);
	ticks(100000);
	memset(&out, 0, sizeof(out));
	vhpet_save(d->platform->hpet, &out);
	board_destroy(d);
	start();
	ticks(100000);
	board_pin(d, 20, 0x60);
	CHECK_EQ(vhpet_restore(d->platform->hpet, &out), 0);
	CHECK_EQ(get(HPET_REG_COUNTER), 100000);
	ticks(24999);
	CHECK_EQ(board_take(d), -1);
	ticks(1);
	CHECK_EQ(board_take(d), 0x60);
	in = out;
	in.config = 4;
	CHECK_EQ(vhpet_restore(d->platform->hpet, &in), -EINVAL);
	in = out;
	in.status = 8;
	CHECK_EQ(vhpet_restore(d->platform->hpet, &in), -EINVAL);
	in = out;
	in.timers[1].config = ROUTE(3);
	CHECK_EQ(vhpet_restore(d->platform->hpet, &in), -EINVAL);
	in = out;
	in.timers[2].due = UINT64_MAX - 1;
	CHECK_EQ(vhpet_restore(d->platform->hpet, &in), -EINVAL);
	in = out;
	in.timers[2].config = HPET_TIMER_32;
	in.timers[2].comparator = 1ull << 32;
	CHECK_EQ(vhpet_restore(d->platform->hpet, &in), -EINVAL);
	in = out;
	in.config = 0; /* a match while it stands */
	in.timers[2].config = HPET_TIMER_32;
	in.timers[2].comparator = UINT64_MAX;
	in.timers[0].due = in.timers[1].due = UINT64_MAX;
	in.timers[2].due = 5;
	CHECK_EQ(vhpet_restore(d->platform->hpet, &in), -EINVAL);
	vhpet_reset(d->platform->hpet);
	CHECK_EQ(get(HPET_REG_CONFIG), 0);
	CHECK_EQ(get(HPET_REG_COUNTER), 0);
	ticks(1000000);
	CHECK_EQ(board_take(d), -1);
	board_destroy(d);
}

UNIT_MAIN(UNIT(registers), UNIT(one_shot), UNIT(with_32_bits), UNIT(periodic), UNIT(too_fast),
          UNIT(levels), UNIT(legacy), UNIT(legacy_through_the_pics), UNIT(saved))
