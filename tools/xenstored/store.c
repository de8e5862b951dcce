/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tree of nodes. */
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "store.h"

uint64_t store_cost(const char *path, uint32_t len, const struct perms *perms)
{
	/* The allocator's own words and the pointer in the parent are the last term. */
	return sizeof(struct node) + strlen(path_leaf(path)) + 1 + len +
	       perms->nr * sizeof(struct perm) + 64;
}

static void charge(struct store *s, const struct node *node, int sign)
{
	int64_t cost = (int64_t)store_cost(node->name, node->len, &node->perms);

	s->listener->charge(s->listener->arg, node->perms.entry[0].domid, sign, sign * cost);
}

static struct node *add_child(struct node *parent, const char *name, uint32_t at)
{
	struct node *node = memory_zeroed(sizeof(*node));

	if (parent->nr_children == parent->cap_children) {
		parent->cap_children = parent->cap_children ? parent->cap_children * 2 : 4;
		parent->child = memory_resize(parent->child,
		                              parent->cap_children * sizeof(parent->child[0]));
	}
	memmove(parent->child + at + 1, parent->child + at,
	        (parent->nr_children - at) * sizeof(parent->child[0]));
	parent->child[at] = node;
	parent->nr_children++;
	node->name = memory_string(name);
	node->parent = parent;
	return node;
}

/* Where a child of that name is, or would be. */
static uint32_t child_index(const struct node *node, const char *name, bool *found)
{
	uint32_t low = 0, high = node->nr_children;

	*found = false;
	while (low < high) {
		uint32_t middle = (low + high) / 2;
		int order = strcmp(node->child[middle]->name, name);

		if (!order) {
			*found = true;
			return middle;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct node *store_child(const struct node *node, const char *name)
{
	bool found;
	uint32_t i = child_index(node, name, &found);

	return found ? node->child[i] : NULL;
}

struct node *store_find(struct store *s, const char *path)
{
	char copy[PATH_SIZE], *rest = copy, *name;
	struct node *node = &s->root;

	if (path[0] == '@')
		return store_child(&s->special, path);
	strcpy(copy, path);
	while (node && (name = strsep(&rest, "/"))) {
		if (*name)
			node = store_child(node, name);
	}
	return node;
}

void store_path(const struct store *s, const struct node *node, char out[PATH_SIZE])
{
	char *at = out + PATH_SIZE - 1;

	*at = 0;
	for (; node->parent; node = node->parent) {
		size_t len = strlen(node->name);

		at -= len;
		memcpy(at, node->name, len);
		if (node->parent != &s->special)
			*--at = '/';
	}
	if (!*at)
		*--at = '/';
	memmove(out, at, strlen(at) + 1);
}

/* Finds or makes the node of a path whose parent is there. */
static struct node *place(struct store *s, const char *path, bool *made)
{
	struct node *node = store_find(s, path), *parent = &s->special;
	char above[PATH_SIZE];
	bool found;

	*made = !node;
	if (node)
		return node;
	if (path[0] == '/') {
		strcpy(above, path);
		path_to_parent(above);
		parent = store_find(s, above);
		if (!parent)
			return NULL;
	}
	return add_child(parent, path_leaf(path), child_index(parent, path_leaf(path), &found));
}

/* The arguments may be the node's own. */
static void fill(struct node *node, const void *value, uint32_t len, const struct perms *perms)
{
	uint8_t *new_value = memory_copy(value, len);
	struct perms new_perms;

	perms_copy(&new_perms, perms);
	free(node->value);
	perms_free(&node->perms);
	node->value = new_value;
	node->len = len;
	node->perms = new_perms;
}

struct node *store_restore(struct store *s, const char *path, const void *value, uint32_t len,
                           const struct perms *perms, uint64_t gen)
{
	bool made;
	struct node *node = place(s, path, &made);

	if (!node)
		return NULL;
	if (!made)
		charge(s, node, -1);
	else if (node->parent)
		node->parent->child_gen = gen;
	fill(node, value, len, perms);
	charge(s, node, 1);
	node->gen = gen;
	if (made)
		node->child_gen = gen;
	if (s->generation < gen)
		s->generation = gen;
	return node;
}

struct node *store_put(struct store *s, const char *path, const void *value, uint32_t len,
                       const struct perms *perms)
{
	struct node *node = store_restore(s, path, value, len, perms, s->generation + 1);

	if (node)
		s->listener->put(s->listener->arg, path, node);
	return node;
}

static void drop(struct store *s, struct node *node)
{
	for (uint32_t i = 0; i < node->nr_children; i++) {
		drop(s, node->child[i]);
		free(node->child[i]);
	}
	charge(s, node, -1);
	free(node->child);
	free(node->value);
	free(node->name);
	perms_free(&node->perms);
}

void store_restore_remove(struct store *s, const char *path, uint64_t gen)
{
	struct node *node = store_find(s, path), *parent;
	bool found;
	uint32_t at;

	if (!node || !node->parent || node->parent == &s->special)
		return;
	parent = node->parent;
	at = child_index(parent, node->name, &found);
	drop(s, node);
	free(node);
	parent->nr_children--;
	memmove(parent->child + at, parent->child + at + 1,
	        (parent->nr_children - at) * sizeof(parent->child[0]));
	parent->child_gen = gen;
	if (s->generation < gen)
		s->generation = gen;
}

void store_remove(struct store *s, const char *path)
{
	if (!store_find(s, path))
		return;
	s->listener->remove(s->listener->arg, path);
	store_restore_remove(s, path, s->generation + 1);
}

static void walk(struct node *node, char *path, size_t len,
                 void (*visit)(void *arg, const char *path, struct node *node), void *arg)
{
	visit(arg, len ? path : "/", node);
	for (uint32_t i = 0; i < node->nr_children; i++) {
		size_t more = strlen(node->child[i]->name);

		path[len] = '/';
		memcpy(path + len + 1, node->child[i]->name, more + 1);
		walk(node->child[i], path, len + 1 + more, visit, arg);
		path[len] = 0;
	}
}

void store_walk(struct store *s, struct node *from,
                void (*visit)(void *arg, const char *path, struct node *node), void *arg)
{
	char path[PATH_SIZE];

	store_path(s, from, path);
	walk(from, path, path[1] ? strlen(path) : 0, visit, arg);
	for (uint32_t i = 0; from == &s->root && i < s->special.nr_children; i++)
		visit(arg, s->special.child[i]->name, s->special.child[i]);
}

void store_init(struct store *s, const struct store_listener *listener)
{
	memset(s, 0, sizeof(*s));
	s->listener = listener;
	s->root.name = memory_string("");
	s->special.name = memory_string("");
	perms_single(&s->root.perms, 0, 0);
	perms_single(&s->special.perms, 0, 0);
	charge(s, &s->root, 1);
	charge(s, &s->special, 1);
	store_restore(s, STORE_INTRODUCE, "", 0, &s->root.perms, 1);
	store_restore(s, STORE_RELEASE, "", 0, &s->root.perms, 1);
}

void store_free(struct store *s)
{
	drop(s, &s->root);
	drop(s, &s->special);
	memset(s, 0, sizeof(*s));
}
