/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The heap of an instance: boxes in address order, the first that fits. Boards are made once, so little is ever freed. */
#include "heap.h"

#include "devmodel_abi.h"
#include "string.h"

struct box {
	uint64_t size; /* with this header, a multiple of 16 */
	bool used;
} __attribute__((aligned(16)));
_Static_assert(sizeof(struct box) == 16, "contents are aligned to 16");

static bool started;

static struct box *first_box(void)
{
	struct box *b = (struct box *)DEVMODEL_HEAP;

	if (!started) {
		b->size = DEVMODEL_HEAP_SIZE;
		started = true;
	}
	return b;
}

static struct box *next_box(struct box *b)
{
	b = (struct box *)((uint8_t *)b + b->size);
	return (uint64_t)b < DEVMODEL_HEAP + DEVMODEL_HEAP_SIZE ? b : NULL;
}

static void join_free(struct box *b)
{
	for (struct box *n = next_box(b); n && !n->used; n = next_box(b))
		b->size += n->size;
}

void *heap_alloc(size_t size)
{
	uint64_t need = align_up(size, 16) + sizeof(struct box);

	if (size > DEVMODEL_HEAP_SIZE)
		return NULL;
	for (struct box *b = first_box(); b; b = next_box(b)) {
		if (b->used)
			continue;
		join_free(b);
		if (b->size < need)
			continue;
		if (b->size > need) {
			struct box *rest = (struct box *)((uint8_t *)b + need);

			*rest = (struct box){ .size = b->size - need };
			b->size = need;
		}
		b->used = true;
		return memset(b + 1, 0, need - sizeof(*b));
	}
	return NULL;
}

void *heap_alloc_array(size_t n, size_t size)
{
	return size && n > DEVMODEL_HEAP_SIZE / size ? NULL : heap_alloc(n * size);
}

void heap_free(void *p)
{
	if (p)
		((struct box *)p - 1)->used = false;
}
