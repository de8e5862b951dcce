/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Grant tables: the calls on the table, mapping and unmapping, their status codes, and that nothing is lost. */
#include <string.h>

#include "errno.h"
#include "grant_ops.h"
#include "fake_domain.h"
#include "machine_fake.h"
#include "unit.h"

static struct domain *dom0, *d1, *d2;

static long op(struct domain *d, uint32_t cmd, void *arg, size_t size, uint64_t count)
{
	return guest_call(d->vcpus[0], grant_table_op, cmd, arg, size, count);
}
#define OP(d, name, arg) op(d, GNTTABOP_##name, arg, sizeof(*(arg)), 1)

static void start(void)
{
	fake_core_init(0, 1);
	dom0 = guest_create(0, 1, 32, true);
	d1 = guest_create(1, 1, 32, false);
	d2 = guest_create(2, 1, 32, false);
}
static struct grant_entry_v1 *entry(struct domain *d, uint32_t ref)
{
	void *frame;

	CHECK_EQ(grant_table_frame(d, ref / 512, &frame), 0);
	return (struct grant_entry_v1 *)frame + ref % 512;
}
static void grant(struct domain *d, uint32_t ref, uint16_t to, uint32_t gfn, uint16_t flags)
{
	*entry(d, ref) = (struct grant_entry_v1){ GTF_permit_access | flags, to, gfn };
}
static struct gnttab_map_grant_ref map(struct domain *d, uint16_t dom, uint32_t ref, uint64_t gfn,
                                       uint32_t flags)
{
	struct gnttab_map_grant_ref m = { gfn << 12, flags, ref, dom, 99, 77777, 0 };

	CHECK_EQ(OP(d, map_grant_ref, &m), 0);
	return m;
}
static int unmap(struct domain *d, uint32_t handle, uint64_t gfn)
{
	struct gnttab_unmap_grant_ref u = { gfn << 12, 0, handle, 99 };

	CHECK_EQ(OP(d, unmap_grant_ref, &u), 0);
	return u.status;
}
static uint32_t page_refs(struct domain *d, uint64_t gfn)
{
	return page_of(virt_to_mfn(fake_guest_page(d, gfn)))->refs;
}

static void map_and_unmap(void)
{
	struct gnttab_map_grant_ref m, n;
	uint32_t before;

	start();
	grant(d1, 9, 2, 20, 0);
	before = page_refs(d1, 20);
	memset(fake_guest_page(d1, 20), 0x5a, 4096);
	m = map(d2, 1, 9, 40, GNTMAP_host_map);
	CHECK_EQ(m.status, GNTST_okay);
	CHECK_EQ(m.handle, 0);
	CHECK_EQ(m.dev_bus_addr, virt_to_hpa(fake_guest_page(d1, 20)).v);
	CHECK_EQ(*(uint8_t *)fake_guest_page(d2, 40), 0x5a);
	CHECK_EQ(p2m_lookup(&d2->p2m, gfn(40)).type, P2M_GRANT_RW);
	CHECK_EQ(entry(d1, 9)->flags, GTF_permit_access | GTF_reading | GTF_writing);
	/* The same again, over own RAM; the entry's new content does not matter any more. */
	entry(d1, 9)->frame = 21;
	n = map(d2, 1, 9, 25, GNTMAP_host_map | GNTMAP_readonly);
	CHECK_EQ(n.status, GNTST_okay);
	CHECK_EQ(n.handle, 1);
	CHECK_EQ(*(uint8_t *)fake_guest_page(d2, 25), 0x5a);
	CHECK_EQ(p2m_lookup(&d2->p2m, gfn(25)).type, P2M_GRANT_RO);
	CHECK_EQ(unmap(d2, m.handle, 41), GNTST_general_error);
	CHECK_EQ(unmap(d2, m.handle, 0), GNTST_okay); /* nothing asked, nothing done */
	CHECK_EQ(unmap(d2, m.handle, 40), GNTST_okay);
	CHECK_EQ(unmap(d2, m.handle, 40), GNTST_bad_handle);
	CHECK_EQ(entry(d1, 9)->flags, GTF_permit_access | GTF_reading);
	CHECK(!fake_guest_page(d2, 40));
	CHECK_EQ(unmap(d2, n.handle, 25), GNTST_okay);
	CHECK_EQ(entry(d1, 9)->flags, GTF_permit_access);
	CHECK_EQ(page_refs(d1, 20), before);
	/* To oneself, too. */
	grant(d1, 10, 1, 22, 0);
	m = map(d1, 1, 10, 50, GNTMAP_host_map);
	CHECK_EQ(m.status, GNTST_okay);
	CHECK(fake_guest_page(d1, 50) == fake_guest_page(d1, 22));
	CHECK_EQ(unmap(d1, m.handle, 50), GNTST_okay);
}

/* A frame where device memory came at a touch takes a grant; where the tools put it, it stays. */
static void map_over_device(void)
{
	struct gnttab_map_grant_ref m;

	start();
	grant(d1, 9, 2, 20, 0);
	CHECK_EQ(p2m_map(&d2->p2m, gfn(0x400), mfn(0xfe000), 9, P2M_MMIO_DIRECT), 0);
	CHECK_EQ(map(d2, 1, 9, 0x410, GNTMAP_host_map).status, GNTST_general_error);
	d2->direct.maps_on_fault = true;
	m = map(d2, 1, 9, 0x410, GNTMAP_host_map);
	CHECK_EQ(m.status, GNTST_okay);
	CHECK_EQ(p2m_lookup(&d2->p2m, gfn(0x410)).type, P2M_GRANT_RW);
	CHECK_EQ(p2m_lookup(&d2->p2m, gfn(0x411)).type, P2M_MMIO_DIRECT);
	CHECK_EQ(unmap(d2, m.handle, 0x410), GNTST_okay);
	CHECK_EQ(p2m_lookup(&d2->p2m, gfn(0x410)).type, P2M_HOLE);
}

static void map_errors(void)
{
	enum { HOST = GNTMAP_host_map };
	struct gnttab_map_grant_ref m;

	start();
	grant(d1, 9, 2, 20, 0);
	CHECK_EQ(map(d2, 1, 9, 40, 0).status, GNTST_bad_gntref);
	CHECK_EQ(map(d2, 1, 9, 40, HOST | GNTMAP_device_map).status, GNTST_general_error);
	CHECK_EQ(map(d2, 1, 9, 40, HOST | GNTMAP_application_map).status, GNTST_general_error);
	CHECK_EQ(map(d2, 1, 9, 40, HOST | GNTMAP_contains_pte).status, GNTST_general_error);
	CHECK_EQ(map(d2, 1, 9, 40, HOST | 1u << 16).status, GNTST_general_error);
	CHECK_EQ(map(d2, 55, 9, 40, HOST).status, GNTST_bad_domain);
	CHECK_EQ(map(d2, DOMID_SELF, 9, 40, HOST).status, GNTST_bad_domain);
	CHECK_EQ(map(d2, 1, 512 * 64, 40, HOST).status, GNTST_bad_gntref);
	CHECK_EQ(map(d2, 1, 0xffffffff, 40, HOST).status, GNTST_bad_gntref);
	CHECK_EQ(map(d2, 1, 8, 40, HOST).status, GNTST_general_error);
	CHECK_EQ(map(dom0, 1, 9, 40, HOST).status, GNTST_general_error);
	CHECK_EQ(entry(d1, 9)->flags, GTF_permit_access);
	grant(d1, 9, 2, 20, GTF_readonly);
	CHECK_EQ(map(d2, 1, 9, 40, HOST).status, GNTST_general_error);
	m = map(d2, 1, 9, 40, HOST | GNTMAP_readonly);
	CHECK_EQ(m.status, GNTST_okay);
	CHECK_EQ(map(d2, 1, 9, 41, HOST).status, GNTST_general_error);
	/* Where another grant is mapped already. */
	CHECK_EQ(map(d2, 1, 9, 40, HOST | GNTMAP_readonly).status, GNTST_general_error);
	CHECK_EQ(unmap(d2, m.handle, 40), GNTST_okay);
	grant(d1, 9, 2, 5000, 0);
	CHECK_EQ(map(d2, 1, 9, 40, HOST).status, GNTST_bad_page);
	CHECK_EQ(entry(d1, 9)->flags, GTF_permit_access);
	CHECK_EQ(unmap(d2, 0x12345678, 40), GNTST_bad_handle);
	CHECK_EQ(unmap(d2, 5, 40), GNTST_bad_handle);
	/* Read only is not turned into writable by a second mapping when the entry does not name that page any more. */
	grant(d1, 9, 2, 20, 0);
	m = map(d2, 1, 9, 40, HOST | GNTMAP_readonly);
	entry(d1, 9)->frame = 21;
	CHECK_EQ(map(d2, 1, 9, 41, HOST).status, GNTST_general_error);
	CHECK_EQ(entry(d1, 9)->flags, GTF_permit_access | GTF_reading);
	CHECK_EQ(unmap(d2, m.handle, 40), GNTST_okay);
	/* What was lent is not lent on. */
	grant(d1, 9, 2, 20, 0);
	m = map(d2, 1, 9, 40, HOST);
	grant(d2, 3, 0, 40, 0);
	CHECK_EQ(map(dom0, 2, 3, 40, HOST).status, GNTST_bad_page);
	/* The guest put something else in the place of the mapping. */
	CHECK_EQ(p2m_unmap(&d2->p2m, gfn(40), 0), 0);
	CHECK_EQ(unmap(d2, m.handle, 40), GNTST_general_error);
	CHECK_EQ(entry(d1, 9)->flags, GTF_permit_access);
}

static void table_calls(void)
{
	struct gnttab_query_size q = { .dom = DOMID_SELF };
	struct gnttab_set_version s = { .version = 2 };
	struct gnttab_get_version g = { .dom = DOMID_SELF };
	struct gnttab_setup_table t = { .dom = DOMID_SELF, .nr_frames = 3 };
	struct gnttab_swap_grant_ref w = { 9, 10, 99 };
	uint64_t args[6] = { GNTTABOP_query_size, 0x7f0000000000, 1 }, *list;
	void *frame;

	start();
	list = fake_guest_page(d1, 18);
	CHECK_EQ(OP(d1, query_size, &q), 0);
	CHECK_EQ(q.status, GNTST_okay);
	CHECK_EQ(q.nr_frames, 1);
	CHECK_EQ(q.max_nr_frames, 64);
	CHECK_EQ(op(d1, GNTTABOP_query_size, &q, sizeof(q), 2), -EINVAL);
	CHECK_EQ(op(d1, GNTTABOP_query_size, &q, sizeof(q), 0x80000000), -EINVAL);
	q.dom = 2;
	CHECK_EQ(OP(d1, query_size, &q), 0);
	CHECK_EQ(q.status, GNTST_permission_denied);
	CHECK_EQ(OP(dom0, query_size, &q), 0);
	CHECK_EQ(q.status, GNTST_okay);
	q.dom = 77;
	CHECK_EQ(OP(d1, query_size, &q), 0);
	CHECK_EQ(q.status, GNTST_bad_domain);
	CHECK_EQ(grant_table_op(d1->vcpus[0], args), -EFAULT);

	CHECK_EQ(OP(d1, set_version, &s), -ENOSYS);
	CHECK_EQ(s.version, 1);
	CHECK_EQ(OP(d1, set_version, &s), 0);
	s.version = 3;
	CHECK_EQ(OP(d1, set_version, &s), -EINVAL);
	CHECK_EQ(OP(d1, get_version, &g), 0);
	CHECK_EQ(g.version, 1);
	g.dom = 2;
	CHECK_EQ(OP(d1, get_version, &g), -EPERM);
	g.dom = 77;
	CHECK_EQ(OP(d1, get_version, &g), -ESRCH);

	t.frame_list.p = (void *)(uintptr_t)(18 << 12);
	CHECK_EQ(OP(d1, setup_table, &t), 0);
	CHECK_EQ(t.status, GNTST_okay);
	CHECK_EQ(list[2], ~0ull); /* not mapped anywhere */
	CHECK_EQ(d1->grants.nr_frames, 3);
	t.nr_frames = 65;
	CHECK_EQ(OP(d1, setup_table, &t), 0);
	CHECK_EQ(t.status, GNTST_general_error);
	CHECK_EQ(grant_table_frame(d1, 64, &frame), -EINVAL);
	CHECK_EQ(grant_table_frame(d1, 1u << 31, &frame), -EINVAL);
	CHECK_EQ(grant_table_frame(d1, 5, &frame), 0);
	CHECK_EQ(d1->grants.nr_frames, 6);

	for (uint32_t cmd = 0; cmd < 20; cmd++) {
		if (cmd == GNTTABOP_dump_table || cmd == GNTTABOP_transfer ||
		    cmd == GNTTABOP_unmap_and_replace || cmd == GNTTABOP_get_status_frames ||
		    cmd >= GNTTABOP_cache_flush)
			CHECK_EQ(op(d1, cmd, &t, sizeof(t), 1), -ENOSYS);
	}

	grant(d1, 9, 2, 20, 0);
	grant(d1, 10, 0, 21, GTF_readonly);
	CHECK_EQ(OP(d1, swap_grant_ref, &w), 0);
	CHECK_EQ(w.status, GNTST_okay);
	CHECK_EQ(entry(d1, 9)->frame, 21);
	CHECK_EQ(entry(d1, 10)->domid, 2);
	CHECK_EQ(map(d2, 1, 10, 40, GNTMAP_host_map).status, GNTST_okay);
	CHECK_EQ(OP(d1, swap_grant_ref, &w), 0);
	CHECK_EQ(w.status, GNTST_eagain);
	w.ref_a = 512 * 6;
	CHECK_EQ(OP(d1, swap_grant_ref, &w), 0);
	CHECK_EQ(w.status, GNTST_bad_gntref);
}

static void batches_and_compat(void)
{
	struct gnttab_map_grant_ref m[100];
	struct gnttab_unmap_grant_ref u[100];
	struct {
		uint16_t dom, pad;
		uint32_t nr_frames;
		int16_t status, pad2;
		uint32_t list;
	} t = { DOMID_SELF, 0, 2, 99, 0, 18 << 12 };

	start();
	guest_set_compat(d2);
	for (unsigned i = 0; i < 100; i++) {
		grant(d1, 100 + i, 2, 16 + i % 16, 0);
		m[i] = (struct gnttab_map_grant_ref){
			(200 + i) << 12, GNTMAP_host_map, 100 + i, 1, 99, 0, 0
		};
	}
	CHECK_EQ(op(d2, GNTTABOP_map_grant_ref, m, sizeof(m), 100), 0);
	for (unsigned i = 0; i < 100; i++) {
		CHECK_EQ(m[i].status, GNTST_okay);
		CHECK(fake_guest_page(d2, 200 + i) == fake_guest_page(d1, 16 + i % 16));
		u[i] = (struct gnttab_unmap_grant_ref){ (200 + i) << 12, 0, m[i].handle, 99 };
	}
	CHECK_EQ(op(d2, GNTTABOP_unmap_grant_ref, u, sizeof(u), 100), 0);
	for (unsigned i = 0; i < 100; i++) {
		CHECK_EQ(u[i].status, GNTST_okay);
		CHECK_EQ(entry(d1, 100 + i)->flags, GTF_permit_access);
	}
	CHECK_EQ(op(d2, GNTTABOP_setup_table, &t, sizeof(t), 1), 0);
	CHECK_EQ(t.status, GNTST_okay);
	CHECK_EQ(((uint32_t *)fake_guest_page(d2, 18))[1], ~0u);
	CHECK_EQ(((uint32_t *)fake_guest_page(d2, 18))[2], 0);
	CHECK_EQ(op(d2, GNTTABOP_map_grant_ref, m, sizeof(m), 0), 0);
}

static void builder_entry(void)
{
	start();
	CHECK_EQ(grant_table_set(d1, GNTTAB_RESERVED_CONSOLE, 0, 22), 0);
	CHECK_EQ(grant_table_set(d1, 512, 0, 22), -EINVAL);
	CHECK_EQ(grant_table_set(d1, 1, 0, 1ull << 32), -EINVAL);
	CHECK_EQ(map(dom0, 1, 0, 40, GNTMAP_host_map).status, GNTST_okay);
	CHECK(fake_guest_page(dom0, 40) == fake_guest_page(d1, 22));
}

/* Pages outlive their owner while somebody maps them; everything comes back in the end, in whichever order they die. */
static void random_then_teardown(void)
{
	uint64_t seed = 4711, best = 0;

	fake_core_init(0, 1);
	dom0 = guest_create(0, 1, 32, true);
	for (unsigned round = 0; round < 8; round++) {
		struct domain *all[2] = { guest_create(1, 1, 32, false),
			                  guest_create(2, 1, 32, false) };
		unsigned nr_mapped = 0;

		for (unsigned i = 0; i < 3000; i++) {
			struct domain *who, *other;
			uint32_t ref, flags;

			seed = seed * 6364136223846793005ull + 1442695040888963407ull;
			who = all[seed >> 63];
			other = all[seed >> 62 & 1];
			ref = seed >> 33 & 15;
			flags = seed >> 20 & 4 ? GNTMAP_host_map | GNTMAP_readonly
			                       : GNTMAP_host_map;
			switch (seed >> 58 & 3) {
			case 0:
				grant(other, ref, who->id, 16 + (seed >> 40 & 15), seed >> 50 & 4);
				break;
			case 1:
				nr_mapped +=
					!map(who, other->id, ref, 32 + (seed >> 44 & 31), flags)
						 .status;
				break;
			case 2: (void)unmap(who, seed >> 24 & 31, 32 + (seed >> 44 & 31)); break;
			default:
				if (who->grants.nr_handles) {
					uint32_t h = seed >> 24 & 31;

					(void)unmap(who, h, who->grants.mappings[0][h].gfn.v);
				}
				break;
			}
		}
		CHECK(nr_mapped > 100);
		guest_destroy(all[round & 1]);
		guest_destroy(all[~round & 1]);
		best = MAX(best, page_nr_free());
	}
	CHECK_EQ(page_nr_free(), best);
}

UNIT_MAIN(UNIT(map_and_unmap), UNIT(map_over_device), UNIT(map_errors), UNIT(table_calls),
          UNIT(batches_and_compat), UNIT(builder_entry), UNIT(random_then_teardown))
