/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A machine with three domains for fuzzers. */
#include "two_domains.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpu_policy.h"
#include "cpuid.h"
#include "fake_domain.h"
#include "heap.h"
#include "machine_fake.h"
#include "options.h"

#include <xen/xen.h>

struct domain *fuzz_domains[FUZZ_NR_DOMAINS];

static void require(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "fuzzer: %s\n%s\n", what, fake_console_text());
	abort();
}

/* ---- lib/heap.h on malloc ------------------------------------------------------------------------ */

static struct {
	uint64_t live, bytes;
	unsigned fail_every, count;
} objects;

void heap_init(void)
{
	objects.live = objects.bytes = 0;
	objects.fail_every = 0;
}

void *heap_alloc(size_t size)
{
	size_t align = 16;
	void *p = NULL;

	if (objects.fail_every && ++objects.count % objects.fail_every == 0)
		return NULL;
	if (size > FUZZ_RAM)
		return NULL;
	if (size >= 64 && !(size & (size - 1)))
		align = MIN(size, (size_t)PAGE_SIZE);
	require(posix_memalign(&p, align, MAX(size, (size_t)1)) == 0, "malloc");
	memset(p, 0, size);
	objects.live++;
	return p;
}

void *heap_alloc_array(size_t n, size_t size)
{
	size_t bytes;

	return __builtin_mul_overflow(n, size, &bytes) ? NULL : heap_alloc(bytes);
}

void heap_free(void *p)
{
	if (!p)
		return;
	require(objects.live-- != 0, "more objects freed than made");
	free(p);
}

void heap_usage(uint64_t *bytes, uint64_t *pages)
{
	*bytes = objects.live;
	*pages = 0;
}

/* Freed objects are kept from use for thousands of allocations, not for millions: fresh memory is what costs most here. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "quarantine_size_mb=4:thread_local_quarantine_size_kb=64:malloc_context_size=6";
}

/* ---- input --------------------------------------------------------------------------------------- */

static const uint8_t *input, *input_end;

void fuzz_input(const uint8_t *data, size_t size)
{
	input = data;
	input_end = data + size;
}

bool fuzz_input_over(void)
{
	return input == input_end;
}

uint8_t fuzz_byte(void)
{
	return input < input_end ? *input++ : 0;
}

uint64_t fuzz_raw(unsigned bytes)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < bytes; i++)
		v |= (uint64_t)fuzz_byte() << (i * 8);
	return v;
}

/* ---- the machine ---------------------------------------------------------------------------------- */

static uint64_t objects_before, free_before;
static uint32_t timers_before;
static mfn_t hogged[FUZZ_RAM / PAGE_SIZE];
static unsigned nr_hogged;

static const struct cpuid_policy *guest_policy(void)
{
	static struct cpuid_policy host, guest;
	static bool known;

	if (!known) {
		cpuid_read_host(fake_cpuid, &host);
		cpuid_guest_default(&host, &guest);
	}
	known = true;
	return &guest;
}

void fuzz_set_mode(struct vcpu *v, unsigned mode)
{
	struct script_vcpu *c = script_of(v);

	v->regs.rflags &= ~(uint64_t)RFLAGS_VM;
	switch (mode) {
	case 0: script_set_long_mode(v, FUZZ_PML4); break;
	case 1: script_set_flat32(v); break;
	case 2:
		script_set_flat32(v);
		c->reg[REG_CR0] &= ~(uint64_t)CR0_PE;
		c->segment[SEG_CS].attr = 0x9b;
		break;
	case 3:
		script_set_long_mode(v, FUZZ_PML4);
		script_set_cpl(v, 3);
		break;
	default:
		script_set_long_mode(v, FUZZ_PML4);
		c->segment[SEG_CS].attr = 0xc9b;
		break;
	}
	guest_walk_cache_reset(&v->walk);
}

static void tables_write(struct domain *d)
{
	uint64_t pml4 = (FUZZ_PML4 + 0x1000) | PTE_P | PTE_W | PTE_U,
		 pdpt = (FUZZ_PML4 + 0x2000) | PTE_P | PTE_W | PTE_U, *pd;

	memcpy(fake_guest_page(d, FUZZ_PML4 >> 12), &pml4, 8);
	memcpy(fake_guest_page(d, (FUZZ_PML4 >> 12) + 1), &pdpt, 8);
	pd = fake_guest_page(d, (FUZZ_PML4 >> 12) + 2);
	for (uint64_t i = 0; i < 512; i++)
		pd[i] = i << 21 | PTE_P | PTE_W | PTE_U | PTE_PS;
}

/* What a vcpu does that has nothing else to do: it gives its turn away. */
static const struct vcpu_exit pause_exit = { .kind = EXIT_PAUSE, .insn_len = 2 };

static struct domain *domain_build(unsigned index, bool wide)
{
	static const uint16_t ids[] = { FUZZ_CONTROL, FUZZ_GUEST_A, FUZZ_GUEST_B };
	struct domain_config config = { .id = ids[index],
		                        .max_vcpus = index == 1 ? 3 : FUZZ_VCPUS,
		                        .max_pages = FUZZ_PAGES + 700,
		                        .is_privileged = index == 0,
		                        .max_grant_frames = 3,
		                        .max_maptrack_frames = 1 };
	struct domain *d;
	struct vcpu *v;

	require(!domain_create(&config, &d), "domain_create");
	d->cpuid = cpu_policy_guest = *guest_policy();
	for (unsigned i = 0; i < FUZZ_PAGES; i++) {
		mfn_t m = page_alloc(d, 0, 0);

		require(mfn_valid(m) && !p2m_map(&d->p2m, gfn(i), m, 0, P2M_RAM_RW), "RAM");
	}
	tables_write(d);
	d->e820[0].size = FUZZ_PAGES * PAGE_SIZE;
	d->e820[0].type = 1;
	d->nr_e820 = index ? 2 : 0;
	for (unsigned i = 0; i < FUZZ_VCPUS; i++) {
		require(!vcpu_create(d, i, &v), "vcpu_create");
		fuzz_set_mode(v, wide ? 0 : 1);
		v->is_initialised = i == 0;
		script_of(v)->idle.exit = pause_exit;
	}
	return d;
}

/* How many are started; those behind stay in building. */
static unsigned fuzz_nr_started = FUZZ_NR_DOMAINS;

static void hog(uint64_t pages_left)
{
	for (nr_hogged = 0; page_nr_free() > pages_left; nr_hogged++) {
		hogged[nr_hogged] = page_alloc(NULL, 0, PAGE_ALLOC_UNSCRUBBED);
		require(mfn_valid(hogged[nr_hogged]), "hog");
	}
}

void fuzz_start(unsigned wide, unsigned fail_every, uint64_t pages_left)
{
	fake_core_restart(FUZZ_RAM, 1);
	options.noreboot = true;
	objects_before = objects.live;
	free_before = page_nr_free();
	timers_before = percpu()->timers.reserved;
	for (unsigned i = 0; i < FUZZ_NR_DOMAINS; i++)
		fuzz_domains[i] = domain_build(i, wide >> i & 1);
	for (unsigned i = 0; i < fuzz_nr_started; i++) {
		require(!domain_start(fuzz_domains[i]), "domain_start");
		vcpu_up(fuzz_domains[i]->vcpus[0]);
	}
	/* Its end would be the machine's. */
	fuzz_domains[0]->is_shut_down = true;
	fake_tick_ns = 10000;
	objects.count = 0;
	objects.fail_every = fail_every;
	hog(pages_left);
}

/* What the control domain has made. */
static void tool_domains_destroy(void)
{
	struct domain *d;
	uint32_t from = 0;

	while (from < DOMID_LIMIT && (d = domain_next((uint16_t)from)) != NULL) {
		from = d->id + 1u;
		domain_destroy(d);
		domain_put(d);
	}
}

void fuzz_end(void)
{
	objects.fail_every = 0;
	fake_tick_ns = 0;
	while (nr_hogged)
		page_put(hogged[--nr_hogged]);
	for (unsigned i = 0; i < FUZZ_NR_DOMAINS; i++) {
		domain_destroy(fuzz_domains[i]);
		domain_put(fuzz_domains[i]);
	}
	tool_domains_destroy();
	for (unsigned i = 0; i < 5000 && (objects.live != objects_before || cpu_loop_once()); i++) {
		fake_advance(1000000);
		cpu_loop_once();
	}
	require(!percpu()->current && !percpu()->loaded, "a vcpu is left in the CPU");
	require(objects.live == objects_before, "a domain or objects are left");
	require(page_nr_free() == free_before, "pages have leaked");
	require(percpu()->timers.reserved == timers_before, "timers have leaked");
	heap_free(percpu()->timers.heap);
}

/* ---- guests ---------------------------------------------------------------------------------------- */

void fuzz_guest_store(struct domain *d, uint64_t gpa_value, const void *from, size_t n)
{
	(void)!guest_write_gpa(d, gpa(gpa_value), from, n);
}

/* Enough for each vcpu to have had its turn a few times. */
#define TURNS 64

bool fuzz_exit(struct vcpu *v, const struct vcpu_exit *e)
{
	struct script_step step = { .exit = *e };

	return fuzz_step(v, &step);
}

bool fuzz_step(struct vcpu *v, const struct script_step *step)
{
	struct script_vcpu *c = script_of(v);

	if (v->domain->state != DOMAIN_RUNNING || !v->is_up || v->sched.pause_count)
		return false;
	script_push(v, step);
	for (unsigned i = 0; i < TURNS && c->nr_steps; i++) {
		uint64_t at, now;

		if (cpu_loop_once())
			continue;
		now = machine_now_ns();
		at = fake_timer_at(0);
		/* Nobody can run: to the next timer, unless it is far. */
		if (at == UINT64_MAX || at > now + 10000000000ull)
			break;
		fake_set_now(MAX(at, now));
	}
	if (!c->nr_steps)
		return true;
	c->nr_steps = 0;
	return false;
}

void fuzz_let_run(uint64_t ns)
{
	fake_advance(ns);
	for (unsigned i = 0; i < 12; i++)
		cpu_loop_once();
}
