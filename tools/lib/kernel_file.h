/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A kernel's file, as distributions ship it: a bzImage or an ELF file, packed in one of Linux's ways or not; with the entry for PVH. Nothing in the file is believed. */
#ifndef TOOLS_KERNEL_FILE_H
#define TOOLS_KERNEL_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "elf.h"

#define KERNEL_FILE_MOST (512ull << 20) /* bytes unpacked */

struct kernel_file {
	const uint8_t *bytes; /* the ELF file: in the given file, or unpacked */
	uint64_t size;
	uint8_t *unpacked; /* NULL: it was not packed */
	struct elf_image image;
};

/* What was wrong with a file, in words that follow its name. */
struct kernel_file_fault {
	char text[240];
};

/* file must stay as long as *k is used. False: nothing has to be closed. */
bool kernel_file_open(struct kernel_file *k, const uint8_t *file, size_t size,
                      struct kernel_file_fault *why);
void kernel_file_close(struct kernel_file *k);

#endif
