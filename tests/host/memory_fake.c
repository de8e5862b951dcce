/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page allocator over the fake machine's RAM. */
#include "machine_fake.h"
#include "page_alloc.h"

void fake_memory_init(uint64_t bytes, unsigned nr_cpus)
{
	uint64_t nr_pages, table;

	fake_machine_init(bytes, nr_cpus);
	nr_pages = fake_ram_bytes() >> PAGE_SHIFT;
	table = align_up(page_table_bytes(nr_pages), PAGE_SIZE);
	page_alloc_init(direct_map + PAGE_SIZE, nr_pages);
	page_alloc_add(hpa(PAGE_SIZE + table), hpa(nr_pages << PAGE_SHIFT));
}
