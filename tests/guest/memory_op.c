/* SPDX-License-Identifier: GPL-2.0-or-later */
/* memory_op: every sub-operation that a guest may use, on itself. */
#include "guest.h"

static long reservation(unsigned op, xen_pfn_t *list, unsigned n, unsigned order, domid_t domid)
{
	struct xen_memory_reservation r = { .nr_extents = n,
		                            .extent_order = order,
		                            .domid = domid };

	r.extent_start.p = list;
	return memory_op(op, &r);
}

static long decrease(xen_pfn_t *list, unsigned n)
{
	return reservation(XENMEM_decrease_reservation, list, n, 0, DOMID_SELF);
}

static long populate(xen_pfn_t *list, unsigned n)
{
	return reservation(XENMEM_populate_physmap, list, n, 0, DOMID_SELF);
}

static long current_pages(void)
{
	struct xen_memory_domain d = { DOMID_SELF };

	return memory_op(XENMEM_current_reservation, &d);
}

static long map(unsigned space, ulong_t index, ulong_t frame)
{
	struct xen_add_to_physmap a = {
		.domid = DOMID_SELF, .space = space, .idx = index, .gpfn = frame
	};

	return memory_op(XENMEM_add_to_physmap, &a);
}

static long unmap(ulong_t frame)
{
	struct xen_remove_from_physmap r = { .domid = DOMID_SELF, .gpfn = frame };

	return memory_op(XENMEM_remove_from_physmap, &r);
}

static void reservations(void)
{
	struct xen_memory_domain self = { DOMID_SELF }, zero = { 0 }, bad = { 0x123 };
	long now = current_pages();

	CHECK(now > 250 * 256 && now <= 256 * 256 + 64);
	CHECK_EQ(memory_op(XENMEM_current_reservation, &zero), now);
	CHECK(memory_op(XENMEM_maximum_reservation, &self) >= now);
	CHECK(memory_op(XENMEM_maximum_gpfn, &self) >= 250 * 256);
	CHECK_EQ(memory_op(XENMEM_current_reservation, &bad), -ESRCH);
	CHECK_EQ(memory_op(XENMEM_current_reservation, bad_pointer()), -EFAULT);
	CHECK(memory_op(XENMEM_maximum_ram_page, NULL) > 0x10000);
}

static void balloon_down_and_up(void)
{
	uint8_t *page = page_alloc();
	xen_pfn_t f = page_frame(page);
	long before = current_pages();

	CHECK_EQ(decrease(&f, 1), 1);
	CHECK_EQ(current_pages(), before - 1);
	CHECK_EQ(decrease(&f, 1), 0);
	CHECK_EQ(populate(&f, 1), 1);
	CHECK_EQ(current_pages(), before);
	page[0] = 0x11;
	CHECK_EQ(page[0], 0x11);
}

static void balloon_many(void)
{
	enum { N = 512 };
	static xen_pfn_t list[N];
	uint8_t *pages = page_alloc_many(N, N);
	long before = current_pages();

	for (unsigned i = 0; i < N; i++)
		list[i] = page_frame(pages) + i;
	CHECK_EQ(decrease(list, N), N);
	CHECK_EQ(current_pages(), before - N);
	CHECK_EQ(populate(list, N), N);
	CHECK_EQ(current_pages(), before);
	for (unsigned i = 0; i < N; i++)
		pages[i * 4096] = (uint8_t)i;
	for (unsigned i = 0; i < N; i++)
		CHECK_EQ(pages[i * 4096], (uint8_t)i);
}

static void large_extent(void)
{
	uint8_t *pages = page_alloc_many(512, 512);
	xen_pfn_t f = page_frame(pages), odd = f + 1;
	long before = current_pages();

	CHECK_EQ(reservation(XENMEM_decrease_reservation, &f, 1, 9, DOMID_SELF), 1);
	CHECK_EQ(current_pages(), before - 512);
	CHECK_EQ(reservation(XENMEM_populate_physmap, &f, 1, 9, DOMID_SELF), 1);
	pages[0] = 1;
	pages[511 * 4096] = 2;
	CHECK_EQ(pages[0] + pages[511 * 4096], 3);
	CHECK_EQ(current_pages(), before);
	CHECK(reservation(XENMEM_populate_physmap, &odd, 1, 60, DOMID_SELF) <= 0);
	CHECK_EQ(current_pages(), before);
}

/* An argument or extent that cannot be read, or done, ends the call: the answer counts those before it. */
static void bad_reservations(void)
{
	xen_pfn_t hole = frame_unused(9), f = page_frame(page_alloc());

	CHECK_EQ(decrease(&hole, 1), 0);
	CHECK_EQ(decrease(bad_pointer(), 1), 0);
	CHECK_EQ(populate(bad_pointer(), 1), 0);
	CHECK_EQ(decrease(&f, 0), 0);
	CHECK_EQ(reservation(XENMEM_decrease_reservation, &f, 1, 0, 0x123), 0);
	CHECK_EQ(memory_op(XENMEM_decrease_reservation, bad_pointer()), 0);
}

/* The second extent cannot be read: the first one is done and counted. */
static void partial_reservation(void)
{
	xen_pfn_t *list;
	uint8_t *page = page_alloc();

	if (!env_paging)
		return;
	window_map(0, HC_PTR(page_alloc()), PTE_P | PTE_W);
	window_clear(1);
	list = (xen_pfn_t *)window_address(1) - 1;
	list[0] = page_frame(page);
	CHECK_EQ(decrease(list, 2), 1);
	CHECK_EQ(populate(list, 1), 1);
	window_clear(0);
}

static void shared_info_elsewhere(void)
{
	struct shared_info *page = page_alloc();
	ulong_t old = page_frame((void *)shared);
	long before = current_pages();

	((uint8_t *)page)[4000] = 0x55;
	CHECK_EQ(map(XENMAPSPACE_shared_info, 0, page_frame(page)), 0);
	CHECK(current_pages() <= before); /* the page of memory under it was freed */
	CHECK(((uint8_t *)page)[4000] != 0x55);
	CHECK(page->vcpu_info[0].time.tsc_to_system_mul != 0);
	CHECK_EQ(map(XENMAPSPACE_shared_info, 0, old), 0);
	CHECK(shared->vcpu_info[0].time.tsc_to_system_mul != 0);
	CHECK_EQ(map(XENMAPSPACE_shared_info, 1, page_frame(page)), -EINVAL);
}

static void grant_table_space(void)
{
	ulong_t f = frame_unused(20);
	volatile uint32_t *words = (volatile uint32_t *)(f << 12);

	CHECK_EQ(map(XENMAPSPACE_grant_table, 0, f), 0);
	words[1000] = 0x1234;
	CHECK_EQ(words[1000], 0x1234);
	words[1000] = 0;
	CHECK_EQ(unmap(f), 0);
	CHECK_EQ(map(XENMAPSPACE_grant_table, 0x10000, f), -EINVAL);
	CHECK_EQ(map(XENMAPSPACE_grant_table, 0x7fffffff, f), -EINVAL);
}

/* gmfn: the page at frame index moves to gpfn. */
static void gmfn_space(void)
{
	uint8_t *page = page_alloc();
	ulong_t to = frame_unused(21);
	volatile uint8_t *there = (volatile uint8_t *)(to << 12);
	xen_pfn_t old = page_frame(page);

	page[5] = 0x66;
	CHECK_EQ(map(XENMAPSPACE_gmfn, old, to), 0);
	CHECK_EQ(there[5], 0x66);
	CHECK(map(XENMAPSPACE_gmfn, frame_unused(22), frame_unused(23)) < 0);
	CHECK_EQ(map(XENMAPSPACE_gmfn, to, old), 0);
	CHECK_EQ(page[5], 0x66);
}

static void gmfn_range(void)
{
	uint8_t *pages = page_alloc_many(4, 1);
	ulong_t to = frame_unused(32);
	struct xen_add_to_physmap a = { .domid = DOMID_SELF,
		                        .size = 4,
		                        .space = XENMAPSPACE_gmfn_range,
		                        .idx = page_frame(pages),
		                        .gpfn = to };

	for (unsigned i = 0; i < 4; i++)
		pages[i * 4096] = (uint8_t)(0x40 + i);
	CHECK_EQ(memory_op(XENMEM_add_to_physmap, &a), 0);
	for (unsigned i = 0; i < 4; i++)
		CHECK_EQ(*(volatile uint8_t *)((to + i) << 12), 0x40 + i);
	a.idx = to;
	a.gpfn = page_frame(pages);
	a.size = 4;
	CHECK_EQ(memory_op(XENMEM_add_to_physmap, &a), 0);
	CHECK_EQ(pages[3 * 4096], 0x43);
}

static void bad_spaces(void)
{
	struct xen_add_to_physmap a = { .domid = 0x123,
		                        .space = XENMAPSPACE_shared_info,
		                        .gpfn = frame_unused(1) };

	CHECK_EQ(memory_op(XENMEM_add_to_physmap, &a), -ESRCH);
	CHECK(map(XENMAPSPACE_dev_mmio, 0, frame_unused(1)) < 0);
	CHECK(map(77, 0, frame_unused(1)) < 0);
	CHECK(map(XENMAPSPACE_gmfn_foreign, 0, frame_unused(1)) < 0);
	CHECK_EQ(memory_op(XENMEM_add_to_physmap, bad_pointer()), -EFAULT);
}

static void remove(void)
{
	uint8_t *page = page_alloc();
	xen_pfn_t f = page_frame(page);
	struct xen_remove_from_physmap bad = { .domid = 0x123, .gpfn = f };

	CHECK_EQ(unmap(f), 0);
	CHECK(unmap(f) < 0);
	CHECK(unmap(frame_unused(40)) < 0);
	CHECK_EQ(memory_op(XENMEM_remove_from_physmap, &bad), -ESRCH);
	CHECK_EQ(memory_op(XENMEM_remove_from_physmap, bad_pointer()), -EFAULT);
}

static void batch(void)
{
	uint8_t *page = page_alloc();
	xen_ulong_t idxs[3] = { page_frame(page), frame_unused(50), page_frame(page_alloc()) };
	xen_pfn_t gpfns[3] = { frame_unused(51), frame_unused(52), frame_unused(53) };
	int errs[3] = { 77, 77, 77 };
	struct xen_add_to_physmap_batch b = { .domid = DOMID_SELF,
		                              .space = XENMAPSPACE_gmfn,
		                              .size = 3 };

	b.idxs.p = idxs;
	b.gpfns.p = gpfns;
	b.errs.p = errs;
	page[1] = 0x44;
	CHECK_EQ(memory_op(XENMEM_add_to_physmap_batch, &b), 0);
	CHECK_EQ(errs[0], 0);
	CHECK(errs[1] < 0);
	CHECK_EQ(errs[2], 0);
	CHECK_EQ(((volatile uint8_t *)(gpfns[0] << 12))[1], 0x44);
	b.size = 1;
	b.space = XENMAPSPACE_gmfn_range;
	CHECK_EQ(memory_op(XENMEM_add_to_physmap_batch, &b), -EOPNOTSUPP);
	b.space = XENMAPSPACE_gmfn;
	b.errs.p = bad_pointer();
	CHECK_EQ(memory_op(XENMEM_add_to_physmap_batch, &b), -EFAULT);
}

static void memory_map_call(void)
{
	static uint8_t entries[20 * 64 + 4];
	struct xen_memory_map m = { .nr_entries = 64 };
	unsigned n;

	m.buffer.p = entries;
	memset(entries, 0x7e, sizeof(entries));
	CHECK_EQ(memory_op(XENMEM_memory_map, &m), 0);
	n = m.nr_entries;
	CHECK(n >= 1 && n <= 64);
	CHECK_EQ(n, memory_map_entries);
	CHECK_EQ(entries[n * 20], 0x7e);
	m.nr_entries = 1;
	memset(entries, 0x7e, sizeof(entries));
	memory_op(XENMEM_memory_map, &m);
	CHECK_EQ(entries[20], 0x7e);
	m.nr_entries = 64;
	m.buffer.p = bad_pointer();
	CHECK_EQ(memory_op(XENMEM_memory_map, &m), -EFAULT);
	CHECK_EQ(memory_op(XENMEM_memory_map, bad_pointer()), -EFAULT);
}

/* Not for a domain whose memory is translated, or for nobody. */
static void unknown(void)
{
	static uint64_t zeroes[32];

	CHECK_EQ(memory_op(8, zeroes), -ENOSYS);
	CHECK_EQ(memory_op(60, zeroes), -ENOSYS);
}

static void exchange(void)
{
	xen_pfn_t in = page_frame(page_alloc()), out = in;
	struct xen_memory_exchange e = {
		.in = { .nr_extents = 1, .domid = DOMID_SELF },
		.out = { .nr_extents = 1, .domid = DOMID_SELF },
	};
	long before = current_pages();

	e.in.extent_start.p = &in;
	e.out.extent_start.p = &out;
	CHECK_EQ(memory_op(XENMEM_exchange, bad_pointer()), -EFAULT);
	e.out.nr_extents = 2;
	CHECK_EQ(memory_op(XENMEM_exchange, &e), -EINVAL);
	CHECK_EQ(current_pages(), before);
}

GUEST_TESTS(TEST(reservations), TEST(balloon_down_and_up), TEST(balloon_many), TEST(large_extent),
            TEST(bad_reservations), TEST(partial_reservation), TEST(shared_info_elsewhere),
            TEST(grant_table_space), TEST(gmfn_space), TEST(gmfn_range), TEST(bad_spaces),
            TEST(remove), TEST(batch), TEST(memory_map_call), TEST(unknown), TEST(exchange));
