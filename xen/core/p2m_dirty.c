/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A domain's memory map: which pages were written to since somebody asked. A table's worth of entries at a time, with one flush for all of them. */
#include "p2m_table.h"

#include "bitmap.h"
#include "errno.h"
#include "string.h"

/*
 * ---- regions that nobody writes to ----
 *
 * Where the CPU says which pages it marks, a bit for each P2M_SCAN pages: nothing in them is dirty, so they need not be looked at. The bit is set before the entries are cleaned, and
 * cleared after one has become dirty, so a region with a dirty page has it set only as long as somebody is still about to clear it: its page is told of the next time. A vcpu
 * that is stopped has said all.
 */
#define QUIET_REGIONS (PAGE_SIZE * 8) /* the first 64 GiB; what lies above is always looked at */

int p2m_quiet_init(struct p2m *p2m)
{
	mfn_t m = page_alloc(NULL, 0, 0);

	if (!mfn_valid(m))
		return -ENOMEM;
	p2m->quiet = mfn_to_virt(m);
	return 0;
}

static bool region_is_quiet(const struct p2m *p2m, uint64_t region)
{
	return p2m->quiet && region < QUIET_REGIONS && bitmap_test(p2m->quiet, (unsigned)region);
}

static void region_quiet_begin(struct p2m *p2m, uint64_t region)
{
	if (p2m->quiet && region < QUIET_REGIONS)
		atomic_fetch_or(&p2m->quiet[region / 64], 1ull << region % 64);
}

void p2m_quiet_end(struct p2m *p2m, uint64_t gfn, uint64_t n)
{
	uint64_t region = gfn / P2M_SCAN, end = MIN((gfn + n - 1) / P2M_SCAN + 1, QUIET_REGIONS);

	for (; p2m->quiet && region < end; region++)
		if (region_is_quiet(p2m, region))
			atomic_fetch_and(&p2m->quiet[region / 64], ~(1ull << region % 64));
}

void p2m_written(struct p2m *p2m, gfn_t gfn)
{
	p2m_quiet_end(p2m, gfn.v, 1);
}

/* gfns of quiet regions from the one of gfn on, as many as one answer can be for. */
static long quiet_gfns(const struct p2m *p2m, uint64_t gfn)
{
	uint64_t first = gfn / P2M_SCAN, n = 0;

	while (n < P2M_SCAN_MAX / P2M_SCAN && region_is_quiet(p2m, first + n))
		n++;
	return (long)(n * P2M_SCAN);
}

/* ---- entries ---- */

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
	if (clean && nr == P2M_SCAN)
		region_quiet_begin(p2m, gfn / P2M_SCAN);
	table_scan(p2m, f, s.entry, nr, clean, bits);
	return P2M_SCAN;
}

long p2m_dirty_scan(struct p2m *p2m, uint64_t gfn, bool clean, uint64_t bits[P2M_SCAN / 64])
{
	long n = P2M_SCAN_MAX;

	memset(bits, 0, P2M_SCAN / 8);
	if (!p2m_gfn_fits(virt->nested, gfn))
		return n;
	n = quiet_gfns(p2m, gfn);
	if (n)
		return n;
	n = P2M_SCAN_MAX;
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
	if (!p2m_gfn_fits(virt->nested, gfn) || region_is_quiet(p2m, gfn / P2M_SCAN))
		return 0;
	spin_lock(&p2m->lock);
	if (!p2m->is_closed)
		n = scan(p2m, gfn, nr, clean, bits);
	spin_unlock(&p2m->lock);
	return n < 0 ? (int)n : 0;
}
