/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A CPU's run queue, between sched.c (states of units) and sched_queue.c (order, budgets, balance). Every function: queue lock held. */
#ifndef CORE_SCHED_QUEUE_H
#define CORE_SCHED_QUEUE_H

#include "sched.h"

/* CPUs that run nothing / whose queue has somebody waiting. Atomic. */
extern struct cpu_mask sched_idle, sched_waiting;

/* Before the first CPU's queue. */
void queues_init(void);
struct run_queue *queue_of_cpu(unsigned cpu);

static inline uint32_t share_weight(const struct sched_share *s)
{
	return s->weight ? s->weight : SCHED_WEIGHT_DEFAULT;
}
/* Run time as virtual time of u. */
static inline uint64_t unit_virtual(const struct sched_unit *u, uint64_t ns)
{
	return ns * SCHED_WEIGHT_DEFAULT / share_weight(u->share);
}
static inline bool unit_allowed(const struct sched_unit *u, unsigned cpu)
{
	return bitmap_test(u->allowed.bits, cpu);
}
static inline bool unit_ready(const struct sched_unit *u)
{
	return !u->stopped && !u->blocked && !u->pause_count;
}
static inline struct sched_unit *queue_head(const struct run_queue *q)
{
	return q->nr ? list_entry(q->units.next, struct sched_unit, queue_node) : NULL;
}

/* Charges the run time since the last call. */
void unit_account(struct sched_unit *u, uint64_t now);
/* Budget of a capped share; refilled when its period is over. INT64_MAX without a cap. *refill_ns: when there is more. */
int64_t share_budget(struct sched_share *s, uint64_t now, uint64_t *refill_ns);

/* The queue's virtual time goes on to this one, if it is not there already. */
void queue_advance(struct run_queue *q, uint64_t virtual_time);

/* The queue and its units go on by as much as it lags behind others, with which it has had nothing to do until now. */
void queue_level(struct run_queue *q);

/* A unit that comes to this queue: its virtual time is brought near the queue's, then it waits or parks. */
void queue_admit(struct run_queue *q, struct sched_unit *u, uint64_t now);
/* One that was here already. */
void queue_insert(struct run_queue *q, struct sched_unit *u);
/* Out of the queue or the parking lot. */
void queue_remove(struct run_queue *q, struct sched_unit *u);
/* Moves virtual time behind the units that a yielding one should let through. */
void queue_yield(struct run_queue *q, struct sched_unit *u);
void queue_park(struct run_queue *q, struct sched_unit *u, uint64_t until_ns);
/* Lets parked units in whose budget is there again. */
void queue_unpark(struct run_queue *q, uint64_t now);

/* Takes a unit from another CPU's queue: true when one was admitted here. For an idle CPU... */
bool queue_steal(struct run_queue *q, unsigned cpu, uint64_t now);
/* ... and for a busy one now and then: only a unit that is behind local_virtual_time. */
bool queue_balance(struct run_queue *q, unsigned cpu, uint64_t local_virtual_time, uint64_t now);

/* An idle CPU (claimed) that could take one of the waiting units, or SCHED_CPU_NONE. */
unsigned queue_find_helper(const struct run_queue *q);

/* The CPU for a unit that becomes runnable: its last one if idle, else an idle one (claimed), else its last one. */
unsigned cpu_pick(const struct sched_unit *u);
/* Its last one, or where it may not run there, the next one where it may; idle or not, nothing is claimed. */
unsigned cpu_next_allowed(const struct sched_unit *u);
/* Claims an idle CPU of the mask: its bit is cleared by us. SCHED_CPU_NONE: none. */
unsigned cpu_claim_idle(const struct cpu_mask *mask, const struct cpu_mask *also, unsigned from);

#endif
