/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A domain with some memory for tests of calls: 64 pages from gpa 0, page tables that map the first 2 MiB to themselves for 64-bit vcpus. */
#ifndef TESTS_DOMAIN_FIXTURE_H
#define TESTS_DOMAIN_FIXTURE_H

#include <string.h>

#include "unit.h"
#include "domain.h"
#include "hypercall.h"
#include "machine_fake.h"
#include "virt_script.h"

#include <xen/errno.h>
#include <xen/xen.h>

#define FIXTURE_PAGES 64
#define FIXTURE_CR3   0x1000u /* tables: pages 1 to 3 */
#define FIXTURE_DATA  0x8000u /* pages for arguments from here */

static inline uint8_t *fixture_at(struct domain *d, uint64_t at)
{
	struct p2m_entry e = p2m_lookup(&d->p2m, gfn(at >> PAGE_SHIFT));

	CHECK(p2m_type_is_page(e.type));
	return (uint8_t *)mfn_to_virt(e.mfn) + (at & (PAGE_SIZE - 1));
}

static inline void fixture_write(struct domain *d, uint64_t at, const void *from, size_t n)
{
	memcpy(fixture_at(d, at), from, n);
}

static inline void fixture_memory(struct domain *d)
{
	uint64_t pml4 = 0x2000 | PTE_P | PTE_W, pdpt = 0x3000 | PTE_P | PTE_W,
		 pd = PTE_P | PTE_W | PTE_PS;

	for (unsigned i = 0; i < FIXTURE_PAGES; i++) {
		mfn_t m = page_alloc(d, 0, 0);

		CHECK(mfn_valid(m));
		CHECK_EQ(p2m_map(&d->p2m, gfn(i), m, 0, P2M_RAM_RW), 0);
	}
	fixture_write(d, 0x1000, &pml4, 8);
	fixture_write(d, 0x2000, &pdpt, 8);
	fixture_write(d, 0x3000, &pd, 8);
}

/* Building: with vcpus that are initialised as 64-bit ones, and down. */
static inline struct domain *fixture_domain(bool privileged, unsigned vcpus)
{
	struct domain_config c = { .id = privileged ? 0 : DOMID_INVALID,
		                   .max_vcpus = vcpus,
		                   .max_pages = FIXTURE_PAGES * 2,
		                   .is_privileged = privileged };
	struct domain *d;
	struct vcpu *v;

	CHECK_EQ(domain_create(&c, &d), 0);
	fixture_memory(d);
	for (unsigned i = 0; i < vcpus; i++) {
		CHECK_EQ(vcpu_create(d, i, &v), 0);
		script_set_long_mode(v, FIXTURE_CR3);
		v->is_initialised = true;
	}
	return d;
}

/* All CPUs do what is pending until nothing is. */
static inline void fixture_settle(void)
{
	unsigned cpu0 = percpu()->cpu;
	bool more = true;

	for (unsigned round = 0; more && round < 100000; round++) {
		more = false;
		for (unsigned cpu = 0; cpu < machine_nr_cpus(); cpu++) {
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
	CHECK(!more);
	fake_set_cpu(cpu0);
}

static inline void fixture_advance(uint64_t ns)
{
	fake_advance(ns);
	fixture_settle();
}

/* Gives a domain up and lets time pass until it is gone. */
static inline void fixture_end(struct domain *d)
{
	domain_destroy(d);
	domain_put(d);
	for (unsigned i = 0; i < 100; i++)
		fixture_advance(20000000);
}

/* Makes v the current vcpu of this CPU. */
static inline void fixture_run(struct vcpu *v)
{
	if (!v->is_up)
		vcpu_up(v);
	for (unsigned i = 0; i < 50 && percpu()->current != v; i++) {
		if (percpu()->current)
			sched_unit_yield(&percpu()->current->sched);
		fixture_advance(1000000);
	}
	CHECK(percpu()->current == v);
	guest_walk_cache_reset(&v->walk);
}

/* A hypercall of the current vcpu's with its argument struct at FIXTURE_DATA. */
static inline long fixture_call(struct vcpu *v, hypercall_fn fn, uint64_t a0, uint64_t a1,
                                uint64_t a2)
{
	uint64_t args[6] = { a0, a1, a2 };

	guest_walk_cache_reset(&v->walk);
	return fn(v, args);
}

#endif
