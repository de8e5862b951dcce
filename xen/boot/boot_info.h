/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the boot loader told us, copied out of its memory and checked: one form for multiboot 1 and 2. */
#ifndef BOOT_BOOT_INFO_H
#define BOOT_BOOT_INFO_H

#include "types.h"

#define BOOT_MAX_RANGES  256
#define BOOT_MAX_MODULES 32

#define MULTIBOOT1_LOADER 0x2badb002 /* EAX at entry */
#define MULTIBOOT2_LOADER 0x36d76289

/* e820 numbers */
enum boot_range_type {
	RANGE_RAM = 1,
	RANGE_RESERVED = 2,
	RANGE_ACPI = 3, /* tables; reclaimable */
	RANGE_NVS = 4,
	RANGE_BAD = 5,
};

struct boot_range {
	uint64_t base, size;
	uint32_t type; /* enum boot_range_type */
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
	uint64_t rsdp;        /* physical address or 0: see rsdp_copy, or search */
	uint32_t rsdp_length; /* multiboot 2 gives a copy of the RSDP; 0: none given */
	uint8_t rsdp_copy[36] __attribute__((aligned(16)));
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
typedef const void *(*boot_map)(void *arg, uint64_t phys, uint64_t size);
int must_check boot_info_read(uint32_t magic, uint64_t phys, boot_map map, void *arg,
                              struct boot_info *out);

/*
 * Sorts out what firmware says of memory: out gets ranges in order without overlap, neighbours of one type as one; where two speak of one place the
 * more careful one holds (bad, reserved, NVS, ACPI, RAM). Unknown types count as reserved. -E2BIG: more than BOOT_MAX_RANGES in the end.
 */
int must_check boot_ranges_resolve(const struct boot_range *raw, uint32_t nr,
                                   struct boot_info *out);

#endif
