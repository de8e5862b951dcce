/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory while the hypervisor starts: from the loader's map to final page tables and the page allocator. */
#ifndef BOOT_BOOT_MEMORY_H
#define BOOT_BOOT_MEMORY_H

#include "boot_info.h"

/* Loader memory at a physical address, while the boot page tables are in use; boot_info_read()'s map. */
const void *boot_memory_map(void *arg, uint64_t phys, uint64_t size);

/*
 * Switches to the final page tables and gives all free RAM to the page allocator. Not given: the image, the page table array, and what
 * boot_memory_release() gives later. bug() when memory is too small.
 */
void boot_memory_init(const struct boot_info *info);
/* A page of RAM below 640 KiB for the trampoline; 0: the machine has none. */
uint64_t boot_memory_trampoline(const struct boot_info *info);
/*
 * Gives the page allocator what was held back for the first domain: the modules' memory, low memory, and the RAM of the first MiB (but for the trampoline's page).
 * Their bytes stay as they are until somebody gets the pages. A second call does nothing.
 */
void boot_memory_release(void);
/* The same without the modules, which stay for good: they are guests' disks. */
void boot_memory_release_but_modules(void);
/* Bytes that it will give. */
uint64_t boot_memory_held(void);

/* Bytes of RAM in the machine, and of it what neither is free nor belongs to a domain. */
uint64_t boot_memory_total(void);

#endif
