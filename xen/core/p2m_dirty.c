/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A domain's memory map: which pages were written to since somebody asked. A table's worth of entries at a time, with one flush for all of them. */
#include "p2m_table.h"

#include "bitmap.h"
#include "errno.h"
#include "string.h"

static bool is_dirty(const struct nested_format *f, uint64_t pte)
{
	return nested_is_present(f, pte) && nested_is_dirty(f, pte);
}

/* The guest may write while we look: its write then finds the entry as it was, or faults and makes it dirty again. */
static bool entry_clean(struct p2m *p2m, const struct nested_format *f, uint64_t *entry)
{
	uint64_t pte = read_once(*entry), new;

	do {
		if (!is_dirty(f, pte))
			return false;
		new = nested_leaf(f, nested_mfn(f, pte), 0, P2M_RAM_LOGDIRTY);
	} while (!atomic_compare_exchange(entry, &pte, new));
	p2m_count(p2m, pte, 0, false);
	p2m_count(p2m, new, 0, true);
	return true;
}

static void table_scan(struct p2m *p2m, const struct nested_format *f, uint64_t *entries,
                       unsigned nr, bool clean, uint64_t *bits)
{
	bool any = false;

	for (unsigned i = 0; i < nr; i++) {
		if (clean ? !entry_clean(p2m, f, entries + i) : !is_dirty(f, read_once(entries[i])))
			continue;
		bitmap_set(bits, i);
		any = true;
	}
	if (any && clean)
		p2m_translations_changed(p2m);
}

/* Lock held. */
static long scan(struct p2m *p2m, uint64_t gfn, unsigned nr, bool clean, uint64_t *bits)
{
	const struct nested_format *f = virt->nested;
	struct p2m_slot s = p2m_walk(p2m, f, gfn);

	if (s.level && is_dirty(f, s.pte)) {
		if (!clean) {
			bitmap_fill(bits, nr);
			return P2M_SCAN;
		}
		if (p2m_slot_find(p2m, gfn, 0, false, &s))
			return -ENOMEM;
	}
	if (s.level)
		return nested_is_present(f, s.pte)
		               ? (long)P2M_SCAN
		               : (long)MIN(p2m_level_pages(s.level) -
		                                   (gfn & (p2m_level_pages(s.level) - 1)),
		                           (uint64_t)P2M_SCAN_MAX);
	table_scan(p2m, f, s.entry, nr, clean, bits);
	return P2M_SCAN;
}

long p2m_dirty_scan(struct p2m *p2m, uint64_t gfn, bool clean, uint64_t bits[P2M_SCAN / 64])
{
	long n = P2M_SCAN_MAX;

	memset(bits, 0, P2M_SCAN / 8);
	if (!p2m_gfn_fits(virt->nested, gfn))
		return n;
	spin_lock(&p2m->lock);
	if (!p2m->is_closed)
		n = scan(p2m, gfn, P2M_SCAN, clean, bits);
	spin_unlock(&p2m->lock);
	return n;
}

int p2m_dirty_range(struct p2m *p2m, uint64_t gfn, unsigned nr, bool clean,
                    uint64_t bits[P2M_SCAN / 64])
{
	long n = 0;

	memset(bits, 0, P2M_SCAN / 8);
	if (!p2m_gfn_fits(virt->nested, gfn))
		return 0;
	spin_lock(&p2m->lock);
	if (!p2m->is_closed)
		n = scan(p2m, gfn, nr, clean, bits);
	spin_unlock(&p2m->lock);
	return n < 0 ? (int)n : 0;
}
