/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "fake_domain.h"
#include "hypercall.h"
#include "machine_fake.h"
#include "unit.h"
#include "virt_script.h"

#include <xen/errno.h>

#include <xen/vcpu.h>

#define MS  1000000ull
#define OUT (FIXTURE_DATA + 0x1000)

static struct domain *d;
static struct vcpu *v;

static void setup(void)
{
	fake_core_init(MIB(64), 2);
	d = fixture_domain(false, 2);
	CHECK_EQ(domain_start(d), 0);
	v = d->vcpus[0];
	fixture_run(v);
}

/* The guest's own arithmetic, from the comment in xen/xen.h. */
static uint64_t guest_clock(const struct vcpu_time_info *t, uint64_t tsc)
{
	uint64_t delta = tsc - t->tsc_timestamp;

	delta = t->tsc_shift >= 0 ? delta << t->tsc_shift : delta >> -t->tsc_shift;
	return t->system_time + (uint64_t)((unsigned __int128)delta * t->tsc_to_system_mul >> 32);
}

static void clock_is_right(void)
{
	struct vcpu_time_info t;

	setup();
	v->tsc_offset = 0x123456789;
	fixture_advance(77 * MS);
	vcpu_time_update(v);
	memcpy(&t, v->info + 32, sizeof(t));
	CHECK(t.version && !(t.version & 1));
	CHECK_EQ(t.flags, XEN_PVCLOCK_TSC_STABLE_BIT);
	CHECK_EQ(t.tsc_timestamp, machine_tsc() + v->tsc_offset);
	CHECK_EQ(t.system_time, machine_now_ns());
	fixture_advance(500 * MS + 3);
	CHECK_EQ(guest_clock(&t, machine_tsc() + v->tsc_offset), machine_now_ns());
	/* A domain whose time began later. */
	d->time_offset_ns = 100 * MS;
	vcpu_time_update(v);
	memcpy(&t, v->info + 32, sizeof(t));
	CHECK_EQ(t.system_time, machine_now_ns() - 100 * MS);
	CHECK_EQ(domain_now_ns(d), t.system_time);
	fixture_end(d);
}

static void version_goes_by_two(void)
{
	uint32_t before, after;

	setup();
	vcpu_time_update(v);
	memcpy(&before, v->info + 32, 4);
	vcpu_time_update(v);
	memcpy(&after, v->info + 32, 4);
	CHECK_EQ(after, before + 2);
	/* An odd one that the guest left there is mended. */
	after++;
	memcpy(v->info + 32, &after, 4);
	vcpu_time_update(v);
	memcpy(&before, v->info + 32, 4);
	CHECK_EQ(before, after + 1);
	fixture_end(d);
}

static void copy_follows(void)
{
	struct vcpu_time_info t;

	setup();
	v->time.time_linear = OUT + PAGE_SIZE - 10;
	v->time.time_registered = true;
	fixture_advance(3 * MS);
	guest_walk_cache_reset(&v->walk);
	vcpu_time_update(v);
	CHECK_EQ(copy_from_guest(v, &t, OUT + PAGE_SIZE - 10, sizeof(t)), 0);
	CHECK_EQ(t.system_time, machine_now_ns());
	CHECK(t.version && !(t.version & 1));
	/* Not in its context: asked for instead. */
	v->requests = 0;
	sched_pause(&v->sched);
	fixture_settle();
	vcpu_time_update(v);
	CHECK(v->requests & VCPU_REQ_TIME);
	sched_unpause(&v->sched);
	fixture_run(v);
	/* Nowhere: no harm. */
	v->time.time_linear = 0xdead0000;
	vcpu_time_update(v);
	fixture_end(d);
}

static void runstate_area(void)
{
	struct vcpu_runstate_info r;
	uint64_t sum = 0;

	setup();
	v->time.runstate_linear = OUT;
	v->time.runstate_registered = true;
	fixture_advance(11 * MS);
	guest_walk_cache_reset(&v->walk);
	vcpu_runstate_update(v);
	memcpy(&r, fixture_at(d, OUT), sizeof(r));
	CHECK_EQ(r.state, RUNSTATE_running);
	for (unsigned i = 0; i < 4; i++)
		sum += r.time[i];
	CHECK_EQ(sum, machine_now_ns());
	CHECK(!(r.state_entry_time & XEN_RUNSTATE_UPDATE));
	/* With the update flag: it is off again at the end, in both layouts. */
	d->vm_assist |= 1u << VMASST_TYPE_runstate_update_flag;
	fixture_advance(1 * MS);
	guest_walk_cache_reset(&v->walk);
	vcpu_runstate_update(v);
	memcpy(&r, fixture_at(d, OUT), sizeof(r));
	CHECK(!(r.state_entry_time & XEN_RUNSTATE_UPDATE));
	CHECK_EQ(r.time[0] + r.time[1] + r.time[2] + r.time[3], sum + MS);
	v->time.runstate_compat = true;
	memset(fixture_at(d, OUT), 0xee, 64);
	guest_walk_cache_reset(&v->walk);
	vcpu_runstate_update(v);
	CHECK_EQ(*fixture_at(d, OUT + 44), 0xee);
	memcpy(&sum, fixture_at(d, OUT + 4), 8);
	CHECK_EQ(sum, r.state_entry_time);
	memcpy(&sum, fixture_at(d, OUT + 12), 8);
	CHECK_EQ(sum, r.time[0]);
	fixture_end(d);
}

/* A page that ends before the area does: the flag is seen while the rest cannot be written, and nothing else happens. */
static void runstate_cut_short(void)
{
	uint64_t entry, at = FIXTURE_PAGES * PAGE_SIZE - 16;

	setup();
	d->vm_assist |= 1u << VMASST_TYPE_runstate_update_flag;
	v->time.runstate_linear = at;
	v->time.runstate_registered = true;
	vcpu_runstate_update(v);
	memcpy(&entry, fixture_at(d, at + 8), 8);
	CHECK(entry & XEN_RUNSTATE_UPDATE);
	fixture_end(d);
}

/* Each time that it gets a CPU after others had it. */
static void asked_for_when_scheduled(void)
{
	struct cpu_mask one = { .bits = { 1 } };

	setup();
	CHECK_EQ(sched_set_affinity(&v->sched, &one, NULL), 0);
	CHECK_EQ(sched_set_affinity(&d->vcpus[1]->sched, &one, NULL), 0);
	fixture_run(d->vcpus[1]);
	v->time.runstate_registered = true;
	v->requests = 0;
	fixture_run(v);
	CHECK(v->requests & VCPU_REQ_TIME);
	fixture_run(d->vcpus[1]);
	v->time.runstate_registered = false;
	v->requests = 0;
	fixture_run(v);
	CHECK(!(v->requests & VCPU_REQ_TIME));
	fixture_end(d);
}

/* On another CPU its timers come along and pvclock is written anew. */
static void follows_to_another_cpu(void)
{
	struct cpu_mask two = { .bits = { 2 } };

	setup();
	timer_set(&v->singleshot, 999 * MS);
	v->requests = 0;
	CHECK_EQ(v->singleshot.cpu, v->sched.cpu);
	if (v->sched.cpu == 1)
		two.bits[0] = 1;
	CHECK_EQ(sched_set_affinity(&v->sched, &two, NULL), 0);
	fixture_settle();
	CHECK_EQ(v->sched.cpu, two.bits[0] == 2 ? 1 : 0);
	CHECK_EQ(v->singleshot.cpu, v->sched.cpu);
	CHECK_EQ(v->lapic.timer.cpu, v->sched.cpu);
	CHECK(timer_is_set(&v->singleshot));
	CHECK(v->requests & VCPU_REQ_TIME);
	fixture_end(d);
}

static void wallclock_of_all_widths(void)
{
	const uint32_t *w;

	setup();
	w = (const uint32_t *)((uint8_t *)d->shared_info + 0xc00);
	machine_set_wallclock_ns(0x1ffffffffull * 1000000000 + 999999999);
	d->time_offset_ns = 2;
	domain_wallclock_update(d);
	CHECK_EQ(w[0] & 1, 0);
	CHECK_EQ(w[1], 0);
	CHECK_EQ(w[2], 1);
	CHECK_EQ(w[3], 2);
	fixture_end(d);
}

UNIT_MAIN(UNIT(clock_is_right), UNIT(version_goes_by_two), UNIT(copy_follows), UNIT(runstate_area),
          UNIT(runstate_cut_short), UNIT(asked_for_when_scheduled), UNIT(follows_to_another_cpu),
          UNIT(wallclock_of_all_widths))
