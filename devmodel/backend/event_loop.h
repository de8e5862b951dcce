/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Waiting for file descriptors and for times, in one thread. */
#ifndef BACKEND_EVENT_LOOP_H
#define BACKEND_EVENT_LOOP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

struct event_source {
	int fd;
	/* events: EPOLLIN, EPOLLOUT, EPOLLHUP, EPOLLERR. It may remove itself or any other. */
	void (*ready)(struct event_source *s, uint32_t events);
	uint32_t events; /* the loop's, as all below: what is waited for */
	bool is_added;
};

/* Fires once for each time that it is set. It lies in its owner and stays there. */
struct event_timer {
	void (*fire)(struct event_timer *t);
	uint64_t at_ns; /* the loop's, as all below */
	bool is_set;
	struct event_timer *next;
};

struct event_loop {
	int fd;
	bool is_over;
	bool has_more; /* somebody has left work for the next round: it does not wait. Cleared when that begins */
	/* After each round: what has been put off is done at once for all. May be NULL. */
	void (*round_over)(void *context);
	void *context;
	struct event_timer *timers; /* the soonest first */
	struct epoll_event *now;    /* events of the round that are not served yet */
	int nr_now;
};

/* CLOCK_MONOTONIC */
uint64_t event_now_ns(void);
bool event_loop_init(struct event_loop *l);
void event_loop_close(struct event_loop *l);
/* s->fd and s->ready are set. False: errno says why. */
bool event_add(struct event_loop *l, struct event_source *s, uint32_t events);
/* Waits for these from now on. Nothing happens when it does so already, or is not added. */
void event_change(struct event_loop *l, struct event_source *s, uint32_t events);
/* Before its descriptor is closed. Nothing happens when it is not added. */
void event_remove(struct event_loop *l, struct event_source *s);
/* In delay_ns, instead of when it was set for. */
void event_timer_set(struct event_loop *l, struct event_timer *t, uint64_t delay_ns);
void event_timer_clear(struct event_loop *l, struct event_timer *t);
/* One round: waits for something, at most max_ms (-1: for ever), and serves it. False: epoll is broken. */
bool event_loop_round(struct event_loop *l, int max_ms);
/* Rounds until is_over. */
void event_loop_run(struct event_loop *l);

#endif
