/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Guests for tests of hypercalls. */
#include <stdlib.h>
#include <string.h>

#include "guest_fake.h"
#include "machine_fake.h"
#include "virt_script.h"

/* Page tables of the guest: PML4, PDPT and one directory of 2 MiB pages, at these frames. */
enum { PML4_GFN = 1, PDPT_GFN, PD_GFN };

static void require(bool ok)
{
	if (!ok)
		abort();
}

void *guest_page(struct domain *d, uint64_t gfn_)
{
	struct p2m_entry e = p2m_lookup(&d->p2m, gfn(gfn_));

	return p2m_type_is_page(e.type) ? mfn_to_virt(e.mfn) : NULL;
}

static void tables_build(struct domain *d)
{
	uint64_t *pml4 = guest_page(d, PML4_GFN), *pdpt = guest_page(d, PDPT_GFN),
		 *pd = guest_page(d, PD_GFN);

	pml4[0] = PDPT_GFN << 12 | 3;
	pdpt[0] = PD_GFN << 12 | 3;
	for (uint64_t i = 0; i < 512; i++)
		pd[i] = i << 21 | 0x83;
}

struct domain *guest_create(uint16_t id, unsigned nr_vcpus, unsigned nr_pages, bool is_privileged)
{
	struct domain_config config = {
		.id = id,
		.max_vcpus = nr_vcpus,
		.max_pages = nr_pages + 64,
		.is_privileged = is_privileged,
	};
	struct domain *d;
	struct vcpu *v;

	require(nr_pages > GUEST_FREE_GFN && !domain_create(&config, &d));
	for (unsigned i = 0; i < nr_pages; i++) {
		mfn_t m = page_alloc(d, 0, 0);

		require(mfn_valid(m) && !p2m_map(&d->p2m, gfn(i), m, 0, P2M_RAM_RW));
	}
	tables_build(d);
	for (unsigned i = 0; i < nr_vcpus; i++) {
		require(!vcpu_create(d, i, &v));
		script_set_long_mode(v, PML4_GFN << 12);
		v->is_initialised = true;
		v->is_up = true;
	}
	require(!domain_start(d));
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
	uint8_t *host = guest_page(v->domain, GUEST_ARGS_GFN);
	long r;

	require(size <= PAGE_SIZE);
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
