/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz target: the boot loader's tables. The first byte says which version; the rest is memory from address 0x1000, where the tables are. */
#include <stdlib.h>
#include <string.h>
#include "boot_info.h"

#define BASE 0x1000u

struct memory {
	const uint8_t *bytes;
	size_t size;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const void *map(void *arg, uint64_t phys, uint64_t size)
{
	const struct memory *m = arg;

	if (phys < BASE || phys - BASE > m->size || size > m->size - (phys - BASE))
		return NULL;
	return m->bytes + (phys - BASE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct boot_info info;
	struct memory m = { data + 1, size - 1 };

	if (!size)
		return 0;
	if (boot_info_read(data[0] & 1 ? MULTIBOOT2_LOADER : MULTIBOOT1_LOADER, BASE, map, &m,
	                   &info))
		return 0;
	for (uint32_t i = 0; i < info.nr_ranges; i++) {
		const struct boot_range *r = &info.ranges[i];

		if (!r->size || r->base + r->size < r->base || !r->type || r->type > RANGE_BAD)
			abort();
		if (i && r[-1].base + r[-1].size > r->base)
			abort();
	}
	for (uint32_t i = 0; i < info.nr_modules; i++)
		if (!map(&m, info.modules[i].base, info.modules[i].size) ||
		    strnlen(info.modules[i].command_line, sizeof(info.modules[i].command_line)) ==
		            sizeof(info.modules[i].command_line))
			abort();
	return 0;
}
