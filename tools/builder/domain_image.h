/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside of the builder: a domain that is being made. */
#ifndef BUILDER_DOMAIN_IMAGE_H
#define BUILDER_DOMAIN_IMAGE_H

#include "builder.h"
#include "elf.h"

#include <stdio.h>

#define PAGE_SHIFT 12
#define GUEST_PAGE 4096ull
#define LOW_END    0xa0000ull
#define VGA_END    0xc0000ull
#define HIGH_START 0x100000ull
#define HOLE_END   0x100000000ull
/* The pages of console and store, in this order: where hvmloader reserves, and no controller is. */
#define CONSOLE_GFN 0xfeffcull
#define STORE_GFN   0xfeffdull

struct map_row {
	uint64_t start, end;
	uint32_t type; /* 1 RAM, 2 reserved */
};

struct domain_image {
	struct hypervisor *h;
	const struct build_plan *plan;
	struct built *built;
	struct failure *failure;
	struct map_row map[8];
	unsigned nr_map;
	uint64_t entry, start_info; /* of vcpu 0 */
	uint64_t image_end;         /* no address of the kernel (hvmloader) is from here on */
};

/* guest_ram.c. Row after row, from low to high; empty ones are left out. */
void ram_row(struct domain_image *d, uint64_t start, uint64_t end, uint32_t type);
/* Memory for the rows of RAM, and for what lies apart from them; gives the map to the hypervisor. */
bool ram_populate(struct domain_image *d);
bool ram_populate_range(struct domain_image *d, uint64_t start, uint64_t end);
/* Copies, or zeroes (from NULL), into RAM. */
bool ram_write(struct domain_image *d, uint64_t at, const void *from, uint64_t size,
               const char *what);
bool ram_zero(struct domain_image *d, uint64_t at, uint64_t size, const char *what);
bool ram_covers(const struct domain_image *d, uint64_t at, uint64_t size);

/* elf_program.c: the segments of an ELF file that has been read; the entry is its own. */
bool elf_load(struct domain_image *d, const char *name, const uint8_t *file,
              const struct elf_image *image);

/* start_info.c */
struct start_module {
	const uint8_t *bytes;
	size_t size;
};
bool start_info_write(struct domain_image *d, const char *command_line,
                      const struct start_module *module, uint64_t rsdp);

/* vcpu_state.c: vcpu 0 begins at the entry, as PVH kernels expect it. */
bool vcpu_start_state(struct domain_image *d);

/* cpu_policy.c: before it has vcpus that run. */
bool cpu_policy_apply(struct domain_image *d);

/* hvm.c, pvh.c */
bool hvm_furnish(struct domain_image *d);
bool pvh_furnish(struct domain_image *d);

/* A whole file in memory; NULL: failure says why. free() it. */
uint8_t *file_read(struct domain_image *d, const char *what, const char *path, size_t *size);

#endif
