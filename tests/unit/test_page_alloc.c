/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page allocator: blocks, merging, charging, references, scrubbing; random use against a model. */
#include <string.h>

#include "domain.h"
#include "machine_fake.h"
#include "page_alloc.h"
#include "unit.h"
#include <xen/errno.h>

#define RAM MIB(64)

static struct domain dom[3];

static void start(void)
{
	fake_memory_init(RAM, 1);
	memset(dom, 0, sizeof(dom));
	for (unsigned i = 0; i < 3; i++) {
		dom[i].id = (uint16_t)(i + 1);
		dom[i].max_pages = 100000;
		dom[i].refs = 1;
	}
}

static bool page_is_zero(mfn_t m)
{
	static const uint8_t zeroes[PAGE_SIZE];

	return !memcmp(mfn_to_virt(m), zeroes, PAGE_SIZE);
}

static void put_block(mfn_t m, unsigned order)
{
	for (uint64_t i = 0; i < 1ull << order; i++)
		page_put(mfn(m.v + i));
}

static void test_accounting(void)
{
	uint64_t table = align_up(page_table_bytes(RAM >> PAGE_SHIFT), PAGE_SIZE) >> PAGE_SHIFT;
	uint64_t free;
	mfn_t m;

	start();
	free = page_nr_free();
	CHECK_EQ(free, (RAM >> PAGE_SHIFT) - 1 - table);
	CHECK_EQ(page_nr_total(), free);
	CHECK(!page_is_ram(mfn(0)));
	CHECK(!page_is_ram(mfn(table)));
	CHECK(page_is_ram(mfn(1 + table)));
	CHECK(!page_is_ram(mfn(RAM >> PAGE_SHIFT)));
	m = page_alloc(NULL, 3, 0);
	CHECK(mfn_valid(m));
	CHECK_EQ(m.v % 8, 0);
	CHECK_EQ(page_nr_free(), free - 8);
	CHECK_EQ(page_owner(m), PAGE_OWNER_XEN);
	put_block(m, 3);
	CHECK_EQ(page_nr_free(), free);
	CHECK(!mfn_valid(page_alloc(NULL, PAGE_ORDER_MAX + 1, 0)));
	CHECK(!mfn_valid(page_alloc(NULL, PAGE_ORDER_1G, 0)));
}

/* Everything taken page by page and given back in random order must merge to what it was. */
static void test_merging(void)
{
	static mfn_t pages[RAM >> PAGE_SHIFT];
	unsigned n = 0, large = 0;
	mfn_t m;

	start();
	while (mfn_valid(m = page_alloc(NULL, 9, PAGE_ALLOC_UNSCRUBBED))) {
		put_block(m, 0);
		for (unsigned i = 1; i < 512; i++)
			page_put(mfn(m.v + i));
		large++;
		if (large > 1000)
			break;
	}
	CHECK(large > 1000); /* freed at once, so it never runs out */
	large = 0;
	while (mfn_valid(m = page_alloc(NULL, 9, PAGE_ALLOC_UNSCRUBBED)))
		pages[large++] = m;
	for (unsigned i = 0; i < large; i++)
		put_block(pages[i], 9);
	while (mfn_valid(m = page_alloc(NULL, 0, PAGE_ALLOC_UNSCRUBBED)))
		pages[n++] = m;
	CHECK_EQ(n, page_nr_total());
	CHECK_EQ(page_nr_free(), 0);
	for (unsigned i = n - 1; i > 0; i--) {
		unsigned j = machine_random() % (i + 1);

		m = pages[i];
		pages[i] = pages[j];
		pages[j] = m;
	}
	for (unsigned i = 0; i < n; i++)
		page_put(pages[i]);
	CHECK_EQ(page_nr_free(), n);
	n = 0;
	while (mfn_valid(page_alloc(NULL, 9, PAGE_ALLOC_UNSCRUBBED)))
		n++;
	CHECK_EQ(n, large);
}

static void test_charging(void)
{
	mfn_t a, b;

	start();
	dom[0].max_pages = 9;
	a = page_alloc(&dom[0], 3, 0);
	CHECK(mfn_valid(a));
	CHECK_EQ(dom[0].nr_pages, 8);
	CHECK_EQ(dom[0].refs, 2);
	CHECK(!mfn_valid(page_alloc(&dom[0], 1, 0)));
	CHECK_EQ(dom[0].nr_pages, 8);
	b = page_alloc(&dom[0], 0, 0);
	CHECK(mfn_valid(b));
	CHECK(!mfn_valid(page_alloc(&dom[0], 0, 0)));
	CHECK_EQ(page_owner(b), 1);
	CHECK(page_get(b, &dom[0]));
	CHECK(!page_get(b, &dom[1]));
	CHECK(page_get(b, NULL));
	page_put(b);
	page_put(b);
	put_block(a, 3);
	CHECK_EQ(dom[0].nr_pages, 1);
	CHECK_EQ(dom[0].refs, 2);
	page_put(b);
	CHECK_EQ(dom[0].nr_pages, 0);
	CHECK_EQ(dom[0].refs, 1);
	CHECK(!page_get(b, NULL));
	CHECK(!page_get(mfn(0), NULL));
	CHECK(!page_get(mfn(RAM >> PAGE_SHIFT), NULL));
	CHECK(!page_get(INVALID_MFN, NULL));
	/* A failed allocation of a domain without pages leaves no reference behind. */
	dom[1].max_pages = 1 << 20;
	CHECK(!mfn_valid(page_alloc(&dom[1], PAGE_ORDER_1G, 0)));
	CHECK_EQ(dom[1].refs, 1);
}

static void test_bad_puts(void)
{
	mfn_t m;

	start();
	m = page_alloc(NULL, 0, 0);
	page_put(m);
	CHECK_EQ(FAKE_END_OF(page_put(mfn(RAM >> PAGE_SHIFT))), FAKE_END_BUG);
	CHECK_EQ(FAKE_END_OF(page_put(m)), FAKE_END_BUG);
}

static void test_scrubbing(void)
{
	mfn_t m, n;
	unsigned rounds = 0;

	start();
	/* Boot memory is dirty: what was there before us must not reach a guest. */
	memset(direct_map + MIB(32), 0x77, MIB(32));
	for (unsigned i = 0; i < 4000; i++) {
		m = page_alloc(NULL, 2, 0);
		CHECK(mfn_valid(m));
		for (unsigned j = 0; j < 4; j++)
			CHECK(page_is_zero(mfn(m.v + j)));
	}
	start();
	memset(direct_map + MIB(32), 0x77, MIB(32));
	while (page_scrub_some())
		CHECK(++rounds < 10000);
	for (uint64_t i = MIB(2) >> PAGE_SHIFT; i < RAM >> PAGE_SHIFT; i++)
		CHECK(page_is_zero(mfn(i)));
	/* Freed pages are scrubbed again, once. */
	m = page_alloc(NULL, 0, 0);
	n = page_alloc(&dom[0], 4, 0);
	memset(mfn_to_virt(m), 1, PAGE_SIZE);
	memset(mfn_to_virt(mfn(n.v + 5)), 1, PAGE_SIZE);
	CHECK(!page_scrub_some());
	page_put(m);
	put_block(n, 4);
	CHECK(!page_is_zero(m));
	rounds = 0;
	while (page_scrub_some())
		CHECK(++rounds < 100);
	CHECK(page_is_zero(m));
	CHECK(page_is_zero(mfn(n.v + 5)));
	CHECK(!page_scrub_some());
}

/* A page that is freed beside the scrubber's place is not taken for clean. */
static void test_scrub_and_free(void)
{
	static mfn_t held[64];
	mfn_t m;

	start();
	for (unsigned step = 0; step < 20000; step++) {
		unsigned i = machine_random() % 64;

		if (machine_random() % 2)
			(void)page_scrub_some();
		if (held[i].v) {
			memset(mfn_to_virt(held[i]), 0xee, PAGE_SIZE);
			page_put(held[i]);
			held[i].v = 0;
			continue;
		}
		m = page_alloc(NULL, 0, 0);
		CHECK(page_is_zero(m));
		held[i] = m;
	}
	while (page_scrub_some())
		;
	for (uint64_t i = 0; i < page_nr_free(); i++) {
		m = page_alloc(NULL, 0, 0);
		CHECK(page_is_zero(m));
	}
}

/* Very pages out of the middle of a large block: the rest stays free and merges again. */
static void test_at(void)
{
	const mfn_t at = mfn((MIB(32) >> PAGE_SHIFT) + 512 + 7);
	uint64_t free;
	mfn_t m;

	start();
	free = page_nr_free();
	m = page_alloc_at(&dom[0], at, 0, 0);
	CHECK_EQ(m.v, at.v);
	CHECK(page_is_zero(m));
	CHECK_EQ(page_nr_free(), free - 1);
	CHECK_EQ(dom[0].nr_pages, 1);
	CHECK(!mfn_valid(page_alloc_at(&dom[0], at, 0, 0)));
	CHECK(!mfn_valid(page_alloc_at(&dom[0], mfn(at.v - 7), 9, 0)));
	CHECK_EQ(page_alloc_at(&dom[0], mfn(at.v - 7 + 8), 3, 0).v, at.v + 1);
	CHECK_EQ(page_alloc_at(NULL, mfn(at.v - 512 - 7), 9, 0).v, at.v - 512 - 7);
	CHECK_EQ(page_nr_free(), free - 1 - 8 - 512);
	/* not aligned, not RAM, beyond the end, too large, over the limit */
	CHECK(!mfn_valid(page_alloc_at(NULL, mfn(at.v + 20), 3, 0)));
	CHECK(!mfn_valid(page_alloc_at(NULL, mfn(0), 0, 0)));
	CHECK(!mfn_valid(page_alloc_at(NULL, mfn(RAM >> PAGE_SHIFT), 0, 0)));
	CHECK(!mfn_valid(page_alloc_at(NULL, mfn(0), PAGE_ORDER_MAX + 1, 0)));
	dom[1].max_pages = 1;
	CHECK(!mfn_valid(page_alloc_at(&dom[1], mfn(at.v - 7), 1, 0)));
	CHECK_EQ(dom[1].nr_pages, 0);
	page_put(at);
	put_block(mfn(at.v + 1), 3);
	put_block(mfn(at.v - 512 - 7), 9);
	CHECK_EQ(page_nr_free(), free);
	CHECK_EQ(page_alloc_at(NULL, mfn(at.v - 512 - 7), 12, 0).v, at.v - 512 - 7);
}

static void test_virt(void)
{
	uint64_t free;
	uint8_t *p;

	start();
	free = page_nr_free();
	p = page_alloc_virt(2);
	CHECK(p && (uintptr_t)p % (4 * PAGE_SIZE) == (uintptr_t)direct_map % (4 * PAGE_SIZE));
	CHECK(page_get(virt_to_mfn(p + PAGE_SIZE), NULL)); /* a guest maps the second page */
	page_free_virt(p, 2);
	CHECK_EQ(page_nr_free(), free - 1);
	page_put(virt_to_mfn(p + PAGE_SIZE));
	CHECK_EQ(page_nr_free(), free);
}

static void test_claims(void)
{
	uint64_t free;
	mfn_t m;

	start();
	free = page_nr_free();
	CHECK_EQ(page_claim(&dom[0], dom[0].max_pages + 1), -XEN_EINVAL);
	CHECK_EQ(page_claim(&dom[0], 0), -XEN_EINVAL);
	CHECK_EQ(page_claim(&dom[0], free + 1), -XEN_ENOMEM);
	CHECK_EQ(page_claim(&dom[0], free - 10), 0);
	CHECK_EQ(page_claim(&dom[0], free - 10), -XEN_EINVAL);
	m = page_alloc(&dom[1], 3, 0);
	CHECK(mfn_valid(m));
	CHECK(!mfn_valid(page_alloc(&dom[1], 3, 0)));
	CHECK(mfn_valid(page_alloc(&dom[0], 3, 0)));
	CHECK_EQ(dom[0].claimed_pages, free - 18);
	CHECK(!mfn_valid(page_alloc(&dom[1], 2, 0)));
	page_unclaim(&dom[0]);
	CHECK(mfn_valid(page_alloc(&dom[1], 2, 0)));
}

/* Adding memory writes block heads only: the table of 2 GiB is touched in a handful of places. */
static void test_lazy_table(void)
{
	static uint8_t table[64 + (GIB(2) >> PAGE_SHIFT) * sizeof(struct page)];
	unsigned touched = 0;

	fake_machine_init(RAM, 1);
	memset(table, 0, sizeof(table));
	page_alloc_init(table, GIB(2) >> PAGE_SHIFT);
	page_alloc_add(hpa(MIB(1)), hpa(GIB(2)));
	CHECK_EQ(page_nr_free(), (GIB(2) - MIB(1)) >> PAGE_SHIFT);
	for (uint64_t i = 0; i < page_table_nr; i++)
		touched += page_table[i].flags != 0;
	CHECK(touched > 0 && touched < 20);
	/* Pieces that touch become one block again. */
	page_alloc_add(hpa(0), hpa(MIB(1)));
	CHECK_EQ(page_nr_free(), (GIB(2) >> PAGE_SHIFT) - 1);
	CHECK(page_is_ram(mfn(1)) && page_is_ram(mfn(page_table_nr - 1)));
}

struct held {
	mfn_t m;
	unsigned order, extra;
	struct domain *d;
};

static void model_check(const struct held *h, unsigned n, uint64_t free_at_start)
{
	uint64_t used = 0, charged[4] = { 0 };

	for (unsigned i = 0; i < n; i++) {
		if (!h[i].m.v)
			continue;
		used += 1ull << h[i].order;
		charged[h[i].d ? h[i].d->id : 0] += 1ull << h[i].order;
	}
	CHECK_EQ(page_nr_free(), free_at_start - used);
	for (unsigned i = 0; i < 3; i++) {
		CHECK_EQ(dom[i].nr_pages, charged[i + 1]);
		CHECK_EQ(dom[i].refs, charged[i + 1] ? 2 : 1);
	}
}

static void test_random_model(void)
{
	static struct held h[200];
	static uint8_t used[RAM >> PAGE_SHIFT];
	uint64_t free_at_start;

	start();
	memset(h, 0, sizeof(h));
	memset(used, 0, sizeof(used));
	free_at_start = page_nr_free();
	for (unsigned step = 0; step < 20000; step++) {
		struct held *x = &h[machine_random() % 200];

		if (x->m.v) {
			uint64_t n = 1ull << x->order;

			for (uint64_t i = 0; i < n; i++) {
				CHECK_EQ(page_owner(mfn(x->m.v + i)),
				         x->d ? x->d->id : PAGE_OWNER_XEN);
				page_put(mfn(x->m.v + i));
				used[x->m.v + i] = 0;
			}
			x->m.v = 0;
		} else {
			unsigned who = machine_random() % 4;

			x->order = machine_random() % 8;
			x->d = who ? &dom[who - 1] : NULL;
			x->m = page_alloc(x->d, x->order, PAGE_ALLOC_UNSCRUBBED);
			if (!mfn_valid(x->m)) {
				x->m.v = 0;
				continue;
			}
			CHECK_EQ(x->m.v % (1u << x->order), 0);
			for (uint64_t i = 0; i < 1ull << x->order; i++) {
				CHECK_EQ(used[x->m.v + i], 0);
				used[x->m.v + i] = 1;
			}
		}
		if (step % 64 == 0)
			model_check(h, 200, free_at_start);
	}
	model_check(h, 200, free_at_start);
}

/*
 * Frames of a direct mapped domain, given up: the hypervisor gets them when nothing else is left, other domains before they take what the hypervisor may need; and once those are gone the
 * domain gets the very frames back, in one piece.
 */
static void test_home(void)
{
	static mfn_t pages[RAM >> PAGE_SHIFT];
	mfn_t hoard[RAM >> 21];
	uint64_t others;
	unsigned n = 0, hoarded;
	mfn_t home, m;

	start();
	dom[0].max_pages = dom[1].max_pages = 1 << 20;
	home = page_alloc(NULL, 9, 0);
	put_block(home, 9);
	CHECK(mfn_valid(page_alloc_at(&dom[0], home, 9, PAGE_ALLOC_HOME)));
	/* There is enough besides: nobody else gets them. */
	put_block(home, 9);
	m = page_alloc(&dom[1], 9, 0);
	CHECK(mfn_valid(m) && m.v != home.v);
	put_block(m, 9);
	for (hoarded = 0; page_nr_free() > (MIB(32) >> PAGE_SHIFT) + 512; hoarded++)
		hoard[hoarded] = page_alloc(NULL, 9, 0);
	others = page_nr_free() - 512;
	/* Another domain: little is left besides, so it gets them, and not what lies around them. */
	m = page_alloc(&dom[1], 9, 0);
	CHECK_EQ(m.v, home.v);
	CHECK(!mfn_valid(page_alloc_at(&dom[0], mfn(home.v + 5), 0, 0)));
	put_block(m, 9);
	m = page_alloc(&dom[1], 0, 0);
	CHECK(m.v >= home.v && m.v < home.v + 512);
	/* The hypervisor's own come from everywhere else, to the last page. */
	while (n < others) {
		pages[n] = page_alloc(NULL, 0, PAGE_ALLOC_UNSCRUBBED);
		CHECK(mfn_valid(pages[n]));
		CHECK(pages[n].v < home.v || pages[n].v >= home.v + 512);
		n++;
	}
	pages[n] = page_alloc(NULL, 0, PAGE_ALLOC_UNSCRUBBED);
	CHECK(pages[n].v >= home.v && pages[n].v < home.v + 512);
	n++;
	while (n)
		page_put(pages[--n]);
	page_put(m);
	/* All of them again, in one piece; and they stay what they are. */
	CHECK(mfn_valid(page_alloc_at(&dom[0], home, 9, 0)));
	put_block(home, 9);
	CHECK_EQ(page_alloc(&dom[1], 9, 0).v, home.v);
	put_block(home, 9);
	CHECK_EQ(page_nr_free(), others + 512);
	while (hoarded)
		put_block(hoard[--hoarded], 9);
}

UNIT_MAIN(UNIT(test_accounting), UNIT(test_home), UNIT(test_merging), UNIT(test_charging),
          UNIT(test_bad_puts), UNIT(test_at), UNIT(test_scrubbing), UNIT(test_scrub_and_free),
          UNIT(test_virt), UNIT(test_claims), UNIT(test_lazy_table), UNIT(test_random_model))
