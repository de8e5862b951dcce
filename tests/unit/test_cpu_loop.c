/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen/core/cpu_loop.c and percpu.c: rounds of a CPU's loop, and how others make it look up. */
#include <string.h>

#include "fake_domain.h"
#include "hypercall.h"
#include "machine_fake.h"
#include "unit.h"
#include "virt_script.h"

#include <xen/errno.h>

static unsigned fired;

static void timer_fn(struct timer *t)
{
	fired++;
}

static bool work_fn(struct work *w)
{
	return ++fired < 3;
}

static void idle_cpu(void)
{
	fake_core_init(0, 1);
	CHECK(!cpu_loop_once());
	CHECK_EQ(percpu()->nr_exits, 0);
}

static void pending_work_comes_first(void)
{
	static struct timer timer;
	static struct work work = { .fn = work_fn };

	fake_core_init(0, 1);
	fired = 0;
	CHECK_EQ(timer_init(&timer, timer_fn, 0), 0);
	timer_set(&timer, 1000);
	CHECK(!cpu_loop_once());
	CHECK_EQ(fired, 0);
	fake_set_now(1000);
	CHECK(percpu()->pending & PENDING_TIMER);
	CHECK(!cpu_loop_once());
	CHECK_EQ(fired, 1);
	CHECK(!(percpu()->pending & PENDING_TIMER));

	/* A piece a round, and the machine asks for the next. */
	fired = 0;
	work_queue(&work);
	for (unsigned i = 0; i < 100 && fired < 3; i++) {
		cpu_loop_once();
		fake_advance(1000000);
	}
	CHECK_EQ(fired, 3);
}

static void play_cpuid(struct vcpu *v, void *arg)
{
	v->regs.r[GPR_RAX] = 0x40000000;
	v->regs.rip = 0x100;
}

static struct vcpu *vcpu_that_runs(void)
{
	struct domain *d;
	struct vcpu *v;

	fake_core_init(0, 1);
	d = fixture_domain(false, 1);
	v = d->vcpus[0];
	CHECK_EQ(domain_start(d), 0);
	vcpu_up(v);
	for (unsigned i = 0; i < 10 && percpu()->current != v; i++) {
		cpu_loop_once();
		fake_advance(1000);
	}
	CHECK(percpu()->current == v);
	return v;
}

/* Entered, came back with an exit, and the exit was served. */
static void a_round_is_an_exit(void)
{
	struct vcpu *v = vcpu_that_runs();
	struct script_step step = { .exit = { .kind = EXIT_CPUID, .insn_len = 2 },
		                    .fn = play_cpuid };
	uint64_t exits = percpu()->nr_exits;
	unsigned entries = script_of(v)->nr_entries;

	percpu()->pending = 0;
	script_push(v, &step);
	CHECK(cpu_loop_once());
	CHECK_EQ(percpu()->nr_exits, exits + 1);
	CHECK_EQ(script_of(v)->nr_entries, entries + 1);
	CHECK_EQ(v->regs.rip, 0x102);
	CHECK_EQ(v->regs.r[GPR_RBX], 0x566e6558); /* "XenV" */
}

/* What waits for the vcpu is looked at before entry; one that cannot go on leaves the CPU. */
static void a_vcpu_that_cannot_run(void)
{
	struct vcpu *v = vcpu_that_runs();
	struct vcpu_exit halt = { .kind = EXIT_HALT, .insn_len = 1 };
	unsigned entries;

	v->regs.rflags |= RFLAGS_IF;
	percpu()->pending = 0;
	script_push_exit(v, &halt);
	CHECK(cpu_loop_once());
	CHECK(v->halted);
	while (percpu()->pending)
		cpu_loop_once();
	CHECK(!percpu()->current);
	entries = script_of(v)->nr_entries;
	CHECK(!cpu_loop_once());
	CHECK_EQ(script_of(v)->nr_entries, entries);

	vcpu_request(v, VCPU_REQ_NMI);
	for (unsigned i = 0; i < 10 && script_of(v)->nr_entries == entries; i++)
		cpu_loop_once();
	CHECK_EQ(script_of(v)->nr_entries, entries + 1);
	CHECK_EQ(script_of(v)->delivered[script_of(v)->nr_delivered - 1].type, EVENT_NMI);
	CHECK(!v->halted);
}

/* Who sets the bit first kicks, once; the own CPU needs no kick. */
static void raise_and_kick(void)
{
	fake_core_init(0, 2);
	percpu_of(1)->pending = 0;
	percpu_raise(1, PENDING_SCHED);
	percpu_raise(1, PENDING_SCHED);
	CHECK_EQ(fake_counts.kicks[1], 1);
	percpu_raise(1, PENDING_VCPU);
	CHECK_EQ(fake_counts.kicks[1], 2);
	CHECK_EQ(percpu_of(1)->pending, PENDING_SCHED | PENDING_VCPU);
	percpu_raise(0, PENDING_WORK);
	CHECK_EQ(fake_counts.kicks[0], 0);
	CHECK(percpu_of(0)->pending & PENDING_WORK);
}

UNIT_MAIN(UNIT(idle_cpu), UNIT(pending_work_comes_first), UNIT(a_round_is_an_exit),
          UNIT(a_vcpu_that_cannot_run), UNIT(raise_and_kick))
