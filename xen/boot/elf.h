/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An ELF kernel, 32 or 64 bits: what to load where, and Xen's note with the PVH entry. Pure; nothing in the file is believed. */
#ifndef BOOT_ELF_H
#define BOOT_ELF_H

#include "types.h"

#define ELF_MAX_SEGMENTS 16

struct elf_segment {
	uint64_t paddr, memory_size;
	uint64_t offset,
		file_size; /* inside the file; file_size <= memory_size, the rest is zero */
};

struct elf_image {
	bool is_64;
	uint32_t nr_segments;
	struct elf_segment segments[ELF_MAX_SEGMENTS]; /* memory_size > 0, no wrap */
	uint64_t low, high;                            /* borders of all segments, physical */
	uint32_t entry; /* physical, of the PHYS32_ENTRY note; inside a segment */
};

/* 0, or -ENOEXEC with the reason in words in *why. */
int must_check elf_parse(const void *data, uint64_t size, struct elf_image *out, const char **why);

/* The same for a 32-bit program that is no kernel and has no note, as hvmloader: its header's entry counts. */
int must_check elf_parse_loader(const void *data, uint64_t size, struct elf_image *out,
                                const char **why);

#endif
