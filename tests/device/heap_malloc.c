/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The heap of devices on the host: malloc, so that AddressSanitizer sees each object. A large one that was freed is kept for the next of its size, because mapping it anew takes longer than a
 * fuzzer's whole run; nobody may touch it meanwhile.
 */
#include <stdlib.h>
#include <string.h>

#include <sanitizer/asan_interface.h>

#include "heap.h"

#define LARGE 0x10000u
#define KEPT  4u

struct header {
	size_t size;
	size_t unused;
};

static struct header *kept[KEPT];

static struct header *kept_find(size_t size)
{
	for (unsigned i = 0; i < KEPT; i++)
		if (kept[i] && kept[i]->size == size) {
			struct header *h = kept[i];

			kept[i] = NULL;
			ASAN_UNPOISON_MEMORY_REGION(h + 1, size);
			memset(h + 1, 0, size);
			return h;
		}
	return NULL;
}

static bool keep(struct header *h)
{
	for (unsigned i = 0; h->size >= LARGE && i < KEPT; i++)
		if (!kept[i]) {
			kept[i] = h;
			ASAN_POISON_MEMORY_REGION(h + 1, h->size);
			return true;
		}
	return false;
}

void *heap_alloc(size_t size)
{
	struct header *h = size >= LARGE ? kept_find(size) : NULL;

	if (!h)
		h = calloc(1, sizeof(*h) + size);
	if (!h)
		return NULL;
	h->size = size;
	ASAN_POISON_MEMORY_REGION(h, sizeof(*h));
	return h + 1;
}

void *heap_alloc_array(size_t n, size_t size)
{
	return size && n > SIZE_MAX / 2 / size ? NULL : heap_alloc(n * size);
}

void heap_free(void *p)
{
	struct header *h;

	if (!p)
		return;
	h = (struct header *)p - 1;
	ASAN_UNPOISON_MEMORY_REGION(h, sizeof(*h));
	if (!keep(h))
		free(h);
}
