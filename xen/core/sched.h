/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The scheduler: proportional share by weight, with caps and affinity; a queue for each CPU, wake-ups that preempt, and idle CPUs that steal.
 * What is scheduled is a unit: a vcpu, or (later) the event thread of a device model. C code never blocks: a unit that waits is marked and the CPU
 * loop picks another.
 */
#ifndef CORE_SCHED_H
#define CORE_SCHED_H

#include "machine.h"
#include "spinlock.h"
#include "list.h"
#include "bitmap.h"

struct domain;
struct vcpu;

#define SCHED_WEIGHT_DEFAULT 256
#define SCHED_WEIGHT_MAX     65535
#define SCHED_SLICE_NS       10000000ull
#define SCHED_RATELIMIT_NS   1000000ull /* nobody is preempted sooner by an equal */

/* The same numbers as RUNSTATE_running .. RUNSTATE_offline. */
enum sched_state { SCHED_RUNNING, SCHED_RUNNABLE, SCHED_BLOCKED, SCHED_OFFLINE };

/* A cpu mask that a unit may run on. */
struct cpu_mask {
	BITMAP_DECLARE(bits, MAX_CPUS);
};

/* Shares of a domain, read by its units. */
struct sched_share {
	uint32_t weight, cap; /* cap: percent of one CPU, 0: none */
};

struct sched_unit {
	struct vcpu *vcpu;
	const struct sched_share *share;
	enum sched_state state; /* lock of run_queue[cpu] for all below */
	uint32_t cpu;           /* whose queue it is on, or was last */
	bool wake_pending;      /* woken between deciding to block and blocking */
	bool running;           /* its state is on a CPU */
	uint32_t pause_count;   /* above 0: not runnable whatever else; atomic */
	uint64_t virtual_time;  /* ns weighted by 256 / weight */
	uint64_t started_ns;
	uint64_t state_since_ns, time_in[4]; /* runstate accounting, by enum sched_state */
	uint64_t cap_used_ns;
	bool capped;
	struct list queue_node;
	struct cpu_mask hard_affinity, soft_affinity;
};

struct run_queue {
	struct spinlock lock;
	struct list units; /* runnable ones, by virtual time */
	uint32_t nr;
	uint64_t min_virtual_time;
	uint64_t slice_end_ns;
};

int must_check sched_cpu_init(unsigned cpu);

/* A new unit is offline. */
void sched_unit_init(struct sched_unit *u, struct vcpu *v, const struct sched_share *share);
/* Must be offline or paused, and not running. */
void sched_unit_destroy(struct sched_unit *u);

/* offline -> runnable. */
void sched_unit_start(struct sched_unit *u);
/* Any -> offline (VCPUOP_down, shutdown); the CPU it runs on is kicked. */
void sched_unit_stop(struct sched_unit *u);

/* blocked -> runnable; remembered when it is not blocked yet. Any CPU, any time; cheap when nothing is to do. */
void sched_wake(struct sched_unit *u);
/* The current unit waits, unless a wake-up came since its last sched_block_prepare(). */
void sched_block(struct sched_unit *u);
/* Forget earlier wake-ups: called before the condition to wait for is looked at. */
void sched_block_prepare(struct sched_unit *u);
/* The current unit goes behind its equals. */
void sched_yield(struct sched_unit *u);

/* Nests. pause returns at once; sched_pause_wait() spins until the unit is off its CPU (not for the current one). */
void sched_pause(struct sched_unit *u);
void sched_unpause(struct sched_unit *u);
void sched_pause_wait(struct sched_unit *u);

/* -EINVAL when no online CPU is left. */
int must_check sched_set_affinity(struct sched_unit *u, const struct cpu_mask *hard,
                                  const struct cpu_mask *soft);
/* -EINVAL out of range. */
int must_check sched_share_set(struct sched_share *s, uint32_t weight, uint32_t cap);

/* PENDING_SCHED: picks this CPU's next unit and switches to it (percpu()->current). */
void sched_run(void);

/* Time spent in a state up to now, for runstate and accounting. */
uint64_t sched_time_in(const struct sched_unit *u, enum sched_state s, uint64_t now);
void sched_dump(void);

#endif
