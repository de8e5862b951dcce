/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "unit.h"
#include "machine_fake.h"
#include "timer.h"

#define NR 200

struct probe {
	struct timer t;
	unsigned fired, order;
	uint64_t fired_at, again_ns;
	unsigned cpu;
};
static struct probe probes[NR];
static unsigned order;

static void probe_fn(struct timer *t)
{
	struct probe *p = container_of(t, struct probe, t);

	p->fired++;
	p->order = order++;
	p->fired_at = machine_now_ns();
	p->cpu = percpu()->cpu;
	if (p->again_ns)
		timer_set(t, machine_now_ns() + p->again_ns);
}

static void setup(unsigned cpus)
{
	fake_memory_init(0, cpus);
	memset(probes, 0, sizeof(probes));
	order = 0;
	for (unsigned i = 0; i < cpus; i++)
		CHECK_EQ(timer_queue_init(&percpu_of(i)->timers), 0);
}

/* What the CPU loop does: pending bits of each CPU. */
static void settle(void)
{
	for (unsigned cpu = 0; cpu < machine_nr_cpus(); cpu++) {
		fake_set_cpu(cpu);
		for (unsigned n = 0; n < 100 && percpu()->pending & PENDING_TIMER; n++) {
			percpu()->pending &= ~(uint32_t)PENDING_TIMER;
			timers_run();
		}
	}
	fake_set_cpu(0);
}

static void advance(uint64_t ns)
{
	fake_advance(ns);
	settle();
}

static void fires_in_order(void)
{
	setup(1);
	for (unsigned i = 0; i < NR; i++) {
		CHECK_EQ(timer_init(&probes[i].t, probe_fn, 0), 0);
		timer_set(&probes[i].t, 1000 + (i * 7919u) % NR * 10);
	}
	CHECK_EQ(fake_timer_at(0), 1000);
	for (unsigned step = 0; step < NR; step++) {
		uint64_t next = fake_timer_at(0);

		fake_set_now(next);
		settle();
	}
	CHECK_EQ(order, NR);
	for (unsigned i = 0; i < NR; i++) {
		CHECK_EQ(probes[i].fired, 1);
		CHECK_EQ(probes[i].fired_at, 1000 + (i * 7919u) % NR * 10);
		CHECK_EQ(probes[i].order, (i * 7919u) % NR);
	}
	CHECK_EQ(fake_timer_at(0), UINT64_MAX);
}

static void random_sets_and_cancels(void)
{
	setup(1);
	for (unsigned i = 0; i < NR; i++)
		CHECK_EQ(timer_init(&probes[i].t, probe_fn, 0), 0);
	for (unsigned n = 0; n < 20000; n++) {
		struct probe *p = &probes[machine_random() % NR];
		struct timer_queue *q = &percpu()->timers;

		if (machine_random() % 3)
			timer_set(&p->t, machine_now_ns() + 1 + machine_random() % 1000);
		else
			timer_cancel(&p->t);
		for (uint32_t i = 2; i <= q->nr; i++)
			CHECK(q->heap[i / 2]->at_ns <= q->heap[i]->at_ns);
		for (uint32_t i = 1; i <= q->nr; i++)
			CHECK_EQ(q->heap[i]->index, i);
		if (n % 10 == 0)
			advance(machine_random() % 100);
		CHECK(!q->nr || q->heap[1]->at_ns >= fake_timer_at(0) ||
		      percpu()->pending & PENDING_TIMER);
	}
}

static void past_fires_at_once(void)
{
	setup(1);
	fake_set_now(5000);
	CHECK_EQ(timer_init(&probes[0].t, probe_fn, 0), 0);
	timer_set(&probes[0].t, 1);
	CHECK(percpu()->pending & PENDING_TIMER);
	settle();
	CHECK_EQ(probes[0].fired, 1);
	CHECK(!timer_is_set(&probes[0].t));
}

static void rearms_itself(void)
{
	setup(1);
	CHECK_EQ(timer_init(&probes[0].t, probe_fn, 0), 0);
	probes[0].again_ns = 100;
	timer_set(&probes[0].t, 100);
	for (unsigned i = 0; i < 10; i++)
		advance(100);
	CHECK_EQ(probes[0].fired, 10);
	/* One that is always due must not keep the CPU for ever. */
	probes[0].again_ns = 0;
	timer_cancel(&probes[0].t);
	advance(1000);
	CHECK_EQ(probes[0].fired, 10);
}

static void always_due_fn(struct timer *t)
{
	container_of(t, struct probe, t)->fired++;
	timer_set(t, 0);
}

static void always_due_is_bounded(void)
{
	setup(1);
	CHECK_EQ(timer_init(&probes[0].t, always_due_fn, 0), 0);
	timer_set(&probes[0].t, 0);
	timers_run();
	CHECK(probes[0].fired >= 1 && probes[0].fired <= 64);
	CHECK(percpu()->pending & PENDING_TIMER);
}

static void other_cpu_is_told(void)
{
	setup(2);
	CHECK_EQ(timer_init(&probes[0].t, probe_fn, 1), 0);
	timer_set(&probes[0].t, 700);
	CHECK_EQ(fake_timer_at(0), UINT64_MAX);
	CHECK(percpu_of(1)->pending & PENDING_TIMER);
	CHECK_EQ(fake_counts.kicks[1], 1);
	settle();
	CHECK_EQ(fake_timer_at(1), 700);
	/* Later than what is armed: no kick. */
	CHECK_EQ(timer_init(&probes[1].t, probe_fn, 1), 0);
	timer_set(&probes[1].t, 800);
	CHECK_EQ(percpu_of(1)->pending, 0);
	advance(700);
	CHECK_EQ(probes[0].fired, 1);
	CHECK_EQ(probes[0].cpu, 1);
	advance(100);
	CHECK_EQ(probes[1].fired, 1);
}

static void moves(void)
{
	setup(2);
	for (unsigned i = 0; i < NR; i++) {
		CHECK_EQ(timer_init(&probes[i].t, probe_fn, 0), 0);
		if (i % 2)
			timer_set(&probes[i].t, 1000 + i);
	}
	for (unsigned i = 0; i < NR; i++)
		timer_move(&probes[i].t, 1);
	CHECK_EQ(percpu_of(0)->timers.reserved, 0);
	CHECK_EQ(percpu_of(1)->timers.reserved, NR);
	CHECK_EQ(percpu_of(0)->timers.nr, 0);
	settle();
	CHECK_EQ(fake_timer_at(1), 1001);
	advance(2000);
	for (unsigned i = 0; i < NR; i++) {
		CHECK_EQ(probes[i].fired, i % 2);
		if (i % 2)
			CHECK_EQ(probes[i].cpu, 1);
	}
	timer_move(&probes[0].t, 1);
	CHECK_EQ(percpu_of(1)->timers.reserved, NR);
}

static void suicide_fn(struct timer *t)
{
	struct probe *p = container_of(t, struct probe, t);

	timer_kill(t);
	free(p);
}

static void kill_stops_it(void)
{
	struct probe *p = calloc(1, sizeof(*p));
	struct timer zero = { .at_ns = 0 };

	setup(1);
	CHECK_EQ(timer_init(&probes[0].t, probe_fn, 0), 0);
	timer_set(&probes[0].t, 10);
	timer_kill(&probes[0].t);
	timer_set(&probes[0].t, 20);
	timer_kill(&probes[0].t);
	timer_kill(&zero);
	CHECK_EQ(percpu()->timers.reserved, 0);
	advance(100);
	CHECK_EQ(probes[0].fired, 0);
	/* From its own function, with its memory gone after that. */
	CHECK_EQ(timer_init(&p->t, suicide_fn, 0), 0);
	timer_set(&p->t, 150);
	advance(100);
	CHECK_EQ(percpu()->timers.reserved, 0);
}

static volatile int in_fn, may_leave;

static void slow_fn(struct timer *t)
{
	in_fn = 1;
	while (!may_leave)
		cpu_relax();
	container_of(t, struct probe, t)->fired++;
}

static void *other_cpu(void *arg)
{
	fake_set_cpu(1);
	timers_run();
	return NULL;
}

static void *let_go(void *arg)
{
	struct timespec ts = { .tv_nsec = 20000000 };

	nanosleep(&ts, NULL);
	may_leave = 1;
	return NULL;
}

static void kill_waits_for_fn(void)
{
	pthread_t a, b;

	setup(2);
	in_fn = may_leave = 0;
	CHECK_EQ(timer_init(&probes[0].t, slow_fn, 1), 0);
	timer_set(&probes[0].t, 0);
	CHECK_EQ(pthread_create(&a, NULL, other_cpu, NULL), 0);
	while (!in_fn)
		cpu_relax();
	/* It runs on its old CPU: it stays there. */
	timer_move(&probes[0].t, 0);
	CHECK_EQ(probes[0].t.cpu, 1);
	CHECK_EQ(pthread_create(&b, NULL, let_go, NULL), 0);
	timer_kill(&probes[0].t);
	CHECK_EQ(probes[0].fired, 1);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
}

UNIT_MAIN(UNIT(fires_in_order), UNIT(random_sets_and_cancels), UNIT(past_fires_at_once),
          UNIT(rearms_itself), UNIT(always_due_is_bounded), UNIT(other_cpu_is_told), UNIT(moves),
          UNIT(kill_stops_it), UNIT(kill_waits_for_fn))
