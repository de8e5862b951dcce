/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Small objects, lib/heap.h: a slab for each power of two from 16 to 2048 bytes, with a bitmap of what is in use at its start; larger objects take pages
 * of their own. What a page is used for stands in its struct page, so a pointer is checked before anything near it is believed.
 */
#include "heap.h"

#include "atomic.h"
#include "bitmap.h"
#include "list.h"
#include "log.h"
#include "page_alloc.h"
#include "spinlock.h"
#include "string.h"

#define MIN_SHIFT  4
#define MAX_SHIFT  11
#define NR_CLASSES (MAX_SHIFT - MIN_SHIFT + 1)

/* struct page.user_tag: the kind in the top byte; class of a slab, or pages of a large object below. */
#define TAG_SLAB  0x51000000u
#define TAG_LARGE 0x52000000u
#define TAG_KIND  0xff000000u
#define TAG_VALUE 0x00ffffffu

struct slab {
	struct list node; /* in its class's partial list while it has room */
	uint16_t used, capacity;
	uint32_t pad;
	uint64_t in_use[4]; /* bits by object; those that the header covers are set */
};

static struct {
	struct spinlock lock;
	struct list partial;
} classes[NR_CLASSES];
static uint64_t bytes_used, pages_used; /* atomic */

void heap_init(void)
{
	for (unsigned i = 0; i < NR_CLASSES; i++) {
		spin_init(&classes[i].lock);
		list_init(&classes[i].partial);
	}
	bytes_used = pages_used = 0;
}

/* Large classes take more pages, so that the header costs at most a sixteenth. */
static unsigned slab_order(unsigned class)
{
	return class > 4 ? class - 4 : 0;
}
static size_t object_size(unsigned class)
{
	return (size_t)1 << (class + MIN_SHIFT);
}
static unsigned slab_objects(unsigned class)
{
	return (unsigned)((PAGE_SIZE << slab_order(class)) / object_size(class));
}

static unsigned class_of(size_t size)
{
	if (size <= (size_t)1 << MIN_SHIFT)
		return 0;
	return 64 - (unsigned)__builtin_clzll(size - 1) - MIN_SHIFT;
}

static void pages_tag(mfn_t m, uint64_t n, uint32_t tag)
{
	for (uint64_t i = 0; i < n; i++)
		page_of(mfn(m.v + i))->user_tag = tag;
}

static struct slab *slab_create(unsigned class)
{
	unsigned order = slab_order(class);
	size_t covered = (sizeof(struct slab) + object_size(class) - 1) / object_size(class);
	struct slab *s = page_alloc_virt(order);

	if (!s)
		return NULL;
	pages_tag(virt_to_mfn(s), 1u << order, TAG_SLAB | class);
	for (size_t i = 0; i < covered; i++)
		bitmap_set(s->in_use, i);
	s->capacity = (uint16_t)(slab_objects(class) - covered);
	list_add_head(&classes[class].partial, &s->node);
	atomic_fetch_add(&pages_used, 1u << order);
	return s;
}

static void slab_destroy(struct slab *s, unsigned class)
{
	unsigned order = slab_order(class);

	list_remove(&s->node);
	pages_tag(virt_to_mfn(s), 1u << order, 0);
	page_free_virt(s, order);
	atomic_fetch_sub(&pages_used, 1u << order);
}

static void *slab_alloc(unsigned class)
{
	struct list *first;
	struct slab *s = NULL;
	void *p = NULL;
	size_t i;

	spin_lock(&classes[class].lock);
	first = list_first(&classes[class].partial);
	s = first ? list_entry(first, struct slab, node) : slab_create(class);
	if (s) {
		i = bitmap_next_clear(s->in_use, slab_objects(class), 0);
		bitmap_set(s->in_use, i);
		if (++s->used == s->capacity)
			list_remove(&s->node);
		p = (uint8_t *)s + i * object_size(class);
	}
	spin_unlock(&classes[class].lock);
	if (p) {
		memset(p, 0, object_size(class));
		atomic_fetch_add(&bytes_used, object_size(class));
	}
	return p;
}

static void slab_free(void *p, unsigned class)
{
	size_t size = object_size(class);
	struct slab *s =
		(struct slab *)align_down((uintptr_t)p, (uint64_t)PAGE_SIZE << slab_order(class));
	size_t offset = (size_t)((uint8_t *)p - (uint8_t *)s), i = offset / size;
	struct list *partial = &classes[class].partial;

	spin_lock(&classes[class].lock);
	if (offset % size || offset < sizeof(*s) || !bitmap_test(s->in_use, i))
		bug("heap_free(%p): no object of %zu bytes is in use there", p, size);
	bitmap_clear(s->in_use, i);
	if (s->used-- == s->capacity)
		list_add_head(partial, &s->node);
	/* One empty slab a class is kept, so that a lone object does not take and give pages each time. */
	if (!s->used && partial->next != partial->prev)
		slab_destroy(s, class);
	spin_unlock(&classes[class].lock);
	atomic_fetch_sub(&bytes_used, size);
}

static void *large_alloc(size_t size)
{
	uint64_t n = align_up(size, PAGE_SIZE) >> PAGE_SHIFT;
	unsigned order = n > 1 ? 64 - (unsigned)__builtin_clzll(n - 1) : 0;
	uint8_t *p;

	if (order > PAGE_ORDER_MAX)
		return NULL;
	p = page_alloc_virt(order);
	if (!p)
		return NULL;
	for (uint64_t i = n; i < 1ull << order; i++)
		page_free_virt(p + (i << PAGE_SHIFT), 0);
	page_of(virt_to_mfn(p))->user_tag = TAG_LARGE | (uint32_t)n;
	atomic_fetch_add(&pages_used, n);
	atomic_fetch_add(&bytes_used, n << PAGE_SHIFT);
	return p;
}

static void large_free(uint8_t *p, uint64_t n)
{
	if ((uintptr_t)p % PAGE_SIZE)
		bug("heap_free(%p): inside an object of %llu pages", p, (unsigned long long)n);
	page_of(virt_to_mfn(p))->user_tag = 0;
	for (uint64_t i = 0; i < n; i++)
		page_free_virt(p + (i << PAGE_SHIFT), 0);
	atomic_fetch_sub(&pages_used, n);
	atomic_fetch_sub(&bytes_used, n << PAGE_SHIFT);
}

void *heap_alloc(size_t size)
{
	if (size > SIZE_MAX - PAGE_SIZE)
		return NULL;
	return size <= (size_t)1 << MAX_SHIFT ? slab_alloc(class_of(size)) : large_alloc(size);
}

void *heap_alloc_array(size_t n, size_t size)
{
	size_t bytes;

	return __builtin_mul_overflow(n, size, &bytes) ? NULL : heap_alloc(bytes);
}

void heap_free(void *p)
{
	mfn_t m;
	uint32_t tag;

	if (!p)
		return;
	m = virt_to_mfn(p);
	if (m.v >= page_table_nr || !read_once(page_of(m)->refs))
		bug("heap_free(%p): not memory in use", p);
	tag = page_of(m)->user_tag;
	if ((tag & TAG_KIND) == TAG_SLAB && (tag & TAG_VALUE) < NR_CLASSES)
		slab_free(p, tag & TAG_VALUE);
	else if ((tag & TAG_KIND) == TAG_LARGE)
		large_free(p, tag & TAG_VALUE);
	else
		bug("heap_free(%p): not from heap_alloc()", p);
}

void heap_usage(uint64_t *bytes, uint64_t *pages)
{
	*bytes = read_once(bytes_used);
	*pages = read_once(pages_used);
}
