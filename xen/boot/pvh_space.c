/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds room in a domain that is being built. */
#include "pvh_space.h"

#include "errno.h"
#include <xen/arch-x86/hvm/start_info.h>

void pvh_space_init(struct pvh_space *s)
{
	s->nr = 0;
}

int pvh_space_use(struct pvh_space *s, uint64_t base, uint64_t size)
{
	if (!size)
		return 0;
	if (s->nr == PVH_SPACE_MAX)
		return -ENOSPC;
	s->used[s->nr].base = base;
	s->used[s->nr++].end = base + size;
	return 0;
}

/* The end of a used piece that [base, base + size) meets; 0: it meets none. */
static uint64_t obstacle(const struct pvh_space *s, uint64_t base, uint64_t size)
{
	for (uint32_t i = 0; i < s->nr; i++)
		if (base < s->used[i].end && base + size > s->used[i].base)
			return s->used[i].end;
	return 0;
}

bool pvh_space_is_free(const struct pvh_space *s, uint64_t base, uint64_t size)
{
	return !obstacle(s, base, size);
}

/* Moves on past obstacles: each step leaves one piece behind for good, so it ends. */
static uint64_t find_in(const struct pvh_space *s, uint64_t at, uint64_t end, uint64_t size)
{
	at = align_up(at, PAGE_SIZE);
	while (at < end && size <= end - at) {
		uint64_t next = obstacle(s, at, size);

		if (!next)
			return at;
		at = align_up(next, PAGE_SIZE);
	}
	return 0;
}

uint64_t pvh_space_take(struct pvh_space *s, const struct domain *d, uint64_t size, uint64_t from,
                        uint64_t limit)
{
	size = align_up(size, PAGE_SIZE);
	for (uint32_t i = 0; i < d->nr_e820; i++) {
		uint64_t base = MAX(d->e820[i].addr, from);
		uint64_t end = MIN(d->e820[i].addr + d->e820[i].size, limit);
		uint64_t at;

		if (d->e820[i].type != XEN_HVM_MEMMAP_TYPE_RAM || base >= end)
			continue;
		at = find_in(s, base, end, size);
		if (at)
			return pvh_space_use(s, at, size) ? 0 : at;
	}
	return 0;
}
