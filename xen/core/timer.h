/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Timers: a heap for each CPU, kept in step with that CPU's timer interrupt. */
#ifndef CORE_TIMER_H
#define CORE_TIMER_H

#include "spinlock.h"

struct timer {
	uint64_t at_ns; /* queue lock */
	void (*fn)(struct timer *t);
	uint32_t index; /* in the heap, from 1; 0: not queued. Queue lock */
	uint32_t cpu;   /* whose heap; changed by timer_move only, under that queue's lock */
	bool running;   /* fn is being called. Queue lock; read without it by timer_kill() */
	bool dead;      /* timer_kill() was called, or never initialised. Queue lock */
};

struct timer_queue {
	struct spinlock lock;
	struct timer **heap; /* heap[1 .. nr] */
	uint32_t nr,
		max; /* grows by doubling when a timer is initialised, so that timer_set cannot fail */
	uint32_t reserved;     /* timers that live on this CPU */
	struct timer *running; /* whose fn this CPU is in; NULL: none, or it was killed meanwhile */
	uint64_t armed_ns;     /* what the CPU's interrupt is set to, at the latest */
};

int must_check timer_queue_init(struct timer_queue *q);

/* fn is called on that CPU from its loop, with no lock held; it may set its timer again, or kill it and free what holds it. -ENOMEM. */
int must_check timer_init(struct timer *t, void (*fn)(struct timer *t), unsigned cpu);
/* Arms (or re-arms) for at_ns of machine_now_ns(); a time in the past fires at once. Ignored after timer_kill(). Any CPU. */
void timer_set(struct timer *t, uint64_t at_ns);
/* Disarms. fn may still be running on another CPU. */
void timer_cancel(struct timer *t);
/*
 * Disarms for good and waits until fn is not running elsewhere, so the caller must hold no lock that fn takes. May be called from fn itself, again, and on a timer
 * that is all zero.
 */
void timer_kill(struct timer *t);
bool timer_is_set(const struct timer *t);
/* Moves an idle or armed timer to another CPU (when its vcpu moves). Never fails: no memory, or fn running now, leaves it where it is, which is only slower. */
void timer_move(struct timer *t, unsigned cpu);

/* Fires what is due on this CPU and arms the next interrupt. */
void timers_run(void);
void timers_dump(void);

#endif
