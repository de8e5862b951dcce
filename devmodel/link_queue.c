/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rings of bytes, of which a piece may wrap round the end. */
#include "link_queue.h"

#include "string.h"

void link_ring_get(void *to, const uint8_t *ring, uint32_t size, uint32_t index, uint32_t n)
{
	uint32_t at = index & (size - 1), first = MIN(n, size - at);

	memcpy(to, ring + at, first);
	memcpy((uint8_t *)to + first, ring, n - first);
}

void link_ring_put(uint8_t *ring, uint32_t size, uint32_t index, const void *from, uint32_t n)
{
	uint32_t at = index & (size - 1), first = MIN(n, size - at);

	memcpy(ring + at, from, first);
	memcpy(ring, (const uint8_t *)from + first, n - first);
}
