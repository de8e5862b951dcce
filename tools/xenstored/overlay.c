/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The entries of a transaction, kept by path. */
#include <stdlib.h>
#include <string.h>

#include "connection.h"
#include "memory.h"
#include "overlay.h"

uint64_t overlay_cost(const char *path, uint32_t len, uint32_t nr_perms)
{
	return sizeof(struct entry) + strlen(path) + 1 + len + nr_perms * sizeof(struct perm) + 64;
}

static void charge(struct transaction *t, const struct entry *e, int sign)
{
	int64_t cost = sign * (int64_t)overlay_cost(e->path, e->len, e->perms.nr);

	t->cost += (uint64_t)cost;
	quota_charge(t->connection->account, QUOTA_MEMORY, cost);
}

uint32_t overlay_index(const struct transaction *t, const char *path)
{
	uint32_t low = 0, high = t->nr;

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (strcmp(t->entry[middle]->path, path) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct entry *overlay_find(const struct transaction *t, const char *path)
{
	uint32_t i = overlay_index(t, path);

	return i < t->nr && !strcmp(t->entry[i]->path, path) ? t->entry[i] : NULL;
}

void overlay_add(struct transaction *t, struct entry *e)
{
	uint32_t at = overlay_index(t, e->path);

	if (t->nr == t->cap) {
		t->cap = t->cap ? t->cap * 2 : 16;
		t->entry = memory_resize(t->entry, t->cap * sizeof(t->entry[0]));
	}
	memmove(t->entry + at + 1, t->entry + at, (t->nr - at) * sizeof(t->entry[0]));
	t->entry[at] = e;
	t->nr++;
	charge(t, e, 1);
}

void overlay_drop_last(struct transaction *t)
{
	struct entry *e = t->entry[--t->nr];

	charge(t, e, -1);
	free(e->path);
	free(e->value);
	perms_free(&e->perms);
	free(e);
}

void overlay_change_begin(struct transaction *t, struct entry *e)
{
	charge(t, e, -1);
}

void overlay_change_end(struct transaction *t, struct entry *e)
{
	charge(t, e, 1);
}
