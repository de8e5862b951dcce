/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Timers: armed, moved, run. */
#include "timers.h"

/* Where a timer's place is in a list; the end of the list: it is not there. */
static struct device_timer **place_of(struct device_timer **list, const struct device_timer *t)
{
	while (*list && *list != t)
		list = &(*list)->next;
	return list;
}

void device_timers_cancel(struct device_timers *q, struct device_timer *t)
{
	struct device_timer **p;

	if (!t->armed)
		return;
	p = place_of(&q->waiting, t);
	if (!*p)
		p = place_of(&q->due, t);
	*p = t->next;
	t->armed = false;
}

void device_timers_cancel_all(struct device_timers *q)
{
	while (q->waiting)
		device_timers_cancel(q, q->waiting);
	while (q->due)
		device_timers_cancel(q, q->due);
}

void device_timers_arm(struct device_timers *q, struct device_timer *t, uint64_t at_ns)
{
	struct device_timer **p = &q->waiting;

	device_timers_cancel(q, t);
	while (*p && (*p)->at_ns <= at_ns)
		p = &(*p)->next;
	t->at_ns = at_ns;
	t->next = *p;
	t->armed = true;
	*p = t;
}

uint64_t device_timers_next_ns(const struct device_timers *q)
{
	return q->waiting ? q->waiting->at_ns : UINT64_MAX;
}

void device_timers_run(struct device_timers *q, uint64_t now_ns)
{
	struct device_timer **p = &q->waiting;

	while (*p && (*p)->at_ns <= now_ns)
		p = &(*p)->next;
	if (p == &q->waiting)
		return;
	q->due = q->waiting;
	q->waiting = *p;
	*p = NULL;
	while (q->due) {
		struct device_timer *t = q->due;

		device_timers_cancel(q, t);
		t->fn(t);
	}
}
