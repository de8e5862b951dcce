/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The first domain's memory: the machine's own pages at their own addresses. */
#include "dom0_memory.h"

#include "errno.h"
#include "pvh_parts.h"
#include "virt_ops.h"
#include <xen/arch-x86/hvm/start_info.h>

static const uint8_t orders[] = { PAGE_ORDER_1G, PAGE_ORDER_2M, PAGE_ORDER_4K };

/* The largest free piece at frame m, at most limit pages, becomes the domain's. Pages taken; 0: that one is not free. */
static uint64_t piece_take(struct domain *d, uint64_t m, uint64_t limit)
{
	for (unsigned i = 0; i < ARRAY_LEN(orders); i++) {
		uint64_t pages = 1ull << orders[i];

		/* as the loader and the firmware left it: modules are read later */
		if (is_aligned(m, pages) && pages <= limit &&
		    mfn_valid(page_alloc_at(d, mfn(m), orders[i],
		                            PAGE_ALLOC_UNSCRUBBED | PAGE_ALLOC_HOME)))
			return pages;
	}
	return 0;
}

/* What it gets of one range of RAM, and the range's part of the map. */
static void range_take(struct domain *d, const struct boot_range *r, uint64_t *want)
{
	uint64_t m = align_up(r->base, PAGE_SIZE) >> PAGE_SHIFT;
	uint64_t end = (r->base + r->size) >> PAGE_SHIFT;

	while (m < end) {
		uint64_t taken = *want ? piece_take(d, m, MIN(end - m, *want)) : 0;
		uint64_t n = taken ? taken : *want ? 1 : end - m;

		pvh_map_add(d, m << PAGE_SHIFT, (m + n) << PAGE_SHIFT,
		            taken ? XEN_HVM_MEMMAP_TYPE_RAM : XEN_HVM_MEMMAP_TYPE_UNUSABLE);
		*want -= taken;
		m += n;
	}
}

/* The largest entry that [m, end) may begin with. */
static unsigned piece_order(uint64_t m, uint64_t end)
{
	unsigned i = virt->nested->max_leaf_level >= 2 ? 0 : 1;

	while (!is_aligned(m, 1ull << orders[i]) || end - m < 1ull << orders[i])
		i++;
	return orders[i];
}

/* Entries of the nested page table for all of it. Tables come from what is left; once that fails, pages go back. */
static int ram_map(struct domain *d)
{
	int err = 0;

	for (uint32_t e = 0; e < d->nr_e820; e++) {
		uint64_t m = d->e820[e].addr >> PAGE_SHIFT;
		uint64_t end = m + (d->e820[e].size >> PAGE_SHIFT);

		if (d->e820[e].type != XEN_HVM_MEMMAP_TYPE_RAM)
			continue;
		while (m < end && !err) {
			unsigned order = piece_order(m, end);

			err = p2m_map(&d->p2m, gfn(m), mfn(m), order, P2M_RAM_RW);
			m += err ? 0 : 1ull << order;
		}
		for (; m < end; m++)
			page_put(mfn(m));
	}
	return err;
}

int dom0_memory_populate(struct domain *d, const struct pvh_config *config)
{
	const struct dom0_machine *machine = config->machine;
	uint64_t want = config->memory >> PAGE_SHIFT;

	machine->release();
	for (uint32_t i = 0; i < machine->boot->nr_ranges; i++) {
		const struct boot_range *r = &machine->boot->ranges[i];

		if (r->type == RANGE_RAM)
			range_take(d, r, &want);
		else
			pvh_map_add(d, r->base, r->base + r->size, r->type);
	}
	return ram_map(d);
}

int dom0_memory_give_frames(struct domain *d, const struct boot_info *boot, unsigned physical_bits,
                            const struct range *owned, uint32_t nr)
{
	int err = direct_frames_give(d, 0, (1ull << (physical_bits - PAGE_SHIFT)) - 1);

	for (uint32_t i = 0; i < boot->nr_ranges && !err; i++) {
		uint64_t first = align_up(boot->ranges[i].base, PAGE_SIZE) >> PAGE_SHIFT;
		uint64_t end = (boot->ranges[i].base + boot->ranges[i].size) >> PAGE_SHIFT;

		if (boot->ranges[i].type == RANGE_RAM && first < end)
			err = direct_frames_take(d, first, end - 1);
	}
	/* the BIOS data area: RAM, but never the allocator's */
	err = err ? err : direct_frames_give(d, 0, 0);
	for (uint32_t i = 0; i < nr && !err; i++)
		err = direct_frames_take(d, owned[i].first, owned[i].last);
	return err;
}
