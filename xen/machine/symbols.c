/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names for addresses in the image's code. */
#include "symbols.h"

#include "image.h"
#include "string.h"

bool symbol_is_text(uint64_t addr)
{
	return addr >= (uint64_t)text_start && addr < (uint64_t)text_end;
}

const char *symbol_find(uint64_t addr, uint64_t *offset, uint64_t *size)
{
	uint32_t low = 0, high = symbol_count, at;
	const char *name = symbol_names;

	if (!symbol_is_text(addr) || !symbol_count)
		return NULL;
	at = (uint32_t)(addr - (uint64_t)image_start);
	if (at < symbol_offsets[0])
		return NULL;
	/* the last one at or below: low is, high is not */
	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (symbol_offsets[middle] <= at)
			low = middle;
		else
			high = middle;
	}
	for (uint32_t i = 0; i < low; i++)
		name += strlen(name) + 1;
	*offset = at - symbol_offsets[low];
	*size = (low + 1 < symbol_count ? symbol_offsets[low + 1]
	                                : (uint32_t)(text_end - image_start)) -
	        symbol_offsets[low];
	return name;
}
