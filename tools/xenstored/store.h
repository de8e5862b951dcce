/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tree of nodes as all see it. It knows no callers and no rules: permissions, quotas and transactions are decided before a change comes here.
 *
 * Generations: one counter for the whole store; a node carries its value at the last change of itself (gen) and of the list of its children (child_gen). A node
 * that is removed and made again has another gen.
 */
#ifndef XENSTORED_STORE_H
#define XENSTORED_STORE_H

#include <stdint.h>

#include "path.h"
#include "perms.h"

#define STORE_INTRODUCE "@introduceDomain"
#define STORE_RELEASE   "@releaseDomain"

struct node {
	char *name; /* last component */
	struct node *parent;
	struct node **child; /* by name */
	uint32_t nr_children, cap_children;
	uint8_t *value;
	uint32_t len;
	struct perms perms;
	uint64_t gen, child_gen;
};

/* Told of each change after it, of a removal before it, once for the whole subtree. */
struct store_listener {
	void (*put)(void *arg, const char *path, const struct node *node);
	void (*remove)(void *arg, const char *path);
	/* The owner's account changes by so many nodes and bytes. */
	void (*charge)(void *arg, uint32_t owner, int64_t nodes, int64_t bytes);
	void *arg;
};

struct store {
	struct node root;
	struct node special; /* its children are the @names */
	uint64_t generation;
	const struct store_listener *listener;
};

/* An empty store: "/" and the special names, which are domain 0's alone. */
void store_init(struct store *s, const struct store_listener *listener);
void store_free(struct store *s);

struct node *store_find(struct store *s, const char *path);
/* The child of that name, or NULL. */
struct node *store_child(const struct node *node, const char *name);
/* The path of a node in the tree. */
void store_path(const struct store *s, const struct node *node, char out[PATH_SIZE]);

/* Makes or changes a node, whose parent must be there, in a new generation. NULL when there is no parent. */
struct node *store_put(struct store *s, const char *path, const void *value, uint32_t len,
                       const struct perms *perms);
/* The same, as it once was: nothing but the accounts is told. */
struct node *store_restore(struct store *s, const char *path, const void *value, uint32_t len,
                           const struct perms *perms, uint64_t gen);
/* Removes a node, not "/" nor a special one, and all below it, if it is there. */
void store_remove(struct store *s, const char *path);
void store_restore_remove(struct store *s, const char *path, uint64_t gen);

/* All nodes at and below one, parents first, and then the special ones if it is "/"; none may be added or removed meanwhile. */
void store_walk(struct store *s, struct node *from,
                void (*visit)(void *arg, const char *path, struct node *node), void *arg);

/* What a node costs its owner. */
uint64_t store_cost(const char *path, uint32_t len, const struct perms *perms);

#endif
