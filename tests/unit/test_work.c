/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "unit.h"
#include "domain.h"
#include "machine_fake.h"

struct job {
	struct work w;
	unsigned pieces, ran, order;
	struct job *queues;
};
static unsigned order;

static bool job_fn(struct work *w)
{
	struct job *j = container_of(w, struct job, w);

	j->ran++;
	j->order = order++;
	if (j->queues)
		work_queue(&j->queues->w);
	if (j->ran < j->pieces)
		return true;
	if (j->pieces == 1000)
		free(j);
	return false;
}

static void setup(void)
{
	fake_core_init(0, 2);
	order = 0;
}

static unsigned run_all(void)
{
	unsigned n = 0;

	while (percpu()->pending & PENDING_WORK && n < 100000) {
		atomic_fetch_and(&percpu()->pending, ~(uint32_t)PENDING_WORK);
		work_run();
		n++;
	}
	return n;
}

static void pieces_take_turns(void)
{
	struct job a = { .w.fn = job_fn, .pieces = 3 }, b = { .w.fn = job_fn, .pieces = 2 };

	setup();
	work_queue(&a.w);
	work_queue(&b.w);
	work_queue(&a.w);
	CHECK_EQ(run_all(), 5);
	CHECK_EQ(a.ran, 3);
	CHECK_EQ(b.ran, 2);
	CHECK_EQ(a.order, 4);
	CHECK_EQ(b.order, 3);
	CHECK_EQ(run_all(), 0);
	/* May be queued again when it is over. */
	a.pieces = 4;
	work_queue(&a.w);
	CHECK_EQ(run_all(), 1);
}

static void queues_another(void)
{
	struct job b = { .w.fn = job_fn, .pieces = 1 };
	struct job a = { .w.fn = job_fn, .pieces = 1, .queues = &b };

	setup();
	work_queue(&a.w);
	run_all();
	CHECK_EQ(b.ran, 1);
}

/* The last piece may free the work itself: the address sanitizer watches. */
static void may_free_itself(void)
{
	struct job *j = calloc(1, sizeof(*j));

	setup();
	j->w.fn = job_fn;
	j->pieces = 1000;
	work_queue(&j->w);
	CHECK_EQ(run_all(), 1000);
}

/* With a guest on the CPU the next piece waits for a timer, so that pending gets empty and the guest runs. */
static void leaves_time_to_guests(void)
{
	struct job a = { .w.fn = job_fn, .pieces = 3 };
	static struct vcpu v;

	setup();
	percpu()->current = &v;
	work_queue(&a.w);
	CHECK_EQ(run_all(), 1);
	for (unsigned i = 0; i < 2; i++) {
		CHECK(timer_is_set(&percpu()->work_timer));
		fake_advance(1000000);
		CHECK(percpu()->pending & PENDING_TIMER);
		atomic_fetch_and(&percpu()->pending, ~(uint32_t)PENDING_TIMER);
		timers_run();
		CHECK_EQ(run_all(), 1);
	}
	CHECK_EQ(a.ran, 3);
	CHECK(!timer_is_set(&percpu()->work_timer));
	percpu()->current = NULL;
}

UNIT_MAIN(UNIT(pieces_take_turns), UNIT(queues_another), UNIT(may_free_itself),
          UNIT(leaves_time_to_guests))
