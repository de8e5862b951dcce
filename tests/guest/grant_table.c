/* SPDX-License-Identifier: GPL-2.0-or-later */
/* grant_table_op, version 1, a domain granting to itself. */
#include "guest.h"

#define FIRST_REF 8

static grant_entry_v1_t *grants;
static ulong_t hole; /* a frame to map at: nothing is there */

static void grant(grant_ref_t ref, domid_t to, const void *page, unsigned flags)
{
	grants[ref].domid = to;
	grants[ref].frame = (uint32_t)page_frame(page);
	barrier();
	grants[ref].flags = (uint16_t)(GTF_permit_access | flags);
}

static void revoke(grant_ref_t ref)
{
	CHECK_EQ(grants[ref].flags & (GTF_reading | GTF_writing), 0);
	grants[ref].flags = 0;
}

static struct gnttab_map_grant_ref map(grant_ref_t ref, domid_t dom, uint64_t at, uint32_t flags)
{
	struct gnttab_map_grant_ref m = {
		.host_addr = at, .flags = flags, .ref = ref, .dom = dom, .status = 99
	};

	CHECK_EQ(grant_op(GNTTABOP_map_grant_ref, &m, 1), 0);
	return m;
}

static int unmap(uint64_t at, grant_handle_t handle)
{
	struct gnttab_unmap_grant_ref u = { .host_addr = at, .handle = handle, .status = 99 };

	CHECK_EQ(grant_op(GNTTABOP_unmap_grant_ref, &u, 1), 0);
	return u.status;
}

static void query_size(void)
{
	struct gnttab_query_size q = { .dom = DOMID_SELF };

	CHECK_EQ(grant_op(GNTTABOP_query_size, &q, 1), 0);
	CHECK_EQ(q.status, GNTST_okay);
	CHECK(q.nr_frames >= 1 && q.max_nr_frames >= 4 && q.nr_frames <= q.max_nr_frames);
	q.dom = 0x123;
	CHECK_EQ(grant_op(GNTTABOP_query_size, &q, 1), 0);
	CHECK_EQ(q.status, GNTST_bad_domain);
	CHECK_EQ(grant_op(GNTTABOP_query_size, bad_pointer(), 1), -EFAULT);
	CHECK_EQ(grant_op(GNTTABOP_query_size, &q, 2), -EINVAL);
}

static void setup_table(void)
{
	xen_pfn_t frames[2] = { 0x7e, 0x7e };
	struct gnttab_setup_table s = { .dom = DOMID_SELF, .nr_frames = 1, .status = 99 };

	s.frame_list.p = frames;
	CHECK_EQ(grant_op(GNTTABOP_setup_table, &s, 1), 0);
	CHECK_EQ(s.status, GNTST_okay);
	CHECK_EQ(frames[1], 0x7e);
	s.nr_frames = 100000;
	CHECK_EQ(grant_op(GNTTABOP_setup_table, &s, 1), 0);
	CHECK_EQ(s.status, GNTST_general_error);
	s.nr_frames = 1;
	s.dom = 0x123;
	CHECK_EQ(grant_op(GNTTABOP_setup_table, &s, 1), 0);
	CHECK_EQ(s.status, GNTST_bad_domain);
	CHECK_EQ(grant_op(GNTTABOP_setup_table, &s, 2), -EINVAL);
}

static void versions(void)
{
	struct gnttab_get_version g = { .dom = DOMID_SELF };
	struct gnttab_set_version s = { .version = 3 };

	CHECK_EQ(grant_op(GNTTABOP_get_version, &g, 1), 0);
	CHECK(g.version == 1 || g.version == 0);
	CHECK_EQ(grant_op(GNTTABOP_set_version, &s, 1), -EINVAL);
	s.version = 1;
	CHECK_EQ(grant_op(GNTTABOP_set_version, &s, 1), 0);
	CHECK_EQ(grant_op(GNTTABOP_get_version, &g, 1), 0);
	CHECK_EQ(g.version, 1);
	g.dom = 0x123;
	CHECK_EQ(grant_op(GNTTABOP_get_version, &g, 1), -ESRCH);
	CHECK_EQ(grant_op(GNTTABOP_set_version, bad_pointer(), 1), -EFAULT);
}

static void map_and_unmap(void)
{
	uint8_t *page = page_alloc();
	volatile uint8_t *there = (volatile uint8_t *)(hole << 12);
	struct gnttab_map_grant_ref m;

	page[7] = 0x33;
	grant(FIRST_REF, 0, page, 0);
	m = map(FIRST_REF, 0, hole << 12, GNTMAP_host_map);
	if (!CHECK_EQ(m.status, GNTST_okay))
		return;
	CHECK_EQ(there[7], 0x33);
	there[8] = 0x44;
	CHECK_EQ(page[8], 0x44);
	CHECK_EQ(grants[FIRST_REF].flags & (GTF_reading | GTF_writing), GTF_reading | GTF_writing);
	CHECK_EQ(unmap(hole << 12, m.handle), GNTST_okay);
	CHECK_EQ(unmap(hole << 12, m.handle), GNTST_bad_handle);
	revoke(FIRST_REF);
}

static void write_byte(void *arg)
{
	*(volatile uint8_t *)arg = 0x99;
}

/* A write through a read-only map is dropped or faults; it never reaches the page. */
static void map_read_only(void)
{
	uint8_t *page = page_alloc();
	volatile uint8_t *there = (volatile uint8_t *)(hole << 12);
	struct gnttab_map_grant_ref m;

	page[0] = 0x21;
	grant(FIRST_REF, 0, page, GTF_readonly);
	m = map(FIRST_REF, 0, hole << 12, GNTMAP_host_map);
	CHECK_EQ(m.status, GNTST_general_error); /* writable was asked */
	m = map(FIRST_REF, 0, hole << 12, GNTMAP_host_map | GNTMAP_readonly);
	if (!CHECK_EQ(m.status, GNTST_okay))
		return;
	CHECK_EQ(there[0], 0x21);
	CHECK_EQ(grants[FIRST_REF].flags & (GTF_reading | GTF_writing), GTF_reading);
	exception_of(write_byte, (void *)(hole << 12));
	CHECK_EQ(page[0], 0x21);
	CHECK_EQ(unmap(hole << 12, m.handle), GNTST_okay);
	revoke(FIRST_REF);
}

static void map_twice(void)
{
	uint8_t *page = page_alloc();
	struct gnttab_map_grant_ref a, b;

	grant(FIRST_REF, 0, page, 0);
	a = map(FIRST_REF, 0, hole << 12, GNTMAP_host_map);
	b = map(FIRST_REF, 0, (hole + 1) << 12, GNTMAP_host_map | GNTMAP_readonly);
	CHECK_EQ(a.status, GNTST_okay);
	CHECK_EQ(b.status, GNTST_okay);
	CHECK(a.handle != b.handle);
	*(volatile uint8_t *)(hole << 12) = 0x5e;
	CHECK_EQ(*(volatile uint8_t *)((hole + 1) << 12), 0x5e);
	CHECK_EQ(unmap(hole << 12, a.handle), GNTST_okay);
	CHECK_EQ(grants[FIRST_REF].flags & (GTF_reading | GTF_writing), GTF_reading);
	CHECK_EQ(unmap((hole + 1) << 12, b.handle), GNTST_okay);
	revoke(FIRST_REF);
}

static void map_bad(void)
{
	uint8_t *page = page_alloc();

	grant(FIRST_REF, 0x123, page, 0);
	grant(FIRST_REF + 1, 0, page, 0);
	CHECK_EQ(map(FIRST_REF, 0, hole << 12, GNTMAP_host_map).status, GNTST_general_error);
	CHECK_EQ(map(FIRST_REF + 2, 0, hole << 12, GNTMAP_host_map).status, GNTST_general_error);
	CHECK_EQ(map(1u << 30, 0, hole << 12, GNTMAP_host_map).status, GNTST_bad_gntref);
	CHECK_EQ(map(FIRST_REF + 1, DOMID_SELF, hole << 12, GNTMAP_host_map).status,
	         GNTST_bad_domain);
	CHECK_EQ(map(FIRST_REF + 1, 0x123, hole << 12, GNTMAP_host_map).status, GNTST_bad_domain);
	CHECK_EQ(map(FIRST_REF + 1, 0, hole << 12, 0).status, GNTST_bad_gntref);
	grants[FIRST_REF + 1].frame = 0xfffffff0;
	CHECK(map(FIRST_REF + 1, 0, hole << 12, GNTMAP_host_map).status < 0);
	CHECK_EQ(grants[FIRST_REF + 1].flags & (GTF_reading | GTF_writing), 0);
	CHECK_EQ(unmap(hole << 12, 12345678), GNTST_bad_handle);
	CHECK_EQ(unmap(hole << 12, ~0u), GNTST_bad_handle);
	grants[FIRST_REF].flags = grants[FIRST_REF + 1].flags = 0;
}

static void batches(void)
{
	static struct gnttab_map_grant_ref m[8];
	static struct gnttab_unmap_grant_ref u[8];
	uint8_t *pages = page_alloc_many(8, 1);

	for (unsigned i = 0; i < 8; i++) {
		grant(FIRST_REF + i, 0, pages + i * 4096, 0);
		pages[i * 4096] = (uint8_t)(0x80 + i);
		m[i] = (struct gnttab_map_grant_ref){ .host_addr = (uint64_t)(hole + i) << 12,
			                              .dom = 0,
			                              .flags = GNTMAP_host_map,
			                              .ref = FIRST_REF + i };
	}
	m[3].ref = 1u << 29;
	CHECK_EQ(grant_op(GNTTABOP_map_grant_ref, m, 8), 0);
	for (unsigned i = 0; i < 8; i++) {
		CHECK_EQ(m[i].status, i == 3 ? GNTST_bad_gntref : GNTST_okay);
		if (i != 3)
			CHECK_EQ(*(volatile uint8_t *)((hole + i) << 12), 0x80 + i);
		u[i].host_addr = m[i].host_addr;
		u[i].handle = i == 3 ? ~0u : m[i].handle;
	}
	CHECK_EQ(grant_op(GNTTABOP_unmap_grant_ref, u, 8), 0);
	for (unsigned i = 0; i < 8; i++) {
		CHECK_EQ(u[i].status, i == 3 ? GNTST_bad_handle : GNTST_okay);
		revoke(FIRST_REF + i);
	}
	CHECK_EQ(grant_op(GNTTABOP_map_grant_ref, m, 0), 0);
	CHECK_EQ(grant_op(GNTTABOP_map_grant_ref, bad_pointer(), 1), -EFAULT);
	CHECK_EQ(grant_op(GNTTABOP_unmap_grant_ref, bad_pointer(), 1), -EFAULT);
	CHECK(grant_op(GNTTABOP_map_grant_ref, m, ~0u) < 0);
}

static int copy(struct gnttab_copy c)
{
	c.status = 99;
	CHECK_EQ(grant_op(GNTTABOP_copy, &c, 1), 0);
	return c.status;
}

static void copies(void)
{
	uint8_t *a = page_alloc(), *b = page_alloc();
	struct gnttab_copy c = {
		.source = { .u.ref = FIRST_REF, .domid = DOMID_SELF, .offset = 100 },
		.dest = { .u.gmfn = page_frame(b), .domid = DOMID_SELF, .offset = 200 },
		.len = 300,
		.flags = GNTCOPY_source_gref
	};

	for (unsigned i = 0; i < 4096; i++)
		a[i] = (uint8_t)i;
	grant(FIRST_REF, 0, a, GTF_readonly);
	CHECK_EQ(copy(c), GNTST_okay);
	CHECK(!memcmp(b + 200, a + 100, 300));
	CHECK_EQ(b[199] | b[500], 0);

	/* Frame to grant. */
	grant(FIRST_REF + 1, 0, b, 0);
	c = (struct gnttab_copy){
		.source = { .u.gmfn = page_frame(a), .domid = DOMID_SELF },
		.dest = { .u.ref = FIRST_REF + 1, .domid = DOMID_SELF, .offset = 4000 },
		.len = 96,
		.flags = GNTCOPY_dest_gref
	};
	CHECK_EQ(copy(c), GNTST_okay);
	CHECK(!memcmp(b + 4000, a, 96));

	/* Grant to grant, a whole page. */
	c = (struct gnttab_copy){ .source = { .u.ref = FIRST_REF, .domid = DOMID_SELF },
		                  .dest = { .u.ref = FIRST_REF + 1, .domid = 0 },
		                  .len = 4096,
		                  .flags = GNTCOPY_source_gref | GNTCOPY_dest_gref };
	CHECK_EQ(copy(c), GNTST_okay);
	CHECK(!memcmp(a, b, 4096));
	c.len = 0;
	CHECK_EQ(copy(c), GNTST_okay);
	revoke(FIRST_REF);
	revoke(FIRST_REF + 1);
}

static void copies_bad(void)
{
	uint8_t *a = page_alloc(), *b = page_alloc();
	struct gnttab_copy good = { .source = { .u.ref = FIRST_REF, .domid = DOMID_SELF },
		                    .dest = { .u.ref = FIRST_REF + 1, .domid = DOMID_SELF },
		                    .len = 16,
		                    .flags = GNTCOPY_source_gref | GNTCOPY_dest_gref };
	struct gnttab_copy c;

	a[0] = 0x12;
	grant(FIRST_REF, 0, a, GTF_readonly);
	grant(FIRST_REF + 1, 0, b, GTF_readonly);
	CHECK_EQ(copy(good), GNTST_general_error); /* the destination is read-only */
	grant(FIRST_REF + 1, 0, b, 0);
	c = good;
	c.source.offset = 4090;
	CHECK_EQ(copy(c), GNTST_bad_copy_arg);
	c = good;
	c.dest.offset = 4096;
	CHECK_EQ(copy(c), GNTST_bad_copy_arg);
	c = good;
	c.source.u.ref = 1u << 28;
	CHECK_EQ(copy(c), GNTST_bad_gntref);
	c = good;
	c.dest.domid = 0x123;
	CHECK_EQ(copy(c), GNTST_bad_domain);
	c = good;
	c.flags = GNTCOPY_dest_gref;
	c.source.u.gmfn = frame_unused(70);
	CHECK(copy(c) < 0);
	CHECK_EQ(b[0], 0);
	CHECK_EQ(copy(good), GNTST_okay);
	CHECK_EQ(b[0], 0x12);
	CHECK_EQ(grant_op(GNTTABOP_copy, bad_pointer(), 1), -EFAULT);
	revoke(FIRST_REF);
	revoke(FIRST_REF + 1);
}

static void transfer_refused(void)
{
	struct gnttab_transfer t = {
		.mfn = page_frame(page_alloc()), .domid = 0x123, .ref = 9, .status = 99
	};
	long ret = grant_op(GNTTABOP_transfer, &t, 1);

	CHECK(ret < 0 || t.status < 0);
}

static void odd_operations(void)
{
	struct gnttab_swap_grant_ref s = { .ref_a = FIRST_REF,
		                           .ref_b = FIRST_REF + 1,
		                           .status = 99 };
	struct gnttab_swap_grant_ref t = { .ref_a = 1u << 30, .ref_b = FIRST_REF, .status = 99 };
	static uint64_t zeroes[16];

	grants[FIRST_REF].frame = 0x111;
	grants[FIRST_REF + 1].frame = 0x222;
	CHECK_EQ(grant_op(GNTTABOP_swap_grant_ref, &s, 1), 0);
	CHECK_EQ(s.status, GNTST_okay);
	CHECK_EQ(grants[FIRST_REF].frame, 0x222);
	CHECK_EQ(grant_op(GNTTABOP_swap_grant_ref, &t, 1), 0);
	CHECK_EQ(t.status, GNTST_bad_gntref);
	CHECK_EQ(grant_op(13, zeroes, 1), -ENOSYS);
	CHECK_EQ(grant_op(99, zeroes, 1), -ENOSYS);
}

void guest_setup(void)
{
	struct xen_add_to_physmap a = { .domid = DOMID_SELF,
		                        .space = XENMAPSPACE_grant_table,
		                        .idx = 0,
		                        .gpfn = frame_unused(100) };

	hole = frame_unused(200);
	grants = (grant_entry_v1_t *)(ulong_t)(frame_unused(100) << 12);
	if (memory_op(XENMEM_add_to_physmap, &a))
		test_fail("no grant table");
}

GUEST_TESTS(TEST(query_size), TEST(setup_table), TEST(versions), TEST(map_and_unmap),
            TEST(map_read_only), TEST(map_twice), TEST(map_bad), TEST(batches), TEST(copies),
            TEST(copies_bad), TEST(transfer_refused), TEST(odd_operations));
