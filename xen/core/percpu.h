/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each physical CPU has to itself. */
#ifndef CORE_PERCPU_H
#define CORE_PERCPU_H

#include "machine.h"
#include "sched.h"
#include "timer.h"

struct p2m;
struct vcpu;

enum pending_work {
	PENDING_TIMER = 1 << 0,   /* the timer interrupt fired: timers_run() */
	PENDING_SCHED = 1 << 1,   /* look for a better vcpu: sched_run() */
	PENDING_WORK = 1 << 2,    /* deferred work is queued: work_run() */
	PENDING_CONSOLE = 1 << 3, /* characters have arrived: console_run() */
	PENDING_IRQ = 1 << 4,     /* vectors of devices wait to become free: host_irq_run() */
	PENDING_VCPU = 1 << 5,    /* the current vcpu has new requests: only look again */
};

struct percpu {
	struct percpu *self; /* must stay first: the bare machine reads it at GS:0 */
	unsigned cpu;
	uint32_t pending; /* enum pending_work; atomic, set from anywhere */
	struct p2m *
		touching; /* whose pages this CPU is reading or writing just now (guest_translate.h); full barrier when set */
	bool in_guest; /* set by virt->run just before entry, with a full barrier; cleared right after exit */
	struct vcpu *
		current; /* whose state the hardware holds and who runs next; NULL: idle. Own CPU only */
	struct sched_unit
		*thread; /* a thread whose turn it is; current is NULL then. Own CPU only */
	struct vcpu *
		loaded; /* whose state is still in the hardware while idle (lazy unload), or current */
	uint64_t nr_exits;
	uint64_t
		hypercall_start_ns; /* when the running hypercall first asked whether to restart; 0: not yet */
	struct timer_queue timers;
	struct run_queue run_queue;
	struct timer work_timer; /* work.c: the next piece */
	void *machine;           /* xen/machine's own */
	void *virt;              /* xen/virt's own */
};

/* Sets a pending bit of a CPU and kicks it when it is another one. */
void percpu_raise(unsigned cpu, enum pending_work work);

/* The CPU's endless loop: pending work, then the current vcpu until it exits, then its exit. */
void cpu_loop(void) noreturn_fn;
/* One round of it; tests drive this. False: there was nothing to run (idle). */
bool cpu_loop_once(void);

/*
 * Work to be done on some CPU soon, in pieces: fn returns true while there is more; after false w is not touched any more, so fn may have freed it. No lock is
 * held when fn runs. Queuing what is queued does nothing; queuing from elsewhere while fn runs may run it on two CPUs.
 */
struct work {
	struct work *next; /* work.c's lock */
	bool (*fn)(struct work *w);
	bool queued; /* work.c's lock */
};
/* Called by sched_cpu_init(). -ENOMEM */
int must_check work_cpu_init(unsigned cpu);
/* Any lock may be held. */
void work_queue(struct work *w);
/* PENDING_WORK: one piece. */
void work_run(void);

#endif
