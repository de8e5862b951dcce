/* SPDX-License-Identifier: GPL-2.0-or-later */
/* memory_op: each sub-operation with good and bad arguments, both widths, restarts, privileges, and that nothing is lost. */
#include <string.h>

#include "errno.h"
#include "fake_domain.h"
#include "hypercall.h"
#include "machine_fake.h"
#include "unit.h"
#include <xen/memory.h>

#define LIST_GFN 20 /* arrays of the guest's */
#define LIST     ((uint64_t)LIST_GFN << 12)
#define BAD      0xdead00000ull /* a handle that leads nowhere */

static struct domain *dom0, *d1, *d2;
static struct vcpu *v0, *v1;

static void start(void)
{
	fake_core_init(0, 1);
	dom0 = guest_create(0, 1, 64, true);
	d1 = guest_create(1, 1, 64, false);
	d2 = guest_create(2, 1, 64, false);
	v0 = dom0->vcpus[0];
	v1 = d1->vcpus[0];
}

#define OP(v, name, x) guest_call(v, memory_op, XENMEM_##name, x, sizeof(*(x)), 0)
#define LIST_OF(d)     ((uint64_t *)fake_guest_page(d, LIST_GFN))

/* The argument's address itself is bad. */
static long op_bad(struct vcpu *v, uint64_t cmd)
{
	uint64_t args[6] = { cmd, BAD };

	percpu()->current = v;
	guest_walk_cache_reset(&v->walk);
	return memory_op(v, args);
}

static struct xen_memory_reservation reservation(uint64_t nr, unsigned order, uint16_t domid)
{
	struct xen_memory_reservation r = { .nr_extents = nr,
		                            .extent_order = order,
		                            .domid = domid };

	r.extent_start.p = (void *)LIST;
	return r;
}

static void test_unknown(void)
{
	static const unsigned none[] = { 5, 8, 10, 12, 19 + 1, 21, 22, 25, 29, 63 };

	start();
	for (unsigned i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		CHECK_EQ(op_bad(v1, none[i]), -ENOSYS);
	CHECK_EQ(op_bad(v1, XENMEM_get_sharing_freed_pages), 0);
	CHECK_EQ(op_bad(v1, XENMEM_maximum_ram_page), (long)page_table_nr);
	CHECK_EQ(op_bad(v1, XENMEM_maximum_ram_page | 64), -EINVAL);
}

static void test_queries(void)
{
	struct xen_memory_domain x = { DOMID_SELF };

	start();
	CHECK_EQ(OP(v1, current_reservation, &x), 64);
	CHECK_EQ(OP(v1, maximum_reservation, &x), 128);
	CHECK_EQ(OP(v1, maximum_gpfn, &x), 63);
	x.domid = 2;
	CHECK_EQ(OP(v1, current_reservation, &x), -EPERM);
	CHECK_EQ(OP(v0, current_reservation, &x), 64);
	x.domid = 77;
	CHECK_EQ(OP(v1, current_reservation, &x), -ESRCH);
	CHECK_EQ(op_bad(v1, XENMEM_current_reservation), -EFAULT);
	CHECK_EQ(op_bad(v1, XENMEM_current_reservation | 64), -EINVAL);
}

/* A domain whose RAM lies at gfn = mfn gets those very pages or none. */
static void test_populate_direct_mapped(void)
{
	struct xen_memory_reservation r = reservation(3, 0, DOMID_SELF);
	mfn_t m;

	start();
	m = page_alloc(NULL, 2, 0);
	CHECK(mfn_valid(m));
	for (unsigned i = 0; i < 4; i++)
		if (i != 2)
			page_put(mfn(m.v + i));
	d1->is_direct_mapped = true;
	d1->max_pages += 10;
	memcpy(LIST_OF(d1), (uint64_t[]){ m.v, m.v + 1, m.v + 2 }, 24);
	CHECK_EQ(OP(v1, populate_physmap, &r), 2);
	CHECK_EQ(p2m_lookup(&d1->p2m, gfn(m.v)).mfn.v, m.v);
	CHECK_EQ(p2m_lookup(&d1->p2m, gfn(m.v + 1)).mfn.v, m.v + 1);
	CHECK_EQ(p2m_lookup(&d1->p2m, gfn(m.v + 2)).type, P2M_HOLE);
	page_put(mfn(m.v + 2));
	LIST_OF(d1)[0] = page_table_nr;
	CHECK_EQ(OP(v1, populate_physmap, &r), 0);
	LIST_OF(d1)[0] = m.v + 2;
	CHECK_EQ(OP(v1, populate_physmap, &r), 1);
}

/* The first domain's balloon: what it gave up is a guest's meanwhile; refused with a line, and back when the guest is gone. */
static void test_direct_mapped_balloon(void)
{
	struct xen_memory_reservation r = reservation(1, 9, DOMID_SELF);
	struct xen_memory_reservation g = reservation(1, 9, 2);
	mfn_t m;

	start();
	dom0->max_pages = d2->max_pages = 4096;
	dom0->is_direct_mapped = true;
	m = page_alloc(NULL, 9, 0);
	for (unsigned i = 0; i < 512; i++)
		page_put(mfn(m.v + i));
	CHECK(mfn_valid(page_alloc_at(dom0, m, 9, PAGE_ALLOC_HOME)));
	CHECK_EQ(p2m_map(&dom0->p2m, gfn(m.v), m, 9, P2M_RAM_RW), 0);
	LIST_OF(dom0)[0] = m.v;
	CHECK_EQ(OP(v0, decrease_reservation, &r), 1);
	/* Little else is left. */
	while (page_nr_free() > (MIB(32) >> PAGE_SHIFT))
		CHECK(mfn_valid(page_alloc(NULL, 9, 0)));
	LIST_OF(dom0)[0] = 1024;
	CHECK_EQ(OP(v0, populate_physmap, &g), 1);
	CHECK_EQ(p2m_lookup(&d2->p2m, gfn(1024)).mfn.v, m.v);
	LIST_OF(dom0)[0] = m.v;
	fake_console_clear();
	CHECK_EQ(OP(v0, populate_physmap, &r), 0);
	CHECK(strstr(fake_console_text(), "that it wants back is d2's now"));
	CHECK_EQ(p2m_lookup(&dom0->p2m, gfn(m.v)).type, P2M_HOLE);
	guest_destroy(d2);
	CHECK_EQ(OP(v0, populate_physmap, &r), 1);
	CHECK_EQ(p2m_lookup(&dom0->p2m, gfn(m.v)).mfn.v, m.v);
}

static void test_decrease_and_populate(void)
{
	struct xen_memory_reservation r = reservation(4, 0, DOMID_SELF);
	uint64_t free;

	start();
	free = page_nr_free();
	memcpy(LIST_OF(d1), (uint64_t[]){ 40, 41, 42, 43 }, 32);
	CHECK_EQ(OP(v1, decrease_reservation, &r), 4);
	CHECK_EQ(d1->nr_pages, 60);
	CHECK_EQ(page_nr_free(), free + 4);
	CHECK_EQ(p2m_lookup(&d1->p2m, gfn(41)).type, P2M_HOLE);
	CHECK_EQ(OP(v1, decrease_reservation, &r), 0); /* nothing there any more */
	LIST_OF(d1)[2] = 1ull << 40;
	CHECK_EQ(OP(v1, populate_physmap, &r), 2);
	CHECK_EQ(d1->nr_pages, 62);
	CHECK_EQ(p2m_lookup(&d1->p2m, gfn(41)).type, P2M_RAM_RW);
	/* Over RAM: the old page is given back. */
	CHECK_EQ(OP(v1, populate_physmap, &r), 2);
	CHECK_EQ(d1->nr_pages, 62);
	/* Every refusal is "nothing done". */
	CHECK_EQ(op_bad(v1, XENMEM_populate_physmap), 0);
	CHECK_EQ(op_bad(v1, XENMEM_populate_physmap | 5 << 6), 5);
	r.domid = 2;
	CHECK_EQ(OP(v1, decrease_reservation, &r), 0);
	CHECK_EQ(d2->nr_pages, 64);
	r.domid = 99;
	CHECK_EQ(OP(v1, decrease_reservation, &r), 0);
	r = reservation(1, 10, DOMID_SELF);
	CHECK_EQ(OP(v1, populate_physmap, &r), 0);
	r = reservation(UINT64_MAX, 0, DOMID_SELF);
	CHECK_EQ(OP(v1, decrease_reservation, &r), 0);
	r = reservation(4, 0, DOMID_SELF);
	r.extent_start.p = (void *)BAD;
	CHECK_EQ(OP(v1, decrease_reservation, &r), 0);
	r = reservation(4, 0, DOMID_SELF);
	r.mem_flags = XENMEMF_populate_on_demand;
	CHECK_EQ(OP(v1, populate_physmap, &r), 0);
	r.mem_flags = XENMEMF_address_bits(12);
	CHECK_EQ(OP(v1, populate_physmap, &r), 0);
	r.mem_flags = XENMEMF_address_bits(32);
	CHECK_EQ(OP(v1, populate_physmap, &r), 2);
}

static void test_limit(void)
{
	struct xen_memory_reservation r = reservation(100, 0, DOMID_SELF);

	start();
	for (uint64_t i = 0; i < 100; i++)
		LIST_OF(d1)[i] = 1000 + i;
	CHECK_EQ(OP(v1, populate_physmap, &r), 64); /* 128 allowed, 64 had */
	CHECK_EQ(d1->nr_pages, 128);
	CHECK_EQ(OP(v1, increase_reservation, &r), 0);
}

static void test_large_extents(void)
{
	struct xen_memory_reservation r = reservation(1, 9, DOMID_SELF);
	mfn_t m;

	start();
	d1->max_pages = 4096;
	LIST_OF(d1)[0] = 0x400;
	CHECK_EQ(OP(v1, populate_physmap, &r), 1);
	CHECK_EQ(p2m_lookup(&d1->p2m, gfn(0x4ff)).order, 9);
	CHECK_EQ(OP(v1, decrease_reservation, &r), 1);
	CHECK_EQ(d1->nr_pages, 64);
	/* Not aligned to its size: in small pieces. */
	LIST_OF(d1)[0] = 0x801;
	CHECK_EQ(OP(v1, populate_physmap, &r), 1);
	CHECK_EQ(p2m_lookup(&d1->p2m, gfn(0xa00)).type, P2M_RAM_RW);
	CHECK_EQ(p2m_lookup(&d1->p2m, gfn(0xa00)).order, 0);
	/* Something in the way that may not be replaced: all of the extent is taken back. */
	m = page_alloc(NULL, 0, 0);
	CHECK_EQ(p2m_map(&d1->p2m, gfn(0xa00), m, 0, P2M_GRANT_RW), 0);
	CHECK_EQ(d1->nr_pages, 64 + 511);
	LIST_OF(d1)[0] = 0x8ff;
	CHECK_EQ(OP(v1, populate_physmap, &r), 0);
	CHECK_EQ(p2m_lookup(&d1->p2m, gfn(0xa00)).type, P2M_GRANT_RW);
	CHECK_EQ(d1->nr_pages, d1->p2m.nr_entries[P2M_RAM_RW]);
	LIST_OF(d1)[0] = 0x801;
	CHECK_EQ(OP(v1, decrease_reservation, &r), 0);
	CHECK_EQ(d1->nr_pages, d1->p2m.nr_entries[P2M_RAM_RW]);
}

/* The control domain's large extents go in large pieces: a few changes and flushes for each 2 MiB, whatever the entries are. */
static void test_large_decrease(void)
{
	struct xen_memory_reservation r = reservation(1, 10, DOMID_SELF);
	uint64_t before;

	start();
	dom0->max_pages = 4096;
	LIST_OF(dom0)[0] = 0x400;
	CHECK_EQ(OP(v0, populate_physmap, &r), 1);
	CHECK_EQ(p2m_change_type(&dom0->p2m, gfn(0x433), P2M_RAM_RW, P2M_RAM_RO),
	         0); /* splits one */
	before = dom0->p2m.generation;
	CHECK_EQ(OP(v0, decrease_reservation, &r), 1);
	CHECK(dom0->p2m.generation - before <= 16); /* 1,024 pages */
	CHECK_EQ(dom0->nr_pages, 64);
}

static void test_increase(void)
{
	struct xen_memory_reservation r = reservation(3, 1, DOMID_SELF);
	uint64_t free;

	start();
	free = page_nr_free();
	CHECK_EQ(OP(v1, increase_reservation, &r), 3);
	CHECK_EQ(d1->nr_pages, 70);
	CHECK_EQ(page_nr_free(), free - 6);
}

static void test_restart(void)
{
	struct xen_memory_reservation r = reservation(20, 0, DOMID_SELF);
	uint64_t args[6] = { XENMEM_decrease_reservation, (uint64_t)GUEST_ARGS_GFN << 12 };
	unsigned rounds = 0;
	long rc;

	start();
	for (uint64_t i = 0; i < 20; i++)
		LIST_OF(d1)[i] = 40 + i;
	memcpy(fake_guest_page(d1, GUEST_ARGS_GFN), &r, sizeof(r));
	percpu()->current = v1;
	do {
		percpu()->pending = PENDING_SCHED; /* in a hurry: one extent a run */
		guest_walk_cache_reset(&v1->walk);
		rc = memory_op(v1, args);
		rounds++;
		if (rc == HYPERCALL_RESTART)
			CHECK_EQ(args[0], XENMEM_decrease_reservation | rounds << 6);
	} while (rc == HYPERCALL_RESTART);
	percpu()->pending = 0;
	CHECK_EQ(rc, 20);
	CHECK_EQ(rounds, 20);
	CHECK_EQ(d1->nr_pages, 44);
}

static struct xen_add_to_physmap add(unsigned space, uint64_t idx, uint64_t to)
{
	return (struct xen_add_to_physmap){
		.domid = DOMID_SELF, .space = space, .idx = idx, .gpfn = to
	};
}

static void test_shared_info_moves(void)
{
	struct xen_add_to_physmap a = add(XENMAPSPACE_shared_info, 0, 50);
	uint64_t free;

	start();
	free = page_nr_free();
	CHECK_EQ(OP(v1, add_to_physmap, &a), 0);
	CHECK_EQ(p2m_lookup(&d1->p2m, gfn(50)).type, P2M_SHARED);
	CHECK(fake_guest_page(d1, 50) == d1->shared_info);
	CHECK_EQ(d1->nr_pages, 63); /* the RAM that was there is given back */
	CHECK_EQ(page_nr_free(), free + 1);
	CHECK_EQ(OP(v1, add_to_physmap, &a), 0);
	CHECK_EQ(page_of(virt_to_mfn(d1->shared_info))->refs, 2);
	a.gpfn = 0x500;
	CHECK_EQ(OP(v1, add_to_physmap, &a), 0);
	CHECK_EQ(p2m_lookup(&d1->p2m, gfn(50)).type, P2M_HOLE);
	CHECK(fake_guest_page(d1, 0x500) == d1->shared_info);
	CHECK_EQ(page_of(virt_to_mfn(d1->shared_info))->refs, 2);
	a.idx = 1;
	CHECK_EQ(OP(v1, add_to_physmap, &a), -EINVAL);
	a = add(XENMAPSPACE_shared_info, 0, 1ull << 40);
	CHECK_EQ(OP(v1, add_to_physmap, &a), -EINVAL);
}

static void test_grant_frames(void)
{
	struct xen_add_to_physmap a = add(XENMAPSPACE_grant_table, 1, 0x501);

	start();
	CHECK_EQ(OP(v1, add_to_physmap, &a), 0);
	CHECK_EQ(p2m_lookup(&d1->p2m, gfn(0x501)).type, P2M_SHARED);
	a.idx = 1ull << 33;
	CHECK_EQ(OP(v1, add_to_physmap, &a), -EINVAL);
	a.idx = 100000;
	CHECK_EQ(OP(v1, add_to_physmap, &a), -EINVAL);
	a.idx = XENMAPIDX_grant_table_status;
	CHECK_EQ(OP(v1, add_to_physmap, &a), -EINVAL);
}

static void test_moves(void)
{
	struct xen_add_to_physmap a = add(XENMAPSPACE_gmfn, 40, 50);
	uint64_t was;

	start();
	was = p2m_lookup(&d1->p2m, gfn(40)).mfn.v;
	CHECK_EQ(OP(v1, add_to_physmap, &a), 0);
	CHECK_EQ(p2m_lookup(&d1->p2m, gfn(50)).mfn.v, was);
	CHECK_EQ(p2m_lookup(&d1->p2m, gfn(40)).type, P2M_HOLE);
	CHECK_EQ(d1->nr_pages, 63);
	CHECK_EQ(OP(v1, add_to_physmap, &a), -EINVAL);
	a = add(XENMAPSPACE_gmfn, 50, 1ull << 40);
	CHECK_EQ(OP(v1, add_to_physmap, &a), -EINVAL);
	CHECK_EQ(p2m_lookup(&d1->p2m, gfn(50)).mfn.v, was); /* back in its place */
	a = add(XENMAPSPACE_gmfn_range, 30, 0x700);
	a.size = 5;
	CHECK_EQ(OP(v1, add_to_physmap, &a), 0);
	CHECK_EQ(p2m_lookup(&d1->p2m, gfn(0x704)).type, P2M_RAM_RW);
	CHECK_EQ(p2m_lookup(&d1->p2m, gfn(34)).type, P2M_HOLE);
	a.gpfn = UINT64_MAX - 2;
	CHECK_EQ(OP(v1, add_to_physmap, &a), -EOVERFLOW);
	CHECK_EQ(guest_call(v1, memory_op, XENMEM_add_to_physmap | 6 << 6, &a, sizeof(a), 0),
	         -EILSEQ);
}

static void test_add_refused(void)
{
	struct xen_add_to_physmap a = add(XENMAPSPACE_gmfn_foreign, 1, 50);
	mfn_t m;

	start();
	CHECK_EQ(OP(v1, add_to_physmap, &a), -ENOSYS);
	a.domid = 99;
	CHECK_EQ(OP(v1, add_to_physmap, &a), -ENOSYS);
	a.domid = DOMID_SELF;
	a.space = XENMAPSPACE_dev_mmio;
	CHECK_EQ(OP(v1, add_to_physmap, &a), -EINVAL);
	a.space = 99;
	CHECK_EQ(OP(v1, add_to_physmap, &a), -EINVAL);
	a.domid = 2;
	CHECK_EQ(OP(v1, add_to_physmap, &a), -EPERM);
	a.domid = 99;
	CHECK_EQ(OP(v1, add_to_physmap, &a), -ESRCH);
	CHECK_EQ(op_bad(v1, XENMEM_add_to_physmap), -EFAULT);
	CHECK_EQ(op_bad(v1, XENMEM_add_to_physmap | 1ull << 22), -EDOM);
	/* A grant mapping is not to be replaced. */
	m = page_alloc(NULL, 0, 0);
	CHECK_EQ(p2m_map(&d1->p2m, gfn(0x800), m, 0, P2M_GRANT_RW), 0);
	a = add(XENMAPSPACE_shared_info, 0, 0x800);
	CHECK_EQ(OP(v1, add_to_physmap, &a), -EPERM);
}

static struct xen_add_to_physmap_batch batch(unsigned space, uint16_t size, uint16_t foreign)
{
	struct xen_add_to_physmap_batch b = { .domid = DOMID_SELF,
		                              .space = (uint16_t)space,
		                              .size = size,
		                              .u.foreign_domid = foreign };

	b.idxs.p = (void *)LIST;
	b.gpfns.p = (void *)(LIST + 0x400);
	b.errs.p = (void *)(LIST + 0x800);
	return b;
}

static void test_foreign_batch(void)
{
	struct xen_add_to_physmap_batch b = batch(XENMAPSPACE_gmfn_foreign, 3, 1);
	struct xen_remove_from_physmap x = { DOMID_SELF, 0x600 };
	const int32_t *errs;

	start();
	memcpy(LIST_OF(dom0), (uint64_t[]){ 40, 9999, 41 }, 24);
	memcpy(LIST_OF(dom0) + 0x80, (uint64_t[]){ 0x600, 0x601, 0x602 }, 24);
	errs = (const int32_t *)(LIST_OF(dom0) + 0x100);
	CHECK_EQ(OP(v0, add_to_physmap_batch, &b), 0);
	CHECK_EQ(errs[0], 0);
	CHECK_EQ(errs[1], -EINVAL);
	CHECK_EQ(errs[2], 0);
	CHECK_EQ(p2m_lookup(&dom0->p2m, gfn(0x600)).type, P2M_FOREIGN);
	CHECK(fake_guest_page(dom0, 0x600) == fake_guest_page(d1, 40));
	CHECK_EQ(page_of(virt_to_mfn(fake_guest_page(d1, 40)))->refs, 2);
	CHECK_EQ(OP(v0, remove_from_physmap, &x), 0);
	CHECK_EQ(OP(v0, remove_from_physmap, &x), -ENOENT);
	CHECK_EQ(page_of(virt_to_mfn(fake_guest_page(d1, 40)))->refs, 1);
	/* Device memory that came at a touch gives way; what was put there does not. */
	CHECK_EQ(p2m_map(&dom0->p2m, gfn(0x600), mfn(0xfe000), 9, P2M_MMIO_DIRECT), 0);
	CHECK_EQ(OP(v0, add_to_physmap_batch, &b), 0);
	CHECK_EQ(errs[0], -EPERM);
	dom0->direct.maps_on_fault = true;
	CHECK_EQ(OP(v0, add_to_physmap_batch, &b), 0);
	CHECK_EQ(errs[0], 0);
	CHECK_EQ(p2m_lookup(&dom0->p2m, gfn(0x600)).type, P2M_FOREIGN);
	CHECK_EQ(p2m_lookup(&dom0->p2m, gfn(0x603)).type, P2M_MMIO_DIRECT);
	CHECK_EQ(OP(v0, remove_from_physmap, &x), 0);
	/* The same by a guest: refused one by one. */
	b.u.foreign_domid = 2;
	memcpy(LIST_OF(d1), (uint64_t[]){ 40, 40, 40 }, 24);
	memcpy(LIST_OF(d1) + 0x80, (uint64_t[]){ 0x600, 0x601, 0x602 }, 24);
	CHECK_EQ(OP(v1, add_to_physmap_batch, &b), 0);
	CHECK_EQ(((int32_t *)(LIST_OF(d1) + 0x100))[0], -EPERM);
	CHECK_EQ(p2m_lookup(&d1->p2m, gfn(0x600)).type, P2M_HOLE);
	b.space = XENMAPSPACE_gmfn_range;
	CHECK_EQ(OP(v1, add_to_physmap_batch, &b), -EOPNOTSUPP);
	b = batch(XENMAPSPACE_gmfn, 1, 0);
	b.errs.p = (void *)BAD;
	CHECK_EQ(OP(v1, add_to_physmap_batch, &b), -EFAULT);
	b.domid = 2;
	CHECK_EQ(OP(v1, add_to_physmap_batch, &b), -EPERM);
	/* Progress that no call of ours can have made. */
	b = batch(XENMAPSPACE_gmfn, 1, 0);
	CHECK_EQ(guest_call(v1, memory_op, XENMEM_add_to_physmap_batch | 2 << 6, &b, sizeof(b), 0),
	         -EILSEQ);
	CHECK_EQ(op_bad(v1, XENMEM_add_to_physmap_batch | 1ull << 22), -EDOM);
}

static void test_remove(void)
{
	struct xen_remove_from_physmap x = { DOMID_SELF, 40 };

	start();
	CHECK_EQ(OP(v1, remove_from_physmap, &x), 0);
	CHECK_EQ(p2m_lookup(&d1->p2m, gfn(40)).type, P2M_HOLE);
	CHECK_EQ(OP(v1, remove_from_physmap, &x), -ENOENT);
	x.domid = 2;
	CHECK_EQ(OP(v1, remove_from_physmap, &x), -EPERM);
	CHECK_EQ(op_bad(v1, XENMEM_remove_from_physmap), -EFAULT);
	CHECK_EQ(op_bad(v1, XENMEM_remove_from_physmap | 64), -EINVAL);
}

static void test_memory_maps(void)
{
	struct xen_memory_map m = { .nr_entries = 10 };
	struct xen_foreign_memory_map f = { .domid = 1, .map.nr_entries = 2 };
	uint8_t *list;

	start();
	m.buffer.p = (void *)LIST;
	CHECK_EQ(OP(v1, memory_map, &m), -ENOSYS); /* the builder made none */
	list = (uint8_t *)LIST_OF(dom0);
	memcpy(list, (uint64_t[]){ 0, 0x9f000 }, 16);
	memcpy(list + 16, (uint32_t[]){ 1 }, 4);
	memcpy(list + 20, (uint64_t[]){ 0x100000, 0x7f00000 }, 16);
	memcpy(list + 36, (uint32_t[]){ 2 }, 4);
	f.map.buffer.p = (void *)LIST;
	CHECK_EQ(OP(v0, set_memory_map, &f), 0);
	CHECK_EQ(OP(v1, memory_map, &m), 0);
	CHECK_EQ(m.nr_entries, 2);
	CHECK(!memcmp(LIST_OF(d1), list, 40));
	m.nr_entries = 1;
	CHECK_EQ(OP(v1, memory_map, &m), 0);
	CHECK_EQ(m.nr_entries, 1);
	f.domid = 2;
	CHECK_EQ(OP(v1, set_memory_map, &f), -EPERM);
	f.map.nr_entries = DOMAIN_MAX_E820 + 1;
	CHECK_EQ(OP(v0, set_memory_map, &f), -EINVAL);
	m.buffer.p = (void *)BAD;
	CHECK_EQ(OP(v1, memory_map, &m), -EFAULT);
	CHECK_EQ(op_bad(v1, XENMEM_memory_map), -EFAULT);
}

static void test_tools(void)
{
	struct xen_memory_reservation r = reservation(70, 0, 1);
	struct xen_pod_target p = { .domid = 1, .target_pages = 10 };
	struct xen_mem_acquire_resource a = { .domid = 1, .type = XENMEM_resource_grant_table };
	struct xen_memory_exchange e = { .in = reservation(1, 0, DOMID_SELF),
		                         .out = reservation(1, 0, DOMID_SELF) };
	struct {
		uint16_t domid, pad;
		uint32_t n[3];
	} vnuma = { DOMID_SELF, 0, { 0 } };
	struct {
		uint32_t flags, n;
	} rdm = { 1, 5 };

	start();
	r.extent_start.p = NULL;
	CHECK_EQ(OP(v1, claim_pages, &r), -EPERM);
	CHECK_EQ(OP(v0, claim_pages, &r), 0);
	CHECK_EQ(d1->claimed_pages, 6);
	CHECK_EQ(OP(v0, claim_pages, &r), -EINVAL);
	r.nr_extents = 0;
	CHECK_EQ(OP(v0, claim_pages, &r), 0);
	CHECK_EQ(d1->claimed_pages, 0);
	CHECK_EQ(OP(v1, get_pod_target, &p), -EPERM);
	CHECK_EQ(OP(v0, get_pod_target, &p), 0);
	CHECK_EQ(p.tot_pages, 64);
	p.target_pages = 1 << 20;
	CHECK_EQ(OP(v0, set_pod_target, &p), -EINVAL);
	CHECK_EQ(OP(v1, exchange, &e), -EOPNOTSUPP);
	e.in.nr_extents = 2;
	CHECK_EQ(OP(v1, exchange, &e), -EINVAL);
	CHECK_EQ(OP(v1, get_vnumainfo, &vnuma), -EOPNOTSUPP);
	vnuma.pad = 1;
	CHECK_EQ(OP(v1, get_vnumainfo, &vnuma), -EINVAL);
	CHECK_EQ(OP(v1, reserved_device_memory_map, &rdm), 0);
	CHECK_EQ(rdm.n, 0);
	CHECK_EQ(OP(v1, acquire_resource, &a), -EACCES);
	CHECK_EQ(OP(v0, acquire_resource, &a), 0);
	CHECK_EQ(a.nr_frames, d1->grants.max_frames);
	a.nr_frames = 2;
	a.frame_list.p = (void *)LIST;
	LIST_OF(dom0)[0] = 0x600;
	LIST_OF(dom0)[1] = 0x601;
	CHECK_EQ(OP(v0, acquire_resource, &a), 0);
	CHECK_EQ(p2m_lookup(&dom0->p2m, gfn(0x601)).type, P2M_FOREIGN);
	LIST_OF(dom0)[1] = 1ull << 40;
	CHECK_EQ(OP(v0, acquire_resource, &a), -EIO);
	a.type = 2;
	CHECK_EQ(OP(v0, acquire_resource, &a), -EINVAL);
	a.pad = 1;
	CHECK_EQ(OP(v0, acquire_resource, &a), -EINVAL);
	a = (struct xen_mem_acquire_resource){ .domid = 0, .type = 1 };
	CHECK_EQ(OP(v0, acquire_resource, &a), -EPERM);
}

static void test_compat(void)
{
	struct {
		uint32_t list, nr, order, flags;
		uint16_t domid, pad;
	} r = { LIST, 2, 0, 0, DOMID_SELF, 0 };
	struct {
		uint16_t domid, size;
		uint32_t space, idx, gpfn;
	} a = { DOMID_SELF, 0, XENMAPSPACE_shared_info, 0, 0x500 };

	start();
	guest_set_compat(d1);
	memcpy(LIST_OF(d1), (uint32_t[]){ 40, 41 }, 8);
	CHECK_EQ(OP(v1, decrease_reservation, &r), 2);
	CHECK_EQ(p2m_lookup(&d1->p2m, gfn(41)).type, P2M_HOLE);
	CHECK_EQ(OP(v1, populate_physmap, &r), 2);
	CHECK_EQ(d1->nr_pages, 64);
	r.nr = 1u << 26;
	CHECK_EQ(OP(v1, decrease_reservation, &r), 0);
	CHECK_EQ(d1->nr_pages, 64);
	CHECK_EQ(OP(v1, add_to_physmap, &a), 0);
	CHECK(fake_guest_page(d1, 0x500) == d1->shared_info);
}

/* A domain's end gives everything back, whatever it has done. */
static void test_nothing_is_lost(void)
{
	struct xen_add_to_physmap a;
	struct xen_memory_reservation r;
	uint64_t free;

	fake_core_init(0, 1);
	dom0 = guest_create(0, 1, 64, true);
	free = page_nr_free();
	d1 = guest_create(1, 1, 64, false);
	v1 = d1->vcpus[0];
	for (unsigned step = 0; step < 3000; step++) {
		for (unsigned i = 0; i < 4; i++)
			LIST_OF(d1)[i] = 30 + machine_random() % 200;
		r = reservation(machine_random() % 5, machine_random() % 3, DOMID_SELF);
		a = add(machine_random() % 5, machine_random() % 3 * 40,
		        30 + machine_random() % 200);
		a.size = machine_random() % 4;
		switch (machine_random() % 16) {
		case 0: (void)OP(v1, increase_reservation, &r); break;
		case 1 ... 5: (void)OP(v1, populate_physmap, &r); break;
		case 6 ... 8: (void)OP(v1, decrease_reservation, &r); break;
		default: (void)OP(v1, add_to_physmap, &a); break;
		}
		CHECK(d1->nr_pages <= d1->max_pages);
	}
	guest_walk_cache_reset(&v1->walk);
	guest_destroy(d1);
	/* But for empty slabs that the heap keeps. */
	CHECK(page_nr_free() <= free && page_nr_free() + 32 >= free);
}

UNIT_MAIN(UNIT(test_unknown), UNIT(test_queries), UNIT(test_decrease_and_populate),
          UNIT(test_populate_direct_mapped), UNIT(test_direct_mapped_balloon), UNIT(test_limit),
          UNIT(test_large_extents), UNIT(test_large_decrease), UNIT(test_increase),
          UNIT(test_restart), UNIT(test_shared_info_moves), UNIT(test_grant_frames),
          UNIT(test_moves), UNIT(test_add_refused), UNIT(test_foreign_batch), UNIT(test_remove),
          UNIT(test_memory_maps), UNIT(test_tools), UNIT(test_compat), UNIT(test_nothing_is_lost))
