/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The scheduler: shares, caps, affinity, wake-ups and what else units may do, each by itself. */
#include "sched_sim.h"

#include <xen/errno.h>

static void weights_on_one_cpu(void)
{
	static const uint32_t weights[] = { 64, 128, 256, 512, 1024 };

	setup(1);
	for (unsigned i = 0; i < ARRAY_LEN(weights); i++)
		new_guest(weights[i], 0);
	run_for(10 * S);
	for (unsigned i = 0; i < ARRAY_LEN(weights); i++)
		CHECK_SHARE(&guests[i], 0, 10 * S, weights[i] * 1000 / 1984, 20);
}

/* Shares that two CPUs can give exactly. */
static void weights_on_two_cpus(void)
{
	static const uint32_t weights[] = { 256, 256, 512, 1024, 512, 256, 256 };
	unsigned sum = 0;

	setup(2);
	for (unsigned i = 0; i < ARRAY_LEN(weights); i++) {
		sum += weights[i];
		new_guest(weights[i], 0);
	}
	run_for(10 * S);
	for (unsigned i = 0; i < ARRAY_LEN(weights); i++)
		CHECK_SHARE(&guests[i], 0, 10 * S, weights[i] * 2000 / sum, 20);
}

static void three_equals_on_two_cpus(void)
{
	setup(2);
	for (unsigned i = 0; i < 3; i++)
		new_guest(256, 0);
	run_for(10 * S);
	for (unsigned i = 0; i < 3; i++)
		CHECK_SHARE(&guests[i], 0, 10 * S, 666, 20);
}

/* One asks for more than a CPU has: it gets one, the rest share the other. */
static void infeasible_weight(void)
{
	setup(2);
	new_guest(60000, 0);
	new_guest(256, 0);
	new_guest(256, 0);
	run_for(10 * S);
	CHECK_SHARE(&guests[0], 0, 10 * S, 1000, 20);
	CHECK_SHARE(&guests[1], 0, 10 * S, 500, 20);
	CHECK_SHARE(&guests[2], 0, 10 * S, 500, 20);
}

static void caps_hold(void)
{
	setup(2);
	new_guest(256, 25);
	new_guest(256, 50);
	new_guest(65535, 10);
	run_for(10 * S);
	CHECK_SHARE(&guests[0], 0, 10 * S, 250, 5);
	CHECK_SHARE(&guests[1], 0, 10 * S, 500, 5);
	CHECK_SHARE(&guests[2], 0, 10 * S, 100, 5);
	/* A cap is a domain's, not a vcpu's. */
	setup(2);
	new_domain(256, 50, 2);
	vcpu_up(guests[0].v);
	vcpu_up(guests[1].v);
	run_for(10 * S);
	CHECK_SHARE(&guests[0], 0, 10 * S, 500 - ran_ns(&guests[1]) * 1000 / (10 * S), 10);
	/* Lifted: both have a CPU each. */
	CHECK_EQ(sched_share_set(&guests[0].d->share, 256, 0), 0);
	run_for(100 * MS);
	for (unsigned i = 0; i < 2; i++) {
		uint64_t before = ran_ns(&guests[i]);

		run_for(1 * S);
		CHECK_SHARE(&guests[i], before, 1 * S, 1000, 10);
	}
}

static void share_limits(void)
{
	struct sched_share s = { .weight = 0 };

	setup(1);
	CHECK_EQ(sched_share_set(&s, 0, 0), -XEN_EINVAL);
	CHECK_EQ(sched_share_set(&s, 65536, 0), -XEN_EINVAL);
	CHECK_EQ(sched_share_set(&s, 1, 100 * MAX_CPUS + 1), -XEN_EINVAL);
	CHECK_EQ(sched_share_set(&s, 65535, 6400), 0);
}

static void affinity_is_kept(void)
{
	setup(4);
	for (unsigned i = 0; i < 6; i++)
		new_guest(256, 0);
	pin(&guests[0], 3);
	pin(&guests[1], 3);
	pin(&guests[2], 0);
	for (unsigned n = 0; n < 500; n++) {
		run_for(10 * MS);
		for (unsigned i = 0; i < 6; i++) {
			struct sched_unit *u = &guests[i].v->sched;

			if (u->running)
				CHECK(bitmap_test(u->hard_affinity.bits, u->cpu));
		}
		CHECK(!guests[0].v->sched.running || guests[0].v->sched.cpu == 3);
		CHECK(!guests[2].v->sched.running || guests[2].v->sched.cpu == 0);
		if (n == 250)
			pin(&guests[5], 2);
		if (n == 300) {
			struct cpu_mask none = { .bits = { 0 } };

			none.bits[0] = ~0xfull;
			CHECK_EQ(sched_set_affinity(&guests[5].v->sched, &none, NULL), -XEN_EINVAL);
		}
		if (n > 250)
			CHECK(!guests[5].v->sched.running || guests[5].v->sched.cpu == 2);
	}
	for (unsigned i = 0; i < 6; i++)
		CHECK(ran_ns(&guests[i]) > 1 * S);
}

/* Sleepers that want little get it at once, however many spin; and the spinners still share the rest. */
static void wakes_fast(void)
{
	setup(2);
	for (unsigned i = 0; i < 6; i++)
		new_guest(256, 0);
	guests[0].run_ns = guests[1].run_ns = 200000;
	guests[0].left_ns = guests[1].left_ns = 200000;
	guests[0].sleep_ns = guests[1].sleep_ns = 7 * MS;
	/* At first all are equal: who has never run goes before them. */
	run_for(100 * MS);
	guests[0].worst_latency_ns = guests[1].worst_latency_ns = 0;
	run_for(10 * S - 100 * MS);
	for (unsigned i = 0; i < 2; i++) {
		CHECK(guests[i].runs > 1300);
		CHECK(guests[i].worst_latency_ns <= SCHED_RATELIMIT_NS + 2000);
	}
	for (unsigned i = 2; i < 6; i++)
		CHECK_SHARE(&guests[i], 0, 10 * S, 486, 20);
}

/* A sleeper's credit is bounded: after an hour of sleep it does not keep the others out. */
static void sleep_gives_bounded_credit(void)
{
	uint64_t before[3];

	setup(1);
	for (unsigned i = 0; i < 3; i++)
		new_guest(256, 0);
	guests[0].run_ns = guests[0].left_ns = 1000;
	guests[0].sleep_ns = 3600 * S;
	run_for(100 * S);
	guests[0].run_ns = 0;
	guests[0].wake_at = machine_now_ns();
	for (unsigned i = 0; i < 3; i++)
		before[i] = ran_ns(&guests[i]);
	run_for(600 * MS);
	for (unsigned i = 0; i < 3; i++)
		CHECK_SHARE(&guests[i], before[i], 600 * MS, 333, 50);
}

static void nobody_starves(void)
{
	uint64_t worst[MAX_GUESTS] = { 0 };

	setup(2);
	for (unsigned i = 0; i < 12; i++)
		new_guest(i ? 256 : 4096, 0);
	for (unsigned i = 4; i < 12; i++) {
		guests[i].run_ns = guests[i].left_ns = i * MS / 3;
		guests[i].sleep_ns = i * MS / 5;
	}
	guests[1].yields = true;
	for (unsigned n = 0; n < 2000; n++) {
		run_for(5 * MS);
		for (unsigned i = 0; i < 12; i++)
			if (guests[i].v->sched.state != SCHED_BLOCKED)
				worst[i] = MAX(worst[i], machine_now_ns() - guests[i].last_seen_ns);
	}
	for (unsigned i = 0; i < 12; i++)
		CHECK(worst[i] < 500 * MS);
}

static void idle_cpus_steal(void)
{
	setup(4);
	for (unsigned i = 0; i < 4; i++) {
		new_guest(256, 0);
		pin(&guests[i], 0);
	}
	run_for(50 * MS);
	for (unsigned i = 0; i < 4; i++) {
		struct cpu_mask all;

		bitmap_fill(all.bits, MAX_CPUS);
		CHECK_EQ(sched_set_affinity(&guests[i].v->sched, &all, NULL), 0);
	}
	run_for(50 * MS);
	for (unsigned i = 0; i < 4; i++)
		CHECK(guests[i].v->sched.running);
	/* One sleeps: its CPU takes a fifth one up at once. */
	new_guest(256, 0);
	run_for(1 * MS);
	fake_set_cpu(2);
	sched_block_prepare(&percpu()->current->sched);
	sched_block(&percpu()->current->sched);
	settle();
	for (unsigned cpu = 0; cpu < 4; cpu++)
		CHECK(percpu_of(cpu)->current);
}

/* The state stays in an idle CPU and costs nothing when its vcpu comes back; others get it when they must. */
static void lazy_unload(void)
{
	struct guest *g;
	unsigned cpu, loads;

	setup(2);
	g = new_guest(256, 0);
	run_for(1 * MS);
	cpu = g->v->sched.cpu;
	loads = script_of(g->v)->nr_loads;
	for (unsigned i = 0; i < 5; i++) {
		fake_set_cpu(cpu);
		sched_block_prepare(&g->v->sched);
		sched_block(&g->v->sched);
		settle();
		CHECK(!percpu_of(cpu)->current);
		CHECK(percpu_of(cpu)->loaded == g->v);
		fake_set_cpu(!cpu);
		sched_wake(&g->v->sched);
		settle();
		CHECK(percpu_of(cpu)->current == g->v);
	}
	CHECK_EQ(script_of(g->v)->nr_loads, loads);
	/* Pinned elsewhere while it sleeps and while it runs. */
	fake_set_cpu(cpu);
	sched_block_prepare(&g->v->sched);
	sched_block(&g->v->sched);
	settle();
	pin(g, !cpu);
	settle();
	CHECK(!percpu_of(cpu)->loaded);
	sched_wake(&g->v->sched);
	settle();
	CHECK(percpu_of(!cpu)->current == g->v);
	pin(g, cpu);
	settle();
	CHECK(percpu_of(cpu)->current == g->v);
	/* Stopped: nothing of it stays. */
	sched_unit_stop(&g->v->sched);
	settle();
	CHECK(!percpu_of(cpu)->loaded);
	CHECK(sched_is_off(&g->v->sched));
}

static void wake_is_not_lost(void)
{
	struct guest *g;
	struct sched_unit *u;

	setup(1);
	g = new_guest(256, 0);
	u = &g->v->sched;
	run_for(1 * MS);
	sched_block_prepare(u);
	sched_wake(u);
	sched_block(u);
	CHECK(!u->blocked);
	settle();
	CHECK(percpu()->current == g->v);
	/* An old wake-up does not count. */
	sched_wake(u);
	sched_block_prepare(u);
	sched_block(u);
	settle();
	CHECK(!percpu()->current);
	/* Woken after it decided to block, before the CPU has switched. */
	sched_wake(u);
	settle();
	sched_block_prepare(u);
	sched_block(u);
	sched_wake(u);
	settle();
	CHECK(percpu()->current == g->v);
}

static void pauses_nest(void)
{
	struct guest *g;
	struct sched_unit *u;

	setup(2);
	g = new_guest(256, 0);
	u = &g->v->sched;
	run_for(1 * MS);
	sched_pause(u);
	sched_pause(u);
	settle();
	CHECK(!u->running);
	CHECK(sched_is_off(u));
	CHECK_EQ(u->state, SCHED_OFFLINE);
	sched_wake(u);
	sched_unpause(u);
	settle();
	CHECK(!u->running);
	sched_unpause(u);
	settle();
	CHECK(u->running);
	/* Blocked while paused is blocked for the guest's accounts. */
	fake_set_cpu(u->cpu);
	sched_block_prepare(u);
	sched_block(u);
	settle();
	sched_pause(u);
	settle();
	CHECK_EQ(u->state, SCHED_BLOCKED);
	CHECK(sched_is_off(u));
	sched_wake(u);
	CHECK_EQ(u->state, SCHED_OFFLINE);
	sched_unpause(u);
	settle();
	CHECK(u->running);
}

static unsigned kicked;
static void other_side(unsigned cpu)
{
	unsigned self = percpu()->cpu;

	kicked++;
	fake_set_cpu(cpu);
	if (atomic_exchange(&percpu()->pending, 0) & PENDING_SCHED)
		sched_run();
	fake_set_cpu(self);
}

static void pause_wait_asks_the_other_cpu(void)
{
	struct guest *g;

	setup(2);
	g = new_guest(256, 0);
	pin(g, 1);
	run_for(1 * MS);
	CHECK(percpu_of(1)->current == g->v);
	fake_set_cpu(0);
	kicked = 0;
	fake_on_kick = NULL;
	sched_pause(&g->v->sched);
	percpu_of(1)->pending = 0;
	fake_on_kick = other_side;
	sched_pause_wait(&g->v->sched);
	CHECK(kicked >= 1);
	CHECK(!percpu_of(1)->loaded);
	fake_on_kick = NULL;
	sched_unpause(&g->v->sched);
	settle();
	CHECK(percpu_of(1)->current == g->v);
}

static void yield_lets_others_in(void)
{
	struct vcpu *seen[6];

	setup(1);
	for (unsigned i = 0; i < 3; i++)
		new_guest(256, 0);
	run_for(100 * MS);
	for (unsigned i = 0; i < 6; i++) {
		seen[i] = percpu()->current;
		sched_unit_yield(&percpu()->current->sched);
		settle();
		CHECK(percpu()->current != seen[i]);
		fake_advance(5000);
	}
	for (unsigned i = 0; i < 3; i++) {
		unsigned n = 0;

		for (unsigned j = 0; j < 6; j++)
			n += seen[j] == guests[i].v;
		CHECK_EQ(n, 2);
	}
	/* Alone, it simply goes on. */
	sched_unit_stop(&guests[1].v->sched);
	sched_unit_stop(&guests[2].v->sched);
	settle();
	sched_unit_yield(&guests[0].v->sched);
	settle();
	CHECK(percpu()->current == guests[0].v);
}

static void times_add_up(void)
{
	struct sched_times t;
	uint64_t sum;

	setup(1);
	for (unsigned i = 0; i < 3; i++)
		new_guest(256, 0);
	guests[0].run_ns = guests[0].left_ns = 3 * MS;
	guests[0].sleep_ns = 5 * MS;
	run_for(333 * MS);
	for (unsigned i = 0; i < 3; i++) {
		sched_times_get(&guests[i].v->sched, &t);
		sum = 0;
		for (unsigned s = 0; s < 4; s++)
			sum += t.time_in[s];
		CHECK_EQ(sum, machine_now_ns());
		CHECK(t.time_in[SCHED_RUNNING] > 10 * MS && t.time_in[SCHED_RUNNABLE] > 10 * MS);
		CHECK_EQ(t.time_in[SCHED_BLOCKED] > 10 * MS, i == 0);
	}
}

/* One that sleeps or is paused is where it was pinned, without having run there. */
static void sleepers_follow_their_mask(void)
{
	struct guest *sleeper, *paused;

	setup(4);
	sleeper = new_guest(256, 0);
	paused = new_guest(256, 0);
	run_for(10 * MS);
	sched_block(&sleeper->v->sched);
	sched_pause(&paused->v->sched);
	settle();
	for (unsigned cpu = 0; cpu < 4; cpu++) {
		uint64_t ran = ran_ns(sleeper);

		pin(sleeper, cpu);
		pin(paused, 3 - cpu);
		settle();
		CHECK_EQ(sleeper->v->sched.cpu, cpu);
		CHECK_EQ(paused->v->sched.cpu, 3 - cpu);
		CHECK_EQ(ran_ns(sleeper), ran);
	}
	/* Nobody's idle CPU was claimed for it. */
	for (unsigned cpu = 0; cpu < 4; cpu++)
		CHECK(bitmap_test(sched_idle.bits, cpu));
	sched_wake(&sleeper->v->sched);
	sched_unpause(&paused->v->sched);
	run_for(10 * MS);
	CHECK_EQ(sleeper->v->sched.cpu, 3);
	CHECK_EQ(paused->v->sched.cpu, 0);
	CHECK(ran_ns(sleeper) > 0);
}

/* Everything at once, at random; the checks are in settle(), in the sanitizers and in the scripted backend (no state in two CPUs). */
static void storm(void)
{
	setup(4);
	for (unsigned i = 0; i < 24; i++) {
		new_guest(1 + (uint32_t)(machine_random() % 1000), i % 5 ? 0 : 30);
		if (i % 3 == 0) {
			guests[i].run_ns = guests[i].left_ns = 1 + machine_random() % (3 * MS);
			guests[i].sleep_ns = machine_random() % (3 * MS);
		}
	}
	for (unsigned n = 0; n < 4000; n++) {
		struct guest *g = &guests[machine_random() % nr_guests];
		struct sched_unit *u = &g->v->sched;
		struct cpu_mask m = { .bits = { machine_random() & 15 } };

		fake_set_cpu((unsigned)(machine_random() % 4));
		switch (machine_random() % 8) {
		case 0: sched_unit_stop(u); break;
		case 1: sched_unit_start(u); break;
		case 2:
			sched_pause(u);
			if (machine_random() % 2)
				settle();
			sched_unpause(u);
			break;
		case 3: sched_wake(u); break;
		case 4:
			CHECK_EQ(sched_set_affinity(u, &m, NULL), m.bits[0] ? 0 : -XEN_EINVAL);
			break;
		case 5:
			if (percpu()->current)
				sched_unit_yield(&percpu()->current->sched);
			break;
		default: sched_unit_start(u); break;
		}
		run_for(machine_random() % MS);
	}
	for (unsigned i = 0; i < nr_guests; i++) {
		struct cpu_mask all;

		bitmap_fill(all.bits, MAX_CPUS);
		CHECK_EQ(sched_set_affinity(&guests[i].v->sched, &all, NULL), 0);
		sched_unit_start(&guests[i].v->sched);
		guests[i].run_ns = 0;
		sched_wake(&guests[i].v->sched);
	}
	for (unsigned i = 0; i < nr_guests; i++)
		guests[i].left_ns = ran_ns(&guests[i]);
	run_for(60 * S);
	for (unsigned i = 0; i < nr_guests; i++)
		CHECK(ran_ns(&guests[i]) > guests[i].left_ns);
}

/* What a CPU does with a time that it read before it waited for a lock whose holder has read a later one. */
static void old_times_do_no_harm(void)
{
	struct sched_share s = { .weight = 256 };
	struct guest *g;
	uint64_t refill;

	setup(1);
	CHECK_EQ(sched_share_set(&s, 256, 50), 0);
	fake_advance(25 * MS);
	CHECK_EQ(share_budget(&s, machine_now_ns(), &refill), 5 * MS);
	s.budget_ns = -3;
	CHECK_EQ(share_budget(&s, s.period_ns - 100, &refill), -3);
	CHECK_EQ(share_budget(&s, s.period_ns + 100, &refill), -3);
	g = new_guest(256, 0);
	CHECK_EQ(g->v->sched.state, SCHED_RUNNABLE);
	g->v->sched.state_since_ns += 100;
	settle();
	CHECK_EQ(g->v->sched.state, SCHED_RUNNING);
	CHECK_EQ(g->v->sched.time_in[SCHED_RUNNABLE], 0);
	fake_advance(1000);
	CHECK_EQ(sched_time_in(&g->v->sched, SCHED_RUNNING, machine_now_ns()), 900);
}

static void all_goes(void)
{
	cleanup();
	CHECK(!domain_next(0));
	for (unsigned cpu = 0; cpu < nr_cpus; cpu++)
		CHECK(!percpu_of(cpu)->loaded);
}

UNIT_MAIN(UNIT(weights_on_one_cpu), UNIT(weights_on_two_cpus), UNIT(three_equals_on_two_cpus),
          UNIT(infeasible_weight), UNIT(caps_hold), UNIT(share_limits), UNIT(affinity_is_kept),
          UNIT(sleepers_follow_their_mask), UNIT(wakes_fast), UNIT(sleep_gives_bounded_credit),
          UNIT(nobody_starves), UNIT(idle_cpus_steal), UNIT(lazy_unload), UNIT(wake_is_not_lost),
          UNIT(pauses_nest), UNIT(pause_wait_asks_the_other_cpu), UNIT(yield_lets_others_in),
          UNIT(times_add_up), UNIT(storm), UNIT(old_times_do_no_harm), UNIT(all_goes))
