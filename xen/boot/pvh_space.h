/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which parts of a domain's memory are spoken for while it is built. Pure but for the domain's memory map. */
#ifndef BOOT_PVH_SPACE_H
#define BOOT_PVH_SPACE_H

#include "domain.h"

#define PVH_SPACE_MAX 96

struct pvh_space {
	uint32_t nr;
	struct {
		uint64_t base, end;
	} used[PVH_SPACE_MAX];
};

/* Nothing is used yet. */
void pvh_space_init(struct pvh_space *s);
/* -ENOSPC: too many pieces. Nothing happens for a size of 0. */
int must_check pvh_space_use(struct pvh_space *s, uint64_t base, uint64_t size);
bool pvh_space_is_free(const struct pvh_space *s, uint64_t base, uint64_t size);
/*
 * The lowest whole pages for size bytes from a given address on, in RAM of the memory map, below limit, that nobody uses; they are used then. 0: there are none.
 */
uint64_t must_check pvh_space_take(struct pvh_space *s, const struct domain *d, uint64_t size,
                                   uint64_t from, uint64_t limit);

#endif
