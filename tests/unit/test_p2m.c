/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The p2m: large entries and their splitting, references, flushes, teardown in pieces; random changes against an array. */
#include <string.h>

#include "domain.h"
#include "machine_fake.h"
#include "p2m_table.h"
#include "unit.h"
#include "virt_script.h"
#include <xen/errno.h>

static struct domain dom, other;
static struct vcpu vcpu, *vcpus[1] = { &vcpu };
static uint64_t free_at_start;

static void start(void)
{
	fake_memory_init(MIB(64), 2);
	memset(&dom, 0, sizeof(dom));
	memset(&other, 0, sizeof(other));
	memset(&vcpu, 0, sizeof(vcpu));
	dom.id = 1;
	other.id = 2;
	dom.max_pages = other.max_pages = 1 << 20;
	dom.refs = other.refs = 1;
	dom.max_vcpus = 1;
	dom.vcpus = vcpus;
	vcpu.domain = &dom;
	free_at_start = page_nr_free();
	CHECK_EQ(p2m_init(&dom.p2m, &dom), 0);
}

static void finish(void)
{
	while (p2m_teardown(&dom.p2m))
		;
	p2m_free(&dom.p2m);
	CHECK_EQ(dom.p2m.nr_table_pages, 0);
	for (unsigned t = 0; t < NR_P2M_TYPES; t++)
		CHECK_EQ(dom.p2m.nr_entries[t], 0);
	CHECK_EQ(dom.nr_pages, 0);
	CHECK_EQ(page_nr_free(), free_at_start);
}

static mfn_t map_new(uint64_t g, unsigned order, enum p2m_type type)
{
	mfn_t m = page_alloc(&dom, order, 0);

	CHECK(mfn_valid(m));
	CHECK_EQ(p2m_map(&dom.p2m, gfn(g), m, order, type), 0);
	return m;
}

static void test_basics(void)
{
	struct p2m_entry e;
	mfn_t m, got;
	enum p2m_type type;

	start();
	e = p2m_lookup(&dom.p2m, gfn(5));
	CHECK_EQ(e.type, P2M_HOLE);
	CHECK(!mfn_valid(e.mfn));
	CHECK_EQ(e.order, 27);
	m = map_new(5, 0, P2M_RAM_RW);
	e = p2m_lookup(&dom.p2m, gfn(5));
	CHECK(mfn_equal(e.mfn, m));
	CHECK_EQ(e.type, P2M_RAM_RW);
	CHECK_EQ(e.order, 0);
	CHECK_EQ(p2m_lookup(&dom.p2m, gfn(6)).order, 0);
	CHECK_EQ(dom.p2m.nr_entries[P2M_RAM_RW], 1);
	CHECK_EQ(dom.p2m.max_gfn, 5);
	CHECK_EQ(p2m_get_page(&dom.p2m, gfn(5), true, &got, &type), 0);
	CHECK(mfn_equal(got, m));
	CHECK_EQ(page_of(m)->refs, 2);
	/* Unmapped, the page lives on in our reference. */
	CHECK_EQ(p2m_unmap(&dom.p2m, gfn(5), 0), 0);
	CHECK_EQ(page_of(m)->refs, 1);
	CHECK_EQ(dom.nr_pages, 1);
	page_put(got);
	CHECK_EQ(dom.nr_pages, 0);
	CHECK_EQ(p2m_get_page(&dom.p2m, gfn(5), false, &got, NULL), -XEN_ENOENT);
	CHECK_EQ(p2m_unmap(&dom.p2m, gfn(5), 0), 0);
	CHECK_EQ(p2m_unmap(&dom.p2m, gfn(1ull << 35), 18), 0);
	finish();
}

static void test_bounds(void)
{
	uint64_t limit = 1ull << 36;
	mfn_t m;

	start();
	m = page_alloc(&dom, 0, 0);
	CHECK_EQ(p2m_map(&dom.p2m, gfn(limit), m, 0, P2M_RAM_RW), -XEN_EINVAL);
	CHECK_EQ(p2m_map(&dom.p2m, INVALID_GFN, m, 0, P2M_RAM_RW), -XEN_EINVAL);
	CHECK_EQ(p2m_map(&dom.p2m, gfn(1), m, 9, P2M_RAM_RW), -XEN_EINVAL);
	CHECK_EQ(p2m_map(&dom.p2m, gfn(512), mfn(513), 9, P2M_RAM_RW), -XEN_EINVAL);
	CHECK_EQ(p2m_map(&dom.p2m, gfn(8), m, 3, P2M_RAM_RW), -XEN_EINVAL);
	CHECK_EQ(p2m_unmap(&dom.p2m, gfn(limit), 0), -XEN_EINVAL);
	CHECK_EQ(p2m_lookup(&dom.p2m, gfn(limit)).type, P2M_HOLE);
	CHECK_EQ(p2m_lookup(&dom.p2m, INVALID_GFN).type, P2M_HOLE);
	CHECK_EQ(p2m_get_page(&dom.p2m, INVALID_GFN, false, &m, NULL), -XEN_ENOENT);
	CHECK(!p2m_mark_dirty(&dom.p2m, INVALID_GFN));
	m = page_alloc(&dom, 0, 0);
	CHECK_EQ(p2m_map(&dom.p2m, gfn(limit - 1), m, 0, P2M_RAM_RW), 0);
	CHECK(mfn_equal(p2m_lookup(&dom.p2m, gfn(limit - 1)).mfn, m));
}

static void test_large_and_split(void)
{
	mfn_t m, n;

	start();
	m = map_new(0x400, 9, P2M_RAM_RW);
	CHECK_EQ(dom.p2m.nr_entries[P2M_RAM_RW], 512);
	CHECK_EQ(p2m_lookup(&dom.p2m, gfn(0x433)).mfn.v, m.v + 0x33);
	CHECK_EQ(p2m_lookup(&dom.p2m, gfn(0x433)).order, 9);
	CHECK_EQ(p2m_unmap(&dom.p2m, gfn(0x433), 0), 0);
	CHECK_EQ(dom.nr_pages, 511);
	CHECK_EQ(p2m_lookup(&dom.p2m, gfn(0x433)).type, P2M_HOLE);
	for (uint64_t i = 0; i < 512; i++) {
		if (i == 0x33)
			continue;
		CHECK_EQ(p2m_lookup(&dom.p2m, gfn(0x400 + i)).mfn.v, m.v + i);
		CHECK_EQ(p2m_lookup(&dom.p2m, gfn(0x400 + i)).order, 0);
	}
	/* A large mapping over the table fills it, and gives back what was there. */
	n = map_new(0x400, 9, P2M_RAM_RO);
	CHECK_EQ(dom.nr_pages, 512);
	CHECK_EQ(p2m_lookup(&dom.p2m, gfn(0x5ff)).mfn.v, n.v + 511);
	CHECK_EQ(p2m_lookup(&dom.p2m, gfn(0x400)).type, P2M_RAM_RO);
	CHECK_EQ(p2m_unmap(&dom.p2m, gfn(0x400), 9), 0);
	CHECK_EQ(dom.nr_pages, 0);
	finish();
}

/* 1 GiB of device memory, with RAM put into the middle. */
static void test_gigabyte(void)
{
	start();
	CHECK_EQ(p2m_map(&dom.p2m, gfn(0x40000), mfn(0x80000), 18, P2M_MMIO_DIRECT), 0);
	CHECK_EQ(dom.p2m.nr_table_pages, 2);
	CHECK_EQ(p2m_lookup(&dom.p2m, gfn(0x54321)).mfn.v, 0x94321);
	map_new(0x54321, 0, P2M_RAM_RW);
	CHECK_EQ(dom.p2m.nr_table_pages, 4);
	CHECK_EQ(p2m_lookup(&dom.p2m, gfn(0x54320)).mfn.v, 0x94320);
	CHECK_EQ(p2m_lookup(&dom.p2m, gfn(0x54322)).mfn.v, 0x94322);
	CHECK_EQ(p2m_lookup(&dom.p2m, gfn(0x60000)).order, 9);
	CHECK_EQ(dom.p2m.nr_entries[P2M_MMIO_DIRECT], (1 << 18) - 1);
	CHECK_EQ(p2m_unmap(&dom.p2m, gfn(0x40000), 18), 0);
	CHECK_EQ(dom.p2m.nr_entries[P2M_MMIO_DIRECT], 0);
	CHECK_EQ(dom.nr_pages, 0);
	finish();
}

static void test_types_and_access(void)
{
	static const struct {
		enum p2m_type type;
		int read, write;
	} rows[] = {
		{ P2M_RAM_RW, 0, 0 },
		{ P2M_RAM_RO, 0, -XEN_EACCES },
		{ P2M_RAM_LOGDIRTY, 0, 0 },
		{ P2M_GRANT_RW, 0, 0 },
		{ P2M_GRANT_RO, 0, -XEN_EACCES },
		{ P2M_FOREIGN, 0, 0 },
		{ P2M_SHARED, 0, 0 },
		{ P2M_MMIO_DIRECT, -XEN_ENOENT, -XEN_ENOENT },
	};

	start();
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		mfn_t m = page_alloc(NULL, 0, 0), got;

		CHECK_EQ(p2m_map(&dom.p2m, gfn(7), m, 0, rows[i].type), 0);
		CHECK_EQ(p2m_get_page(&dom.p2m, gfn(7), false, &got, NULL), rows[i].read);
		if (!rows[i].read)
			page_put(got);
		CHECK_EQ(p2m_get_page(&dom.p2m, gfn(7), true, &got, NULL), rows[i].write);
		if (!rows[i].write)
			page_put(got);
		CHECK_EQ(p2m_unmap(&dom.p2m, gfn(7), 0), 0);
		/* Grant and device entries own no reference. */
		if (rows[i].type == P2M_GRANT_RW || rows[i].type == P2M_GRANT_RO ||
		    rows[i].type == P2M_MMIO_DIRECT)
			page_put(m);
		CHECK_EQ(page_of(m)->refs, 0);
	}
	finish();
}

static void test_log_dirty(void)
{
	mfn_t m;

	start();
	map_new(0x200, 9, P2M_RAM_RW);
	CHECK_EQ(p2m_change_type(&dom.p2m, gfn(0x210), P2M_RAM_RW, P2M_RAM_LOGDIRTY), 0);
	CHECK_EQ(p2m_change_type(&dom.p2m, gfn(0x210), P2M_RAM_RW, P2M_RAM_LOGDIRTY), -XEN_EBUSY);
	CHECK_EQ(p2m_change_type(&dom.p2m, gfn(0x210), P2M_RAM_LOGDIRTY, P2M_FOREIGN), -XEN_EINVAL);
	CHECK_EQ(dom.p2m.nr_entries[P2M_RAM_LOGDIRTY], 1);
	CHECK_EQ(dom.p2m.nr_entries[P2M_RAM_RW], 511);
	CHECK_EQ(p2m_get_page(&dom.p2m, gfn(0x210), false, &m, NULL), 0);
	page_put(m);
	CHECK_EQ(dom.p2m.nr_entries[P2M_RAM_LOGDIRTY], 1);
	CHECK_EQ(p2m_get_page(&dom.p2m, gfn(0x210), true, &m, NULL), 0);
	page_put(m);
	CHECK_EQ(dom.p2m.nr_entries[P2M_RAM_LOGDIRTY], 0);
	CHECK_EQ(p2m_lookup(&dom.p2m, gfn(0x210)).type, P2M_RAM_RW);
	CHECK(!p2m_mark_dirty(&dom.p2m, gfn(0x210)));
	CHECK_EQ(p2m_change_type(&dom.p2m, gfn(0x210), P2M_RAM_RW, P2M_RAM_LOGDIRTY), 0);
	CHECK(p2m_mark_dirty(&dom.p2m, gfn(0x210)));
	finish();
}

/* Where the CPU marks what was written: at any time, also while entries change. */
static void test_marks_of_the_cpu(void)
{
	const struct nested_format *f = virt->nested;
	uint64_t bits[P2M_SCAN / 64];
	struct p2m_slot s;
	mfn_t m;

	start();
	CHECK(f->dirty);
	map_new(0x200, 9, P2M_RAM_RW);
	/* a large page that may be written is dirty as a whole, and split to become clean */
	CHECK_EQ(p2m_dirty_range(&dom.p2m, 0x205, 3, false, bits), 0);
	CHECK_EQ(bits[0], 7);
	CHECK_EQ(p2m_lookup(&dom.p2m, gfn(0x205)).order, 9);
	CHECK_EQ(p2m_dirty_range(&dom.p2m, 0x205, 3, true, bits), 0);
	CHECK_EQ(bits[0], 7);
	CHECK_EQ(dom.p2m.nr_entries[P2M_RAM_LOGDIRTY], 3);
	CHECK_EQ(p2m_dirty_range(&dom.p2m, 0x205, 3, true, bits), 0);
	CHECK_EQ(bits[0], 0);
	s = p2m_walk(&dom.p2m, f, 0x206);
	CHECK(!(s.pte & f->dirty));
	*s.entry |= f->dirty;
	CHECK_EQ(p2m_dirty_range(&dom.p2m, 0x205, 3, false, bits), 0);
	CHECK_EQ(bits[0], 2);
	CHECK_EQ(p2m_dirty_range(&dom.p2m, 0x206, 1, true, bits), 0);
	CHECK_EQ(bits[0], 1);
	CHECK_EQ(p2m_dirty_range(&dom.p2m, 0x206, 1, true, bits), 0);
	CHECK_EQ(bits[0], 0);
	CHECK_EQ(dom.p2m.nr_entries[P2M_RAM_LOGDIRTY], 3);
	/* marked entries are changed and removed like others */
	*s.entry |= f->dirty;
	CHECK_EQ(p2m_change_type(&dom.p2m, gfn(0x206), P2M_RAM_LOGDIRTY, P2M_RAM_RO), 0);
	s = p2m_walk(&dom.p2m, f, 0x207);
	*s.entry |= f->dirty;
	m = p2m_lookup(&dom.p2m, gfn(0x207)).mfn;
	CHECK_EQ(p2m_remove(&dom.p2m, gfn(0x207), m, P2M_RAM_LOGDIRTY), 0);
	page_put(m);
	/* nothing is told of where nothing is */
	CHECK_EQ(p2m_dirty_range(&dom.p2m, 0x900, 512, true, bits), 0);
	CHECK_EQ(bits[0] | bits[7], 0);
	finish();
}

static bool is_quiet(uint64_t g)
{
	uint64_t bits[P2M_SCAN / 64];
	struct p2m_slot s = p2m_walk(&dom.p2m, virt->nested, g);
	bool quiet;

	/* A mark that nobody tells of is not seen in a quiet region. */
	*s.entry |= virt->nested->dirty;
	CHECK_EQ(p2m_dirty_range(&dom.p2m, g, 1, false, bits), 0);
	quiet = !bits[0];
	*s.entry = s.pte;
	return quiet;
}

/* Cleans a region, and says what was dirty in it: the number of the first page, -1: none. */
static int clean(uint64_t g)
{
	uint64_t bits[P2M_SCAN / 64];

	CHECK_EQ(p2m_dirty_scan(&dom.p2m, g, true, bits), P2M_SCAN);
	for (int i = 0; i < (int)P2M_SCAN; i++)
		if (bits[i / 64] >> i % 64 & 1)
			return i;
	return -1;
}

/* Where the CPU tells which pages it marks: only those regions are looked at. */
static void test_quiet_regions(void)
{
	static struct nested_format format;
	static struct virt_ops ops;
	const struct virt_ops *before = virt;
	uint64_t bits[P2M_SCAN / 64];
	struct p2m_slot s;
	mfn_t m;

	format = *virt->nested;
	format.tells_writes = true;
	ops = *virt;
	ops.nested = &format;
	virt = &ops;
	start();
	map_new(0x200, 9, P2M_RAM_RW);
	map_new(0x400, 9, P2M_RAM_RW);
	/* not before it was cleaned as a whole */
	CHECK_EQ(p2m_dirty_range(&dom.p2m, 0x200, 511, true, bits), 0);
	CHECK_EQ(clean(0x200), 511);
	CHECK_EQ(clean(0x400), 0);
	CHECK(is_quiet(0x205) && is_quiet(0x405));
	/* quiet ones that follow each other are one answer */
	CHECK_EQ(p2m_dirty_scan(&dom.p2m, 0x200, true, bits), 2 * P2M_SCAN);
	/* the CPU's marks */
	s = p2m_walk(&dom.p2m, &format, 0x207);
	*s.entry |= format.dirty;
	p2m_written(&dom.p2m, gfn(0x207));
	CHECK(!is_quiet(0x205) && is_quiet(0x405));
	CHECK_EQ(p2m_dirty_scan(&dom.p2m, 0x200, false, bits), P2M_SCAN);
	CHECK_EQ(bits[0], 1 << 7);
	CHECK_EQ(clean(0x200), 7);
	CHECK(is_quiet(0x205));
	/* told of twice: looked at, and found clean */
	p2m_written(&dom.p2m, gfn(0x207));
	CHECK_EQ(clean(0x200), -1);
	CHECK(is_quiet(0x205));
	/* our own writes, and other entries */
	CHECK(p2m_mark_dirty(&dom.p2m, gfn(0x208)));
	CHECK_EQ(clean(0x200), 8);
	CHECK_EQ(p2m_get_page(&dom.p2m, gfn(0x209), true, &m, NULL), 0);
	page_put(m);
	CHECK_EQ(clean(0x200), 9);
	CHECK_EQ(p2m_change_type(&dom.p2m, gfn(0x20a), P2M_RAM_LOGDIRTY, P2M_RAM_RW), 0);
	CHECK_EQ(clean(0x200), 10);
	CHECK_EQ(p2m_unmap(&dom.p2m, gfn(0x20b), 0), 0);
	map_new(0x20b, 0, P2M_RAM_RW);
	CHECK_EQ(clean(0x200), 11);
	CHECK(is_quiet(0x205));
	/* beyond the bits */
	p2m_written(&dom.p2m, gfn(1ull << 40));
	CHECK_EQ(p2m_dirty_scan(&dom.p2m, 1ull << 30, true, bits), P2M_SCAN_MAX);
	finish();
	virt = before;
}

static void test_replace_and_remove(void)
{
	mfn_t m, n;

	start();
	m = map_new(3, 0, P2M_RAM_RW);
	n = page_alloc(&dom, 0, 0);
	CHECK_EQ(p2m_replace(&dom.p2m, gfn(3), n, 0, P2M_RAM_RW, P2M_MASK(P2M_HOLE)), -XEN_EBUSY);
	CHECK_EQ(p2m_replace(&dom.p2m, gfn(4), n, 0, P2M_RAM_RW, P2M_MASK(P2M_HOLE)), 0);
	CHECK_EQ(p2m_replace(&dom.p2m, gfn(0), INVALID_MFN, 9, P2M_HOLE, P2M_MASK_RAM),
	         -XEN_EBUSY); /* holes among them */
	CHECK_EQ(p2m_remove(&dom.p2m, gfn(3), n, P2M_RAM_RW), -XEN_ENOENT);
	CHECK_EQ(p2m_remove(&dom.p2m, gfn(3), m, P2M_RAM_RO), -XEN_ENOENT);
	CHECK_EQ(p2m_remove(&dom.p2m, gfn(9), m, P2M_RAM_RW), -XEN_ENOENT);
	CHECK_EQ(p2m_remove(&dom.p2m, gfn(3), m, P2M_RAM_RW), 0);
	CHECK_EQ(page_of(m)->refs, 1); /* ours now */
	CHECK_EQ(p2m_add_loose(&dom.p2m, m, 0), 0);
	CHECK_EQ(dom.nr_pages, 2);
	finish();
}

/* Large and small entries, some of them not what the list says. */
static void test_remove_listed(void)
{
	static mfn_t list[1024];
	uint32_t types = P2M_MASK(P2M_RAM_RW) | P2M_MASK(P2M_RAM_LOGDIRTY);
	uint64_t generation;
	mfn_t large, other_page;

	start();
	large = map_new(0x200, 9, P2M_RAM_RW);
	for (unsigned i = 0; i < 1024; i++)
		list[i] = mfn(large.v + i);
	for (unsigned i = 512; i < 520; i++)
		list[i] = map_new(0x200 + i, 0, P2M_RAM_RW);
	CHECK_EQ(p2m_change_type(&dom.p2m, gfn(0x401), P2M_RAM_RW, P2M_RAM_LOGDIRTY), 0);
	CHECK_EQ(p2m_change_type(&dom.p2m, gfn(0x402), P2M_RAM_RW, P2M_RAM_RO), 0);
	other_page = list[515];
	list[515] = mfn(large.v + 515);
	generation = dom.p2m.generation;
	p2m_remove_listed(&dom.p2m, gfn(0x200), list, 1024, types);
	CHECK_EQ(dom.p2m.generation, generation + 1); /* one flush */
	CHECK_EQ(p2m_lookup(&dom.p2m, gfn(0x200)).type, P2M_HOLE);
	CHECK_EQ(p2m_lookup(&dom.p2m, gfn(0x3ff)).type, P2M_HOLE);
	CHECK_EQ(p2m_lookup(&dom.p2m, gfn(0x401)).type, P2M_HOLE);
	CHECK_EQ(p2m_lookup(&dom.p2m, gfn(0x402)).type, P2M_RAM_RO);
	CHECK_EQ(p2m_lookup(&dom.p2m, gfn(0x403)).mfn.v, other_page.v);
	CHECK_EQ(dom.nr_pages, 2); /* the references went with the entries */
	/* a part of a large one: it is split */
	large = map_new(0x600, 9, P2M_RAM_RW);
	list[0] = mfn(large.v + 1);
	list[1] = mfn(large.v + 2);
	p2m_remove_listed(&dom.p2m, gfn(0x601), list, 2, types);
	CHECK_EQ(dom.nr_pages, 2 + 510);
	CHECK_EQ(p2m_lookup(&dom.p2m, gfn(0x601)).type, P2M_HOLE);
	CHECK_EQ(p2m_lookup(&dom.p2m, gfn(0x603)).mfn.v, large.v + 3);
	finish();
}

/* Memory runs out at each step of a mapping: nothing may change or be lost. */
static void test_no_memory(void)
{
	static mfn_t hoard[20000];
	unsigned n = 0;
	mfn_t m, large;

	start();
	m = page_alloc(&dom, 0, 0);
	large = page_alloc(&dom, 9, 0);
	CHECK_EQ(p2m_map(&dom.p2m, gfn(0x200), large, 9, P2M_RAM_RW), 0);
	while (mfn_valid(hoard[n] = page_alloc(NULL, 0, 0)))
		n++;
	CHECK_EQ(p2m_unmap(&dom.p2m, gfn(0x210), 0), -XEN_ENOMEM);
	CHECK_EQ(p2m_change_type(&dom.p2m, gfn(0x210), P2M_RAM_RW, P2M_RAM_RO), -XEN_ENOMEM);
	CHECK_EQ(p2m_remove(&dom.p2m, gfn(0x210), mfn(large.v + 0x10), P2M_RAM_RW), -XEN_ENOMEM);
	CHECK_EQ(p2m_lookup(&dom.p2m, gfn(0x210)).order, 9);
	for (unsigned spare = 0; spare < 3; spare++) {
		CHECK_EQ(p2m_map(&dom.p2m, gfn(1ull << 35), m, 0, P2M_RAM_RW), -XEN_ENOMEM);
		CHECK_EQ(page_of(m)->refs, 1);
		page_put(hoard[--n]);
	}
	CHECK_EQ(p2m_map(&dom.p2m, gfn(1ull << 35), m, 0, P2M_RAM_RW), 0);
	while (n)
		page_put(hoard[--n]);
	finish();
}

/* One page in each gigabyte needs tables of its own: the quota ends that. */
static void test_table_quota(void)
{
	uint64_t i;
	int rc = 0;

	start();
	dom.max_pages = 2000;
	for (i = 0; i < 2000 && !rc; i++) {
		mfn_t m = page_alloc(&dom, 0, 0);

		rc = p2m_map(&dom.p2m, gfn(i << 18), m, 0, P2M_RAM_RW);
		if (rc)
			page_put(m);
	}
	CHECK_EQ(rc, -XEN_ENOMEM);
	CHECK_EQ(dom.p2m.nr_table_pages, p2m_max_table_pages(&dom.p2m));
	finish();
}

/* ---- flushes ---- */

static unsigned kicked;
static bool page_was_free;
static mfn_t watched;

static void on_kick(unsigned cpu)
{
	kicked++;
	page_was_free = !page_of(watched)->refs;
	percpu_of(cpu)->in_guest = false;
}

static void test_flush_waits(void)
{
	mfn_t m;

	start();
	fake_on_kick = on_kick;
	kicked = 0;
	percpu_of(1)->current = &vcpu;
	percpu_of(1)->in_guest = true;
	watched = m = map_new(3, 0, P2M_RAM_RW);
	CHECK_EQ(kicked, 0); /* nothing was there that a TLB could hold */
	CHECK_EQ(p2m_unmap(&dom.p2m, gfn(3), 0), 0);
	CHECK_EQ(kicked, 1);
	CHECK(!page_was_free); /* the other CPU could still reach it then */
	CHECK_EQ(page_of(m)->refs, 0);
	/* A CPU whose translations are new enough is left alone. */
	percpu_of(1)->in_guest = true;
	vcpu.flush_generation = dom.p2m.generation;
	p2m_flush(&dom.p2m);
	CHECK_EQ(kicked, 1);
	/* So is one that runs another domain. */
	vcpu.flush_generation = 0;
	percpu_of(1)->current = (struct vcpu *)&other;
	p2m_flush(&dom.p2m);
	CHECK_EQ(kicked, 1);
	/* Losing the right to write is a change that a TLB holds; gaining it is not. */
	percpu_of(1)->current = &vcpu;
	percpu_of(1)->in_guest = false;
	map_new(3, 0, P2M_RAM_RW);
	percpu_of(1)->in_guest = true;
	CHECK_EQ(p2m_change_type(&dom.p2m, gfn(3), P2M_RAM_RW, P2M_RAM_LOGDIRTY), 0);
	CHECK_EQ(kicked, 2);
	percpu_of(1)->in_guest = true;
	CHECK_EQ(p2m_change_type(&dom.p2m, gfn(3), P2M_RAM_LOGDIRTY, P2M_RAM_RW), 0);
	CHECK_EQ(kicked, 2);
	percpu_of(1)->in_guest = false;
	fake_on_kick = NULL;
	finish();
}

static void test_teardown_in_pieces(void)
{
	unsigned rounds = 0;
	mfn_t m;

	start();
	for (uint64_t i = 0; i < 8; i++)
		map_new(i << 9, 9, P2M_RAM_RW);
	for (uint64_t i = 0; i < 3000; i++)
		map_new((1ull << 30) + i, 0, P2M_RAM_RW);
	m = page_alloc(&other, 0, 0);
	CHECK_EQ(p2m_map(&dom.p2m, gfn(1ull << 33), m, 0, P2M_FOREIGN), 0);
	while (p2m_teardown(&dom.p2m)) {
		CHECK(++rounds < 20);
		CHECK_EQ(p2m_unmap(&dom.p2m, gfn(0), 0), -XEN_ENOMEM);
		CHECK_EQ(p2m_map(&dom.p2m, gfn(0), mfn(1), 0, P2M_MMIO_DIRECT), -XEN_ENOMEM);
		CHECK_EQ(p2m_add_loose(&dom.p2m, mfn(1), 0), -XEN_EINVAL);
	}
	CHECK(rounds >= 1);
	CHECK_EQ(other.nr_pages, 0);
	CHECK_EQ(p2m_lookup(&dom.p2m, gfn(0)).type, P2M_HOLE); /* others may still look */
	CHECK_EQ(p2m_teardown(&dom.p2m), 0);
	finish();
}

/* ---- random changes against an array ---- */

#define MODEL_PAGES 2048

static struct {
	uint64_t mfn;
	enum p2m_type type;
} model[MODEL_PAGES];

static void model_set(uint64_t g, unsigned order, uint64_t m, enum p2m_type type)
{
	for (uint64_t i = 0; i < 1ull << order; i++) {
		model[g + i].mfn = m + i;
		model[g + i].type = type;
	}
}

static void model_step(void)
{
	unsigned order = machine_random() % 20 ? 0 : 9;
	uint64_t g = align_down(machine_random() % MODEL_PAGES, 1u << order);
	enum p2m_type type = machine_random() % 3 + P2M_RAM_RW, to;
	mfn_t m;

	switch (machine_random() % 4) {
	case 0:
		CHECK_EQ(p2m_unmap(&dom.p2m, gfn(g), order), 0);
		model_set(g, order, 0, P2M_HOLE);
		break;
	case 1:
		to = machine_random() % 3 + P2M_RAM_RW;
		if (model[g].type == type) {
			CHECK_EQ(p2m_change_type(&dom.p2m, gfn(g), type, to), 0);
			model[g].type = to;
		} else {
			CHECK_EQ(p2m_change_type(&dom.p2m, gfn(g), type, to), -XEN_EBUSY);
		}
		break;
	default:
		m = page_alloc(&dom, order, PAGE_ALLOC_UNSCRUBBED);
		CHECK(mfn_valid(m));
		CHECK_EQ(p2m_map(&dom.p2m, gfn(g), m, order, type), 0);
		model_set(g, order, m.v, type);
	}
}

static void test_random_model(void)
{
	uint64_t count[NR_P2M_TYPES];

	start();
	memset(model, 0, sizeof(model));
	for (unsigned step = 0; step < 20000; step++) {
		model_step();
		if (step % 200)
			continue;
		memset(count, 0, sizeof(count));
		for (uint64_t g = 0; g < MODEL_PAGES; g++) {
			struct p2m_entry e = p2m_lookup(&dom.p2m, gfn(g));

			CHECK_EQ(e.type, model[g].type);
			count[e.type]++;
			if (e.type == P2M_HOLE)
				continue;
			CHECK_EQ(e.mfn.v, model[g].mfn);
			CHECK_EQ(page_of(e.mfn)->refs, 1);
		}
		for (unsigned t = 1; t < NR_P2M_TYPES; t++)
			CHECK_EQ(dom.p2m.nr_entries[t], count[t]);
		CHECK_EQ(dom.nr_pages, MODEL_PAGES - count[P2M_HOLE]);
	}
	finish();
}

UNIT_MAIN(UNIT(test_basics), UNIT(test_bounds), UNIT(test_large_and_split), UNIT(test_gigabyte),
          UNIT(test_types_and_access), UNIT(test_log_dirty), UNIT(test_marks_of_the_cpu),
          UNIT(test_quiet_regions), UNIT(test_replace_and_remove), UNIT(test_remove_listed),
          UNIT(test_no_memory), UNIT(test_table_quota), UNIT(test_flush_waits),
          UNIT(test_teardown_in_pieces), UNIT(test_random_model))
