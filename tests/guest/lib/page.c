/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page allocator and the window. */
#include "guest.h"

/* Weak: the unpaged environment has no page tables. */
extern __attribute__((weak)) uint64_t page_directories[];

#define WINDOW_BASE 0xb0000000u /* no RAM there: a micro-VM has less than 2 GiB */

static uint64_t window_table[WINDOW_PAGES] __attribute__((aligned(4096)));
static ulong_t next_free, last_free;

static bool region_usable(const struct hvm_memmap_table_entry *m)
{
	return m->type == XEN_HVM_MEMMAP_TYPE_RAM && m->addr < 0x80000000ull;
}

void page_init(void)
{
	ulong_t image_top = (ulong_t)image_end;

	for (unsigned i = 0; i < memory_map_entries; i++) {
		const struct hvm_memmap_table_entry *m = &memory_map[i];

		if (!region_usable(m) || image_top < m->addr || image_top > m->addr + m->size)
			continue;
		next_free = image_top;
		last_free = (ulong_t)(m->addr + m->size);
	}
	/* The first boot module and the start info may lie behind the image: leave 8 MiB and stay below 64 MiB. */
	next_free += 8u << 20;
	if (last_free > 64u << 20)
		last_free = 64u << 20;
	if (env_paging) {
		page_directories[WINDOW_BASE >> 21] = (ulong_t)window_table | PTE_P | PTE_W | PTE_U;
		cr3_write(cr3_read());
	}
}

void *page_alloc_many(unsigned count, unsigned align)
{
	ulong_t at = (ulong_t)align_up(next_free, align * 4096ull);

	if (at + count * 4096ull > last_free) {
		print("FAIL page_alloc: out of memory\n");
		guest_exit(SHUTDOWN_crash);
	}
	next_free = at + count * 4096;
	memset((void *)at, 0, count * 4096);
	return (void *)at;
}

void *page_alloc(void)
{
	return page_alloc_many(1, 1);
}

ulong_t frame_unused(unsigned n)
{
	return (0xa0000000u >> 12) + n;
}

void *window_address(unsigned page)
{
	return (void *)(ulong_t)(WINDOW_BASE + page * 4096);
}

void window_map(unsigned page, uint64_t gpa, uint64_t flags)
{
	window_table[page] = gpa | flags;
	invlpg(window_address(page));
}

void window_clear(unsigned page)
{
	window_table[page] = 0;
	invlpg(window_address(page));
}

void *bad_pointer(void)
{
	return env_paging ? window_address(WINDOW_PAGES - 1) : (void *)(frame_unused(0) << 12);
}
