/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory for tables, given out from a piece of it that the memory map knows, in one direction. */
#ifndef HVMLOADER_SPACE_H
#define HVMLOADER_SPACE_H

#include "memory_map.h"

struct space {
	uint32_t next, end;
	const char *name;
};

/* Takes size bytes of RAM for it. */
void space_init(struct space *s, struct memory_map *m, const char *name, uint32_t size,
                uint32_t type);
/* Zeroed bytes; align a power of two. Dies when there is no room. */
uint32_t space_take(struct space *s, uint32_t size, uint32_t align);
/* Makes the sum of the n bytes at gpa zero by the byte at offset. */
void checksum_set(uint32_t gpa, uint32_t n, uint32_t offset);

#endif
