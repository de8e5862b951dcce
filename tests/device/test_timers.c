/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Timers of devices: their order, and what one does to the others when several are late. */
#include "timers.h"

#include <string.h>

#include "unit.h"

#define NR 4

static struct device_timers q;
static struct named {
	struct device_timer timer;
	void (*then)(void);
	char name;
} timers[NR];
static char order[16];

static void fired(struct device_timer *t)
{
	struct named *n = container_of(t, struct named, timer);

	CHECK(!t->armed);
	strncat(order, &n->name, 1);
	if (n->then)
		n->then();
}

/* a to d at 10, 20, 30, 40; what a does when it runs */
static void begin(void (*then)(void))
{
	q = (struct device_timers){ NULL, NULL };
	order[0] = 0;
	for (unsigned i = 0; i < NR; i++)
		timers[i] = (struct named){ .timer.fn = fired, .name = (char)('a' + i) };
	for (unsigned i = NR; i--;)
		device_timers_arm(&q, &timers[i].timer, 10 * (i + 1));
	timers[0].then = then;
}

static bool ran(const char *names)
{
	bool is_so = strcmp(order, names) == 0;

	order[0] = 0;
	return is_so;
}

static void test_order(void)
{
	begin(NULL);
	CHECK(device_timers_next_ns(&q) == 10);
	device_timers_run(&q, 9);
	CHECK(ran(""));
	device_timers_run(&q, 10);
	CHECK(ran("a") && device_timers_next_ns(&q) == 20);
	device_timers_cancel(&q, &timers[2].timer);
	device_timers_cancel(&q, &timers[2].timer);
	device_timers_arm(&q, &timers[1].timer, 50);
	device_timers_run(&q, 100);
	CHECK(ran("db") && device_timers_next_ns(&q) == UINT64_MAX);
}

static void arm_self(void)
{
	device_timers_arm(&q, &timers[0].timer, 0);
}

static void test_again(void)
{
	begin(arm_self);
	device_timers_run(&q, 100);
	CHECK(ran("abcd") && device_timers_next_ns(&q) == 0);
	device_timers_run(&q, 100);
	CHECK(ran("a"));
}

static void move_second(void)
{
	device_timers_arm(&q, &timers[1].timer, 200);
}

static void second_to_now(void)
{
	device_timers_arm(&q, &timers[1].timer, 0);
}

/* One whose turn has not come yet is moved: those behind it have theirs all the same, and it has its own later. */
static void test_moved_while_due(void)
{
	begin(move_second);
	device_timers_run(&q, 100);
	CHECK(ran("acd") && timers[1].timer.armed && device_timers_next_ns(&q) == 200);
	device_timers_run(&q, 200);
	CHECK(ran("b") && device_timers_next_ns(&q) == UINT64_MAX);
	begin(second_to_now);
	device_timers_run(&q, 100);
	CHECK(ran("acd"));
	device_timers_run(&q, 100);
	CHECK(ran("b"));
}

static void cancel_second(void)
{
	device_timers_cancel(&q, &timers[1].timer);
}

static void cancel_all(void)
{
	device_timers_cancel_all(&q);
}

static void test_cancelled_while_due(void)
{
	begin(cancel_second);
	device_timers_run(&q, 100);
	CHECK(ran("acd") && !timers[1].timer.armed);
	begin(cancel_all);
	device_timers_run(&q, 30);
	CHECK(ran("a") && device_timers_next_ns(&q) == UINT64_MAX);
	for (unsigned i = 0; i < NR; i++)
		CHECK(!timers[i].timer.armed);
}

UNIT_MAIN(UNIT(test_order), UNIT(test_again), UNIT(test_moved_while_due),
          UNIT(test_cancelled_while_due))
