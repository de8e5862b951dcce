/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the boot loader told us, copied out of its memory and checked: one form for multiboot 1 and 2. */
#ifndef BOOT_BOOT_INFO_H
#define BOOT_BOOT_INFO_H

#include "types.h"

#define BOOT_MAX_RANGES  256
#define BOOT_MAX_MODULES 32

struct boot_range {
	uint64_t base, size;
	uint32_t type; /* e820 numbers: 1 RAM, 2 reserved, 3 ACPI reclaimable, 4 NVS, 5 bad */
};

struct boot_module {
	uint64_t base, size;
	char command_line
		[1024]; /* as given, first word (file name) included or not as the loader does */
};

struct boot_info {
	char loader[64];
	char command_line[1024];
	uint32_t nr_ranges, nr_modules;
	struct boot_range ranges[BOOT_MAX_RANGES]; /* sorted, not overlapping */
	struct boot_module modules[BOOT_MAX_MODULES];
	uint64_t rsdp; /* physical address or 0: search. UEFI gives it by multiboot 2 tag */
	bool efi;
	struct boot_framebuffer {
		uint64_t base;
		uint32_t pitch, width, height;
		uint8_t bpp, type; /* type 2: EGA text; 0xff: none known */
	} framebuffer;
};

/*
 * Reads memory that the loader wrote: map(arg, phys, size) gives a pointer or NULL. magic is EAX at entry. 0, -EINVAL (not a multiboot loader), -EFAULT
 * (a table lies outside memory or is cut), -E2BIG.
 */
int must_check boot_info_read(uint32_t magic, uint64_t phys,
                              const void *(*map)(void *arg, uint64_t phys, uint64_t size),
                              void *arg, struct boot_info *out);

#endif
