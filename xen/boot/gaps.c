// SPDX-License-Identifier: GPL-2.0-or-later
/* Cutting pieces out of a list of ranges. */
#include "gaps.h"

void gaps_from_ranges(struct gaps *g, const struct boot_info *info)
{
	g->nr = 0;
	for (uint32_t i = 0; i < info->nr_ranges; i++) {
		const struct boot_range *r = &info->ranges[i];
		uint64_t base = align_up(r->base, PAGE_SIZE);
		uint64_t end = align_down(r->base + r->size, PAGE_SIZE);

		if (r->type == RANGE_RAM && base < end)
			g->gap[g->nr++] = (struct gap){ base, end };
	}
}

static void gap_remove(struct gaps *g, uint32_t i)
{
	g->nr--;
	for (; i < g->nr; i++)
		g->gap[i] = g->gap[i + 1];
}

void gaps_cut(struct gaps *g, uint64_t base, uint64_t end)
{
	base = align_down(base, PAGE_SIZE);
	end = align_up(end, PAGE_SIZE);
	for (uint32_t i = 0; i < g->nr;) {
		struct gap *gap = &g->gap[i], whole = *gap;

		if (base >= end || whole.end <= base || whole.base >= end) {
			i++;
			continue;
		}
		if (whole.base < base && whole.end > end && g->nr < GAPS_MAX)
			g->gap[g->nr++] = (struct gap){ end, whole.end };
		if (whole.base < base)
			gap->end = base;
		else if (whole.end > end)
			gap->base = end;
		else {
			gap_remove(g, i);
			continue;
		}
		i++;
	}
}

uint64_t gaps_take(struct gaps *g, uint64_t size, uint64_t limit)
{
	uint64_t best_size = 0, base = 0;

	for (uint32_t i = 0; i < g->nr; i++) {
		uint64_t end = MIN(g->gap[i].end, limit);

		if (end <= g->gap[i].base || end - g->gap[i].base < MAX(size, best_size + 1))
			continue;
		best_size = end - g->gap[i].base;
		base = end - size;
	}
	if (best_size)
		gaps_cut(g, base, base + size);
	return base;
}

uint64_t gaps_total(const struct gaps *g)
{
	uint64_t total = 0;

	for (uint32_t i = 0; i < g->nr; i++)
		total += g->gap[i].end - g->gap[i].base;
	return total;
}
