// SPDX-License-Identifier: GPL-2.0-or-later
/* A PVH domain's memory: the map that it is told, the pages behind it, and copies into them. */
#include "pvh_parts.h"
#include "errno.h"
#include "heap.h"
#include "pvh_tables.h"
#include "string.h"
#include "virt_ops.h"
#include <xen/arch-x86/hvm/start_info.h>

void pvh_map_add(struct domain *d, uint64_t start, uint64_t end, uint32_t type)
{
	struct domain_e820 *last = d->nr_e820 ? &d->e820[d->nr_e820 - 1] : NULL;

	if (end <= start)
		return;
	if (last && last->type == type && last->addr + last->size == start) {
		last->size += end - start;
		return;
	}
	if (d->nr_e820 == ARRAY_LEN(d->e820))
		return;
	d->e820[d->nr_e820].addr = start;
	d->e820[d->nr_e820].size = end - start;
	d->e820[d->nr_e820++].type = type;
}

int pvh_map_carve(struct domain *d, uint64_t start, uint64_t size, uint32_t type)
{
	struct domain_e820 old[DOMAIN_MAX_E820];
	uint32_t nr = d->nr_e820;

	if (!pvh_range_is_ram(d, start, size))
		return -EINVAL;
	if (nr + 2 > ARRAY_LEN(old))
		return -ENOSPC;
	memcpy(old, d->e820, nr * sizeof(old[0]));
	d->nr_e820 = 0;
	for (uint32_t i = 0; i < nr; i++) {
		uint64_t first = old[i].addr, end = first + old[i].size;

		if (start < first || start >= end) {
			pvh_map_add(d, first, end, old[i].type);
			continue;
		}
		pvh_map_add(d, first, start, old[i].type);
		pvh_map_add(d, start, start + size, type);
		pvh_map_add(d, start + size, end, old[i].type);
	}
	return 0;
}

/* Largest order first; tried in this order for each piece. */
static const uint8_t orders[] = { PAGE_ORDER_1G, PAGE_ORDER_2M, PAGE_ORDER_4K };

/* One entry at f, as large as possible. Returns its order, or a negative errno. */
static int entry_populate(struct domain *d, gfn_t f, uint64_t left)
{
	unsigned i = virt->nested->max_leaf_level >= 2 ? 0 : 1;

	for (; i < ARRAY_LEN(orders); i++) {
		uint64_t pages = 1ull << orders[i];
		mfn_t m;
		int err;

		if (!is_aligned(f.v, pages) || left < pages)
			continue;
		m = page_alloc(d, orders[i], 0);
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

int pvh_range_populate(struct domain *d, uint64_t start, uint64_t end)
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

int pvh_memory_lay(struct domain *d, const struct pvh_config *config, uint64_t hole,
                   uint64_t *low_end)
{
	uint64_t memory = align_down(config->memory, PAGE_SIZE);
	uint64_t high_end;

	*low_end = MIN(memory, hole);
	high_end = PVH_HOLE_END + memory - *low_end;
	pvh_map_add(d, 0, PVH_LOW_END, XEN_HVM_MEMMAP_TYPE_RAM);
	pvh_map_add(d, PVH_LOW_END, PVH_HIGH_START, XEN_HVM_MEMMAP_TYPE_RESERVED);
	pvh_map_add(d, PVH_HIGH_START, *low_end, XEN_HVM_MEMMAP_TYPE_RAM);
	pvh_map_add(d, PVH_HOLE_END, high_end, XEN_HVM_MEMMAP_TYPE_RAM);
	return pvh_range_populate(d, PVH_HOLE_END, high_end);
}

int pvh_memory_populate(struct domain *d, const struct pvh_config *config)
{
	uint64_t low_end;
	int err = pvh_memory_lay(d, config, PVH_HOLE, &low_end);

	if (!err)
		err = pvh_range_populate(d, 0, low_end);
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

int pvh_acpi_write(struct domain *d, const struct pvh_config *config, struct pvh_space *space,
                   uint64_t *rsdp)
{
	uint8_t *bytes;
	int err;

	/* DOMAIN_MAX_VCPUS entries of at most 16 bytes, and less than 1 KiB of everything else */
	_Static_assert(DOMAIN_MAX_VCPUS * 16 + 1024 <= PVH_ACPI_SIZE, "tables fit");
	bytes = heap_alloc(PVH_ACPI_SIZE);
	if (!bytes)
		return -ENOMEM;
	err = pvh_copy(d, PVH_ACPI, bytes, pvh_acpi_make(bytes, PVH_ACPI, d->max_vcpus));
	heap_free(bytes);
	*rsdp = PVH_ACPI;
	return err;
}
