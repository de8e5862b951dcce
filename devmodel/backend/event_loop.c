/* SPDX-License-Identifier: GPL-2.0-or-later */
/* epoll, and a sorted list of timers: there are a handful. */
#include "event_loop.h"

#include <errno.h>
#include <stddef.h>
#include <time.h>
#include <unistd.h>

#define EVENTS_A_ROUND 32

uint64_t event_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

bool event_loop_init(struct event_loop *l)
{
	*l = (struct event_loop){ .fd = epoll_create1(EPOLL_CLOEXEC) };
	return l->fd >= 0;
}

void event_loop_close(struct event_loop *l)
{
	close(l->fd);
}

bool event_add(struct event_loop *l, struct event_source *s, uint32_t events)
{
	struct epoll_event e = { .events = events, .data.ptr = s };

	if (epoll_ctl(l->fd, EPOLL_CTL_ADD, s->fd, &e) != 0)
		return false;
	s->events = events;
	s->is_added = true;
	return true;
}

void event_change(struct event_loop *l, struct event_source *s, uint32_t events)
{
	struct epoll_event e = { .events = events, .data.ptr = s };

	if (!s->is_added || s->events == events)
		return;
	s->events = events;
	(void)epoll_ctl(l->fd, EPOLL_CTL_MOD, s->fd, &e);
}

void event_remove(struct event_loop *l, struct event_source *s)
{
	if (!s->is_added)
		return;
	s->is_added = false;
	(void)epoll_ctl(l->fd, EPOLL_CTL_DEL, s->fd, NULL);
	for (int i = 0; i < l->nr_now; i++)
		if (l->now[i].data.ptr == s)
			l->now[i].data.ptr = NULL;
}

void event_timer_clear(struct event_loop *l, struct event_timer *t)
{
	struct event_timer **p = &l->timers;

	if (!t->is_set)
		return;
	while (*p != t)
		p = &(*p)->next;
	*p = t->next;
	t->is_set = false;
}

void event_timer_set(struct event_loop *l, struct event_timer *t, uint64_t delay_ns)
{
	struct event_timer **p = &l->timers;

	event_timer_clear(l, t);
	t->at_ns = event_now_ns() + delay_ns;
	while (*p && (*p)->at_ns <= t->at_ns)
		p = &(*p)->next;
	t->next = *p;
	t->is_set = true;
	*p = t;
}

static int wait_ms(const struct event_loop *l, int max_ms)
{
	uint64_t now, ms;

	if (!l->timers)
		return max_ms;
	now = event_now_ns();
	if (l->timers->at_ns <= now)
		return 0;
	ms = (l->timers->at_ns - now + 999999) / 1000000;
	return max_ms >= 0 && ms > (uint64_t)max_ms ? max_ms : (int)(ms > 1000000 ? 1000000 : ms);
}

/* Those whose time had come when it began: one that sets itself again comes in the next round. */
static void timers_fire(struct event_loop *l)
{
	uint64_t now = event_now_ns();

	while (l->timers && l->timers->at_ns <= now) {
		struct event_timer *t = l->timers;

		l->timers = t->next;
		t->is_set = false;
		t->fire(t);
	}
}

bool event_loop_round(struct event_loop *l, int max_ms)
{
	struct epoll_event events[EVENTS_A_ROUND];
	int n = epoll_wait(l->fd, events, EVENTS_A_ROUND, l->has_more ? 0 : wait_ms(l, max_ms));

	if (n < 0 && errno != EINTR)
		return false;
	l->has_more = false;
	l->now = events;
	l->nr_now = n;
	for (int i = 0; i < n && !l->is_over; i++) {
		struct event_source *s = events[i].data.ptr;

		if (s)
			s->ready(s, events[i].events);
	}
	l->now = NULL;
	l->nr_now = 0;
	timers_fire(l);
	if (l->round_over)
		l->round_over(l->context);
	return true;
}

void event_loop_run(struct event_loop *l)
{
	while (!l->is_over && event_loop_round(l, -1))
		;
}
