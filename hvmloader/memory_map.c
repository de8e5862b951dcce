/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guest's physical address space, described once. */
#include "types.h"
#include <xen/xen.h>
#include <xen/memory.h>
#include "console.h"
#include "iron.h"
#include "layout.h"
#include "memory_map.h"

#define E820_MAX 128u
#define RAM_MIN  MIB(4) /* what the loader, the BIOS and the tables need */

/* A row as the hypervisor and the BIOS have it. */
struct e820_row {
	uint64_t start, size;
	uint32_t type;
} packed_struct;
_Static_assert(sizeof(struct e820_row) == 20, "layout of a row");

/* ---- ranges --------------------------------------------------------------------------------------- */

static void append(struct memory_map *m, uint64_t start, uint64_t end, uint32_t type)
{
	struct memory_range *last = m->nr ? &m->range[m->nr - 1] : NULL;

	if (start >= end || type == MEMORY_NONE)
		return;
	if (last && last->end == start && last->type == type) {
		last->end = end;
		return;
	}
	if (m->nr == MEMORY_RANGES)
		die("the memory map has more than %u ranges", MEMORY_RANGES);
	m->range[m->nr++] = (struct memory_range){ start, end, type };
}

void memory_map_set(struct memory_map *m, uint64_t start, uint64_t end, uint32_t type)
{
	static struct memory_map old;
	bool placed = false;

	if (start >= end)
		return;
	old = *m;
	m->nr = 0;
	for (unsigned i = 0; i < old.nr; i++) {
		const struct memory_range *r = &old.range[i];

		append(m, r->start, MIN(r->end, start), r->type);
		if (!placed && r->end > start) {
			append(m, start, end, type);
			placed = true;
		}
		append(m, MAX(r->start, end), r->end, r->type);
	}
	if (!placed)
		append(m, start, end, type);
}

uint32_t memory_map_type(const struct memory_map *m, uint64_t at)
{
	for (unsigned i = 0; i < m->nr; i++)
		if (at >= m->range[i].start && at < m->range[i].end)
			return m->range[i].type;
	return MEMORY_NONE;
}

/* The last range of RAM that begins below limit. */
static const struct memory_range *last_ram(const struct memory_map *m, uint64_t limit)
{
	const struct memory_range *found = NULL;

	for (unsigned i = 0; i < m->nr; i++)
		if (m->range[i].type == MEMORY_RAM && m->range[i].start < limit)
			found = &m->range[i];
	return found;
}

uint32_t memory_map_low_end(const struct memory_map *m)
{
	const struct memory_range *r = last_ram(m, GIB(4));

	return r ? (uint32_t)MIN(r->end, MMIO_END) : 0;
}

uint64_t memory_map_high_end(const struct memory_map *m)
{
	const struct memory_range *r = last_ram(m, UINT64_MAX);

	return r ? MAX(r->end, GIB(4)) : GIB(4);
}

/* ---- what the builder says ------------------------------------------------------------------------------ */

static bool read_rows(struct memory_map *m)
{
	static struct e820_row rows[E820_MAX];
	struct xen_memory_map map = { .nr_entries = E820_MAX };

	set_xen_guest_handle(map.buffer, rows);
	if (hypercall(__HYPERVISOR_memory_op, XENMEM_memory_map, (uintptr_t)&map))
		return false;
	for (unsigned i = 0; i < MIN(map.nr_entries, E820_MAX); i++)
		memory_map_set(m, rows[i].start, rows[i].start + rows[i].size, rows[i].type);
	return last_ram(m, GIB(4));
}

void memory_map_read(struct memory_map *m, const struct config *c)
{
	uint64_t special = MMIO_END;

	m->nr = 0;
	if (!read_rows(m)) {
		if (!c->low_end)
			die("nobody says where RAM is: neither XENMEM_memory_map nor the table of the builder");
		m->nr = 0;
		memory_map_set(m, LEGACY_END, c->low_end, MEMORY_RAM);
		if (c->high_end > GIB(4))
			memory_map_set(m, GIB(4), c->high_end, MEMORY_RAM);
	}
	/* What is below 1 MiB is the same on every PC; the BIOS adds its own parts to the map. */
	memory_map_set(m, 0, LOW_RAM_END, MEMORY_RAM);
	memory_map_set(m, LOW_RAM_END, LEGACY_END, MEMORY_NONE);
	if (c->special_start > MMIO_DEFAULT_START)
		special = MIN(special, c->special_start);
	memory_map_set(m, special, GIB(4), MEMORY_RESERVED);
	m->low_ram = memory_map_low_end(m);
	if (m->low_ram < RAM_MIN)
		die("the guest has %u KiB of memory below 4 GiB; it needs %u at least",
		    (unsigned)(m->low_ram >> 10), (unsigned)(RAM_MIN >> 10));
}

/* ---- moving RAM ----------------------------------------------------------------------------------------- */

#define MOVE_PAGES 0x8000u /* at most in one call */

/* Pages from the lowest on; the places do not overlap. */
static bool move(uint64_t from, uint64_t to, uint64_t size)
{
	struct xen_add_to_physmap x = {
		.domid = DOMID_SELF,
		.space = XENMAPSPACE_gmfn_range,
	};
	uint64_t pages = size >> PAGE_SHIFT;

	for (uint64_t done = 0; done < pages; done += x.size) {
		x.size = (uint16_t)MIN(pages - done, (uint64_t)MOVE_PAGES);
		x.idx = (xen_ulong_t)((from >> PAGE_SHIFT) + done);
		x.gpfn = (xen_pfn_t)((to >> PAGE_SHIFT) + done);
		if (hypercall(__HYPERVISOR_memory_op, XENMEM_add_to_physmap, (uintptr_t)&x))
			return false;
	}
	return true;
}

uint32_t memory_map_take(struct memory_map *m, uint32_t size, uint32_t type)
{
	uint32_t end = memory_map_low_end(m);

	size = (uint32_t)align_up(size, PAGE_SIZE);
	if (end < size + RAM_MIN || memory_map_type(m, end - size) != MEMORY_RAM)
		die("no %u KiB of memory are left for tables", size >> 10);
	memory_map_set(m, end - size, end, type);
	return end - size;
}

bool memory_map_place(struct memory_map *m, uint32_t at, uint32_t size)
{
	uint32_t from = memory_map_take(m, size, MEMORY_NONE);

	return move(from, at, (uint32_t)align_up(size, PAGE_SIZE));
}

bool memory_map_relocate(struct memory_map *m, uint32_t start)
{
	uint64_t high = memory_map_high_end(m);
	uint32_t end;

	/* From the top down, so that after a refusal the map still tells the truth. */
	while ((end = memory_map_low_end(m)) > start) {
		const struct memory_range *r = last_ram(m, GIB(4));
		uint64_t from = MAX(r->start, (uint64_t)start);

		if (!move(from, high, end - from))
			return false;
		memory_map_set(m, from, end, MEMORY_NONE);
		memory_map_set(m, high, high + (end - from), MEMORY_RAM);
		high += end - from;
		m->low_ram = from;
	}
	return true;
}
