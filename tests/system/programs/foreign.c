// SPDX-License-Identifier: GPL-2.0-or-later
// foreign: pages and grant frames of another domain, mapped in this process.
//   foreign DOMID [hold]    hold: keeps them and waits to be killed
// The other domain is a PVH guest with a kernel at 2 MiB, paused.
#include <sys/mman.h>
#include <stdint.h>
#include <xen/grant_table.h>
#include <xen/memory.h>
#include <xenforeignmemory.h>
#include "program.h"

#define PAGES     16
#define FIRST_GFN 0x200

static uint8_t *map_kernel(xenforeignmemory_handle *memory, uint32_t domid)
{
	xen_pfn_t gfns[PAGES];
	int errors[PAGES], i, sum = 0;
	uint8_t *pages;

	for (i = 0; i < PAGES; i++)
		gfns[i] = FIRST_GFN + i;
	pages = xenforeignmemory_map(memory, domid, PROT_READ | PROT_WRITE, PAGES, gfns, errors);
	need(pages != NULL, "foreign-map");
	for (i = 0; i < PAGES; i++)
		sum += errors[i];
	check(!sum, "foreign-map-errors", "%d", sum);
	for (i = 0; i < PAGES * PAGE && !pages[i]; i++)
		;
	check(i < PAGES * PAGE, "foreign-kernel-seen", "all bytes are 0");
	return pages;
}

// What is written through one mapping is seen through another.
static void write_and_see(xenforeignmemory_handle *memory, uint32_t domid, uint8_t *pages)
{
	xen_pfn_t gfn = FIRST_GFN + PAGES - 1;
	uint8_t *again = xenforeignmemory_map(memory, domid, PROT_READ, 1, &gfn, NULL);
	uint8_t *byte = pages + PAGES * PAGE - 1, was = *byte;

	need(again != NULL, "foreign-map-again");
	*byte = was ^ 0x5a;
	check(again[PAGE - 1] == (uint8_t)(was ^ 0x5a), "foreign-write-seen", "it is %x",
	      again[PAGE - 1]);
	*byte = was;
	xenforeignmemory_unmap(memory, again, 1);
}

static void refusals(xenforeignmemory_handle *memory, uint32_t domid)
{
	xen_pfn_t gfns[2] = { FIRST_GFN, 0xfedcba };
	int errors[2] = { 0, 0 };
	void *pages = xenforeignmemory_map(memory, domid, PROT_READ, 2, gfns, errors);

	check(pages && !errors[0] && errors[1] < 0, "foreign-hole", "errors %d %d", errors[0],
	      errors[1]);
	if (pages)
		xenforeignmemory_unmap(memory, pages, 2);
	pages = xenforeignmemory_map(memory, 0x7ff0, PROT_READ, 1, gfns, errors);
	check(!pages || errors[0] < 0, "foreign-nobody", "no domain's page was mapped");
}

// The guest's grant table: the tools gave dom0 its console and store pages in the first two entries.
static void *grant_frames(xenforeignmemory_handle *memory, uint32_t domid,
                          xenforeignmemory_resource_handle **resource)
{
	grant_entry_v1_t *entries;
	size_t size = 0;
	void *frames = NULL;

	check(!xenforeignmemory_resource_size(memory, domid, XENMEM_resource_grant_table,
	                                      XENMEM_resource_grant_table_id_shared, &size) &&
	              size >= PAGE,
	      "resource-size", "%zu bytes", size);
	*resource = xenforeignmemory_map_resource(memory, domid, XENMEM_resource_grant_table,
	                                          XENMEM_resource_grant_table_id_shared, 0, 1,
	                                          &frames, PROT_READ | PROT_WRITE, 0);
	need(*resource && frames, "resource-map");
	entries = frames;
	check(entries[0].flags & GTF_permit_access && entries[0].domid == 0 && entries[0].frame,
	      "resource-console", "flags %x, domain %u, frame %x", entries[0].flags,
	      entries[0].domid, entries[0].frame);
	check(entries[1].flags & GTF_permit_access && entries[1].domid == 0 && entries[1].frame,
	      "resource-store", "flags %x, domain %u, frame %x", entries[1].flags, entries[1].domid,
	      entries[1].frame);
	return frames;
}

int main(int argc, char **argv)
{
	xenforeignmemory_handle *memory = xenforeignmemory_open(NULL, 0);
	xenforeignmemory_resource_handle *resource;
	uint32_t domid = argc > 1 ? atoi(argv[1]) : 0;
	uint8_t *pages;

	need(memory != NULL && domid, "foreign-open");
	pages = map_kernel(memory, domid);
	grant_frames(memory, domid, &resource);
	if (argc > 2)
		hold();
	write_and_see(memory, domid, pages);
	refusals(memory, domid);
	check(!xenforeignmemory_unmap(memory, pages, PAGES), "foreign-unmap", "unmap");
	check(!xenforeignmemory_unmap_resource(memory, resource), "resource-unmap", "unmap");
	xenforeignmemory_close(memory);
	return 0;
}
