/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Periodic interrupts that came while the guest could not take them because its vcpu had no CPU, or had too much of our work to wait for: counted and made up for, or not, by
 * HVM_PARAM_TIMER_MODE. What a guest misses by itself for long is gone, as on the iron. README.md says which mode does what.
 */
#ifndef VDEV_VTICK_H
#define VDEV_VTICK_H

#include "irq_routing.h"

/* A source of ticks is asked no more often than this: faster ones are merged. */
#define TICK_MIN_NS 50000u

/* Its device's lock. */
struct vtick {
	uint32_t missed;    /* ticks that found the last one not taken yet */
	uint32_t backlog;   /* to be made up for */
	uint64_t raised_ns; /* the last one: the guest's time */
	bool waits;         /* nobody had taken the last one at the last look */
	uint64_t stolen_ns; /* waited for a CPU when it was raised: the first vcpu */
};

/* n ticks of period_ns have come due since the last call (0: only a look for the backlog). last: what became of the one before. True: one is to be raised now. */
bool vtick_due(struct vtick *t, struct domain *d, uint64_t n, enum irq_line_state last,
               uint64_t period_ns);
/* When to look again; next_ns: the next regular tick. All in the guest's time. */
uint64_t vtick_next(const struct vtick *t, uint64_t now_ns, uint64_t next_ns, uint64_t period_ns);
void vtick_reset(struct vtick *t, struct domain *d);

#endif
