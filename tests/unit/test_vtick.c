/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ticks that a guest without a CPU has missed, by each timer mode; and those that it missed by itself. */
#include <string.h>

#include "fake_domain.h"
#include "fake_platform.h"
#include "machine_fake.h"
#include "unit.h"

#include <xen/arch-x86/xen.h>

#define MS 1000000ull

static struct domain *d, *other;

static void start(uint64_t mode)
{
	d = board_create(BOARD_ALL, 1);
	d->hvm_params.value[HVM_PARAM_TIMER_MODE] = mode;
	other = fake_domain_add(1, 4, false);
	fake_make_current(d->vcpus[0]);
	board_pin(d, 2, 0x30);
	board_out(d, 0x43, 0x34);
	board_out(d, 0x40, 0xa9); /* 1193: a millisecond */
	board_out(d, 0x40, 0x04);
	(void)board_take(d);
}

/* The vcpu runs and takes what comes, looking each 10 us. */
static unsigned runs(uint64_t ns)
{
	unsigned n = 0;

	fake_make_current(d->vcpus[0]);
	for (uint64_t t = 0; t < ns; t += 10000) {
		fake_advance(10000);
		timers_run();
		n += board_take(d) == 0x30;
	}
	return n;
}

/* Another domain has the CPU. */
static void waits(uint64_t ns)
{
	fake_make_current(other->vcpus[0]);
	for (uint64_t t = 0; t < ns; t += 100000) {
		fake_advance(100000);
		timers_run();
	}
}

/* It has the CPU, and its interrupts are off. */
static void is_busy(uint64_t ns)
{
	fake_make_current(d->vcpus[0]);
	for (uint64_t t = 0; t < ns; t += 100000) {
		fake_advance(100000);
		timers_run();
	}
}

static void all_made_up(void)
{
	for (uint64_t mode = 0; mode <= 1; mode++) {
		unsigned n;

		start(mode);
		CHECK_EQ(runs(10 * MS), 10);
		waits(50 * MS);
		n = runs(20 * MS);
		CHECK(n >= 68 && n <= 71); /* all that there were */
		n = runs(10 * MS);
		CHECK(n >= 9 && n <= 11); /* and no more */
		board_destroy(d);
	}
}

static void none_made_up(void)
{
	unsigned n;

	start(2);
	CHECK_EQ(runs(10 * MS), 10);
	waits(50 * MS);
	CHECK_EQ(board_take(d), -1);
	n = runs(20 * MS);
	CHECK(n >= 19 && n <= 21);
	board_destroy(d);
}

static void one_made_up(void)
{
	unsigned n;

	start(3);
	CHECK_EQ(runs(10 * MS), 10);
	waits(50 * MS);
	CHECK_EQ(board_take(d), 0x30);
	CHECK_EQ(board_take(d), -1);
	n = runs(20 * MS);
	CHECK(n >= 19 && n <= 21);
	board_destroy(d);
}

/* A guest that keeps its interrupts off for long has, as on the iron, lost ticks: but not those of the first quarter of a second, which may be our doing. */
static void own_fault(void)
{
	unsigned n;

	start(1);
	CHECK_EQ(runs(10 * MS), 10);
	is_busy(50 * MS);
	n = runs(20 * MS);
	CHECK(n >= 68 && n <= 71);
	is_busy(2000 * MS);
	n = runs(100 * MS);
	CHECK(n >= 345 && n <= 355);
	n = runs(20 * MS);
	CHECK(n >= 19 && n <= 21);
	board_destroy(d);
}

static void nobody_listens(void)
{
	unsigned n;

	start(1);
	board_pin(d, 2, PIN_MASKED);
	waits(50 * MS);
	board_pin(d, 2, 0x30);
	n = runs(20 * MS);
	CHECK(n >= 19 && n <= 22);
	board_destroy(d);
}

/* A guest that never comes back has no more than ten seconds to make up for. */
static void limit(void)
{
	struct vtick t;
	uint64_t made_up = 0;

	start(1);
	vtick_reset(&t, d);
	waits(20000 * MS);
	CHECK(!vtick_due(&t, d, 20000, IRQ_LINE_WAITS, MS));
	CHECK_EQ(t.missed, 20000);
	CHECK(vtick_due(&t, d, 1, IRQ_LINE_TAKEN, MS));
	CHECK_EQ(t.backlog, 10000);                      /* and not 20000 */
	CHECK(!vtick_due(&t, d, 0, IRQ_LINE_TAKEN, MS)); /* not so soon */
	for (unsigned i = 0; i < 11000; i++) {
		fake_advance(MS / 8);
		made_up += vtick_due(&t, d, 0, IRQ_LINE_TAKEN, MS);
	}
	CHECK_EQ(made_up, 10000);
	CHECK(!vtick_due(&t, d, UINT64_MAX, IRQ_LINE_WAITS, 1));
	CHECK(vtick_due(&t, d, 1, IRQ_LINE_TAKEN, 0));
	/* when to look: soon with a backlog, but not while the last one waits */
	t.backlog = 1;
	t.raised_ns = 5 * MS;
	CHECK_EQ(vtick_next(&t, 5 * MS, 6 * MS, MS), 5 * MS + MS / 8);
	CHECK_EQ(vtick_next(&t, 5 * MS + 100, 6 * MS, MS), 5 * MS + MS / 8);
	CHECK_EQ(vtick_next(&t, 5 * MS + 900000, 6 * MS, MS), 5 * MS + 900000);
	CHECK_EQ(vtick_next(&t, 5 * MS, 5 * MS + 5, 5), 5 * MS + TICK_MIN_NS);
	t.waits = true;
	CHECK_EQ(vtick_next(&t, 0, MS, MS), MS);
	t.backlog = 0;
	t.waits = false;
	CHECK_EQ(vtick_next(&t, 0, MS, MS), MS);
	board_destroy(d);
}

/* The RTC's are taken when register C is read. */
static void rtc(void)
{
	unsigned n = 0;

	start(1);
	board_out(d, 0x43, 0x30); /* no PIT */
	board_pin(d, 8, 0x38);
	board_out(d, 0x70, RTC_B);
	board_out(d, 0x71, RTC_B_24_HOUR | RTC_B_PIE);
	waits(100 * MS);
	fake_make_current(d->vcpus[0]);
	for (unsigned i = 0; i < 10000; i++) {
		fake_advance(10000);
		timers_run();
		if (board_take(d) != 0x38)
			continue;
		n++;
		board_out(d, 0x70, RTC_C);
		(void)board_in(d, 0x71);
	}
	CHECK(n >= 200 && n <= 206); /* 204.8 in 200 ms */
	board_destroy(d);
}

UNIT_MAIN(UNIT(all_made_up), UNIT(none_made_up), UNIT(one_made_up), UNIT(own_fault),
          UNIT(nobody_listens), UNIT(limit), UNIT(rtc))
