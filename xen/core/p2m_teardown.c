/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A domain's memory map: its end, in pieces; and own pages that are at no gfn. */
#include "p2m_table.h"

#include "domain.h"
#include "errno.h"

/* Pages dropped and entries looked at by one call. */
#define TEARDOWN_BUDGET 4096

int p2m_add_loose(struct p2m *p2m, mfn_t m, unsigned order)
{
	int rc = -EINVAL;

	spin_lock(&p2m->lock);
	if (!p2m->is_closed) {
		for (uint64_t i = 0; i < 1ull << order; i++) {
			page_of(mfn(m.v + i))->user_tag = p2m->loose;
			p2m->loose = (uint32_t)(m.v + i);
		}
		rc = 0;
	}
	spin_unlock(&p2m->lock);
	return rc;
}

/* Drops pages of the leaf that was taken out last. */
static unsigned leaf_drop_some(struct p2m *p2m, unsigned budget)
{
	while (budget && p2m->teardown_left) {
		page_put(mfn(p2m->teardown_mfn++));
		p2m->teardown_left--;
		budget--;
	}
	return budget;
}

/* Takes out the entry at the cursor and moves it on. */
static void entry_take(struct p2m *p2m)
{
	const struct nested_format *f = virt->nested;
	struct p2m_slot s = p2m_walk(p2m, f, p2m->teardown_gfn);
	uint64_t n = p2m_level_pages(s.level);

	if (s.pte) {
		s.pte = atomic_exchange(s.entry, 0);
		p2m_count(p2m, s.pte, s.level, false);
		if (p2m_type_owns_reference(nested_type(f, s.pte))) {
			p2m->teardown_mfn = nested_mfn(f, s.pte).v;
			p2m->teardown_left = n;
		}
	}
	p2m->teardown_gfn = align_down(p2m->teardown_gfn, n) + n;
}

static unsigned loose_drop_some(struct p2m *p2m, unsigned budget)
{
	for (; budget && p2m->loose; budget--) {
		mfn_t m = mfn(p2m->loose);

		p2m->loose = page_of(m)->user_tag;
		page_put(m);
	}
	return budget;
}

int p2m_teardown(struct p2m *p2m)
{
	unsigned budget = TEARDOWN_BUDGET;

	if (!p2m->root_table)
		return 0;
	spin_lock(&p2m->lock);
	if (!p2m->is_closed) {
		p2m->is_closed = true;
		page_unclaim(p2m->domain);
	}
	budget = leaf_drop_some(p2m, budget);
	while (budget && p2m->teardown_gfn <= p2m->max_gfn) {
		entry_take(p2m);
		budget = leaf_drop_some(p2m, budget - 1);
	}
	budget = loose_drop_some(p2m, budget);
	budget = p2m_demand_drop(p2m, budget);
	spin_unlock(&p2m->lock);
	return budget ? 0 : -EINTR;
}
