/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory: a page allocator from the memory map, and (with paging) a window of 4 KiB mappings. All other
 * memory below 4 GiB is mapped linear = physical by 2 MiB pages, for the user as well.
 */
#ifndef GUEST_PAGE_H
#define GUEST_PAGE_H

#include "arch.h"

#define PTE_P  1ull
#define PTE_W  2ull
#define PTE_U  4ull
#define PTE_NX (1ull << 63)

void page_init(void);

/* Zeroed pages at a multiple of align pages (a power of two). Never fails: out of memory ends the domain. */
void *page_alloc(void);
void *page_alloc_many(unsigned count, unsigned align);

static inline ulong_t page_frame(const void *p)
{
	return (ulong_t)p >> 12;
}

/* A guest frame above all memory, with nothing behind it: the n-th of 4096. Below 4 GiB. */
ulong_t frame_unused(unsigned n);

/* An address that no guest translation, or without paging no memory, stands behind. */
void *bad_pointer(void);

/* The window: WINDOW_PAGES mappings at window_address(0). Only where env_paging. */
#define WINDOW_PAGES 512
void *window_address(unsigned page);
void window_map(unsigned page, uint64_t gpa, uint64_t flags);
void window_clear(unsigned page);

extern uint64_t page_root[], page_directories[];

#endif
