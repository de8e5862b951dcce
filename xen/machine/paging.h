/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hypervisor's own page tables (layout.h has the regions): direct map, image, device registers. W^X: nothing is mapped writable and executable, by any alias.
 * Changes are made by one CPU at a time; those after start-up only ever map what was not mapped.
 */
#ifndef MACHINE_PAGING_H
#define MACHINE_PAGING_H

#include "machine.h"

struct paging_range {
	uint64_t base, end;
};

/* Gives a page for a table: 4 KiB aligned, any content, inside what is mapped now, and the first one below 4 GiB. bug() itself when there is none. */
typedef hpa_t (*paging_allocator)(void);

/*
 * Builds the final tables over those ranges of RAM (sorted; they need not be aligned) and the image, moves the image to image_at (whole pages of RAM below 4 GiB that
 * nobody else has), switches to them, and unmaps the guard pages. The boot tables, their low identity map included, and the memory at XEN_LOAD_ADDRESS are not used any more.
 */
void paging_init(const struct paging_range *ram, unsigned nr, paging_allocator alloc,
                 uint64_t image_at);
/* From page_alloc_init() on: tables come from the page allocator. */
void paging_use_page_alloc(void);

/* CR0, CR4, EFER and PAT of this CPU as the hypervisor wants them and CPUID allows: PGE, WP, NXE, SMEP, SMAP, UMIP, OSFXSR, OSXSAVE, FSGSBASE. */
void paging_cpu_init(void);
/* The tables' root, for CR3. */
extern uint64_t paging_root;
/* Grows with each new entry in the root's upper half: others that share it copy it anew. */
extern uint64_t paging_root_version;

/* Device registers: mapped uncached, read and write, at IO_MAP_BASE + hpa. Idempotent. Never NULL. */
void *io_map(hpa_t base, uint64_t size);
/* Tables that firmware left outside RAM: mapped read-only and cached in the direct map. NULL when beyond the physical address width. */
const void *firmware_map(hpa_t base, uint64_t size);

/* Takes one page of RAM (by its address in the direct map or the image) out of the direct map and the image: a guard. */
void paging_guard(const void *page);
void paging_unguard(const void *page);
/* Is that address in a guard page? For the crash dump: it means a stack overflow. */
bool paging_is_guard(uint64_t linear);
/* May this linear address be read? For dumps, which must not fault. */
bool paging_is_mapped(uint64_t linear);

/* A root that maps one low page (below 1 MiB) executable at its physical address beside the hypervisor: for the trampoline. hpa of the root, below 4 GiB; 0: no memory. */
uint64_t paging_trampoline_root(hpa_t page);
void paging_trampoline_free(uint64_t trampoline_root);

#endif
