/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sets of numbers as sorted ranges: few ranges, many questions. */
#include "rangeset.h"

#include "errno.h"
#include "heap.h"
#include "string.h"

#define FIRST_ROOM 8

void rangeset_destroy(struct rangeset *s)
{
	heap_free(s->range);
	*s = (struct rangeset){ .nr = 0 };
}

/* Index of the first range that ends at or behind n; nr when there is none. */
static uint32_t find(const struct rangeset *s, uint64_t n)
{
	uint32_t low = 0, high = s->nr;

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (s->range[middle].last < n)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int room_make(struct rangeset *s)
{
	uint32_t room = s->room ? 2 * s->room : FIRST_ROOM;
	struct range *bigger;

	if (s->nr < s->room)
		return 0;
	if (s->nr >= RANGESET_MAX)
		return -E2BIG;
	bigger = heap_alloc_array(room, sizeof(*bigger));
	if (!bigger)
		return -ENOMEM;
	if (s->nr)
		memcpy(bigger, s->range, s->nr * sizeof(*bigger));
	heap_free(s->range);
	s->range = bigger;
	s->room = room;
	return 0;
}

/* Puts n ranges in the place of old ones at i; there is room. */
static void replace(struct rangeset *s, uint32_t i, uint32_t old, const struct range *with,
                    uint32_t n)
{
	memmove(s->range + i + n, s->range + i + old, (s->nr - i - old) * sizeof(*with));
	if (n)
		memcpy(s->range + i, with, n * sizeof(*with));
	s->nr = s->nr - old + n;
}

int rangeset_add(struct rangeset *s, uint64_t first, uint64_t last)
{
	struct range new = { first, last };
	uint32_t i, end;
	int err;

	if (first > last)
		return -EINVAL;
	err = room_make(s);
	if (err)
		return err;
	/* those that overlap or touch become one with it */
	i = find(s, first ? first - 1 : 0);
	for (end = i; end < s->nr && (last == UINT64_MAX || s->range[end].first <= last + 1);
	     end++) {
		new.first = MIN(new.first, s->range[end].first);
		new.last = MAX(new.last, s->range[end].last);
	}
	replace(s, i, end - i, &new, 1);
	return 0;
}

int rangeset_remove(struct rangeset *s, uint64_t first, uint64_t last)
{
	struct range rest[2];
	uint32_t i, end, n = 0;
	int err;

	if (first > last)
		return -EINVAL;
	i = find(s, first);
	for (end = i; end < s->nr && s->range[end].first <= last; end++)
		;
	if (end == i)
		return 0;
	err = room_make(s);
	if (err)
		return err;
	if (s->range[i].first < first)
		rest[n++] = (struct range){ s->range[i].first, first - 1 };
	if (s->range[end - 1].last > last)
		rest[n++] = (struct range){ last + 1, s->range[end - 1].last };
	replace(s, i, end - i, rest, n);
	return 0;
}

bool rangeset_has(const struct rangeset *s, uint64_t n)
{
	return rangeset_has_all(s, n, n);
}

bool rangeset_has_all(const struct rangeset *s, uint64_t first, uint64_t last)
{
	uint32_t i = find(s, first);

	return i < s->nr && s->range[i].first <= first && s->range[i].last >= last;
}

bool rangeset_has_any(const struct rangeset *s, uint64_t first, uint64_t last)
{
	uint32_t i = find(s, first);

	return i < s->nr && s->range[i].first <= last;
}
