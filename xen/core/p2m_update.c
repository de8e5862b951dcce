/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A domain's memory map: changes. Entries are exchanged one by one; what they held is dropped only when no CPU can use the old translation. A table is
 * never taken away while the domain lives (readers have no lock): a large mapping over a table fills that table's entries instead.
 */
#include "p2m_table.h"

#include "domain.h"
#include "errno.h"

/* Replaced leaves that wait for a flush. */
struct old_leaves {
	uint64_t pte[64];
	uint8_t level[64];
	unsigned n;
};

void p2m_drop(uint64_t pte, unsigned level)
{
	const struct nested_format *f = virt->nested;
	uint64_t first = nested_mfn(f, pte).v;

	if (!p2m_type_owns_reference(nested_type(f, pte)))
		return;
	for (uint64_t i = 0; i < p2m_level_pages(level); i++)
		page_put(mfn(first + i));
}

/* The same for what the domain gave up while it lives: own pages it may still need elsewhere. */
static void leaf_release(struct p2m *p2m, uint64_t pte, unsigned level)
{
	const struct nested_format *f = virt->nested;
	uint64_t first = nested_mfn(f, pte).v;

	if (!p2m->nr_entries[P2M_ON_DEMAND] || !p2m_type_is_ram(nested_type(f, pte))) {
		p2m_drop(pte, level);
		return;
	}
	for (uint64_t i = 0; i < p2m_level_pages(level); i++)
		if (!p2m_demand_keep(p2m, mfn(first + i)))
			page_put(mfn(first + i));
}

void p2m_count(struct p2m *p2m, uint64_t pte, unsigned level, bool is_more)
{
	uint64_t n = p2m_level_pages(level);

	atomic_fetch_add(&p2m->nr_entries[nested_type(virt->nested, pte)], is_more ? n : -n);
}

void p2m_translations_changed(struct p2m *p2m)
{
	write_once(p2m->generation, p2m->generation + 1);
	p2m_flush(p2m);
}

static void old_leaves_drop(struct p2m *p2m, struct old_leaves *old)
{
	if (!old->n)
		return;
	p2m_translations_changed(p2m);
	for (unsigned i = 0; i < old->n; i++)
		leaf_release(p2m, old->pte[i], old->level[i]);
	old->n = 0;
}

/* A large leaf, or a large place that is on demand, becomes a table of 512 smaller ones; translations stay the same. */
static int slot_split(struct p2m *p2m, uint64_t *entry, unsigned level)
{
	const struct nested_format *f = virt->nested;
	uint64_t *table = p2m_table_create(p2m), old = read_once(*entry);

	if (!table)
		return -ENOMEM;
	do {
		uint64_t first = nested_mfn(f, old).v;
		enum p2m_type type = nested_is_dirty(f, old) ? P2M_RAM_RW : nested_type(f, old);

		for (unsigned i = 0; i < P2M_ENTRIES; i++)
			table[i] = nested_leaf(f, mfn(first + i * p2m_level_pages(level - 1)),
			                       level - 1, type);
	} while (!atomic_compare_exchange(entry, &old, nested_table(f, virt_to_mfn(table))));
	return 0;
}

int p2m_slot_find(struct p2m *p2m, uint64_t gfn, unsigned level, bool create, struct p2m_slot *out)
{
	const struct nested_format *f = virt->nested;
	uint64_t *table = p2m->root_table;

	for (unsigned l = P2M_TOP_LEVEL;; l--) {
		uint64_t *entry = table + p2m_index(gfn, l);
		uint64_t pte = read_once(*entry);

		if (!p2m_is_table(f, pte, l)) {
			if (l <= level || (!pte && !create)) {
				*out = (struct p2m_slot){ entry, pte, l };
				return 0;
			}
			if (pte) {
				if (slot_split(p2m, entry, l))
					return -ENOMEM;
			} else {
				uint64_t *new = p2m_table_create(p2m);

				if (!new)
					return -ENOMEM;
				store_release(entry, nested_table(f, virt_to_mfn(new)));
			}
			pte = read_once(*entry);
		}
		table = p2m_table_at(f, pte);
	}
}

/* Is everything in [gfn, end) of a type in over? */
static bool range_is_of(struct p2m *p2m, uint64_t gfn, uint64_t end, uint32_t over)
{
	const struct nested_format *f = virt->nested;

	if (over == P2M_ANY)
		return true;
	while (gfn < end) {
		struct p2m_slot s = p2m_walk(p2m, f, gfn);

		if (!(over & P2M_MASK(nested_type(f, s.pte))))
			return false;
		gfn = align_down(gfn, p2m_level_pages(s.level)) + p2m_level_pages(s.level);
	}
	return true;
}

/* Sets [gfn, gfn + 2^order) entry by entry. Only the first step can need memory, so a failure changes nothing. */
static int range_set(struct p2m *p2m, uint64_t gfn, uint64_t mfn_first, unsigned order,
                     enum p2m_type type)
{
	const struct nested_format *f = virt->nested;
	uint64_t end = gfn + (1ull << order), g = gfn;
	unsigned level = order / 9;
	struct old_leaves old = { .n = 0 };

	if (type != P2M_HOLE)
		level = MIN(level, type == P2M_ON_DEMAND ? 1u : (unsigned)f->max_leaf_level);
	while (g < end) {
		struct p2m_slot s;
		uint64_t new = 0;

		if (p2m_slot_find(p2m, g, level, type != P2M_HOLE, &s)) {
			old_leaves_drop(p2m, &old);
			return -ENOMEM;
		}
		if (type != P2M_HOLE) {
			new = nested_leaf(f, mfn(mfn_first + (g - gfn)), s.level, type);
			p2m_count(p2m, new, s.level, true);
		}
		if (new || s.pte)
			s.pte = atomic_exchange(s.entry, new);
		if (s.pte)
			p2m_count(p2m, s.pte, s.level, false);
		if (nested_is_present(f, s.pte)) {
			old.pte[old.n] = s.pte;
			old.level[old.n++] = (uint8_t)s.level;
			if (old.n == ARRAY_LEN(old.pte))
				old_leaves_drop(p2m, &old);
		}
		g = align_down(g, p2m_level_pages(s.level)) + p2m_level_pages(s.level);
	}
	p2m_quiet_end(p2m, gfn, end - gfn);
	old_leaves_drop(p2m, &old);
	return 0;
}

int p2m_replace(struct p2m *p2m, gfn_t gfn, mfn_t mfn, unsigned order, enum p2m_type type,
                uint32_t over)
{
	const struct nested_format *f = virt->nested;
	uint64_t n = 1ull << order;
	int rc;

	if ((order != PAGE_ORDER_4K && order != PAGE_ORDER_2M && order != PAGE_ORDER_1G) ||
	    !is_aligned(gfn.v, n) || !p2m_gfn_fits(f, gfn.v))
		return -EINVAL;
	if (type != P2M_HOLE && type != P2M_ON_DEMAND &&
	    (!is_aligned(mfn.v, n) || (mfn.v << PAGE_SHIFT & ~f->address)))
		return -EINVAL;
	spin_lock(&p2m->lock);
	if (p2m->is_closed)
		rc = -ENOMEM;
	else if (!range_is_of(p2m, gfn.v, gfn.v + n, over))
		rc = -EBUSY;
	else
		rc = range_set(p2m, gfn.v, mfn.v, order, type);
	if (!rc && type != P2M_HOLE)
		p2m->max_gfn = MAX(p2m->max_gfn, gfn.v + n - 1);
	spin_unlock(&p2m->lock);
	return rc;
}

int p2m_map(struct p2m *p2m, gfn_t gfn, mfn_t mfn, unsigned order, enum p2m_type type)
{
	return p2m_replace(p2m, gfn, mfn, order, type, P2M_ANY);
}

int p2m_unmap(struct p2m *p2m, gfn_t gfn, unsigned order)
{
	return p2m_replace(p2m, gfn, INVALID_MFN, order, P2M_HOLE, P2M_ANY);
}

int p2m_change_type(struct p2m *p2m, gfn_t gfn, enum p2m_type from, enum p2m_type to)
{
	const struct nested_format *f = virt->nested;
	struct p2m_slot s;
	uint64_t new;
	int rc = -EBUSY;

	if (!p2m_type_is_ram(from) || !p2m_type_is_ram(to) || !p2m_gfn_fits(f, gfn.v))
		return -EINVAL;
	spin_lock(&p2m->lock);
	if (p2m->is_closed || !range_is_of(p2m, gfn.v, gfn.v + 1, P2M_MASK(from)))
		goto out;
	rc = p2m_slot_find(p2m, gfn.v, 0, false, &s);
	if (rc)
		goto out;
	rc = -EBUSY;
	/* The CPU may set its mark meanwhile, once. */
	do {
		if (nested_type(f, s.pte) != from)
			goto out;
		new = nested_leaf(f, nested_mfn(f, s.pte), 0, to);
	} while (!atomic_compare_exchange(s.entry, &s.pte, new));
	p2m_count(p2m, s.pte, 0, false);
	p2m_count(p2m, new, 0, true);
	p2m_quiet_end(p2m, gfn.v, 1);
	if (p2m_access[from] & ~p2m_access[to])
		p2m_translations_changed(p2m);
	rc = 0;
out:
	spin_unlock(&p2m->lock);
	return rc;
}

int p2m_remove(struct p2m *p2m, gfn_t gfn, mfn_t mfn, enum p2m_type type)
{
	const struct nested_format *f = virt->nested;
	struct p2m_entry e;
	struct p2m_slot s;
	int rc = -ENOENT;

	spin_lock(&p2m->lock);
	e = p2m_lookup(p2m, gfn);
	if (type == P2M_HOLE || e.type != type || !mfn_equal(e.mfn, mfn))
		goto out;
	rc = p2m_slot_find(p2m, gfn.v, 0, false, &s);
	if (rc)
		goto out;
	rc = -ENOENT;
	do {
		if (nested_type(f, s.pte) != type)
			goto out;
	} while (!atomic_compare_exchange(s.entry, &s.pte, 0));
	p2m_count(p2m, s.pte, 0, false);
	p2m_translations_changed(p2m);
	rc = 0;
out:
	spin_unlock(&p2m->lock);
	return rc;
}

/* Takes entries at gfn that are of the list; how many pages were looked at. */
static uint64_t listed_remove(struct p2m *p2m, uint64_t gfn, const mfn_t *mfns, uint64_t n,
                              uint32_t types, struct old_leaves *old)
{
	const struct nested_format *f = virt->nested;
	uint64_t large = p2m_level_pages(1);
	unsigned level =
		is_aligned(gfn, large) && n >= large && mfns[large - 1].v - mfns[0].v == large - 1
			? 1
			: 0;
	struct p2m_slot s;

	if (p2m_slot_find(p2m, gfn, level, false, &s))
		return 1;
	if (s.level > level) /* a hole, or no RAM: none of these is split */
		return align_down(gfn, p2m_level_pages(s.level)) + p2m_level_pages(s.level) - gfn;
	do {
		if (!(types & P2M_MASK(nested_type(f, s.pte))) ||
		    !mfn_equal(nested_mfn(f, s.pte), mfns[0]))
			return p2m_level_pages(s.level);
	} while (!atomic_compare_exchange(s.entry, &s.pte, 0));
	p2m_count(p2m, s.pte, s.level, false);
	old->pte[old->n] = s.pte;
	old->level[old->n++] = (uint8_t)s.level;
	return p2m_level_pages(s.level);
}

void p2m_remove_listed(struct p2m *p2m, gfn_t gfn, const mfn_t *mfns, uint64_t n, uint32_t types)
{
	struct old_leaves old;
	uint64_t i = 0;

	while (i < n) {
		old.n = 0;
		spin_lock(&p2m->lock);
		while (i < n && old.n < ARRAY_LEN(old.pte))
			i += listed_remove(p2m, gfn.v + i, mfns + i, n - i, types, &old);
		if (old.n)
			p2m_translations_changed(p2m);
		spin_unlock(&p2m->lock);
		for (unsigned k = 0; k < old.n; k++)
			p2m_drop(old.pte[k], old.level[k]);
	}
}
