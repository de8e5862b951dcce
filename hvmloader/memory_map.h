/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest's physical address space, described once: the BIOS's memory map and all tables are made from it. Ranges are in address order and do not overlap.
 */
#ifndef HVMLOADER_MEMORY_MAP_H
#define HVMLOADER_MEMORY_MAP_H

#include "config.h"

#define MEMORY_RANGES 64

/* The numbers are those of the BIOS call E820. */
enum memory_type {
	MEMORY_NONE = 0,
	MEMORY_RAM = 1,
	MEMORY_RESERVED = 2,
	MEMORY_ACPI = 3,
	MEMORY_NVS = 4,
};

struct memory_range {
	uint64_t start, end;
	uint32_t type;
};

struct memory_map {
	struct memory_range range[MEMORY_RANGES];
	unsigned nr;
	uint64_t low_ram; /* the end of RAM below 4 GiB before anything was taken from it */
};

/* As the hypervisor has it from the builder, with what every PC has below 1 MiB and below 4 GiB. Dies when there is no RAM. */
void memory_map_read(struct memory_map *m, const struct config *c);
/* Gives [start, end) another type; MEMORY_NONE takes it away. */
void memory_map_set(struct memory_map *m, uint64_t start, uint64_t end, uint32_t type);
uint32_t memory_map_type(const struct memory_map *m, uint64_t at);

/* Where RAM below 4 GiB ends, and where RAM above it does (4 GiB when there is none). */
uint32_t memory_map_low_end(const struct memory_map *m);
uint64_t memory_map_high_end(const struct memory_map *m);

/* Takes size bytes (rounded up to pages) from the top of RAM below 4 GiB for something of the given type. */
uint32_t memory_map_take(struct memory_map *m, uint32_t size, uint32_t type);
/*
 * Puts RAM at [at, at + size), both in pages, where nothing is: taken from the top of RAM below 4 GiB. The map does not tell of it there. false: the hypervisor refuses.
 */
bool must_check memory_map_place(struct memory_map *m, uint32_t at, uint32_t size);
/* Moves RAM at and above `start`, below 4 GiB, to the end of RAM above 4 GiB. false: the hypervisor refuses. */
bool must_check memory_map_relocate(struct memory_map *m, uint32_t start);

#endif
