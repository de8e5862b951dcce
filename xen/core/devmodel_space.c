/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The address space of a device model's instance. */
#include "devmodel_space.h"

#include "devmodel_link.h"
#include "domain.h"
#include "errno.h"
#include "heap.h"
#include "registers.h"
#include "string.h"

#define LOWER_HALF  (1ull << 47)
#define TABLE_FLAGS (PTE_P | PTE_W | PTE_U | PTE_A)
#define PAGE_FLAGS  (PTE_P | PTE_U | PTE_A)

/* ---- chains of pages ---- */

static void *chain_page(struct devmodel_space *s, struct page_chain *c)
{
	void *p;

	if (s->own.nr + s->window.nr >= DEVMODEL_PAGES_MAX)
		return NULL;
	p = page_alloc_virt(0);
	if (!p)
		return NULL;
	page_of(virt_to_mfn(p))->user_tag = c->first;
	c->first = (uint32_t)virt_to_mfn(p).v;
	c->nr++;
	return p;
}

static void chain_free(struct page_chain *c)
{
	while (c->first) {
		mfn_t m = mfn(c->first);

		c->first = page_of(m)->user_tag;
		page_put(m);
	}
	c->nr = 0;
}

/* ---- tables ---- */

static unsigned index_of(uint64_t linear, unsigned level)
{
	return linear >> (PAGE_SHIFT + 9 * level) & 511;
}

static struct page_chain *chain_of(struct devmodel_space *s, const struct devmodel_region *r)
{
	return r->backing == DEVMODEL_RAM ? &s->window : &s->own;
}

/* The entry for linear at that level (0: 4 KiB, 1: 2 MiB), tables made on the way. NULL: no memory, or a large page is there. */
static uint64_t *entry_at(struct devmodel_space *s, struct page_chain *c, uint64_t linear,
                          unsigned level)
{
	uint64_t *table = s->root;

	for (unsigned l = 3; l > level; l--) {
		uint64_t *e = &table[index_of(linear, l)];

		if (!(*e & PTE_P)) {
			void *page = chain_page(s, c);

			if (!page)
				return NULL;
			*e = virt_to_hpa(page).v | TABLE_FLAGS;
		}
		if (*e & PTE_PS)
			return NULL;
		table = hpa_to_virt(hpa(*e & PTE_ADDR));
	}
	return &table[index_of(linear, level)];
}

static bool map(struct devmodel_space *s, const struct devmodel_region *r, uint64_t linear, mfn_t m,
                unsigned level, bool writable)
{
	uint64_t *e =
		entry_at(s, chain_of(s, r), align_down(linear, PAGE_SIZE << 9 * level), level);

	if (!e || (level && (*e & PTE_P) && !(*e & PTE_PS)))
		return false;
	*e = mfn_to_hpa(m).v | PAGE_FLAGS | (writable ? PTE_W : 0) | (r->is_code ? 0 : PTE_NX) |
	     (level ? PTE_PS : 0) | (r->backing == DEVMODEL_LISTED ? 0 : PTE_D);
	return true;
}

/* ---- regions ---- */

static const struct devmodel_region *region_find(const struct devmodel_space *s, uint64_t linear)
{
	for (uint32_t i = 0; i < s->nr_regions; i++)
		if (linear - s->regions[i].base < s->regions[i].size)
			return &s->regions[i];
	return NULL;
}

int devmodel_space_add(struct devmodel_space *s, const struct devmodel_region *r)
{
	if (!is_aligned(r->base | r->size, PAGE_SIZE) || r->base >= LOWER_HALF ||
	    r->size > LOWER_HALF - r->base)
		return -EINVAL;
	if (s->nr_regions == DEVMODEL_REGIONS)
		return -ENOSPC;
	if (r->size)
		s->regions[s->nr_regions++] = *r;
	return 0;
}

static bool own_page_fault(struct devmodel_space *s, const struct devmodel_region *r,
                           uint64_t linear)
{
	uint64_t at = align_down(linear - r->base, PAGE_SIZE);
	void *page = chain_page(s, &s->own);

	if (!page)
		return false;
	if (at < r->from_size)
		memcpy(page, r->from + at, MIN(r->from_size - at, PAGE_SIZE));
	return map(s, r, linear, virt_to_mfn(page), 0, r->is_writable);
}

static bool fixed_fault(struct devmodel_space *s, const struct devmodel_region *r, uint64_t linear)
{
	uint64_t at = align_down(linear - r->base, PAGE_SIZE);

	return map(s, r, linear, virt_to_mfn(r->from + at), 0, r->is_writable);
}

static bool listed_fault(struct devmodel_space *s, const struct devmodel_region *r, uint64_t linear)
{
	uint64_t page = (linear - r->base) >> PAGE_SHIFT;

	return page < r->pages->nr && map(s, r, linear, r->pages->mfns[page], 0, true);
}

/* The CPU marks what is written; an entry is never changed by another CPU meanwhile. */
bool devmodel_space_written(struct devmodel_space *s, uint64_t linear,
                            uint64_t bits[DEVMODEL_SPACE_BLOCK / 64])
{
	uint64_t *table = s->root;
	bool any = false;

	memset(bits, 0, DEVMODEL_SPACE_BLOCK / 8);
	for (unsigned l = 3; l; l--) {
		uint64_t e = table[index_of(linear, l)];

		if (!(e & PTE_P))
			return false;
		table = hpa_to_virt(hpa(e & PTE_ADDR));
	}
	for (unsigned i = 0; i < DEVMODEL_SPACE_BLOCK; i++) {
		if (!(table[i] & PTE_D))
			continue;
		table[i] &= ~PTE_D;
		bits[i / 64] |= 1ull << i % 64;
		any = true;
	}
	return any;
}

/* What is no memory, or may not be written: reads as ones, takes writes nowhere. */
static bool sink_fault(struct devmodel_space *s, const struct devmodel_region *r, uint64_t linear)
{
	memset(s->sink, 0xff, PAGE_SIZE);
	return map(s, r, linear, virt_to_mfn(s->sink), 0, true);
}

/* No reference: as long as the instance runs this CPU is "touching" the guest's memory, and whatever changes its map waits for that. */
static bool ram_fault(struct devmodel_space *s, const struct devmodel_region *r, uint64_t linear,
                      bool write)
{
	struct p2m *p2m = &s->domain->p2m;
	gfn_t f = gfn((linear - r->base) >> PAGE_SHIFT);
	struct p2m_entry e = p2m_lookup(p2m, f);

	if (e.type == P2M_RAM_LOGDIRTY && write && p2m_mark_dirty(p2m, f))
		e = p2m_lookup(p2m, f);
	if (!p2m_type_is_page(e.type) || !(p2m_access[e.type] & (write ? P2M_WRITE : P2M_READ)))
		return sink_fault(s, r, linear);
	if (e.order >= PAGE_ORDER_2M && e.type == P2M_RAM_RW &&
	    map(s, r, linear, mfn(align_down(e.mfn.v, 512)), 1, true))
		return true;
	return map(s, r, linear, e.mfn, 0, p2m_access[e.type] & P2M_WRITE);
}

bool devmodel_space_fault(struct devmodel_space *s, uint64_t linear, bool write, bool fetch)
{
	const struct devmodel_region *r = region_find(s, linear);

	if (!r || (write && !r->is_writable) || (fetch && !r->is_code))
		return false;
	switch (r->backing) {
	case DEVMODEL_OWN: return own_page_fault(s, r, linear);
	case DEVMODEL_FIXED: return fixed_fault(s, r, linear);
	case DEVMODEL_LISTED: return listed_fault(s, r, linear);
	case DEVMODEL_RAM: return ram_fault(s, r, linear, write);
	}
	return false;
}

bool devmodel_space_renew(struct devmodel_space *s)
{
	uint64_t now = read_once(s->domain->p2m.generation);

	if (likely(s->window_generation == now))
		return false;
	s->window_generation = now;
	for (uint64_t at = DEVMODEL_GUEST; at < DEVMODEL_GUEST + DEVMODEL_GUEST_MAX;
	     at += 1ull << 39)
		s->root[index_of(at, 3)] = 0;
	chain_free(&s->window);
	return true;
}

/* ---- pages that others map, too ---- */

/* In large pieces where large says so: a guest's map of them is small then, and quick. owner NULL: ours, not charged to anybody. */
static int pages_make(struct devmodel_pages *p, struct domain *owner, uint64_t nr, bool large)
{
	p->mfns = heap_alloc_array(nr, sizeof(p->mfns[0]));
	if (!p->mfns)
		return -ENOMEM;
	while (p->nr < nr) {
		unsigned order = large && nr - p->nr >= 512 ? PAGE_ORDER_2M : PAGE_ORDER_4K;
		mfn_t m = page_alloc(owner, order, 0);

		if (!mfn_valid(m) && order)
			m = page_alloc(owner, order = 0, 0);
		if (!mfn_valid(m))
			return -ENOMEM;
		for (uint64_t i = 0; i < 1ull << order; i++)
			p->mfns[p->nr++] = mfn(m.v + i);
	}
	return 0;
}

static void pages_free(struct devmodel_pages *p)
{
	for (uint32_t i = 0; i < p->nr; i++)
		page_put(p->mfns[i]);
	heap_free(p->mfns);
	*p = (struct devmodel_pages){ .nr = 0 };
}

static int listed_add(struct devmodel_space *s, uint64_t base, struct devmodel_pages *p)
{
	const struct devmodel_region r = { .base = base,
		                           .size = (uint64_t)p->nr << PAGE_SHIFT,
		                           .backing = DEVMODEL_LISTED,
		                           .is_writable = true,
		                           .pages = p };

	return devmodel_space_add(s, &r);
}

int devmodel_space_add_vram(struct devmodel_space *s, uint64_t size)
{
	int err;

	if (size > DEVMODEL_VRAM_MAX + DEVMODEL_VRAM_HIDDEN || !is_aligned(size, PAGE_SIZE))
		return -EINVAL;
	err = pages_make(&s->vram, s->domain, size >> PAGE_SHIFT, true);
	return err ? err : listed_add(s, DEVMODEL_VRAM, &s->vram);
}

int devmodel_space_add_link(struct devmodel_space *s)
{
	int err = pages_make(&s->link, NULL, DEVMODEL_LINK_SIZE >> PAGE_SHIFT, false);

	return err ? err : listed_add(s, DEVMODEL_LINK, &s->link);
}

/* ---- life ---- */

int devmodel_space_init(struct devmodel_space *s, struct domain *d)
{
	const struct devmodel_region always[] = {
		{ DEVMODEL_HEAP, DEVMODEL_HEAP_SIZE, DEVMODEL_OWN, true },
		{ DEVMODEL_STACK_END - DEVMODEL_STACK_SIZE, DEVMODEL_STACK_SIZE, DEVMODEL_OWN,
		  true },
		{ DEVMODEL_GUEST, DEVMODEL_GUEST_MAX, DEVMODEL_RAM, true },
	};
	int err = 0;

	s->domain = d;
	s->root = chain_page(s, &s->own);
	s->sink = s->root ? chain_page(s, &s->own) : NULL;
	if (!s->sink)
		return -ENOMEM;
	s->window_generation = read_once(d->p2m.generation);
	for (unsigned i = 0; i < ARRAY_LEN(always) && !err; i++)
		err = devmodel_space_add(s, &always[i]);
	return err;
}

void devmodel_space_destroy(struct devmodel_space *s)
{
	chain_free(&s->window);
	chain_free(&s->own);
	pages_free(&s->vram);
	pages_free(&s->link);
}
