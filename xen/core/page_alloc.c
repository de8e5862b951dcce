/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine's pages. Free blocks hang in lists by zone (below 4 GiB or above; the first domain's own frames apart), by whether all of them is clean, and by order. A block
 * is described by its first page only; which of its pages hold zeroes is told page by page, so a merge loses no scrubbing.
 */
#include "page_alloc.h"

#include "atomic.h"
#include "domain.h"
#include "errno.h"
#include "log.h"
#include "string.h"

#define NIL        0xffffffffu
#define NR_ORDERS  (PAGE_ORDER_MAX + 1)
#define ZONE_SPLIT (GIB(4) >> PAGE_SHIFT)
/* A block is in one zone: it is aligned to its size, and frames of the first domain's are not joined with others. */
enum zone { ZONE_HOME_LOW, ZONE_HOME_HIGH, ZONE_LOW, ZONE_HIGH, NR_ZONES };

/*
 * Where a request looks, in order. The first domain wants its very frames back, for its drivers' DMA: what lies in them is in its way. So others get them last; and so that the hypervisor's
 * own things, which stay for long, need not go there, domains leave it this much of the rest while there are such frames.
 */
#define OWN_RESERVE (MIB(32) >> PAGE_SHIFT)
#define WAY_END     NR_ZONES
static const uint8_t ways[2][2][NR_ZONES + 1] = {
	/* frames of the first domain's last */
	{ { ZONE_HIGH, ZONE_LOW, ZONE_HOME_HIGH, ZONE_HOME_LOW, WAY_END },
	  { ZONE_LOW, ZONE_HOME_LOW, WAY_END } },
	/* and first */
	{ { ZONE_HOME_HIGH, ZONE_HOME_LOW, ZONE_HIGH, ZONE_LOW, WAY_END },
	  { ZONE_HOME_LOW, ZONE_LOW, WAY_END } },
};

#define SCRUB_PAGES 16   /* zeroed by one page_scrub_some() */
#define SCRUB_LOOKS 2048 /* pages looked at by one page_scrub_some() */

struct page *page_table;
uint64_t page_table_nr;

struct free_lists {
	uint32_t head[NR_ORDERS];
	uint32_t nonempty; /* bit n: head[n] is not NIL */
};

static struct spinlock lock;                 /* for all below */
static struct free_lists lists[NR_ZONES][2]; /* second index: has dirty pages */
static uint64_t nr_free, nr_total, nr_claimed, nr_blocks[NR_ORDERS];
static uint64_t nr_home_free; /* of nr_free: frames of the first domain's */
static struct {
	uint32_t block, offset; /* where page_scrub_some() goes on; block NIL: nowhere */
} scrub;
/* Ranges ever added, for page_is_ram(); written at start-up only. */
static struct {
	uint64_t first, end;
} ranges[64];
static unsigned nr_ranges;
/* Owners of pages by slot. Slot 0 is the hypervisor. */
static struct domain *owners[DOMAIN_MAX + 1];
static uint16_t owner_hint;

static enum zone zone_of(uint32_t m)
{
	return (page_table[m].flags & PAGE_HOME ? ZONE_HOME_LOW : ZONE_LOW) + (m >= ZONE_SPLIT);
}

static struct free_lists *list_of(uint32_t m, unsigned flags)
{
	return &lists[zone_of(m)][!!(flags & PAGE_HAS_DIRTY)];
}

static void count_free(uint32_t m, int64_t n)
{
	nr_free += (uint64_t)n;
	if (page_table[m].flags & PAGE_HOME)
		nr_home_free += (uint64_t)n;
}

static void block_insert(uint32_t m, unsigned order, unsigned dirty)
{
	struct free_lists *l = list_of(m, dirty);
	struct page *p = page_table + m;

	p->order = (uint8_t)order;
	p->flags = (uint8_t)((p->flags & PAGE_KEPT) | PAGE_FREE | dirty);
	p->prev = NIL;
	p->next = l->head[order];
	if (p->next != NIL)
		page_table[p->next].prev = m;
	l->head[order] = m;
	l->nonempty |= 1u << order;
	nr_blocks[order]++;
}

static void block_remove(uint32_t m)
{
	struct page *p = page_table + m;
	struct free_lists *l = list_of(m, p->flags);

	if (p->prev == NIL)
		l->head[p->order] = p->next;
	else
		page_table[p->prev].next = p->next;
	if (p->next != NIL)
		page_table[p->next].prev = p->prev;
	if (l->head[p->order] == NIL)
		l->nonempty &= ~(1u << p->order);
	nr_blocks[p->order]--;
	p->flags &= PAGE_KEPT;
	p->next = p->prev = 0;
	if (scrub.block == m)
		scrub.block = NIL;
}

/* Puts a block among the free ones, joined with its free buddies. */
static void block_free(uint32_t m, unsigned order, unsigned dirty)
{
	count_free(m, 1ll << order);
	for (; order < PAGE_ORDER_MAX; order++) {
		uint32_t buddy = m ^ (1u << order);
		struct page *b = page_table + buddy;

		if (buddy >= page_table_nr || !(b->flags & PAGE_FREE) || b->order != order ||
		    zone_of(buddy) != zone_of(m))
			break;
		dirty |= b->flags & PAGE_HAS_DIRTY;
		block_remove(buddy);
		m &= ~(1u << order);
	}
	block_insert(m, order, dirty);
}

/* The best list that has a block of this order or larger: the smallest block first, then the wanted cleanliness. */
static uint32_t block_find(const struct domain *owner, unsigned order, unsigned flags)
{
	unsigned prefer = flags & PAGE_ALLOC_UNSCRUBBED ? 1 : 0;
	bool home_first = owner && nr_free - nr_home_free < OWN_RESERVE + (1u << order);
	const uint8_t *zone = ways[home_first][!!(flags & PAGE_ALLOC_BELOW_4G)];

	for (; *zone != WAY_END; zone++) {
		uint32_t a = lists[*zone][prefer].nonempty >> order;
		uint32_t b = lists[*zone][!prefer].nonempty >> order;
		unsigned list = prefer;

		if (!(a | b))
			continue;
		if (!a || (b && __builtin_ctz(b) < __builtin_ctz(a))) {
			list = !prefer;
			a = b;
		}
		return lists[*zone][list].head[order + (unsigned)__builtin_ctz(a)];
	}
	return NIL;
}

/* Takes 2^order pages out of the free lists; NIL when there are none. */
static uint32_t block_take(const struct domain *owner, unsigned order, unsigned flags)
{
	uint32_t m = block_find(owner, order, flags);
	unsigned have, dirty;

	if (m == NIL)
		return NIL;
	have = page_table[m].order;
	dirty = page_table[m].flags & PAGE_HAS_DIRTY;
	block_remove(m);
	while (have > order) {
		have--;
		block_insert(m + (1u << have), have, dirty);
	}
	count_free(m, -(1ll << order));
	return m;
}

/* The free block that 2^order pages at m lie in, all of them; NIL: they are not all free. */
static uint32_t block_around(uint32_t m, unsigned order)
{
	for (; order < NR_ORDERS; order++) {
		uint32_t first = m & ~((1u << order) - 1);

		if ((page_table[first].flags & PAGE_FREE) && page_table[first].order == order)
			return first;
	}
	return NIL;
}

/* Takes 2^order pages at m out of the block around them, whose other parts stay free. m, or NIL. */
static uint32_t block_take_at(uint32_t m, unsigned order)
{
	uint32_t block = block_around(m, order);
	unsigned have, dirty;

	if (block == NIL)
		return NIL;
	have = page_table[block].order;
	dirty = page_table[block].flags & PAGE_HAS_DIRTY;
	block_remove(block);
	while (have > order) {
		uint32_t half = 1u << --have;

		block_insert(m & half ? block : block + half, have, dirty);
		block += m & half;
	}
	count_free(m, -(1ll << order));
	return m;
}

void page_alloc_init(void *table, uint64_t nr_pages)
{
	if (nr_pages >= NIL)
		bug("page table for %#llx pages", (unsigned long long)nr_pages);
	page_table = table;
	page_table_nr = nr_pages;
	spin_init(&lock);
	for (unsigned z = 0; z < NR_ZONES; z++)
		for (unsigned d = 0; d < 2; d++) {
			for (unsigned o = 0; o < NR_ORDERS; o++)
				lists[z][d].head[o] = NIL;
			lists[z][d].nonempty = 0;
		}
	memset(nr_blocks, 0, sizeof(nr_blocks));
	memset(owners, 0, sizeof(owners));
	nr_free = nr_total = nr_claimed = nr_home_free = 0;
	nr_ranges = 0;
	scrub.block = NIL;
	heap_init();
}

/* Remembers a range; false when there is no room for another. */
static bool range_add(uint64_t first, uint64_t end)
{
	for (unsigned i = 0; i < nr_ranges; i++) {
		if (ranges[i].end == first) {
			ranges[i].end = end;
			return true;
		}
		if (ranges[i].first == end) {
			ranges[i].first = first;
			return true;
		}
	}
	if (nr_ranges == ARRAY_LEN(ranges))
		return false;
	ranges[nr_ranges].first = first;
	ranges[nr_ranges++].end = end;
	return true;
}

void page_alloc_add(hpa_t base, hpa_t end)
{
	uint64_t m = align_up(base.v, PAGE_SIZE) >> PAGE_SHIFT, last = end.v >> PAGE_SHIFT;

	if (!m)
		m = 1; /* address 0 stays nobody's, so that a zero frame number is never a page */
	last = MIN(last, page_table_nr);
	if (m >= last)
		return;
	if (!range_add(m, last)) {
		log_warning("memory map: too many pieces, %#llx-%#llx is not used",
		            (unsigned long long)base.v, (unsigned long long)end.v);
		return;
	}
	spin_lock(&lock);
	nr_total += last - m;
	while (m < last) {
		unsigned order =
			MIN((unsigned)__builtin_ctzll(m), 63 - (unsigned)__builtin_clzll(last - m));

		order = MIN(order, (unsigned)PAGE_ORDER_MAX);
		block_free((uint32_t)m, order, PAGE_HAS_DIRTY);
		m += 1ull << order;
	}
	spin_unlock(&lock);
}

bool page_is_ram(mfn_t m)
{
	for (unsigned i = 0; i < nr_ranges; i++)
		if (m.v >= ranges[i].first && m.v < ranges[i].end)
			return true;
	return false;
}

/* ---- owners: lock is held ---------------------------------------------------------------------- */

static bool owner_slot_take(struct domain *d)
{
	for (unsigned i = 0; i < DOMAIN_MAX; i++) {
		owner_hint = (uint16_t)(owner_hint % DOMAIN_MAX + 1);
		if (owners[owner_hint])
			continue;
		owners[owner_hint] = d;
		d->page_slot = owner_hint;
		atomic_fetch_add(&d->refs, 1); /* the one for all its pages together */
		return true;
	}
	return false;
}

static bool owner_charge(struct domain *d, uint64_t n)
{
	uint64_t own = MIN(d->claimed_pages, n);

	if (d->nr_pages + n > d->max_pages || d->nr_pages + n < n)
		return false;
	if (nr_free < n || nr_free - n < nr_claimed - own)
		return false;
	if (!d->nr_pages && !owner_slot_take(d))
		return false;
	d->nr_pages += n;
	d->claimed_pages -= own;
	nr_claimed -= own;
	return true;
}

/* The domain whose last page this was (drop its reference once the lock is free), or NULL. */
static struct domain *owner_uncharge(struct domain *d, uint64_t n)
{
	if (!d)
		return NULL;
	if (d->nr_pages < n)
		bug("d%u frees %llu pages, has %llu", d->id, (unsigned long long)n,
		    (unsigned long long)d->nr_pages);
	d->nr_pages -= n;
	if (d->nr_pages)
		return NULL;
	owners[d->page_slot] = NULL;
	d->page_slot = 0;
	return d;
}

int page_claim(struct domain *d, uint64_t nr_pages)
{
	int rc = 0;

	spin_lock(&lock);
	if (d->claimed_pages || nr_pages <= d->nr_pages || nr_pages > d->max_pages) {
		rc = -EINVAL;
	} else if (nr_free < nr_claimed || nr_pages - d->nr_pages > nr_free - nr_claimed) {
		rc = -ENOMEM;
	} else {
		d->claimed_pages = nr_pages - d->nr_pages;
		nr_claimed += d->claimed_pages;
	}
	spin_unlock(&lock);
	return rc;
}

void page_unclaim(struct domain *d)
{
	spin_lock(&lock);
	nr_claimed -= d->claimed_pages;
	d->claimed_pages = 0;
	spin_unlock(&lock);
}

void page_set_limit(struct domain *d, uint64_t nr_pages)
{
	spin_lock(&lock);
	write_once(d->max_pages, MIN(nr_pages, (uint64_t)UINT32_MAX));
	spin_unlock(&lock);
}

/* ---- allocation ---------------------------------------------------------------------------------- */

/* Makes the pages of a block that only we see the owner's. */
static void block_give(uint32_t m, unsigned order, uint16_t slot, unsigned flags)
{
	for (uint32_t i = m; i < m + (1u << order); i++) {
		struct page *p = page_table + i;

		if (!(flags & PAGE_ALLOC_UNSCRUBBED) && !(p->flags & PAGE_CLEAN))
			memset(mfn_to_virt(mfn(i)), 0, PAGE_SIZE);
		p->flags = (uint8_t)((p->flags & PAGE_HOME) |
		                     (flags & PAGE_ALLOC_HOME ? PAGE_HOME : 0));
		p->owner = slot;
		p->next = p->prev = 0;
		store_release(&p->refs, 1);
	}
}

#define ANYWHERE NIL

/* at: ANYWHERE, or the first page. */
static mfn_t alloc(struct domain *owner, uint32_t at, unsigned order, unsigned flags)
{
	struct domain *last = NULL;
	uint32_t m = NIL;
	uint16_t slot = 0;

	spin_lock(&lock);
	if (!owner || owner_charge(owner, 1ull << order)) {
		m = at == ANYWHERE ? block_take(owner, order, flags) : block_take_at(at, order);
		if (m == NIL)
			last = owner_uncharge(owner, 1ull << order);
		else if (owner)
			slot = owner->page_slot;
	}
	spin_unlock(&lock);
	if (last)
		domain_put(last);
	if (m == NIL)
		return INVALID_MFN;
	block_give(m, order, slot, flags);
	return mfn(m);
}

mfn_t page_alloc(struct domain *owner, unsigned order, unsigned flags)
{
	return order > PAGE_ORDER_MAX ? INVALID_MFN : alloc(owner, ANYWHERE, order, flags);
}

mfn_t page_alloc_at(struct domain *owner, mfn_t m, unsigned order, unsigned flags)
{
	if (order > PAGE_ORDER_MAX || !is_aligned(m.v, 1ull << order) || m.v >= page_table_nr ||
	    page_table_nr - m.v < 1ull << order)
		return INVALID_MFN;
	return alloc(owner, (uint32_t)m.v, order, flags);
}

void *page_alloc_virt(unsigned order)
{
	mfn_t m = page_alloc(NULL, order, 0);

	return mfn_valid(m) ? mfn_to_virt(m) : NULL;
}

static void page_free(uint32_t m)
{
	struct page *p = page_table + m;
	struct domain *last = NULL;

	spin_lock(&lock);
	if (p->owner)
		last = owner_uncharge(owners[p->owner], 1);
	p->owner = 0;
	block_free(m, 0, PAGE_HAS_DIRTY);
	spin_unlock(&lock);
	if (last)
		domain_put(last);
}

void page_free_virt(void *p, unsigned order)
{
	uint64_t m = virt_to_mfn(p).v;

	for (uint64_t i = 0; i < 1ull << order; i++)
		page_put(mfn(m + i));
}

/* ---- references ---------------------------------------------------------------------------------- */

bool page_get(mfn_t m, struct domain *d)
{
	struct page *p;
	uint32_t refs;

	if (m.v >= page_table_nr)
		return false;
	p = page_of(m);
	refs = read_once(p->refs);
	do {
		if (!refs || refs > INT32_MAX)
			return false;
	} while (!atomic_compare_exchange(&p->refs, &refs, refs + 1));
	if (likely(!d || (p->owner && p->owner == read_once(d->page_slot))))
		return true;
	page_put(m);
	return false;
}

void page_put(mfn_t m)
{
	uint32_t refs;

	if (m.v >= page_table_nr)
		bug("page_put of frame %#llx", (unsigned long long)m.v);
	refs = atomic_fetch_sub(&page_of(m)->refs, 1);
	if (likely(refs > 1))
		return;
	if (!refs)
		bug("page_put of free frame %#llx", (unsigned long long)m.v);
	page_free((uint32_t)m.v);
}

uint16_t page_owner(mfn_t m)
{
	const struct domain *d = owners[page_of(m)->owner];

	return d ? d->id : PAGE_OWNER_XEN;
}

uint64_t page_nr_free(void)
{
	return read_once(nr_free);
}

uint64_t page_nr_total(void)
{
	return nr_total;
}

uint64_t page_nr_claimed(void)
{
	return nr_claimed;
}

/* ---- scrubbing ----------------------------------------------------------------------------------- */

/* A block with pages to scrub, or NIL; scrub.offset says where in it. Lock held. */
static uint32_t scrub_block(void)
{
	if (scrub.block != NIL)
		return scrub.block;
	for (unsigned zone = 0; zone < NR_ZONES; zone++) {
		struct free_lists *l = &lists[zone][1];

		if (!l->nonempty)
			continue;
		scrub.block = l->head[__builtin_ctz(l->nonempty)];
		scrub.offset = 0;
		return scrub.block;
	}
	return NIL;
}

static bool has_dirty(void)
{
	uint32_t any = 0;

	for (unsigned zone = 0; zone < NR_ZONES; zone++)
		any |= read_once(lists[zone][1].nonempty);
	return any;
}

bool page_scrub_some(void)
{
	unsigned looks = 0, done = 0;
	bool more;
	uint32_t b;

	if (!has_dirty())
		return false;
	if (!spin_trylock(&lock))
		return true;
	b = scrub_block();
	if (b != NIL) {
		unsigned order = page_table[b].order;

		for (; scrub.offset < 1u << order && looks < SCRUB_LOOKS && done < SCRUB_PAGES;
		     scrub.offset++, looks++) {
			struct page *p = page_table + b + scrub.offset;

			if (p->flags & PAGE_CLEAN)
				continue;
			memset(mfn_to_virt(mfn(b + scrub.offset)), 0, PAGE_SIZE);
			p->flags |= PAGE_CLEAN;
			done++;
		}
		if (scrub.offset == 1u << order) {
			block_remove(b);
			block_insert(b, order, 0);
		}
	}
	more = has_dirty();
	spin_unlock(&lock);
	return more;
}

void page_alloc_dump(void)
{
	uint64_t bytes, pages;

	log_info("memory: %llu of %llu pages free, %llu claimed",
	         (unsigned long long)page_nr_free(), (unsigned long long)nr_total,
	         (unsigned long long)nr_claimed);
	if (nr_home_free)
		log_info("  %llu of the free ones are frames that the first domain gave up",
		         (unsigned long long)nr_home_free);
	for (unsigned o = 0; o < NR_ORDERS; o++)
		if (nr_blocks[o])
			log_info("  order %2u: %llu free blocks", o,
			         (unsigned long long)nr_blocks[o]);
	heap_usage(&bytes, &pages);
	log_info("  heap: %llu bytes in use, %llu pages", (unsigned long long)bytes,
	         (unsigned long long)pages);
}
