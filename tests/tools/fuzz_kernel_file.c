// SPDX-License-Identifier: GPL-2.0-or-later
/* Kernel files of any bytes: what opens has its segments inside the file. tests/fuzz/fuzz_unpack.c and fuzz_elf.c look at the parts alone. */
#include "kernel_file.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kernel_file_fault why = { "" };
	struct kernel_file k;

	if (!kernel_file_open(&k, data, size, &why)) {
		if (!why.text[0])
			abort();
		return 0;
	}
	for (uint32_t i = 0; i < k.image.nr_segments; i++) {
		const struct elf_segment *s = &k.image.segments[i];

		if (s->offset > k.size || s->file_size > k.size - s->offset ||
		    s->file_size > s->memory_size)
			abort();
	}
	kernel_file_close(&k);
	return 0;
}
