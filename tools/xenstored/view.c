/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store as a request sees and changes it: directly, or in its transaction. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "connection.h"
#include "memory.h"
#include "overlay.h"
#include "server.h"
#include "state.h"
#include "transaction.h"

static void see(const struct node *node, struct sight *out)
{
	out->value = node->value;
	out->len = node->len;
	out->perms = &node->perms;
	out->gen = node->gen;
	out->child_gen = node->child_gen;
}

/* The entry of a path; one is made at the first look. */
static struct entry *look(const struct view *v, const char *path)
{
	struct transaction *t = v->transaction;
	struct entry *e = overlay_find(t, path);
	const struct node *node;

	if (e)
		return e;
	node = store_find(&v->server->store, path);
	e = memory_zeroed(sizeof(*e));
	e->path = memory_string(path);
	e->was = e->is = node != NULL;
	e->gen = node ? node->gen : 0;
	overlay_add(t, e);
	state_entry(t, e);
	return e;
}

/* A node of the transaction, changed or not. Once the store's node is gone the end will be a conflict; until then it reads as gone. */
static bool see_entry(const struct view *v, const struct entry *e, struct sight *out)
{
	const struct node *node = store_find(&v->server->store, e->path);

	memset(out, 0, sizeof(*out));
	if (!e->is || (!e->order && !node))
		return false;
	if (node)
		see(node, out);
	if (e->order) {
		out->value = e->value;
		out->len = e->len;
		out->perms = &e->perms;
	}
	out->gen += v->transaction->changes;
	out->child_gen += v->transaction->changes;
	return true;
}

bool view_peek(const struct view *v, const char *path, struct sight *out)
{
	const struct entry *e = v->transaction ? overlay_find(v->transaction, path) : NULL;
	const struct node *node;

	if (e)
		return see_entry(v, e, out);
	node = store_find(&v->server->store, path);
	if (node)
		see(node, out);
	return node != NULL;
}

bool view_get(const struct view *v, const char *path, struct sight *out)
{
	return v->transaction ? see_entry(v, look(v, path), out) : view_peek(v, path, out);
}

/* The path of a child. */
static void join(char out[PATH_SIZE], const char *path, const char *name)
{
	size_t len = path[1] ? strlen(path) : 0, more = strlen(name);

	memcpy(out, path, len);
	out[len] = '/';
	memcpy(out + len + 1, name, more + 1);
}

/* Children that the transaction made: entries below the path, one level deep, of nodes that the store has not. */
static void list_made(const struct view *v, const char *path, struct buffer *names)
{
	struct transaction *t = v->transaction;
	char below[PATH_SIZE];
	size_t len;

	join(below, path, "");
	len = strlen(below);
	for (uint32_t i = overlay_index(t, below); i < t->nr; i++) {
		const struct entry *e = t->entry[i];

		if (strncmp(e->path, below, len))
			break;
		if (e->path[len] && e->order && e->is && !strchr(e->path + len, '/') &&
		    !store_find(&v->server->store, e->path))
			buffer_append_string(names, e->path + len);
	}
}

void view_list(const struct view *v, const char *path, struct buffer *names)
{
	const struct node *node = store_find(&v->server->store, path);
	char child[PATH_SIZE];

	if (v->transaction) {
		struct entry *e = look(v, path);

		if (node && !e->listed) {
			e->listed = true;
			e->child_gen = node->child_gen;
			state_entry(v->transaction, e);
		}
	}
	for (uint32_t i = 0; node && i < node->nr_children; i++) {
		const char *name = node->child[i]->name;
		const struct entry *e = NULL;

		join(child, path, name);
		if (v->transaction)
			e = overlay_find(v->transaction, child);
		if (!e || e->is || !e->order)
			buffer_append_string(names, name);
	}
	if (v->transaction)
		list_made(v, path, names);
}

/* ---- changes ---- */

/* perms NULL: the node is gone. */
static void change(const struct view *v, struct entry *e, const void *value, uint32_t len,
                   const struct perms *perms)
{
	struct transaction *t = v->transaction;
	const bool is = perms;
	uint8_t *new_value = is ? memory_copy(value, len) : NULL;
	struct perms new_perms = { 0 };

	if (perms)
		perms_copy(&new_perms, perms);
	overlay_change_begin(t, e);
	t->made += is - e->is;
	if (!e->order)
		e->order = ++t->changes;
	e->is = is;
	free(e->value);
	perms_free(&e->perms);
	e->value = new_value;
	e->len = is ? len : 0;
	e->perms = new_perms;
	overlay_change_end(t, e);
	state_entry(t, e);
}

/* A node as it is to be, beside what it was: can its owner pay? */
static int check_put(const struct view *v, const char *path, uint32_t len,
                     const struct perms *perms)
{
	const struct quotas *q = &v->server->quotas;
	const struct node *old = store_find(&v->server->store, path);
	const struct domain *owner = domain_know(v->server, perms->entry[0].domid);
	bool same = old && old->perms.entry[0].domid == owner->domid;
	uint64_t cost = store_cost(path, len, perms), before = 0;

	if (v->connection->subject.privileged || !owner->domid)
		return 0;
	if (strlen(path_leaf(path)) + len + perms->nr * sizeof(struct perm) >
	            q->limit[QUOTA_NODE_SIZE] ||
	    perms->nr > q->limit[QUOTA_PERMISSIONS])
		return -ENOSPC;
	if (same)
		before = store_cost(path, old->len, &old->perms);
	if (!same && !quota_allows(q, &owner->account, QUOTA_NODES, 1))
		return -ENOSPC;
	if (cost > before && !quota_allows(q, &owner->account, QUOTA_MEMORY, cost - before))
		return -ENOMEM;
	return 0;
}

/* The transaction's own memory is its client's. */
static int check_entry(const struct view *v, const char *path, uint32_t len,
                       const struct perms *perms)
{
	const struct connection *c = v->connection;

	if (v->transaction->made > 0 &&
	    !connection_allows(c, QUOTA_NODES, (uint64_t)v->transaction->made))
		return -ENOSPC;
	if (!connection_allows(c, QUOTA_MEMORY, overlay_cost(path, len, perms ? perms->nr : 0)))
		return -ENOMEM;
	return 0;
}

int view_put(const struct view *v, const char *path, const void *value, uint32_t len,
             const struct perms *perms)
{
	int error = check_put(v, path, len, perms);

	for (uint32_t i = 1; i < perms->nr; i++)
		domain_know(v->server, perms->entry[i].domid);
	if (error)
		return error;
	if (!v->transaction) {
		store_put(&v->server->store, path, value, len, perms);
		return 0;
	}
	error = check_entry(v, path, len, perms);
	if (!error)
		change(v, look(v, path), value, len, perms);
	return error;
}

static void remove_one(void *arg, const char *path, struct node *node)
{
	const struct view *v = arg;
	struct entry *e = look(v, path);

	if (!e->listed) {
		e->listed = true;
		e->child_gen = node->child_gen;
	}
	change(v, e, NULL, 0, NULL);
}

static void fire_one(void *arg, const char *path, struct node *node)
{
	const struct view *v = arg;

	if (node->perms.nr)
		watch_fire(v->server, path, &node->perms, NULL, true);
}

/* Each node of the subtree becomes an entry, of which the client has to pay. */
static int remove_in_transaction(const struct view *v, const char *path)
{
	struct transaction *t = v->transaction;
	struct node *node = store_find(&v->server->store, path);
	char below[PATH_SIZE];
	size_t len;
	int error = check_entry(v, path, 0, NULL);

	if (error)
		return error;
	if (node)
		store_walk(&v->server->store, node, remove_one, (void *)v);
	else
		change(v, look(v, path), NULL, 0, NULL);
	join(below, path, "");
	len = strlen(below);
	for (uint32_t i = overlay_index(t, below); i < t->nr; i++) {
		if (strncmp(t->entry[i]->path, below, len))
			break;
		if (t->entry[i]->is)
			change(v, t->entry[i], NULL, 0, NULL);
	}
	return 0;
}

int view_remove(const struct view *v, const char *path)
{
	struct node *node = store_find(&v->server->store, path);

	if (v->transaction)
		return remove_in_transaction(v, path);
	if (!node)
		return 0;
	watch_fire(v->server, path, &node->perms, NULL, false);
	for (uint32_t i = 0; i < node->nr_children; i++)
		store_walk(&v->server->store, node->child[i], fire_one, (void *)v);
	store_remove(&v->server->store, path);
	return 0;
}
