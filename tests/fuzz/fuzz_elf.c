/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz target: a kernel's ELF file. */
#include <stdlib.h>
#include "elf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct elf_image image;
	const char *why = NULL;
	bool inside = false;

	if (elf_parse(data, size, &image, &why)) {
		if (!why)
			abort();
		return 0;
	}
	for (uint32_t i = 0; i < image.nr_segments; i++) {
		const struct elf_segment *s = &image.segments[i];

		if (s->offset > size || s->file_size > size - s->offset ||
		    s->file_size > s->memory_size || s->paddr + s->memory_size < s->paddr)
			abort();
		inside |= image.entry >= s->paddr && image.entry - s->paddr < s->memory_size;
	}
	if (!inside)
		abort();
	return 0;
}
