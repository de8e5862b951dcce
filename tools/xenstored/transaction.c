/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Transactions: what they saw and changed, and their end. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "connection.h"
#include "memory.h"
#include "overlay.h"
#include "server.h"
#include "state.h"
#include "transaction.h"

struct transaction *transaction_restore(struct connection *c, uint32_t id)
{
	struct transaction *t = memory_zeroed(sizeof(*t));

	t->connection = c;
	t->id = id;
	list_add_tail(&c->transactions, &t->list);
	quota_charge(c->account, QUOTA_TRANSACTIONS, 1);
	if (c->last_transaction < id)
		c->last_transaction = id;
	return t;
}

struct transaction *transaction_find(struct connection *c, uint32_t id)
{
	struct list *pos;

	list_for_each(pos, &c->transactions) {
		struct transaction *t = list_entry(pos, struct transaction, list);

		if (t->id == id)
			return t;
	}
	return NULL;
}

int transaction_start(struct connection *c, uint32_t *id)
{
	if (!connection_allows(c, QUOTA_TRANSACTIONS, 1))
		return -ENOSPC;
	do {
		c->last_transaction++;
	} while (!c->last_transaction || transaction_find(c, c->last_transaction));
	*id = c->last_transaction;
	state_transaction(transaction_restore(c, *id));
	return 0;
}

static void drop(struct transaction *t)
{
	struct connection *c = t->connection;

	while (t->nr)
		overlay_drop_last(t);
	free(t->entry);
	quota_charge(c->account, QUOTA_TRANSACTIONS, -1);
	list_remove(&t->list);
	free(t);
}

void transaction_remove_all(struct connection *c)
{
	struct list *pos, *next;

	list_for_each_safe(pos, next, &c->transactions)
		drop(list_entry(pos, struct transaction, list));
}

static bool is_as_it_was(struct store *s, const struct entry *e)
{
	const struct node *node = store_find(s, e->path);

	if (!node || !e->was)
		return !node && !e->was;
	return node->gen == e->gen && (!e->listed || node->child_gen == e->child_gen);
}

/* Charges what the end would change, or takes it back. */
static void charge_changes(struct transaction *t, int sign)
{
	struct server *s = t->connection->server;

	for (uint32_t i = 0; i < t->nr; i++) {
		const struct entry *e = t->entry[i];
		const struct node *old = e->order ? store_find(&s->store, e->path) : NULL;

		if (old)
			s->listener.charge(
				s, old->perms.entry[0].domid, -sign,
				-sign * (int64_t)store_cost(e->path, old->len, &old->perms));
		if (e->order && e->is)
			s->listener.charge(s, e->perms.entry[0].domid, sign,
			                   sign * (int64_t)store_cost(e->path, e->len, &e->perms));
	}
}

/* Each owner of a node that the transaction leaves must be able to pay for all of its nodes. */
static int check_quotas(struct transaction *t)
{
	struct connection *c = t->connection;
	struct server *s = c->server;
	int error = 0;

	if (c->subject.privileged)
		return 0;
	charge_changes(t, 1);
	for (uint32_t i = 0; i < t->nr && !error; i++) {
		const struct entry *e = t->entry[i];
		const struct domain *owner = NULL;

		if (e->order && e->is)
			owner = domain_find(s, e->perms.entry[0].domid);
		if (!owner || !owner->domid)
			continue;
		if (!quota_allows(&s->quotas, &owner->account, QUOTA_NODES, 0))
			error = -ENOSPC;
		else if (!quota_allows(&s->quotas, &owner->account, QUOTA_MEMORY, 0))
			error = -ENOMEM;
	}
	charge_changes(t, -1);
	return error;
}

static int by_order(const void *a, const void *b)
{
	const struct entry *x = *(struct entry *const *)a, *y = *(struct entry *const *)b;

	return x->order < y->order ? -1 : x->order > y->order;
}

static bool parent_goes(struct transaction *t, const char *path)
{
	char above[PATH_SIZE];
	const struct entry *e;

	strcpy(above, path);
	if (!path_to_parent(above))
		return false;
	e = overlay_find(t, above);
	return e && e->order && e->was && !e->is;
}

/* The watchers hear of a removal before it, for then the permissions are still there; of all else after. */
static void apply_one(struct transaction *t, const struct entry *e)
{
	struct server *s = t->connection->server;
	struct node *old = store_find(&s->store, e->path);
	struct perms before = { 0 };

	if (!e->is) {
		if (old)
			store_remove(&s->store, e->path);
		return;
	}
	if (old)
		perms_copy(&before, &old->perms);
	store_put(&s->store, e->path, e->value, e->len, &e->perms);
	watch_fire(s, e->path, old ? &before : NULL, &e->perms, false);
	perms_free(&before);
}

static void apply(struct transaction *t)
{
	struct server *s = t->connection->server;

	for (uint32_t i = 0; i < t->nr; i++) {
		const struct entry *e = t->entry[i];
		const struct node *node =
			e->order && !e->is ? store_find(&s->store, e->path) : NULL;

		if (node)
			watch_fire(s, e->path, &node->perms, NULL, parent_goes(t, e->path));
	}
	/* Nothing is looked up by path from here on. */
	if (t->nr)
		qsort(t->entry, t->nr, sizeof(t->entry[0]), by_order);
	for (uint32_t i = 0; i < t->nr; i++) {
		if (t->entry[i]->order)
			apply_one(t, t->entry[i]);
	}
}

int transaction_end(struct transaction *t, bool commit)
{
	int error = 0;

	for (uint32_t i = 0; commit && i < t->nr && !error; i++) {
		if (!is_as_it_was(&t->connection->server->store, t->entry[i]))
			error = -EAGAIN;
	}
	if (commit && !error)
		error = check_quotas(t);
	if (commit && !error)
		apply(t);
	state_transaction_end(t);
	drop(t);
	return error;
}

void transaction_restore_entry(struct transaction *t, struct entry *e)
{
	struct entry *old = overlay_find(t, e->path);

	if (!old) {
		overlay_add(t, e);
	} else {
		struct entry swap = *old;

		overlay_change_begin(t, old);
		*old = *e;
		*e = swap;
		overlay_change_end(t, old);
		free(e->path);
		free(e->value);
		perms_free(&e->perms);
		free(e);
		e = old;
	}
	if (t->changes < e->order)
		t->changes = e->order;
}
