/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The scheduler, simulated, for its tests: CPUs take turns in one thread, guests are a rule for when they block, time moves from one timer to the next.
 */
#ifndef SCHED_SIM_H
#define SCHED_SIM_H

#include <string.h>

#include "unit.h"
#include "domain.h"
#include "machine_fake.h"
#include "sched_queue.h"
#include "virt_script.h"

#include <xen/xen.h>

#define MS         1000000ull
#define S          (1000 * MS)
#define MAX_GUESTS 64

struct guest {
	struct vcpu *v;
	struct domain *d;
	/* spins when run_ns is 0; else runs that long (from when it got the CPU), then sleeps */
	uint64_t run_ns, sleep_ns;
	uint64_t left_ns, wake_at, woken_at, last_seen_ns;
	uint64_t worst_latency_ns;
	bool yields;
	unsigned runs;
};
static struct guest guests[MAX_GUESTS];
static unsigned nr_guests, nr_cpus;

static inline struct guest *guest_of(const struct vcpu *v)
{
	for (unsigned i = 0; i < nr_guests; i++)
		if (guests[i].v == v)
			return &guests[i];
	return NULL;
}

static inline void settle(void);

/* The domains of the test before: their vcpus go wherever they are now. */
static inline void cleanup(void)
{
	for (unsigned i = 0; i < nr_guests; i++) {
		struct domain *d = guests[i].d;

		guests[i].d = NULL;
		for (unsigned j = i + 1; j < nr_guests; j++)
			if (guests[j].d == d)
				guests[j].d = NULL;
		if (d) {
			domain_destroy(d);
			domain_put(d);
		}
	}
	nr_guests = 0;
	for (unsigned n = 0; n < 200; n++) {
		settle();
		fake_advance(20 * MS);
	}
	for (unsigned n = 0; n < 20; n++) {
		settle();
		fake_advance(20 * MS);
	}
}

static inline void setup(unsigned cpus)
{
	if (nr_guests)
		cleanup();
	fake_core_init(MIB(128), cpus);
	memset(guests, 0, sizeof(guests));
	nr_guests = 0;
	nr_cpus = cpus;
}

static inline struct domain *new_domain(uint32_t weight, uint32_t cap, unsigned vcpus)
{
	struct domain_config c = { .id = DOMID_INVALID, .max_vcpus = vcpus, .max_pages = 16 };
	struct domain *d;

	CHECK_EQ(domain_create(&c, &d), 0);
	CHECK_EQ(sched_share_set(&d->share, weight, cap), 0);
	for (unsigned i = 0; i < vcpus; i++) {
		struct guest *g = &guests[nr_guests++];

		CHECK_EQ(vcpu_create(d, i, &g->v), 0);
		g->d = d;
		g->wake_at = UINT64_MAX;
	}
	CHECK_EQ(domain_start(d), 0);
	return d;
}

static inline struct guest *new_guest(uint32_t weight, uint32_t cap)
{
	struct guest *g = &guests[nr_guests];

	(void)new_domain(weight, cap, 1);
	vcpu_up(g->v);
	return g;
}

static inline void pin(struct guest *g, unsigned cpu)
{
	struct cpu_mask m = { .bits = { 0 } };

	bitmap_set(m.bits, cpu);
	CHECK_EQ(sched_set_affinity(&g->v->sched, &m, NULL), 0);
}

static inline void check_cpu(unsigned cpu)
{
	struct percpu *p = percpu_of(cpu);
	struct run_queue *q = &p->run_queue;
	struct list *pos;
	unsigned n = 0;

	CHECK(!p->current || p->current == p->loaded);
	CHECK(!p->current || &p->current->sched == q->running);
	CHECK(p->current || !q->running);
	if (p->loaded) {
		CHECK_EQ(p->loaded->sched.loaded_on, cpu);
		CHECK(script_of(p->loaded)->loaded);
	}
	list_for_each(pos, &q->units) {
		struct sched_unit *u = list_entry(pos, struct sched_unit, queue_node);

		CHECK_EQ(u->cpu, cpu);
		CHECK(u->queued && !u->running && !u->blocked && !u->stopped);
		n++;
	}
	CHECK_EQ(n, q->nr);
}

/* All CPUs do what is pending until nothing is. */
static inline void settle(void)
{
	bool more = true;

	for (unsigned round = 0; more; round++) {
		CHECK(round < 1000);
		more = false;
		for (unsigned cpu = 0; cpu < nr_cpus; cpu++) {
			uint32_t work;

			fake_set_cpu(cpu);
			work = atomic_exchange(&percpu()->pending, 0);
			if (work & PENDING_TIMER)
				timers_run();
			if (work & PENDING_WORK)
				work_run();
			if (work & PENDING_SCHED)
				sched_run();
			more |= work != 0;
		}
	}
	for (unsigned cpu = 0; cpu < nr_cpus; cpu++)
		check_cpu(cpu);
	fake_set_cpu(0);
}

/* Lets running guests play until now; says when the next of them does something. */
static uint64_t guests_play(void)
{
	uint64_t now = machine_now_ns(), next = UINT64_MAX;

	for (unsigned i = 0; i < nr_guests; i++) {
		struct guest *g = &guests[i];

		if (g->wake_at <= now) {
			g->wake_at = UINT64_MAX;
			g->woken_at = now;
			g->left_ns = g->run_ns;
			fake_set_cpu((unsigned)(machine_random() % nr_cpus));
			sched_wake(&g->v->sched);
		}
		next = MIN(next, g->wake_at);
	}
	settle();
	for (unsigned cpu = 0; cpu < nr_cpus; cpu++) {
		struct guest *g =
			percpu_of(cpu)->current ? guest_of(percpu_of(cpu)->current) : NULL;

		if (!g)
			continue;
		if (g->woken_at) {
			g->worst_latency_ns = MAX(g->worst_latency_ns, now - g->woken_at);
			g->woken_at = 0;
			g->runs++;
		}
		g->last_seen_ns = now;
		if (g->run_ns)
			next = MIN(next, now + g->left_ns);
	}
	return next;
}

static inline void guests_ran(uint64_t ns)
{
	for (unsigned cpu = 0; cpu < nr_cpus; cpu++) {
		struct guest *g =
			percpu_of(cpu)->current ? guest_of(percpu_of(cpu)->current) : NULL;

		if (!g)
			continue;
		fake_set_cpu(cpu);
		if (g->yields)
			sched_unit_yield(&g->v->sched);
		if (!g->run_ns)
			continue;
		g->left_ns -= MIN(ns, g->left_ns);
		if (!g->left_ns) {
			sched_block_prepare(&g->v->sched);
			sched_block(&g->v->sched);
			g->wake_at = machine_now_ns() + g->sleep_ns;
		}
	}
}

static inline void run_for(uint64_t ns)
{
	uint64_t end = machine_now_ns() + ns;

	settle();
	while (machine_now_ns() < end) {
		uint64_t next = MIN(guests_play(), end), now = machine_now_ns();

		for (unsigned cpu = 0; cpu < nr_cpus; cpu++)
			next = MIN(next, fake_timer_at(cpu));
		fake_set_now(MAX(next, now + 1000));
		guests_ran(machine_now_ns() - now);
		settle();
	}
}

static uint64_t ran_ns(const struct guest *g)
{
	return sched_time_in(&g->v->sched, SCHED_RUNNING, machine_now_ns());
}

#define CHECK_SHARE(g, before, span, permille, slack)                                 \
	do {                                                                          \
		long long got_ = (long long)((ran_ns(g) - (before)) * 1000 / (span)); \
		if (got_ < (long long)(permille) - (slack) ||                         \
		    got_ > (long long)(permille) + (slack))                           \
			CHECK_EQ(got_, permille);                                     \
	} while (0)

#endif
