/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bus: a sorted table of regions that is replaced as a whole, and the cutting and widening of accesses. */
#include "iobus.h"

#include "atomic.h"
#include "errno.h"
#include "heap.h"
#include "string.h"

struct io_table {
	struct io_table *next; /* in the retired list */
	uint32_t n;
	uint32_t
		recent; /* place of the region that had the last access found: only a hint, any CPU */
	struct io_region *regions[]; /* by base; they do not overlap */
};

static struct io_table *table_create(uint32_t n)
{
	struct io_table *t = heap_alloc(sizeof(*t) + n * sizeof(t->regions[0]));

	if (t)
		t->n = n;
	return t;
}

static void table_replace(struct io_bus *bus, struct io_table *t)
{
	struct io_table *old = bus->table;

	store_release(&bus->table, t);
	old->next = bus->retired;
	bus->retired = old;
}

int iobus_init(struct io_bus *bus, const char *name, uint16_t max)
{
	*bus = (struct io_bus){ .name = name, .max = max };
	bus->table = table_create(0);
	return bus->table ? 0 : -ENOMEM;
}

void iobus_quiesce(struct io_bus *bus)
{
	while (bus->retired) {
		struct io_table *t = bus->retired;

		bus->retired = t->next;
		heap_free(t);
	}
}

void iobus_destroy(struct io_bus *bus)
{
	iobus_quiesce(bus);
	heap_free(bus->table);
	bus->table = NULL;
}

/* How many regions start at or below addr. */
static uint32_t table_position(const struct io_table *t, uint64_t addr)
{
	uint32_t low = 0, high = read_once(t->n);

	while (low < high) {
		uint32_t mid = (low + high) / 2;

		if (t->regions[mid]->base <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static struct io_region *table_find(const struct io_table *t, uint64_t addr)
{
	uint32_t i = table_position(t, addr);
	struct io_region *r = i ? t->regions[i - 1] : NULL;

	return r && addr - r->base < r->size ? r : NULL;
}

/* The one that had the last access, if this one is inside it, too: drivers stay with a device for a while. NULL: look for it. */
static inline struct io_region *table_recent(const struct io_table *t, const struct io_access *a)
{
	uint32_t at = read_once(t->recent);
	struct io_region *r;

	if (at >= read_once(t->n))
		return NULL;
	r = read_once(t->regions[at]);
	return a->addr - r->base < r->size ? r : NULL;
}

void iobus_set_background(struct io_bus *bus, struct io_region *r)
{
	bus->background = r;
}

struct io_region *iobus_find(struct io_bus *bus, uint64_t addr)
{
	return table_find(load_acquire(&bus->table), addr);
}

bool iobus_has_any(struct io_bus *bus, uint64_t addr, uint64_t size)
{
	const struct io_table *t = load_acquire(&bus->table);
	uint32_t next = table_position(t, addr);

	if (table_find(t, addr))
		return true;
	return next < read_once(t->n) && t->regions[next]->base - addr < size;
}

/* ---- claims -------------------------------------------------------------------------------------- */

static bool access_size_is_good(unsigned size)
{
	return size && size <= 8 && is_aligned(size, size);
}

static int region_check(const struct io_region *r, uint64_t base)
{
	if (!r->access || !r->size || base + (r->size - 1) < base)
		return -EINVAL;
	if (!access_size_is_good(r->min_access) || !access_size_is_good(r->max_access) ||
	    r->min_access > r->max_access || r->size % r->min_access)
		return -EINVAL;
	return 0;
}

/* Does anything but except lie in [base, base + size)? */
static bool table_overlaps(const struct io_table *t, uint64_t base, uint64_t size,
                           const struct io_region *except)
{
	uint64_t last = base + (size - 1);

	for (uint32_t i = table_position(t, last); i-- > 0;) {
		const struct io_region *r = t->regions[i];

		if (r == except)
			continue;
		return r->base + (r->size - 1) >= base;
	}
	return false;
}

/* old without r (when it is there), and with r at base when add is set. */
static void table_fill(struct io_table *t, const struct io_table *old, struct io_region *r,
                       uint64_t base, bool add)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < old->n; i++) {
		if (old->regions[i] == r)
			continue;
		if (add && old->regions[i]->base > base) {
			t->regions[n++] = r;
			add = false;
		}
		t->regions[n++] = old->regions[i];
	}
	if (add)
		t->regions[n++] = r;
	t->n = n;
}

int iobus_claim(struct io_bus *bus, struct io_region *r)
{
	struct io_table *old = bus->table, *t;
	int rc = region_check(r, r->base);

	if (rc)
		return rc;
	if (table_overlaps(old, r->base, r->size, NULL))
		return -EEXIST;
	if (old->n >= bus->max)
		return -ENOSPC;
	t = table_create(old->n + 1);
	if (!t)
		return -ENOMEM;
	table_fill(t, old, r, r->base, true);
	table_replace(bus, t);
	return 0;
}

void iobus_release(struct io_bus *bus, struct io_region *r)
{
	struct io_table *old = bus->table, *t;

	if (table_find(old, r->base) != r)
		return;
	t = table_create(old->n);
	if (t) {
		table_fill(t, old, r, 0, false);
		table_replace(bus, t);
		return;
	}
	/* No memory: in place. A reader at this very moment may miss a neighbour once, which beats keeping a dead region. */
	for (uint32_t i = table_position(old, r->base); i < old->n; i++)
		write_once(old->regions[i - 1], old->regions[i]);
	write_once(old->n, old->n - 1);
}

int iobus_move(struct io_bus *bus, struct io_region *r, uint64_t new_base)
{
	struct io_table *old = bus->table, *without, *with;
	int rc = region_check(r, new_base);

	if (rc)
		return rc;
	if (table_find(old, r->base) != r)
		return -EINVAL;
	if (table_overlaps(old, new_base, r->size, r))
		return -EEXIST;
	without = table_create(old->n);
	with = table_create(old->n);
	if (!without || !with) {
		heap_free(without);
		heap_free(with);
		return -ENOMEM;
	}
	/* Two steps: the base may only change while no table has the region. */
	table_fill(without, old, r, 0, false);
	table_replace(bus, without);
	table_fill(with, without, r, new_base, true);
	write_once(r->base, new_base);
	table_replace(bus, with);
	return 0;
}

/* ---- access -------------------------------------------------------------------------------------- */

static inline uint64_t size_mask(unsigned size)
{
	return size >= 8 ? UINT64_MAX : (1ull << (8 * size)) - 1;
}

/*
 * One aligned piece of at most max_access bytes at offset; widened to min_access when it is smaller. bytes is what is written, or receives what is
 * read.
 */
static enum io_result region_piece(struct io_region *r, const struct io_access *whole,
                                   uint64_t offset, unsigned size, uint64_t *bytes)
{
	unsigned wide = MAX(size, r->min_access);
	unsigned shift = 8 * (unsigned)(offset & (wide - 1));
	struct io_access a = {
		.addr = align_down(offset, wide),
		.size = (uint8_t)wide,
		.is_write = whole->is_write,
		.cpu = whole->cpu,
	};
	enum io_result result;

	if (whole->is_write)
		a.value = (*bytes & size_mask(size)) << shift;
	result = r->access(r, &a);
	if (result == IO_DONE && !whole->is_write)
		*bytes = a.value >> shift & size_mask(size);
	return result;
}

/* The largest naturally aligned piece at offset. */
static unsigned piece_size(uint64_t offset, unsigned left, unsigned max)
{
	unsigned size = max;

	while (size > left || (offset & (size - 1)))
		size /= 2;
	return size;
}

/* The part [at, at + n) of an access that lies in r, piece by piece. */
static enum io_result region_part(struct io_region *r, struct io_access *a, unsigned at, unsigned n)
{
	enum io_result all = IO_UNCLAIMED;

	while (n) {
		uint64_t offset = a->addr + at - r->base, bytes = a->value >> (8 * at);
		unsigned size = piece_size(offset, n, r->max_access);
		enum io_result result = region_piece(r, a, offset, size, &bytes);

		if (result == IO_PENDING)
			return IO_PENDING;
		if (result == IO_DONE) {
			all = IO_DONE;
			if (!a->is_write) {
				a->value &= ~(size_mask(size) << (8 * at));
				a->value |= (bytes & size_mask(size)) << (8 * at);
			}
		}
		at += size;
		n -= size;
	}
	return all;
}

/* How many of the n bytes at addr come before the next region. */
static unsigned free_span(const struct io_table *t, uint64_t addr, unsigned n)
{
	uint32_t next = table_position(t, addr);

	return next < read_once(t->n) ? (unsigned)MIN((uint64_t)n, t->regions[next]->base - addr)
	                              : n;
}

/* An access that one region does not take as it is. */
static cold_fn enum io_result access_in_parts(const struct io_bus *bus, const struct io_table *t,
                                              struct io_access *a)
{
	enum io_result all = IO_UNCLAIMED;
	unsigned at = 0;

	if (!a->is_write)
		a->value = size_mask(a->size);
	while (at < a->size) {
		uint64_t addr = a->addr + at;
		struct io_region *r = addr >= a->addr ? table_find(t, addr) : NULL;
		enum io_result result;
		unsigned n = 1;

		if (r)
			n = (unsigned)MIN((uint64_t)(a->size - at), r->size - (addr - r->base));
		else if (addr >= a->addr && (r = bus->background) != NULL)
			n = free_span(t, addr, a->size - at);
		if (r) {
			result = region_part(r, a, at, n);
			if (result == IO_PENDING)
				return result;
			if (result == IO_DONE)
				all = IO_DONE;
		}
		at += n;
	}
	return all;
}

/* The region that has the first byte, or else the background if no region has another one. NULL, and *parts: several have to do with it. */
static inline struct io_region *access_region(const struct io_bus *bus, struct io_table *t,
                                              const struct io_access *a, bool *parts)
{
	uint64_t addr = a->addr;
	struct io_region *r = table_recent(t, a);
	uint32_t at;

	*parts = false;
	if (r)
		return r;
	at = table_position(t, addr);
	r = at ? t->regions[at - 1] : NULL;
	if (r && addr - r->base < r->size) {
		write_once(t->recent, at - 1);
		return r;
	}
	/* Nothing there; and before the access ends (or the address space does)? */
	*parts = (at < read_once(t->n) && t->regions[at]->base - addr < a->size) ||
	         addr + a->size < addr;
	return *parts ? NULL : bus->background;
}

enum io_result iobus_access(struct io_bus *bus, struct io_access *a)
{
	struct io_table *t = load_acquire(&bus->table);
	uint64_t addr = a->addr, offset;
	bool parts;
	struct io_region *r = access_region(bus, t, a, &parts);
	enum io_result result;

	if (unlikely(parts))
		return access_in_parts(bus, t, a);
	if (!r) {
		if (!a->is_write)
			a->value = size_mask(a->size);
		return IO_UNCLAIMED;
	}
	offset = addr - r->base;
	if (unlikely(a->size > r->max_access || a->size < r->min_access ||
	             (offset & (a->size - 1)) || r->size - offset < a->size) &&
	    !r->whole)
		return access_in_parts(bus, t, a);
	a->addr = offset;
	result = r->access(r, a);
	a->addr = addr;
	if (!a->is_write) {
		if (result == IO_UNCLAIMED)
			a->value = UINT64_MAX;
		a->value &= size_mask(a->size);
	}
	return result;
}

/* ---- string accesses ---------------------------------------------------------------------------- */

/* What the owner of the whole element takes at a stroke from element i on. */
static uint32_t bulk_run(const struct io_bus *bus, const struct io_bulk *b, uint32_t i)
{
	const struct io_table *t = load_acquire(&bus->table);
	struct io_region *r = table_find(t, b->addr);
	struct io_bulk part = *b;

	if (!r && free_span(t, b->addr, b->size) == b->size)
		r = bus->background;
	if (!r || !r->bulk)
		return 0;
	part.addr -= r->base;
	if (b->size < r->min_access || b->size > r->max_access || (part.addr & (b->size - 1)) ||
	    r->size - part.addr < b->size)
		return 0;
	part.buffer = (uint8_t *)b->buffer + (size_t)i * b->size;
	part.count = b->count - i;
	return MIN(r->bulk(r, &part), part.count);
}

enum io_result iobus_bulk(struct io_bus *bus, const struct io_bulk *b, uint32_t *done)
{
	enum io_result result = IO_DONE;
	uint32_t i = bulk_run(bus, b, 0);

	while (i < b->count) {
		uint8_t *element = (uint8_t *)b->buffer + (size_t)i * b->size;
		struct io_access a = {
			.addr = b->addr, .size = b->size, .is_write = b->is_write, .cpu = b->cpu
		};

		if (b->is_write)
			memcpy(&a.value, element, b->size);
		result = iobus_access(bus, &a);
		if (!b->is_write && result != IO_PENDING)
			memcpy(element, &a.value, b->size);
		if (result != IO_DONE)
			break;
		i++;
		if (i < b->count)
			i += bulk_run(bus, b, i);
	}
	*done = i;
	return result;
}
