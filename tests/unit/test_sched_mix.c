/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The scheduler with a first domain and guests together on two CPUs, measured: who gets how much, who waits how long, and that the tools' calls change it while all run.
 */
#include "sched_sim.h"

#include "control_op.h"
#include "cpupool.h"
#include "domctl.h"
#include "errno.h"
#include "sysctl.h"

/* Shares are measured in thousandths of one CPU, over so long. */
#define SPAN (10 * S)

static uint64_t before[MAX_GUESTS];

static void measure_begin(void)
{
	for (unsigned i = 0; i < nr_guests; i++) {
		before[i] = ran_ns(&guests[i]);
		guests[i].worst_latency_ns = 0;
		guests[i].runs = 0;
	}
}

/* Of a domain's vcpus since measure_begin(). */
static unsigned share_of(const struct domain *d)
{
	uint64_t ran = 0;

	for (unsigned i = 0; i < nr_guests; i++)
		if (guests[i].d == d)
			ran += ran_ns(&guests[i]) - before[i];
	return (unsigned)(ran * 1000 / SPAN);
}

static void measure(void)
{
	measure_begin();
	run_for(SPAN);
}

#define CHECK_NEAR(got, want, slack)                                  \
	do {                                                          \
		unsigned got_ = (got), want_ = (want);                \
		if (got_ + (slack) < want_ || got_ > want_ + (slack)) \
			CHECK_EQ(got_, want_);                        \
	} while (0)

/* A domain whose vcpus all spin. */
static struct domain *hog(uint32_t weight, uint32_t cap, unsigned vcpus)
{
	unsigned first = nr_guests;
	struct domain *d = new_domain(weight, cap, vcpus);

	for (unsigned i = 0; i < vcpus; i++)
		vcpu_up(guests[first + i].v);
	return d;
}

/* And one that runs run_us, then sleeps. */
static struct guest *sleeper(uint32_t weight, uint64_t run_us, uint64_t sleep_us)
{
	struct guest *g = new_guest(weight, 0);

	g->run_ns = g->left_ns = run_us * 1000;
	g->sleep_ns = sleep_us * 1000;
	return g;
}

/* ---- what the tools call ---- */

static long set_share(struct domain *d, uint16_t weight, uint16_t cap)
{
	struct control_call c = { .caller = guests[0].v, .d = d };
	struct xen_domctl_scheduler_op op = { .sched_id = XEN_SCHEDULER_CREDIT2,
		                              .cmd = XEN_DOMCTL_SCHEDOP_putinfo };

	op.u.credit2.weight = weight;
	op.u.credit2.cap = cap;
	return domctl_scheduler_op(&c, &op);
}

static long set_ratelimit(uint32_t pool, uint32_t us)
{
	struct control_call c = { .caller = guests[0].v };
	struct xen_sysctl_scheduler_op op = { .cpupool_id = pool,
		                              .sched_id = XEN_SCHEDULER_CREDIT2,
		                              .cmd = XEN_SYSCTL_SCHEDOP_putinfo };

	op.u.sched_credit2.ratelimit_us = us;
	return sysctl_scheduler_op(&c, &op);
}

/* ---- shares ---- */

/* Two vcpus each, as a first domain and a guest that both compile something. */
static void weights_one_to_two(void)
{
	struct domain *a, *b;

	setup(2);
	a = hog(256, 0, 2);
	b = hog(512, 0, 2);
	measure();
	CHECK_NEAR(share_of(a), 667, 15);
	CHECK_NEAR(share_of(b), 1333, 15);
	/* the other way round, while they run */
	CHECK_EQ(set_share(a, 512, 0), 0);
	CHECK_EQ(set_share(b, 256, 0), 0);
	measure();
	CHECK_NEAR(share_of(a), 1333, 15);
	CHECK_NEAR(share_of(b), 667, 15);
	CHECK_EQ(set_share(a, 256, 0), 0);
	measure();
	CHECK_NEAR(share_of(a), 1000, 15);
	CHECK_NEAR(share_of(b), 1000, 15);
}

/* Neither does a first domain that spins keep many guests out, nor they it. */
static void nobody_is_kept_out(void)
{
	struct domain *dom0, *guest[6];

	setup(2);
	dom0 = hog(256, 0, 2);
	for (unsigned i = 0; i < 6; i++)
		guest[i] = hog(256, 0, 1);
	run_for(1 * S);
	measure();
	CHECK_NEAR(share_of(dom0), 500, 20);
	for (unsigned i = 0; i < 6; i++)
		CHECK_NEAR(share_of(guest[i]), 250, 20);
}

/* One CPU was idle for long: its own time has stood still, which must not make it keep to itself what comes there first. */
static void idle_cpu_joins(void)
{
	setup(2);
	hog(256, 0, 1);
	run_for(100 * S);
	hog(256, 0, 1);
	hog(256, 0, 1);
	run_for(1 * S);
	measure();
	for (unsigned i = 0; i < 3; i++)
		CHECK_NEAR(share_of(guests[i].d), 667, 20);
}

/* A cap lets the others in, and is one however many wait. */
static void cap_beside_others(void)
{
	struct domain *a, *b;

	setup(1);
	a = hog(512, 25, 1);
	b = hog(256, 0, 1);
	measure();
	CHECK_NEAR(share_of(a), 250, 5);
	CHECK_NEAR(share_of(b), 750, 5);
	setup(2);
	a = hog(256, 0, 2);
	b = hog(512, 25, 1);
	measure();
	CHECK_NEAR(share_of(b), 250, 5);
	CHECK_NEAR(share_of(a), 1750, 5);
	CHECK_EQ(set_share(b, 0, 80), 0);
	measure();
	CHECK_NEAR(share_of(b), 800, 15);
	CHECK_EQ(set_share(b, 0, 0), 0);
	measure();
	CHECK_NEAR(share_of(b), 1000, 20);
	CHECK_NEAR(share_of(a), 1000, 20);
}

/* The fault that this file found: a capped one comes back while another runs, and two more wait that are never looked at. */
static void everybody_runs_beside_a_capped_one(void)
{
	setup(1);
	hog(256, 0, 2);
	hog(512, 25, 1);
	for (unsigned n = 0; n < 500; n++) {
		measure_begin();
		run_for(100 * MS);
		for (unsigned i = 0; i < nr_guests; i++)
			CHECK(ran_ns(&guests[i]) > before[i]);
	}
}

/* ---- latency ---- */

/* A first domain that serves disks: short work, often, beside guests that spin. */
static void io_is_served_at_once(void)
{
	struct guest *io;

	setup(2);
	io = sleeper(256, 100, 1900);
	for (unsigned i = 0; i < 5; i++)
		hog(256, 0, 1);
	run_for(1 * S);
	measure();
	CHECK(io->runs > 4500);
	CHECK(io->worst_latency_ns <= SCHED_RATELIMIT_NS + 2000);
	for (unsigned i = 1; i < nr_guests; i++)
		CHECK_NEAR(share_of(guests[i].d), 390, 20);
	/* the limit is the tools' */
	CHECK_EQ(set_ratelimit(0, 100), 0);
	measure();
	CHECK(io->worst_latency_ns <= 100000 + 2000);
	CHECK_EQ(set_ratelimit(0, 5000), 0);
	measure();
	CHECK(io->worst_latency_ns > 2 * MS);
	CHECK(io->worst_latency_ns <= 5 * MS + 2000);
}

/* Who asks for more than its share waits like the others, but not longer. */
static void greedy_io(void)
{
	struct guest *io;

	setup(2);
	io = sleeper(256, 3000, 1000);
	for (unsigned i = 0; i < 5; i++)
		hog(256, 0, 1);
	run_for(1 * S);
	measure();
	CHECK_NEAR(share_of(io->d), 333, 30);
	CHECK(io->worst_latency_ns <= 60 * MS);
}

/* ---- places ---- */

/* The tools give guests a CPU of their own: neither side touches the other's. */
static void pools_keep_apart(void)
{
	struct domain *dom0, *a, *b;
	uint32_t id = CPUPOOL_ANY;

	setup(2);
	dom0 = hog(256, 0, 2);
	a = hog(256, 0, 1);
	b = hog(512, 0, 1);
	run_for(1 * S);
	CHECK_EQ(cpupool_create(&id), 0);
	CHECK_EQ(cpupool_remove_cpu(0, 1), 0);
	CHECK_EQ(cpupool_add_cpu(id, 1), 0);
	CHECK_EQ(cpupool_move_domain(a, id), 0);
	CHECK_EQ(cpupool_move_domain(b, id), 0);
	run_for(1 * S);
	measure();
	CHECK_NEAR(share_of(dom0), 1000, 5);
	CHECK_NEAR(share_of(a), 333, 15);
	CHECK_NEAR(share_of(b), 667, 15);
	CHECK_EQ(set_ratelimit(id, 200), 0);
	CHECK_EQ(percpu_of(1)->run_queue.ratelimit_ns, 200000);
	CHECK_EQ(percpu_of(0)->run_queue.ratelimit_ns, SCHED_RATELIMIT_NS);
	/* back together */
	CHECK_EQ(cpupool_move_domain(a, 0), 0);
	CHECK_EQ(cpupool_move_domain(b, 0), 0);
	CHECK_EQ(cpupool_remove_cpu(id, 1), 0);
	CHECK_EQ(cpupool_destroy(id), 0);
	CHECK_EQ(cpupool_add_cpu(0, 1), 0);
	run_for(1 * S);
	measure();
	CHECK_NEAR(share_of(dom0), 800, 20);
	CHECK_NEAR(share_of(a), 400, 20);
	CHECK_NEAR(share_of(b), 800, 20);
}

/* Preferred CPUs are taken where they are free; busy ones keep nobody waiting. */
static void soft_affinity_is_a_wish(void)
{
	struct cpu_mask all, second = { .bits = { 2 } };
	unsigned on_second = 0;
	struct guest *io;

	bitmap_fill(all.bits, MAX_CPUS);
	setup(2);
	io = sleeper(256, 200, 800);
	CHECK_EQ(sched_set_affinity(&io->v->sched, &all, &second), 0);
	run_for(10 * MS);
	for (unsigned n = 0; n < 1000; n++) {
		run_for(1 * MS);
		on_second += io->v->sched.cpu == 1;
	}
	CHECK(on_second > 990);
	hog(256, 0, 1);
	pin(&guests[1], 1);
	measure();
	CHECK(io->worst_latency_ns <= SCHED_RATELIMIT_NS + 2000);
	CHECK_NEAR(share_of(guests[1].d), 1000, 10);
}

UNIT_MAIN(UNIT(weights_one_to_two), UNIT(nobody_is_kept_out), UNIT(idle_cpu_joins),
          UNIT(cap_beside_others), UNIT(everybody_runs_beside_a_capped_one),
          UNIT(io_is_served_at_once), UNIT(greedy_io), UNIT(pools_keep_apart),
          UNIT(soft_affinity_is_a_wish))
