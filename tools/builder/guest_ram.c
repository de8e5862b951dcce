/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The RAM of a domain that is being made. */
#include "domain_image.h"

#include <errno.h>
#include <string.h>

#include <xen/arch-x86/xen.h>

#define LARGE_ORDER 9u
#define LARGE_PAGES (1ull << LARGE_ORDER)
/* Extents of one hypercall, whose list is a page or two. */
#define BATCH 1024u
/* Pages that are mapped here at once. */
#define WINDOW 256u

/* As the BIOS call E820 has it. */
struct e820_row {
	uint64_t start, size;
	uint32_t type;
} __attribute__((packed));

void ram_row(struct domain_image *d, uint64_t start, uint64_t end, uint32_t type)
{
	if (end > start && d->nr_map < sizeof(d->map) / sizeof(d->map[0]))
		d->map[d->nr_map++] = (struct map_row){ start, end, type };
}

static bool populate_batch(struct domain_image *d, uint64_t *gfns, unsigned nr, unsigned order)
{
	struct xen_memory_reservation r = { .nr_extents = nr,
		                            .extent_order = order,
		                            .domid = (domid_t)d->built->domid };
	long done;

	set_xen_guest_handle(r.extent_start, (xen_pfn_t *)gfns);
	done = hypervisor_memory_op(d->h, XENMEM_populate_physmap, &r, sizeof(r));
	if (done == (long)nr)
		return true;
	return fail(
		d->failure,
		"%s: its memory of %llu MiB is not there: %s. End another guest, or give it less (memory=)",
		d->plan->name, (unsigned long long)d->plan->memory_kib / 1024,
		hypervisor_error(done < 0 ? (int)done : -ENOMEM));
}

/* nr extents from a gfn on. */
static bool populate_extents(struct domain_image *d, uint64_t *list, uint64_t gfn, uint64_t nr,
                             unsigned order)
{
	while (nr) {
		unsigned n = nr < BATCH ? (unsigned)nr : BATCH;

		for (unsigned i = 0; i < n; i++)
			list[i] = gfn + ((uint64_t)i << order);
		if (!populate_batch(d, list, n, order))
			return false;
		gfn += (uint64_t)n << order;
		nr -= n;
	}
	return true;
}

/* Large extents where they fit: the guest's translations are short then. */
bool ram_populate_range(struct domain_image *d, uint64_t start, uint64_t end)
{
	uint64_t gfn = start >> PAGE_SHIFT, last = end >> PAGE_SHIFT;
	uint64_t large = (gfn + LARGE_PAGES - 1) & ~(LARGE_PAGES - 1),
		 tail = last & ~(LARGE_PAGES - 1);
	uint64_t *list = hypervisor_buffer(d->h, BATCH * sizeof(*list));
	bool done;

	if (!list)
		return fail(d->failure, "%s: no memory in the control domain for its list of pages",
		            d->plan->name);
	if (large >= tail)
		large = tail = last;
	done = populate_extents(d, list, gfn, large - gfn, 0) &&
	       populate_extents(d, list, large, (tail - large) >> LARGE_ORDER, LARGE_ORDER) &&
	       populate_extents(d, list, tail, last - tail, 0);
	hypervisor_buffer_free(d->h, list, BATCH * sizeof(*list));
	return done;
}

static bool map_tell(struct domain_image *d)
{
	struct xen_foreign_memory_map m = { .domid = (domid_t)d->built->domid };
	struct e820_row *rows = hypervisor_buffer(d->h, sizeof(*rows) * 8);
	long rc;

	if (!rows)
		return fail(d->failure, "%s: no memory in the control domain for its memory map",
		            d->plan->name);
	for (unsigned i = 0; i < d->nr_map; i++)
		rows[i] = (struct e820_row){ d->map[i].start, d->map[i].end - d->map[i].start,
			                     d->map[i].type };
	m.map.nr_entries = d->nr_map;
	set_xen_guest_handle(m.map.buffer, rows);
	rc = hypervisor_memory_op(d->h, XENMEM_set_memory_map, &m, sizeof(m));
	hypervisor_buffer_free(d->h, rows, sizeof(*rows) * 8);
	return rc == 0 || fail(d->failure, "%s: its memory map is refused: %s", d->plan->name,
	                       hypervisor_error((int)rc));
}

bool ram_populate(struct domain_image *d)
{
	for (unsigned i = 0; i < d->nr_map; i++)
		if (d->map[i].type == 1 && !ram_populate_range(d, d->map[i].start, d->map[i].end))
			return false;
	return map_tell(d);
}

bool ram_covers(const struct domain_image *d, uint64_t at, uint64_t size)
{
	for (unsigned i = 0; i < d->nr_map; i++)
		if (d->map[i].type == 1 && at >= d->map[i].start && at < d->map[i].end &&
		    size <= d->map[i].end - at)
			return true;
	return false;
}

/* from NULL: zeroes */
static bool write_window(struct domain_image *d, uint64_t at, const uint8_t *from, size_t size,
                         const char *what)
{
	uint64_t gfns[WINDOW], first = at >> PAGE_SHIFT;
	size_t nr = (size_t)(((at + size - 1) >> PAGE_SHIFT) - first + 1);
	uint8_t *to;

	for (size_t i = 0; i < nr; i++)
		gfns[i] = first + i;
	to = hypervisor_map(d->h, d->built->domid, gfns, nr);
	if (!to)
		return fail(d->failure, "%s: its memory at %#llx cannot be reached for %s: %s",
		            d->plan->name, (unsigned long long)at, what, strerror(errno));
	if (from)
		memcpy(to + at % GUEST_PAGE, from, size);
	else
		memset(to + at % GUEST_PAGE, 0, size);
	hypervisor_unmap(d->h, to, nr);
	return true;
}

static bool write_all(struct domain_image *d, uint64_t at, const uint8_t *from, uint64_t size,
                      const char *what)
{
	while (size) {
		uint64_t room = WINDOW * GUEST_PAGE - at % GUEST_PAGE;
		size_t n = size < room ? (size_t)size : (size_t)room;

		if (!write_window(d, at, from, n, what))
			return false;
		at += n;
		from = from ? from + n : NULL;
		size -= n;
	}
	return true;
}

bool ram_write(struct domain_image *d, uint64_t at, const void *from, uint64_t size,
               const char *what)
{
	return write_all(d, at, from, size, what);
}

bool ram_zero(struct domain_image *d, uint64_t at, uint64_t size, const char *what)
{
	return write_all(d, at, NULL, size, what);
}
