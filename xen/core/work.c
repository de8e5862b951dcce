/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Deferred work: long jobs done a piece at a time, between the guests' turns. One queue for all CPUs. */
#include "percpu.h"

#include "errno.h"
#include "spinlock.h"

/* While guests want this CPU, a piece is followed by at least this much time for them. */
#define PAUSE_MIN_NS 200000ull
#define PAUSE_MAX_NS 10000000ull

static struct spinlock work_lock = SPINLOCK_INIT;
static struct work *first, **last = &first; /* work_lock */

static void more_later(struct timer *t)
{
	percpu_raise(percpu()->cpu, PENDING_WORK);
}

int work_cpu_init(unsigned cpu)
{
	return timer_init(&percpu_of(cpu)->work_timer, more_later, cpu);
}

static bool work_append(struct work *w)
{
	bool added = false;

	spin_lock(&work_lock);
	if (!w->queued) {
		w->queued = added = true;
		w->next = NULL;
		*last = w;
		last = &w->next;
	}
	spin_unlock(&work_lock);
	return added;
}

static struct work *work_take(void)
{
	struct work *w;

	spin_lock(&work_lock);
	w = first;
	if (w) {
		first = w->next;
		if (!first)
			last = &first;
		w->queued = false;
	}
	spin_unlock(&work_lock);
	return w;
}

void work_queue(struct work *w)
{
	if (work_append(w))
		percpu_raise(percpu()->cpu, PENDING_WORK);
}

/* One piece. With a guest waiting for this CPU the next one comes after the guest had as long. */
void work_run(void)
{
	struct percpu *p = percpu();
	uint64_t start = machine_now_ns(), took;
	struct work *w = work_take();

	if (!w)
		return;
	/* After false, w may be no more. */
	if (w->fn(w))
		(void)work_append(w);
	if (!read_once(first))
		return;
	if (!p->current && !p->thread) {
		percpu_raise(p->cpu, PENDING_WORK);
		return;
	}
	took = machine_now_ns() - start;
	timer_set(&p->work_timer, start + took + MIN(MAX(took, PAUSE_MIN_NS), PAUSE_MAX_NS));
}
