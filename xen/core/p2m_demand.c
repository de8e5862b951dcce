/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A domain's memory map: populate on demand. A guest may be shown more memory than it has (maxmem above memory): its places are entries that are not present, and a touch puts
 * a page there, out of those that the domain keeps for it (all zero, and charged to it). So the domain's pages are what it uses and what it keeps, and its balloon, once it runs,
 * gives up places until as many are left as pages are kept. Until then a guest that touches more than it has finds the pages that it did not write to taken back: zero pages
 * become places again.
 */
#include "p2m_table.h"

#include "domain.h"
#include "errno.h"
#include "string.h"

#define LARGE_PAGES   (1u << PAGE_ORDER_2M)
#define SWEEP_LOOKS   1024           /* entries that one touch looks at for a zero page */
#define SWEEP_BATCH   32             /* zero pages that one flush is for */
#define WAIT_TOUCHES  16             /* touches' worth of looking by a hypercall */
#define TRIM_PAGES    (uint64_t)1024 /* given back by one trim */
#define TARGET_SINGLE 64             /* 4 KiB pages that one step of set_target gets */

static uint64_t nr_places(const struct p2m *p2m)
{
	return p2m->nr_entries[P2M_ON_DEMAND];
}

/* ---- the pages that are kept. Lock held ---- */

static void keep_single(struct p2m *p2m, mfn_t m)
{
	page_of(m)->user_tag = p2m->demand.single;
	p2m->demand.single = (uint32_t)m.v;
	p2m->demand.cached++;
}

static void keep_large(struct p2m *p2m, mfn_t m)
{
	page_of(m)->user_tag = p2m->demand.large;
	p2m->demand.large = (uint32_t)m.v;
	p2m->demand.cached += LARGE_PAGES;
}

static mfn_t take_large(struct p2m *p2m)
{
	mfn_t m = mfn(p2m->demand.large);

	if (!m.v)
		return INVALID_MFN;
	p2m->demand.large = page_of(m)->user_tag;
	page_of(m)->user_tag = 0;
	p2m->demand.cached -= LARGE_PAGES;
	return m;
}

static mfn_t take_single(struct p2m *p2m)
{
	mfn_t m;

	if (!p2m->demand.single) {
		m = take_large(p2m);
		if (!mfn_valid(m))
			return m;
		for (uint64_t i = LARGE_PAGES; i-- > 0;)
			keep_single(p2m, mfn(m.v + i));
	}
	m = mfn(p2m->demand.single);
	p2m->demand.single = page_of(m)->user_tag;
	page_of(m)->user_tag = 0;
	p2m->demand.cached--;
	return m;
}

bool p2m_demand_keep(struct p2m *p2m, mfn_t m)
{
	if (p2m->demand.cached >= nr_places(p2m) || read_once(page_of(m)->refs) != 1)
		return false;
	memset(mfn_to_virt(m), 0, PAGE_SIZE);
	keep_single(p2m, m);
	return true;
}

unsigned p2m_demand_drop(struct p2m *p2m, unsigned budget)
{
	while (budget && p2m->demand.cached) {
		page_put(take_single(p2m));
		budget--;
	}
	return budget;
}

void p2m_demand_trim(struct p2m *p2m)
{
	spin_lock(&p2m->lock);
	if (!p2m->is_closed && p2m->demand.cached > nr_places(p2m))
		(void)p2m_demand_drop(
			p2m, (unsigned)MIN(p2m->demand.cached - nr_places(p2m), TRIM_PAGES));
	spin_unlock(&p2m->lock);
}

/* ---- zero pages become places again. Lock held ---- */

struct sweep {
	struct p2m_slot slot[SWEEP_BATCH];
	unsigned n;
};

static bool is_zero(mfn_t m)
{
	const uint64_t *p = mfn_to_virt(m);

	for (unsigned i = 0; i < PAGE_SIZE / sizeof(*p); i++)
		if (p[i])
			return false;
	return true;
}

/* Nobody but the entry has it, and it holds nothing. */
static bool is_unused(mfn_t m)
{
	return read_once(page_of(m)->refs) == 1 && is_zero(m);
}

/* gfn's entry, which leads to m, becomes a place; remembered. */
static void sweep_take(struct p2m *p2m, struct sweep *w, uint64_t gfn)
{
	const struct nested_format *f = virt->nested;
	struct p2m_slot *s = &w->slot[w->n];
	uint64_t place = nested_leaf(f, INVALID_MFN, 0, P2M_ON_DEMAND);

	if (p2m_slot_find(p2m, gfn, 0, false, s) || s->level)
		return;
	s->pte = atomic_exchange(s->entry, place);
	p2m_count(p2m, s->pte, 0, false);
	p2m_count(p2m, place, 0, true);
	w->n++;
}

/* No CPU has the old translation any more: pages that were written to meanwhile go back to where they were. Returns how many were won. */
static unsigned sweep_keep(struct p2m *p2m, const struct sweep *w)
{
	const struct nested_format *f = virt->nested;
	unsigned won = 0;

	if (w->n)
		p2m_translations_changed(p2m);
	for (unsigned i = 0; i < w->n; i++) {
		const struct p2m_slot *s = &w->slot[i];

		if (is_unused(nested_mfn(f, s->pte))) {
			keep_single(p2m, nested_mfn(f, s->pte));
			won++;
			continue;
		}
		p2m_count(p2m, atomic_exchange(s->entry, s->pte), 0, false);
		p2m_count(p2m, s->pte, 0, true);
	}
	return won;
}

/* 0: some pages are kept now. -EAGAIN: none so far. -ENOMEM: once around the domain, and none. */
static int sweep(struct p2m *p2m)
{
	struct p2m_demand *c = &p2m->demand;
	struct sweep w = { .n = 0 };

	if (!c->sweep_left)
		c->sweep_left = p2m->max_gfn + 1;
	for (unsigned i = 0; i < SWEEP_LOOKS && w.n < SWEEP_BATCH && c->sweep_left; i++) {
		struct p2m_entry e;
		uint64_t step = 1;

		if (c->sweep_gfn > p2m->max_gfn)
			c->sweep_gfn = 0;
		e = p2m_lookup(p2m, gfn(c->sweep_gfn));
		if (e.type == P2M_RAM_RW && is_unused(e.mfn))
			sweep_take(p2m, &w, c->sweep_gfn);
		else if (e.type != P2M_RAM_RW)
			step = (1ull << e.order) - (c->sweep_gfn & ((1ull << e.order) - 1));
		c->sweep_gfn += step;
		c->sweep_left -= MIN(step, c->sweep_left);
	}
	if (sweep_keep(p2m, &w)) {
		c->sweep_left = 0;
		return 0;
	}
	return c->sweep_left ? -EAGAIN : -ENOMEM;
}

/* ---- touches ---- */

/* s is gfn's place. Lock held. */
static int place_fill(struct p2m *p2m, uint64_t gfn, struct p2m_slot *s)
{
	const struct nested_format *f = virt->nested;
	mfn_t m = INVALID_MFN;

	if (s->level == 1)
		m = take_large(p2m);
	if (!mfn_valid(m)) {
		if (p2m_slot_find(p2m, gfn, 0, true, s))
			return -ENOMEM;
		m = take_single(p2m);
	}
	if (!mfn_valid(m))
		return -ENOMEM;
	p2m_count(p2m, atomic_exchange(s->entry, nested_leaf(f, m, s->level, P2M_RAM_RW)), s->level,
	          false);
	p2m_count(p2m, read_once(*s->entry), s->level, true);
	p2m_quiet_end(p2m, align_down(gfn, p2m_level_pages(s->level)), p2m_level_pages(s->level));
	return 0;
}

int p2m_demand_touch(struct p2m *p2m, gfn_t gfn)
{
	const struct nested_format *f = virt->nested;
	struct p2m_slot s;
	int rc = 0;

	if (!p2m_gfn_fits(f, gfn.v))
		return 0;
	spin_lock(&p2m->lock);
	s = p2m_walk(p2m, f, gfn.v);
	if (nested_type(f, s.pte) != P2M_ON_DEMAND || nested_is_present(f, s.pte))
		goto out;
	rc = p2m->is_closed ? -ENOMEM : 0;
	if (!rc && !p2m->demand.cached)
		rc = sweep(p2m);
	if (!rc)
		rc = place_fill(p2m, gfn.v, &s);
out:
	spin_unlock(&p2m->lock);
	return rc;
}

int p2m_demand_wait(struct p2m *p2m, gfn_t gfn)
{
	int rc = -EAGAIN;

	for (unsigned i = 0; i < WAIT_TOUCHES && rc == -EAGAIN; i++)
		rc = p2m_demand_touch(p2m, gfn);
	return rc;
}

/* ---- the tools' side ---- */

int p2m_demand_mark(struct p2m *p2m, gfn_t gfn, unsigned order)
{
	return p2m_replace(p2m, gfn, INVALID_MFN, order, P2M_ON_DEMAND,
	                   P2M_MASK(P2M_HOLE) | P2M_MASK(P2M_ON_DEMAND));
}

/* One piece more, as large as is wanted and to be had. */
static bool cache_grow(struct p2m *p2m, uint64_t wanted)
{
	mfn_t m = INVALID_MFN;

	if (wanted >= LARGE_PAGES) {
		m = page_alloc(p2m->domain, PAGE_ORDER_2M, 0);
		if (mfn_valid(m)) {
			keep_large(p2m, m);
			return true;
		}
	}
	for (unsigned i = 0; i < TARGET_SINGLE && i < wanted; i++) {
		m = page_alloc(p2m->domain, 0, 0);
		if (!mfn_valid(m))
			return false;
		keep_single(p2m, m);
	}
	return true;
}

/*
 * Nothing is done for a domain without places left: its balloon alone says how much it has. A lower target takes nothing away, as the guest may touch places before its balloon has come
 * that far: the pages come back when it gives up places. A higher one is filled up to the number of places; before anything is populated the places have not been marked yet.
 */
static int set_target(struct p2m *p2m, uint64_t pages)
{
	uint64_t has = read_once(p2m->domain->nr_pages), populated, wanted;

	/* Without vcpus at work the count is ours alone; else one page more or less does no harm. */
	populated = has - MIN(has, p2m->demand.cached);
	if ((populated && !nr_places(p2m)) || pages < has || p2m->is_closed)
		return 0;
	wanted = pages - populated;
	if (populated)
		wanted = MIN(wanted, nr_places(p2m));
	if (p2m->demand.cached > wanted)
		(void)p2m_demand_drop(p2m, (unsigned)MIN(p2m->demand.cached - wanted, TRIM_PAGES));
	else if (p2m->demand.cached < wanted && !cache_grow(p2m, wanted - p2m->demand.cached))
		return -ENOMEM;
	return p2m->demand.cached == wanted ? 0 : -EINTR;
}

int p2m_demand_set_target(struct p2m *p2m, uint64_t pages)
{
	int rc;

	spin_lock(&p2m->lock);
	rc = set_target(p2m, pages);
	spin_unlock(&p2m->lock);
	return rc;
}
