/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The scheduler: proportional share by weight, with caps and affinity; a queue for each CPU, wake-ups that preempt, and idle CPUs that steal.
 * What is scheduled is a unit: a vcpu, or a thread of our own on a domain's account (the events of its device model), which is a function that the CPU loop calls as long as it is its turn. C code never
 * blocks: a unit that waits is marked and the CPU loop picks another.
 *
 * Who may touch a unit: its fields are under the lock of the queue of its CPU (unit.cpu). Only the holder of that lock changes unit.cpu, and only while
 * the unit is neither running nor loaded; then it belongs to the new CPU's queue, which puts it in when it next settles.
 *
 * Lazy unload: a CPU that goes idle keeps the last vcpu's state in the hardware. Such a unit (loaded_on) stays on that CPU: woken, it runs there at
 * no cost, because an idle CPU is the best place anyway. When it must go elsewhere, be stopped or paused, that CPU unloads it in its next sched_run().
 */
#ifndef CORE_SCHED_H
#define CORE_SCHED_H

#include "machine.h"
#include "spinlock.h"
#include "list.h"
#include "bitmap.h"
#include "timer.h"

struct domain;
struct vcpu;

#define SCHED_WEIGHT_DEFAULT 256
#define SCHED_WEIGHT_MAX     65535
#define SCHED_SLICE_NS       10000000ull
#define SCHED_RATELIMIT_NS   1000000ull  /* nobody is preempted sooner; the default of each CPU */
#define SCHED_CAP_PERIOD_NS  10000000ull /* a cap's budget is refilled this often */
#define SCHED_CPU_NONE       0xffffffffu

/* The same numbers as RUNSTATE_running .. RUNSTATE_offline. */
enum sched_state { SCHED_RUNNING, SCHED_RUNNABLE, SCHED_BLOCKED, SCHED_OFFLINE };

/* A cpu mask that a unit may run on. */
struct cpu_mask {
	BITMAP_DECLARE(bits, MAX_CPUS);
};

/* Share of a domain, used by all its units. All zero: the default weight, no cap. */
struct sched_share {
	uint32_t weight, cap; /* cap: percent of one CPU, 0: none */
	struct spinlock lock; /* for the rest; inside run_queue.lock */
	int64_t budget_ns;    /* run time left until period_ns + SCHED_CAP_PERIOD_NS */
	uint64_t period_ns;
};

struct sched_unit {
	struct vcpu *vcpu; /* NULL: a thread */
	void (*run)(
		struct sched_unit *
			u); /* a thread's: does a little, and blocks when there is nothing to do. No lock held */
	const char *name; /* a thread's, for messages */
	struct sched_share *share;
	/* lock of run_queue[cpu] for all below unless said otherwise */
	uint32_t cpu; /* whose queue it is on, or was last; read freely, changed under the lock */
	enum sched_state state; /* for accounting: follows from the flags below */
	bool stopped;           /* not started, VCPUOP_down, shutdown */
	bool blocked;           /* waits for sched_wake(); read freely */
	bool running;           /* it is run_queue.running of its CPU; read freely */
	bool queued;            /* in run_queue.units */
	bool parked;            /* in run_queue.parked: over its cap */
	bool yielded;           /* goes behind its equals at the next choice */
	uint32_t wake_pending;  /* woken since sched_block_prepare(); atomic */
	uint32_t
		loaded_on; /* CPU whose hardware holds its state, or SCHED_CPU_NONE; that CPU writes it */
	uint32_t pause_count;                /* above 0: not runnable whatever else */
	uint64_t virtual_time;               /* ns weighted by 256 / weight */
	uint64_t started_ns;                 /* running: accounted up to here */
	uint64_t state_since_ns, time_in[4]; /* runstate accounting, by enum sched_state */
	struct list queue_node;
	struct cpu_mask hard_affinity, soft_affinity; /* as the tools set them */
	struct cpu_mask pool_cpus;                    /* of its domain's CPU pool */
	struct cpu_mask
		allowed; /* where it may run: both, or the pool alone when they have no CPU in common */
};

struct run_queue {
	struct spinlock lock;
	struct list units;          /* runnable ones that wait, by virtual time */
	struct list parked;         /* runnable but over their cap */
	struct sched_unit *running; /* NULL: idle */
	uint32_t nr, nr_parked;
	uint64_t min_virtual_time; /* never goes back */
	uint64_t
		head_virtual_time; /* of the first waiting unit, UINT64_MAX: none; read freely by balancers */
	uint64_t switched_ns;  /* running has the CPU since */
	uint64_t slice_end_ns; /* running is asked to make room */
	uint64_t unpark_ns;    /* when the first parked one may have budget again */
	uint64_t ratelimit_ns; /* running is not preempted sooner */
	uint64_t idle_ns,
		idle_since_ns; /* time without a unit, up to the last one; running NULL: idle since */
	uint64_t balance_at_ns;
	uint32_t balance_next; /* CPU to look at next */
	struct timer slice_timer;
};

/* After timer_queue_init() of that CPU. Also the CPU's part of work.c. -ENOMEM */
int must_check sched_cpu_init(unsigned cpu);

/* A new unit is offline. */
void sched_unit_init(struct sched_unit *u, struct vcpu *v, struct sched_share *share);
/* The same for a thread, which counts as one more of the domain's vcpus. It has no state in the hardware. cpu: where it is at first. */
void sched_thread_init(struct sched_unit *u, void (*run)(struct sched_unit *u), const char *name,
                       struct sched_share *share, unsigned cpu);
/* Must be stopped, and not the current one. Waits until its state is in no CPU any more. */
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
void sched_unit_yield(struct sched_unit *u);

/*
 * Nests. pause returns at once; sched_pause_wait() spins until the unit's state is in no CPU (not for the current one): then it is all in memory and may be changed.
 * Only for units that are stopped or paused. Two CPUs must not wait for each other's current unit.
 */
void sched_pause(struct sched_unit *u);
void sched_unpause(struct sched_unit *u);
void sched_pause_wait(struct sched_unit *u);
/* What sched_pause_wait() waits for: true when it would return at once. Asks the CPU concerned to hurry. */
bool sched_is_off(struct sched_unit *u);

/* soft NULL: anywhere in hard. -EINVAL when no online CPU of the unit's pool is left. */
int must_check sched_set_affinity(struct sched_unit *u, const struct cpu_mask *hard,
                                  const struct cpu_mask *soft);
/* The CPUs of its domain's pool: it leaves others soon. Its affinity is kept, and holds again as soon as it has CPUs in common with the pool. */
void sched_set_pool(struct sched_unit *u, const struct cpu_mask *cpus);
/* That CPU joins others: nobody is preempted there sooner than ratelimit_ns, and its account of time becomes comparable with theirs. */
void sched_join(unsigned cpu, uint64_t ratelimit_ns);
void sched_set_ratelimit(unsigned cpu, uint64_t ns);
/* -EINVAL out of range. */
int must_check sched_share_set(struct sched_share *s, uint32_t weight, uint32_t cap);

/* PENDING_SCHED: picks this CPU's next unit and switches to it (percpu()->current). */
void sched_run(void);

/* Time spent in a state up to now, for accounting (no lock: may be a moment old). */
uint64_t sched_time_in(const struct sched_unit *u, enum sched_state s, uint64_t now);
/* All of it at one instant. */
struct sched_times {
	enum sched_state state;
	uint64_t since_ns, time_in[4];
};
void sched_times_get(struct sched_unit *u, struct sched_times *out);
/* Its accounts go on from these; the state it has began now. */
void sched_times_set(struct sched_unit *u, const uint64_t time_in[4]);
/* Time that this CPU had nothing to run. */
uint64_t sched_idle_ns(unsigned cpu);
void sched_dump(void);

#endif
