/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Populate on demand: places, pages kept for them, touches of every kind, zero pages taken back, targets, the balloon, and the end. */
#include <string.h>

#include "domctl.h"
#include "errno.h"
#include "exit_handlers.h"
#include "fake_control.h"
#include "fake_domain.h"
#include "guest_memory.h"
#include "machine_fake.h"
#include "memory_op.h"
#include "unit.h"

#define SIZE 2048u /* pages from gfn 0 that the guest is shown */
#define HAS  700u  /* pages that it has */

static struct domain *d, *tools;
static struct p2m *p2m;
static uint64_t free_at_start;

static struct xen_memory_reservation *extents(uint16_t domid, uint64_t first, uint64_t nr,
                                              unsigned order)
{
	static struct xen_memory_reservation r;
	uint64_t list[16];

	for (uint64_t i = 0; i < nr; i++)
		list[i] = first + (i << order);
	fake_buffer_write(0, list, nr * sizeof(list[0]));
	r = (struct xen_memory_reservation){ .nr_extents = nr,
		                             .extent_order = order,
		                             .domid = domid };
	r.extent_start.p = (void *)(uintptr_t)FAKE_BUFFER;
	return &r;
}

static long tool_op(unsigned op, void *arg, size_t size)
{
	return guest_call(tools->vcpus[0], memory_op, op, arg, size, 0);
}

static long promise(uint64_t first, uint64_t nr, unsigned order)
{
	struct xen_memory_reservation *r = extents(d->id, first, nr, order);

	r->mem_flags = XENMEMF_populate_on_demand;
	return tool_op(XENMEM_populate_physmap, r, sizeof(*r));
}

static long decrease(uint64_t first, uint64_t nr, unsigned order)
{
	struct xen_memory_reservation *r = extents(d->id, first, nr, order);

	return tool_op(XENMEM_decrease_reservation, r, sizeof(*r));
}

static struct xen_pod_target target(unsigned op, uint64_t pages, long want)
{
	struct xen_pod_target x = { .target_pages = pages, .domid = d->id };

	CHECK_EQ(tool_op(op, &x, sizeof(x)), want);
	return x;
}

#define CHECK_TARGET(x, tot, cache, entries)          \
	do {                                          \
		CHECK_EQ((x).tot_pages, tot);         \
		CHECK_EQ((x).pod_cache_pages, cache); \
		CHECK_EQ((x).pod_entries, entries);   \
	} while (0)

/* As the tools build such a guest: first the target, then places for all that it is shown. */
static void start(void)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_max_mem };

	fake_control_machine(1);
	tools = fake_control;
	free_at_start = page_nr_free();
	d = fake_tool_domain(1, 0);
	p2m = &d->p2m;
	op.domain = d->id;
	op.u.max_mem.max_memkb = (HAS + 64) * 4;
	CHECK_EQ(fake_domctl(&op), 0);
	target(XENMEM_set_pod_target, HAS, 0);
	CHECK_EQ(promise(0, SIZE >> 9, 9), SIZE >> 9);
}

static void end(void)
{
	CHECK_EQ(fake_domctl_plain(XEN_DOMCTL_destroydomain, d->id), 0);
	fixture_settle();
	CHECK_EQ(page_nr_free(), free_at_start);
}

static uint8_t *touch(uint64_t g)
{
	mfn_t m;

	CHECK_EQ(p2m_get_page(p2m, gfn(g), true, &m, NULL), 0);
	page_put(m);
	return mfn_to_virt(m);
}

static void building(void)
{
	struct xen_pod_target x;
	uint8_t *page;

	start();
	x = target(XENMEM_get_pod_target, 0, 0);
	CHECK_TARGET(x, HAS, HAS, SIZE);
	CHECK_EQ(p2m_lookup(p2m, gfn(5)).type, P2M_ON_DEMAND);
	CHECK_EQ(p2m_lookup(p2m, gfn(5)).order, 9);
	CHECK(!mfn_valid(p2m_lookup(p2m, gfn(5)).mfn));
	CHECK_EQ(p2m->max_gfn, SIZE - 1);
	/* 700 pages are one piece of 2 MiB and small ones: the first touch gets the large one. */
	page = touch(5);
	CHECK_EQ(p2m_lookup(p2m, gfn(0)).order, 9);
	CHECK_EQ(p2m->nr_entries[P2M_RAM_RW], 512);
	for (unsigned i = 0; i < PAGE_SIZE; i++)
		CHECK(!page[i]);
	touch(513);
	CHECK_EQ(p2m_lookup(p2m, gfn(513)).order, 0);
	CHECK_EQ(p2m_lookup(p2m, gfn(514)).type, P2M_ON_DEMAND);
	x = target(XENMEM_get_pod_target, 0, 0);
	CHECK_TARGET(x, HAS, HAS - 513, SIZE - 513);
	/* Over places, but not over memory; not for oneself; and no more than it may have. */
	CHECK_EQ(promise(600, 1, 0), 1);
	CHECK_EQ(promise(513, 1, 0), 0);
	CHECK_EQ(p2m->nr_entries[P2M_ON_DEMAND], SIZE - 513);
	target(XENMEM_set_pod_target, HAS + 65, -EINVAL);
	end();
}

static void refused(void)
{
	struct xen_memory_reservation *r;
	struct xen_pod_target x = { .domid = DOMID_SELF };

	start();
	r = extents(DOMID_SELF, 300, 1, 0);
	r->mem_flags = XENMEMF_populate_on_demand;
	CHECK_EQ(tool_op(XENMEM_populate_physmap, r, sizeof(*r)), 0);
	r = extents(d->id, UINT64_MAX, 1, 1);
	r->mem_flags = XENMEMF_populate_on_demand;
	CHECK_EQ(tool_op(XENMEM_populate_physmap, r, sizeof(*r)), 0);
	x.domid = 99;
	CHECK_EQ(tool_op(XENMEM_get_pod_target, &x, sizeof(x)), -ESRCH);
	end();
}

/* The rules of set_target, one after the other. */
static void targets(void)
{
	struct xen_pod_target x;

	start();
	touch(0);
	touch(513);
	/* Lower than what it has: nothing happens. */
	x = target(XENMEM_set_pod_target, 600, 0);
	CHECK_TARGET(x, HAS, HAS - 513, SIZE - 513);
	/* Higher: filled up. */
	x = target(XENMEM_set_pod_target, HAS + 20, 0);
	CHECK_TARGET(x, HAS + 20, HAS + 20 - 513, SIZE - 513);
	/* Never more than there are places for. */
	page_set_limit(d, 3 * SIZE);
	x = target(XENMEM_set_pod_target, 2 * SIZE, 0);
	CHECK_TARGET(x, SIZE, SIZE - 513, SIZE - 513);
	/* No place is left: the balloon's business alone. */
	CHECK_EQ(decrease(1024, 2, 9), 2);
	for (uint64_t g = 512; g < 1024; g++)
		touch(g);
	x = target(XENMEM_set_pod_target, 2 * SIZE, 0);
	CHECK_TARGET(x, 1024, 0, 0);
	end();
}

/* The guest's balloon: places go first, then pages go to the places that are left, and at last what is kept beyond them goes back. */
static void balloon(void)
{
	struct xen_pod_target x;
	uint64_t free;

	start();
	memset(touch(0), 0xab, PAGE_SIZE);
	free = page_nr_free();
	/* 4 of its pages for places that owe: they are kept, all zero. */
	CHECK_EQ(decrease(0, 4, 0), 4);
	CHECK_EQ(p2m_lookup(p2m, gfn(0)).type, P2M_HOLE);
	x = target(XENMEM_get_pod_target, 0, 0);
	CHECK_TARGET(x, HAS, HAS - 512 + 4, SIZE - 512);
	CHECK(page_nr_free() + 2 >= free); /* a table */
	/* 192 kept; with 1024 places less there are 512 for them; with 352 more gone 160, and the rest goes back. */
	CHECK_EQ(decrease(1024, 2, 9), 2);
	x = target(XENMEM_get_pod_target, 0, 0);
	CHECK_TARGET(x, HAS, 192, 512);
	CHECK_EQ(decrease(512, 11, 5), 11);
	x = target(XENMEM_get_pod_target, 0, 0);
	CHECK_TARGET(x, HAS - 32, 160, 160);
	for (uint64_t g = 512 + 352; g < 1024; g++)
		for (unsigned i = 0; i < PAGE_SIZE; i += 8)
			CHECK(!*(uint64_t *)(touch(g) + i));
	/* All that is given up now is free. */
	CHECK_EQ(decrease(4, 1, 0), 1);
	CHECK_EQ(d->nr_pages, HAS - 33);
	end();
}

/* Held by somebody else: the page is not kept for others to see. */
static void held(void)
{
	mfn_t m;

	start();
	CHECK_EQ(p2m_get_page(p2m, gfn(7), true, &m, NULL), 0);
	*(uint8_t *)mfn_to_virt(m) = 1;
	CHECK_EQ(decrease(7, 1, 0), 1);
	CHECK_EQ(p2m->demand.cached, HAS - 512);
	CHECK_EQ(*(uint8_t *)mfn_to_virt(m), 1);
	page_put(m);
	CHECK_EQ(d->nr_pages, HAS - 1);
	end();
}

/* More is touched than there is: pages that hold nothing are taken back, one that a guest holds or has written to is not. */
static void sweeping(void)
{
	mfn_t pinned, m;

	start();
	for (uint64_t g = 0; g < HAS - 1; g++)
		touch(g)[8] = g % 3 ? (uint8_t)g | 1 : 0;
	CHECK_EQ(p2m_get_page(p2m, gfn(HAS - 1), true, &pinned, NULL), 0);
	CHECK_EQ(p2m->demand.cached, 0);
	touch(HAS)[0] = 1;
	CHECK(p2m->demand.cached > 8);
	CHECK_EQ(p2m_lookup(p2m, gfn(3)).type, P2M_ON_DEMAND);
	CHECK_EQ(touch(4)[8], 5);
	CHECK_EQ(touch(3)[8], 0);
	CHECK_EQ(d->nr_pages, HAS);
	for (uint64_t g = 0; g < HAS - 1; g++)
		if (g % 3)
			CHECK_EQ(touch(g)[8], (uint8_t)g | 1);
	/* Now all of it is in use. */
	for (uint64_t g = HAS + 1; p2m->nr_entries[P2M_RAM_RW] < HAS; g++) {
		CHECK(g < SIZE);
		touch(g)[0] = 1;
	}
	for (uint64_t g = 0; g < HAS; g += 3)
		if (p2m_lookup(p2m, gfn(g)).type == P2M_RAM_RW && g != HAS - 1)
			touch(g)[8] = 1;
	CHECK_EQ(p2m_get_page(p2m, gfn(SIZE - 1), true, &m, NULL), -ENOENT);
	CHECK_EQ(p2m_lookup(p2m, gfn(HAS - 1)).mfn.v, pinned.v);
	page_put(pinned);
	/* Let go of, it may be taken. */
	CHECK_EQ(p2m_get_page(p2m, gfn(SIZE - 1), true, &m, NULL), 0);
	CHECK_EQ(m.v, pinned.v);
	page_put(m);
	end();
}

/* Written to between the look and the flush: it goes back to where it was. */
static uint8_t *late_write;
static unsigned late_writes;

static void write_late(unsigned cpu)
{
	*late_write = 1;
	late_writes++;
	percpu_of(cpu)->in_guest = false;
}

static void late(void)
{
	struct vcpu *v;
	mfn_t m;

	fake_control_machine(2);
	tools = fake_control;
	free_at_start = page_nr_free();
	d = fake_tool_domain(1, 0);
	p2m = &d->p2m;
	v = d->vcpus[0];
	page_set_limit(d, 2);
	target(XENMEM_set_pod_target, 2, 0);
	CHECK_EQ(promise(0, 1, 9), 1);
	touch(0)[0] = 1;
	late_write = touch(1);
	late_writes = 0;
	/* The other CPU is in the guest. */
	percpu_of(1)->current = v;
	percpu_of(1)->in_guest = true;
	v->flush_generation = p2m->generation;
	fake_on_kick = write_late;
	CHECK_EQ(p2m_get_page(p2m, gfn(2), false, &m, NULL), -ENOENT);
	CHECK_EQ(late_writes, 1);
	CHECK_EQ(mfn_to_virt(p2m_lookup(p2m, gfn(1)).mfn) == late_write, true);
	CHECK_EQ(p2m_lookup(p2m, gfn(1)).type, P2M_RAM_RW);
	CHECK_EQ(p2m->nr_entries[P2M_RAM_RW], 2);
	CHECK_EQ(p2m->nr_entries[P2M_ON_DEMAND], 510);
	fake_on_kick = NULL;
	percpu_of(1)->current = NULL;
	end();
}

/* A fault of the guest's own, and a crash when nothing is left. */
static void faults(void)
{
	struct vcpu *v;

	start();
	v = d->vcpus[0];
	v->exit.mmio.gpa = gpa(0x201000);
	v->exit.mmio.is_write = true;
	CHECK_EQ(exit_mmio(v), NEXT_SAME);
	CHECK_EQ(p2m_lookup(p2m, gfn(0x201)).type, P2M_RAM_RW);
	CHECK(!d->is_shut_down);
	for (uint64_t g = 0; p2m->demand.cached; g++)
		touch(g);
	for (uint64_t g = 0; g < SIZE; g++)
		if (p2m_lookup(p2m, gfn(g)).type == P2M_RAM_RW)
			touch(g)[1] = 1;
	v->exit.mmio.gpa = gpa((SIZE - 1) << PAGE_SHIFT);
	/* It looks for zero pages a while at each fault. */
	for (unsigned i = 0; i < 4; i++)
		CHECK_EQ(exit_mmio(v), NEXT_SAME);
	CHECK(d->is_shut_down);
	CHECK(strstr(fake_console_text(), "no memory for 0x7ff000"));
	end();
}

/* By linear address: page, and tables of the walk. */
static void linear(void)
{
	struct vcpu *v = NULL;
	uint64_t value = 0x1234, got = 0;

	start();
	d = guest_create(5, 1, 64, false);
	p2m = &d->p2m;
	v = d->vcpus[0];
	page_set_limit(d, 128);
	CHECK_EQ(promise(100, 4, 0), 4);
	target(XENMEM_set_pod_target, 66, 0);
	CHECK_EQ(p2m->demand.cached, 2);
	percpu()->current = v;
	guest_walk_cache_reset(&v->walk);
	CHECK_EQ(copy_to_guest(v, 100 << PAGE_SHIFT, &value, sizeof(value)), 0);
	CHECK_EQ(copy_from_guest(v, &got, 100 << PAGE_SHIFT, sizeof(got)), 0);
	CHECK_EQ(got, value);
	CHECK(!percpu()->touching);
	CHECK_EQ(copy_from_guest(v, &got, 101 << PAGE_SHIFT, sizeof(got)), 0);
	CHECK_EQ(got, 0);
	/* A page of tables that holds nothing may be taken back: it comes again with the walk, and says not present. */
	CHECK_EQ(p2m->demand.cached, 0);
	((uint64_t *)fake_guest_page(d, 3))[3] = 102 << PAGE_SHIFT | PTE_P | PTE_W;
	guest_walk_cache_reset(&v->walk);
	CHECK_EQ(copy_from_guest(v, &got, 3 * MIB(2), sizeof(got)), -EFAULT);
	CHECK_EQ(p2m_lookup(p2m, gfn(102)).type, P2M_RAM_RW);
	CHECK(!percpu()->touching);
	guest_destroy(d);
}

/* Other calls that look at a gfn. */
static void calls(void)
{
	struct xen_add_to_physmap move = { .space = XENMAPSPACE_gmfn, .idx = 9, .gpfn = 3000 };
	struct xen_remove_from_physmap gone = { .gpfn = 600 };
	struct xen_domctl op = { .cmd = XEN_DOMCTL_getpageframeinfo3 };
	uint64_t frames[2] = { 700, SIZE };

	start();
	move.domid = gone.domid = d->id;
	CHECK_EQ(tool_op(XENMEM_add_to_physmap, &move, sizeof(move)), 0);
	CHECK_EQ(p2m_lookup(p2m, gfn(9)).type, P2M_HOLE);
	CHECK_EQ(p2m_lookup(p2m, gfn(3000)).type, P2M_RAM_RW);
	CHECK_EQ(tool_op(XENMEM_remove_from_physmap, &gone, sizeof(gone)), 0);
	CHECK_EQ(p2m_lookup(p2m, gfn(600)).type, P2M_HOLE);
	fake_buffer_write(0, frames, sizeof(frames));
	op.domain = d->id;
	op.u.getpageframeinfo3.num = 2;
	op.u.getpageframeinfo3.array.p = (void *)(uintptr_t)FAKE_BUFFER;
	CHECK_EQ(fake_domctl(&op), 0);
	fake_buffer_read(0, frames, sizeof(frames));
	CHECK_EQ(frames[0], XEN_DOMCTL_PFINFO_NOTAB);
	CHECK_EQ(frames[1], XEN_DOMCTL_PFINFO_XTAB);
	CHECK_EQ(p2m_lookup(p2m, gfn(700)).type, P2M_RAM_RW);
	end();
}

UNIT_MAIN(UNIT(building), UNIT(refused), UNIT(targets), UNIT(balloon), UNIT(held), UNIT(sweeping),
          UNIT(late), UNIT(faults), UNIT(linear), UNIT(calls))
