/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A short list of address ranges from which pieces are cut: what is still free while the page allocator does not exist. Pure. */
#ifndef BOOT_GAPS_H
#define BOOT_GAPS_H

#include "boot_info.h"

#define GAPS_MAX (BOOT_MAX_RANGES + BOOT_MAX_MODULES + 8)

struct gaps {
	uint32_t nr;
	struct gap {
		uint64_t base, end; /* base < end */
	} gap[GAPS_MAX];
};

/* All whole pages of RAM in the memory map. */
void gaps_from_ranges(struct gaps *g, const struct boot_info *info);
/* Takes [base, end) out, widened to whole pages. A piece that would make one gap too many is lost, not kept. */
void gaps_cut(struct gaps *g, uint64_t base, uint64_t end);
/* Takes size bytes (a multiple of a page) off the upper end of the largest gap, counting only what lies below limit. 0: no gap is large enough. */
uint64_t must_check gaps_take(struct gaps *g, uint64_t size, uint64_t limit);
uint64_t gaps_total(const struct gaps *g);

#endif
