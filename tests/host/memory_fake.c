/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page allocator over the fake machine's RAM. */
#include <string.h>

#include "machine_fake.h"
#include "page_alloc.h"

static void allocator_start(void)
{
	uint64_t nr_pages = fake_ram_bytes() >> PAGE_SHIFT;
	uint64_t table = align_up(page_table_bytes(nr_pages), PAGE_SIZE);

	memset(direct_map + PAGE_SIZE, 0, table);
	page_alloc_init(direct_map + PAGE_SIZE, nr_pages);
	page_alloc_add(hpa(PAGE_SIZE + table), hpa(nr_pages << PAGE_SHIFT));
}

void fake_memory_init(uint64_t bytes, unsigned nr_cpus)
{
	fake_machine_init(bytes, nr_cpus);
	allocator_start();
}

void fake_memory_restart(uint64_t bytes, unsigned nr_cpus)
{
	fake_machine_restart(bytes, nr_cpus);
	allocator_start();
}
