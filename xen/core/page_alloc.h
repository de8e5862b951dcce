/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine's pages: a buddy allocator with an owner and a reference count for each page. A page of a domain is freed when the last reference
 * goes (its p2m's, a grant mapping's, a foreign mapping's) and scrubbed before another owner gets it.
 */
#ifndef CORE_PAGE_ALLOC_H
#define CORE_PAGE_ALLOC_H

#include "machine.h"

#define PAGE_ORDER_4K  0
#define PAGE_ORDER_2M  9
#define PAGE_ORDER_1G  18
#define PAGE_ORDER_MAX 18

struct domain;

/*
 * 16 bytes a page. All zeroes is a page that is not ours to give, or one inside a free block that nobody has scrubbed: so the array needs no initialising, and
 * only the first page of a free block is ever written.
 */
struct page {
	uint32_t refs;  /* atomic; 0: free or not the allocator's */
	uint16_t owner; /* owner slot (page_owner() gives the domid). Constant while refs > 0 */
	uint8_t order;  /* of a free block, in its first page. Allocator lock */
	uint8_t flags;  /* PAGE_*. Allocator lock */
	/* In a free block: list links as frame numbers, allocator lock. In a page in use: its user's. */
	union {
		uint32_t next;
		uint32_t user_tag; /* heap: slab or large object; p2m: next table page */
	};
	union {
		uint32_t prev;
		uint32_t
			shared_gfn; /* a P2M_SHARED page: gfn + 1 where its domain sees it, 0: nowhere. Atomic */
	};
};
#define PAGE_FREE      1u /* first page of a free block */
#define PAGE_CLEAN     2u /* holds zeroes; only for pages of free blocks */
#define PAGE_HAS_DIRTY 4u /* first page of a free block: not all of it may be clean */
#define PAGE_HOME      8u /* a frame of the first domain's, wherever it is now: stays set */
#define PAGE_KEPT      (PAGE_CLEAN | PAGE_HOME)
#define PAGE_OWNER_XEN 0xffff

extern struct page *page_table; /* indexed by mfn, page_table_nr entries */
extern uint64_t page_table_nr;

static inline struct page *page_of(mfn_t m)
{
	return page_table + m.v;
}

/* Start-up: tells the allocator how far memory goes and where its own array is, then which ranges are free. */
/* The heap starts anew with it. */
void page_alloc_init(void *table, uint64_t nr_pages);
void page_alloc_add(hpa_t base, hpa_t end);
static inline uint64_t page_table_bytes(uint64_t nr_pages)
{
	return nr_pages * sizeof(struct page);
}

#define PAGE_ALLOC_UNSCRUBBED 1u /* the caller overwrites all of it */
#define PAGE_ALLOC_BELOW_4G   2u
#define PAGE_ALLOC_HOME \
	4u /* these frames are this domain's, for good: when it gives them up, others get them after all others */

/*
 * 2^order pages, aligned, each with one reference, zeroed unless PAGE_ALLOC_UNSCRUBBED. owner NULL: the hypervisor's. For a domain the pages are charged to
 * it (d->nr_pages <= d->max_pages). INVALID_MFN: no memory or over the limit.
 */
mfn_t must_check page_alloc(struct domain *owner, unsigned order, unsigned flags);
/*
 * Those very 2^order pages, m aligned to them; else as page_alloc(). INVALID_MFN also when one of them is not free.
 */
mfn_t must_check page_alloc_at(struct domain *owner, mfn_t m, unsigned order, unsigned flags);
/* The hypervisor's own pages, by address; NULL on failure. */
void *must_check page_alloc_virt(unsigned order);
void page_free_virt(void *p, unsigned order);

/* Takes a reference. False: no such RAM page, free, or owned by another than d (d NULL: any owner). */
bool must_check page_get(mfn_t m, struct domain *d);
/* Drops one reference; the last one uncharges the owner and frees. */
void page_put(mfn_t m);
/* Domid or PAGE_OWNER_XEN: the owner of a page that the caller holds a reference to. */
uint16_t page_owner(mfn_t m);
/* RAM that the allocator manages (also when free). */
bool page_is_ram(mfn_t m);

uint64_t page_nr_free(void);
uint64_t page_nr_total(void);
/* Free ones that are promised to somebody. */
uint64_t page_nr_claimed(void);
/* Scrubs some freed pages; true while there are more. For idle time. */
bool page_scrub_some(void);
void page_alloc_dump(void);

/*
 * XENMEM_claim_pages: promises d as many pages as it lacks to nr_pages. -EINVAL: claimed already, no more than it has, or more than it may have. -ENOMEM.
 */
int must_check page_claim(struct domain *d, uint64_t nr_pages);
/* Gives the rest of a promise back; also done by p2m_teardown(). */
void page_unclaim(struct domain *d);
/* How many pages d may have from now on; what it has beyond stays until it gives it back. */
void page_set_limit(struct domain *d, uint64_t nr_pages);

/* heap.c: forgets everything (page_alloc_init() calls it). */
void heap_init(void);
/* What heap.c holds: bytes in objects that are in use, and pages. */
void heap_usage(uint64_t *bytes, uint64_t *pages);

#endif
