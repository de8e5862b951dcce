/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory for tables. */
#include "console.h"
#include "iron.h"
#include "space.h"
#include "string.h"

void space_init(struct space *s, struct memory_map *m, const char *name, uint32_t size,
                uint32_t type)
{
	s->next = memory_map_take(m, size, type);
	s->end = s->next + size;
	s->name = name;
}

uint32_t space_take(struct space *s, uint32_t size, uint32_t align)
{
	uint32_t at = (uint32_t)align_up(s->next, align);

	if (at > s->end || s->end - at < size)
		die("the %s need more memory than they were given", s->name);
	s->next = at + size;
	memset(iron_memory(at), 0, size);
	return at;
}

void checksum_set(uint32_t gpa, uint32_t n, uint32_t offset)
{
	uint8_t *bytes = iron_memory(gpa), sum = 0;

	bytes[offset] = 0;
	for (uint32_t i = 0; i < n; i++)
		sum += bytes[i];
	bytes[offset] = (uint8_t)-sum;
}
