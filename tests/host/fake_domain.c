/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Domains on the fake machine: built, run, ended. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_domain.h"
#include "machine_fake.h"
#include "options.h"
#include "virt_script.h"

#include <xen/xen.h>

/* Page tables of 64-bit vcpus. */
enum { PML4_GFN = 1, PDPT_GFN, PD_GFN };
_Static_assert(FAKE_CR3 == PML4_GFN << PAGE_SHIFT, "where the header says");

static void check(int err, const char *what)
{
	if (err) {
		fprintf(stderr, "fake domain: %s: %d\n", what, err);
		abort();
	}
}

/* A machine's domains lie in memory that is gone when the next one starts, but their scripts come from the host. */
static void *scripts[64];
static unsigned nr_scripts;

static void scripts_free(void)
{
	while (nr_scripts)
		free(scripts[--nr_scripts]);
}

static void tables_build(struct domain *d, unsigned mapped)
{
	uint64_t *pml4 = fake_guest_page(d, PML4_GFN), *pdpt = fake_guest_page(d, PDPT_GFN),
		 *pd = fake_guest_page(d, PD_GFN);

	pml4[0] = PDPT_GFN << PAGE_SHIFT | PTE_P | PTE_W;
	pdpt[0] = PD_GFN << PAGE_SHIFT | PTE_P | PTE_W;
	for (uint64_t i = 0; i < mapped; i++)
		pd[i] = i << 21 | PTE_P | PTE_W | PTE_PS;
}

struct domain *fake_domain_build(const struct domain_config *config, uint64_t pages,
                                 unsigned mapped)
{
	struct cpuid_policy host;
	struct domain *d;
	struct vcpu *v;

	check(domain_create(config, &d), "domain_create");
	cpuid_read_host(fake_cpuid, &host);
	cpuid_guest_default(&host, &d->cpuid);
	for (uint64_t i = 0; i < pages; i++) {
		mfn_t m = page_alloc(d, 0, 0);

		check(mfn_valid(m) ? p2m_map(&d->p2m, gfn(i), m, 0, P2M_RAM_RW) : -1, "RAM");
	}
	if (mapped)
		tables_build(d, mapped);
	for (unsigned i = 0; i < config->max_vcpus; i++) {
		check(vcpu_create(d, i, &v), "vcpu_create");
		if (mapped)
			script_set_long_mode(v, FAKE_CR3);
		else
			script_set_flat32(v);
		v->is_initialised = true;
	}
	return d;
}

/* ---- running, 32-bit ---- */

struct domain *fake_domain_add(unsigned nr_vcpus, uint64_t pages, bool privileged)
{
	struct domain_config config = { .id = 0x7ff4,
		                        .max_vcpus = nr_vcpus,
		                        .max_pages = pages + 1024,
		                        .is_privileged = privileged };
	struct domain *d = fake_domain_build(&config, pages, 0);

	check(domain_start(d), "domain_start");
	for (unsigned i = 0; i < nr_vcpus; i++) {
		check(nr_scripts == ARRAY_LEN(scripts), "too many vcpus");
		scripts[nr_scripts++] = d->vcpus[i]->virt;
		vcpu_up(d->vcpus[i]);
	}
	return d;
}

/* By the scheduler, so that everything that goes with it is as on the iron; afterwards nothing is pending. */
void fake_make_current(struct vcpu *v)
{
	struct percpu *pc = percpu();
	struct cpu_mask here = { .bits = { 0 } }, before = v->sched.hard_affinity;

	bitmap_set(here.bits, pc->cpu);
	check(sched_set_affinity(&v->sched, &here, NULL), "affinity");
	for (unsigned i = 0; i < 100 && pc->current != v; i++) {
		if (pc->current)
			sched_unit_yield(&pc->current->sched);
		sched_run();
	}
	check(pc->current != v, "schedule");
	check(sched_set_affinity(&v->sched, &before, NULL), "affinity");
	atomic_exchange(&pc->pending, 0);
	guest_walk_cache_reset(&v->walk);
}

bool fake_domain_keeps_ram;

struct domain *fake_domain_machine(unsigned nr_cpus, unsigned nr_vcpus, uint64_t pages)
{
	struct domain *d;

	static bool at_exit;

	scripts_free();
	if (!at_exit)
		atexit(scripts_free);
	at_exit = true;
	(fake_domain_keeps_ram ? fake_core_restart : fake_core_init)(0, nr_cpus);
	options.noreboot = true;
	d = fake_domain_add(nr_vcpus, pages, true);
	/* The others stay out of the way of the one that plays, where there is another CPU. */
	for (unsigned i = 1; i < nr_vcpus && nr_cpus > 1; i++) {
		struct cpu_mask away = { .bits = { 2 } };

		check(sched_set_affinity(&d->vcpus[i]->sched, &away, NULL), "affinity");
	}
	fake_make_current(d->vcpus[0]);
	return d;
}

void *fake_guest_page(struct domain *d, uint64_t n)
{
	struct p2m_entry e = p2m_lookup(&d->p2m, gfn(n));

	return p2m_type_is_page(e.type) ? mfn_to_virt(e.mfn) : NULL;
}

/* A CPU like the everyday test machine's: AMD, 64-bit, SSE2, no XSAVE. */
struct cpuid_leaf fake_cpuid(uint32_t leaf, uint32_t subleaf)
{
	(void)subleaf;
	switch (leaf) {
	case 0: return (struct cpuid_leaf){ 7, 0x68747541, 0x444d4163, 0x69746e65 };
	case 1: return (struct cpuid_leaf){ 0x00800f12, 0x00010800, 0x82982203, 0x078bfbff };
	case 7: return (struct cpuid_leaf){ 0, 0x00100181, 0, 0 };
	case 0x80000000:
		return (struct cpuid_leaf){ 0x8000000a, 0x68747541, 0x444d4163, 0x69746e65 };
	case 0x80000001: return (struct cpuid_leaf){ 0x00800f12, 0, 0x000001f7, 0x2fd3fbff };
	case 0x80000008: return (struct cpuid_leaf){ 0x3028, 0, 0, 0 };
	case 0x8000000a: return (struct cpuid_leaf){ 1, 16, 0, 1 };
	default: return (struct cpuid_leaf){ 0 };
	}
}

/* ---- running, 64-bit ---- */

struct domain *guest_create(uint16_t id, unsigned nr_vcpus, unsigned nr_pages, bool is_privileged)
{
	struct domain_config config = {
		.id = id,
		.max_vcpus = nr_vcpus,
		.max_pages = nr_pages + 64,
		.is_privileged = is_privileged,
	};
	struct domain *d;

	check(nr_pages <= GUEST_FREE_GFN, "too few pages");
	d = fake_domain_build(&config, nr_pages, 512);
	for (unsigned i = 0; i < nr_vcpus; i++)
		d->vcpus[i]->is_up = true;
	check(domain_start(d), "domain_start");
	return d;
}

void guest_set_compat(struct domain *d)
{
	struct vcpu *v;
	uint32_t i;

	domain_for_each_vcpu(d, v, i) {
		script_set_flat32(v);
		guest_walk_cache_reset(&v->walk);
	}
}

void guest_destroy(struct domain *d)
{
	uint16_t id = d->id;

	percpu()->current = NULL;
	domain_destroy(d);
	domain_put(d);
	for (unsigned i = 0; i < 100000; i++) {
		struct domain *left = domain_get(id);

		work_run();
		if (left) {
			domain_put(left);
			continue;
		}
		/* Dead; the struct goes by a last piece of work, unless others hold it. */
		for (i = 0; i < 16; i++)
			work_run();
		return;
	}
	abort();
}

long guest_call(struct vcpu *v, hypercall_fn fn, uint64_t cmd, void *arg, size_t size,
                uint64_t count)
{
	uint64_t args[6] = { cmd, GUEST_ARGS_GFN << 12, count };
	uint8_t *host = fake_guest_page(v->domain, GUEST_ARGS_GFN);
	long r;

	check(size > PAGE_SIZE, "a struct of more than a page");
	memcpy(host, arg, size);
	percpu()->current = v;
	do {
		percpu()->pending = 0;
		r = fn(v, args);
		guest_walk_cache_reset(&v->walk);
	} while (r == HYPERCALL_RESTART);
	memcpy(arg, host, size);
	return r;
}

/* ---- in building, 64-bit ---- */

uint8_t *fixture_at(struct domain *d, uint64_t at)
{
	return (uint8_t *)fake_guest_page(d, at >> PAGE_SHIFT) + (at & (PAGE_SIZE - 1));
}

void fixture_write(struct domain *d, uint64_t at, const void *from, size_t n)
{
	memcpy(fixture_at(d, at), from, n);
}

struct domain *fixture_domain(bool privileged, unsigned vcpus)
{
	struct domain_config config = { .id = privileged ? 0 : DOMID_INVALID,
		                        .max_vcpus = vcpus,
		                        .max_pages = FIXTURE_PAGES * 2,
		                        .is_privileged = privileged };

	return fake_domain_build(&config, FIXTURE_PAGES, 1);
}

void fixture_settle(void)
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
			if (percpu()->thread) {
				percpu()->thread->run(percpu()->thread);
				more = true;
			}
			more |= work != 0;
		}
	}
	check(more, "no end of pending work");
	fake_set_cpu(cpu0);
}

void fixture_advance(uint64_t ns)
{
	fake_advance(ns);
	fixture_settle();
}

void fixture_end(struct domain *d)
{
	domain_destroy(d);
	domain_put(d);
	for (unsigned i = 0; i < 100; i++)
		fixture_advance(20000000);
}

void fixture_run(struct vcpu *v)
{
	if (!v->is_up)
		vcpu_up(v);
	for (unsigned i = 0; i < 50 && percpu()->current != v; i++) {
		if (percpu()->current)
			sched_unit_yield(&percpu()->current->sched);
		fixture_advance(1000000);
	}
	check(percpu()->current != v, "schedule");
	guest_walk_cache_reset(&v->walk);
}

long fixture_call(struct vcpu *v, hypercall_fn fn, uint64_t a0, uint64_t a1, uint64_t a2)
{
	uint64_t args[6] = { a0, a1, a2 };

	guest_walk_cache_reset(&v->walk);
	return fn(v, args);
}
