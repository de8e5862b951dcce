// SPDX-License-Identifier: GPL-2.0-or-later
/* A PVH domain's memory: the map that it is told, the pages behind it, and copies into them. */
#include "pvh_parts.h"
#include "errno.h"
#include "string.h"
#include "virt_ops.h"
#include <xen/arch-x86/hvm/start_info.h>

static void e820_add(struct domain *d, uint64_t start, uint64_t end, uint32_t type)
{
	if (end <= start || d->nr_e820 == ARRAY_LEN(d->e820))
		return;
	d->e820[d->nr_e820].addr = start;
	d->e820[d->nr_e820].size = end - start;
	d->e820[d->nr_e820++].type = type;
}

/* Largest order first; tried in this order for each piece. */
static const uint8_t orders[] = { PAGE_ORDER_1G, PAGE_ORDER_2M, PAGE_ORDER_4K };

/* One entry at f, as large as possible. Returns its order, or a negative errno. */
static int entry_populate(struct domain *d, gfn_t f, uint64_t left)
{
	/* The first domain gets memory as the firmware left it: it is the one that owns the machine. */
	unsigned flags = d->is_privileged ? PAGE_ALLOC_UNSCRUBBED : 0;
	unsigned i = virt->nested->max_leaf_level >= 2 ? 0 : 1;

	for (; i < ARRAY_LEN(orders); i++) {
		uint64_t pages = 1ull << orders[i];
		mfn_t m;
		int err;

		if (!is_aligned(f.v, pages) || left < pages)
			continue;
		m = page_alloc(d, orders[i], flags);
		if (!mfn_valid(m))
			continue;
		err = p2m_map(&d->p2m, f, m, orders[i], P2M_RAM_RW);
		if (!err)
			return orders[i];
		for (uint64_t p = 0; p < pages; p++)
			page_put(mfn(m.v + p));
		return err;
	}
	return -ENOMEM;
}

static int range_populate(struct domain *d, uint64_t start, uint64_t end)
{
	uint64_t at = start >> PAGE_SHIFT, stop = end >> PAGE_SHIFT;

	while (at < stop) {
		int order = entry_populate(d, gfn(at), stop - at);

		if (order < 0)
			return order;
		at += 1ull << order;
	}
	return 0;
}

int pvh_memory_populate(struct domain *d, uint64_t memory)
{
	uint64_t low_end = MIN(align_down(memory, PAGE_SIZE), PVH_HOLE);
	uint64_t high_end = PVH_HOLE_END + align_down(memory, PAGE_SIZE) - low_end;
	int err;

	e820_add(d, 0, PVH_LOW_END, XEN_HVM_MEMMAP_TYPE_RAM);
	e820_add(d, PVH_LOW_END, PVH_HIGH_START, XEN_HVM_MEMMAP_TYPE_RESERVED);
	e820_add(d, PVH_HIGH_START, low_end, XEN_HVM_MEMMAP_TYPE_RAM);
	e820_add(d, PVH_HOLE_END, high_end, XEN_HVM_MEMMAP_TYPE_RAM);
	err = range_populate(d, 0, low_end);
	if (!err)
		err = range_populate(d, PVH_HOLE_END, high_end);
	return err ? err : pvh_zero(d, 0, PVH_HIGH_START);
}

bool pvh_range_is_ram(const struct domain *d, uint64_t gpa, uint64_t size)
{
	for (uint32_t i = 0; i < d->nr_e820; i++)
		if (d->e820[i].type == XEN_HVM_MEMMAP_TYPE_RAM && gpa >= d->e820[i].addr &&
		    gpa - d->e820[i].addr <= d->e820[i].size &&
		    size <= d->e820[i].size - (gpa - d->e820[i].addr))
			return true;
	return false;
}

/* Host address of gpa and how many bytes follow it in one piece; NULL: no RAM there. */
static uint8_t *piece_find(struct domain *d, uint64_t gpa, uint64_t *size)
{
	struct p2m_entry e = p2m_lookup(&d->p2m, gfn(gpa >> PAGE_SHIFT));
	uint64_t entry_size = (uint64_t)PAGE_SIZE << e.order;

	if (e.type != P2M_RAM_RW)
		return NULL;
	*size = entry_size - gpa % entry_size;
	return (uint8_t *)mfn_to_virt(e.mfn) + gpa % PAGE_SIZE;
}

int pvh_copy(struct domain *d, uint64_t gpa, const void *from, uint64_t size)
{
	const uint8_t *bytes = from;

	while (size) {
		uint64_t n;
		uint8_t *to = piece_find(d, gpa, &n);

		if (!to)
			return -EFAULT;
		n = MIN(n, size);
		memcpy(to, bytes, n);
		bytes += n;
		gpa += n;
		size -= n;
	}
	return 0;
}

int pvh_zero(struct domain *d, uint64_t gpa, uint64_t size)
{
	while (size) {
		uint64_t n;
		uint8_t *to = piece_find(d, gpa, &n);

		if (!to)
			return -EFAULT;
		n = MIN(n, size);
		memset(to, 0, n);
		gpa += n;
		size -= n;
	}
	return 0;
}
