// SPDX-License-Identifier: GPL-2.0-or-later
/* Who gets which RAM at start. */
#include "boot_memory.h"
#include "gaps.h"
#include "image.h"
#include "layout.h"
#include "log.h"
#include "page_alloc.h"
#include "paging.h"
#include "string.h"

#define LOW_END       MIB(1)
#define BASE_END      0xa0000
#define EARLY_AT_ONCE 16 /* pages taken from the list in one go */

/* Low memory in which nothing of the hypervisor's shall come to lie before the first domain has it; half of a small machine's. */
#define HOLD_BACK MIB(256)

/* What boot_memory_release() gives away: modules' memory, low memory, and the first MiB's; and where the loader had put the image. */
static struct gaps free_gaps, module_gaps, held_gaps, low_gaps;
static bool released;
static uint64_t total_bytes, loaded_at, loaded_end; /* the image as the loader put it */

/* Pages for page tables before there is an allocator. */
static struct {
	uint64_t next, end;
} early;

const void *boot_memory_map(void *arg, uint64_t phys, uint64_t size)
{
	if (phys >= BOOT_MAP_SIZE || size > BOOT_MAP_SIZE - phys)
		return NULL;
	return (const void *)(DIRECT_MAP_BASE + phys);
}

static hpa_t early_page(void)
{
	if (early.next == early.end) {
		early.next = gaps_take(&free_gaps, EARLY_AT_ONCE * PAGE_SIZE, BOOT_MAP_SIZE);
		if (!early.next)
			bug("no memory for page tables");
		early.end = early.next + EARLY_AT_ONCE * PAGE_SIZE;
	}
	early.next += PAGE_SIZE;
	return hpa(early.next - PAGE_SIZE);
}

/* free_gaps: RAM without what is in use; module_gaps: RAM that only modules use. */
static void gaps_prepare(const struct boot_info *info)
{
	gaps_from_ranges(&free_gaps, info);
	total_bytes = gaps_total(&free_gaps);
	gaps_cut(&free_gaps, 0, LOW_END);
	loaded_at = image_phys(image_start);
	loaded_end = image_phys(image_end);
	gaps_cut(&free_gaps, loaded_at, loaded_end);
	module_gaps = free_gaps;
	for (uint32_t i = 0; i < info->nr_modules; i++)
		gaps_cut(&free_gaps, info->modules[i].base,
		         info->modules[i].base + info->modules[i].size);
	for (uint32_t i = 0; i < free_gaps.nr; i++)
		gaps_cut(&module_gaps, free_gaps.gap[i].base, free_gaps.gap[i].end);
}

/* The final tables map RAM, and with it what firmware left in memory that it calls ACPI's. */
static void paging_start(const struct boot_info *info)
{
	static struct paging_range ram[BOOT_MAX_RANGES];
	uint64_t image_at = gaps_take(&free_gaps, loaded_end - loaded_at, BOOT_MAP_SIZE);
	unsigned nr = 0;

	if (!image_at)
		bug("no %llu KiB of memory in one piece below 4 GiB for the hypervisor",
		    (unsigned long long)(loaded_end - loaded_at) >> 10);
	for (uint32_t i = 0; i < info->nr_ranges; i++)
		if (info->ranges[i].type == RANGE_RAM) {
			ram[nr].base = info->ranges[i].base;
			ram[nr++].end = info->ranges[i].base + info->ranges[i].size;
		}
	paging_init(ram, nr, early_page, image_at);
}

static void add_all(const struct gaps *g)
{
	for (uint32_t i = 0; i < g->nr; i++)
		page_alloc_add(hpa(g->gap[i].base), hpa(g->gap[i].end));
}

/* Splits free_gaps: what lies low goes to held_gaps; and finds the RAM below 1 MiB but for the trampoline's page. */
static void hold_back(const struct boot_info *info)
{
	uint64_t border = MIN(HOLD_BACK, align_down(total_bytes / 2, MIB(2)));
	uint64_t trampoline = boot_memory_trampoline(info);

	held_gaps = free_gaps;
	gaps_cut(&held_gaps, border, UINT64_MAX & PAGE_MASK);
	gaps_cut(&free_gaps, 0, border);
	gaps_from_ranges(&low_gaps, info);
	gaps_cut(&low_gaps, LOW_END, UINT64_MAX & PAGE_MASK);
	if (trampoline)
		gaps_cut(&low_gaps, trampoline, trampoline + PAGE_SIZE);
}

void boot_memory_init(const struct boot_info *info)
{
	uint64_t nr_pages = 0, table, bytes;

	gaps_prepare(info);
	paging_start(info);
	for (uint32_t i = 0; i < info->nr_ranges; i++)
		if (info->ranges[i].type == RANGE_RAM)
			nr_pages = (info->ranges[i].base + info->ranges[i].size) >> PAGE_SHIFT;
	bytes = align_up(page_table_bytes(nr_pages), PAGE_SIZE);
	table = gaps_take(&free_gaps, bytes, UINT64_MAX);
	if (!table)
		bug("no %llu KiB of memory in one piece for the page allocator",
		    (unsigned long long)bytes >> 10);
	memset(hpa_to_virt(hpa(table)), 0, bytes);
	page_alloc_init(hpa_to_virt(hpa(table)), nr_pages);
	hold_back(info);
	add_all(&free_gaps);
	page_alloc_add(hpa(early.next), hpa(early.end));
	early.next = early.end;
	paging_use_page_alloc();
}

uint64_t boot_memory_trampoline(const struct boot_info *info)
{
	uint64_t best = 0;

	for (uint32_t i = 0; i < info->nr_ranges; i++) {
		const struct boot_range *r = &info->ranges[i];
		uint64_t end = align_down(MIN(r->base + r->size, (uint64_t)BASE_END), PAGE_SIZE);

		/* page 0 has the real-mode vectors */
		if (r->type == RANGE_RAM && end >= 2 * PAGE_SIZE && end - PAGE_SIZE >= r->base)
			best = end - PAGE_SIZE;
	}
	return best;
}

void boot_memory_release_but_modules(void)
{
	if (released)
		return;
	released = true;
	add_all(&low_gaps);
	add_all(&held_gaps);
	page_alloc_add(hpa(loaded_at), hpa(loaded_end));
}

void boot_memory_release(void)
{
	if (released)
		return;
	boot_memory_release_but_modules();
	add_all(&module_gaps);
}

uint64_t boot_memory_held(void)
{
	if (released)
		return 0;
	return gaps_total(&low_gaps) + gaps_total(&held_gaps) + gaps_total(&module_gaps) +
	       loaded_end - loaded_at;
}

uint64_t boot_memory_total(void)
{
	return total_bytes;
}
