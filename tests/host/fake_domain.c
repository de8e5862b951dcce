/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A running domain on the fake machine. */
#include <stdio.h>
#include <stdlib.h>

#include "fake_domain.h"
#include "machine_fake.h"
#include "options.h"
#include "virt_script.h"

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

struct domain *fake_domain_add(unsigned nr_vcpus, uint64_t pages, bool privileged)
{
	struct domain_config config = { .id = 0x7ff4,
		                        .max_vcpus = nr_vcpus,
		                        .max_pages = pages + 1024,
		                        .is_privileged = privileged };
	struct cpuid_policy host;
	struct domain *d;
	struct vcpu *v;

	check(domain_create(&config, &d), "domain_create");
	cpuid_read_host(fake_cpuid, &host);
	cpuid_guest_default(&host, &d->cpuid);
	for (uint64_t i = 0; i < pages; i++) {
		mfn_t m = page_alloc(d, 0, 0);

		check(mfn_valid(m) ? p2m_map(&d->p2m, gfn(i), m, 0, P2M_RAM_RW) : -1, "RAM");
	}
	for (unsigned i = 0; i < nr_vcpus; i++) {
		check(vcpu_create(d, i, &v), "vcpu_create");
		script_set_flat32(v);
		v->is_initialised = true;
		check(nr_scripts == 64, "too many vcpus");
		scripts[nr_scripts++] = v->virt;
	}
	check(domain_start(d), "domain_start");
	for (unsigned i = 0; i < nr_vcpus; i++)
		vcpu_up(d->vcpus[i]);
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

struct domain *fake_domain_machine(unsigned nr_cpus, unsigned nr_vcpus, uint64_t pages)
{
	struct domain *d;

	static bool at_exit;

	scripts_free();
	if (!at_exit)
		atexit(scripts_free);
	at_exit = true;
	fake_core_init(0, nr_cpus);
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

	if (!p2m_type_is_page(e.type))
		abort();
	return mfn_to_virt(e.mfn);
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
