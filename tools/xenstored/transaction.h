/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Transactions, and the view of the store that a request has: the store itself, or the store under what its transaction changed.
 *
 * A transaction keeps an entry for each node that it looked at or changed, with the generation that the node had then. At its end, each of these nodes must be as it
 * was (and the list of its children, where it was listed), else it has met a conflict and the client begins again. Two transactions that make different children of
 * one node do not conflict.
 */
#ifndef XENSTORED_TRANSACTION_H
#define XENSTORED_TRANSACTION_H

#include <stdbool.h>
#include <stdint.h>

#include "buffer.h"
#include "list.h"
#include "perms.h"

struct connection;
struct server;

struct entry {
	char *path;
	bool was;           /* the node was there at the first look */
	uint64_t gen;       /* its generation then */
	bool listed;        /* its children were looked at, */
	uint64_t child_gen; /* when the list had this generation */
	uint32_t order;     /* of the first change; 0: only looked at */
	bool is;            /* it is there in this transaction: then the rest, if changed, is it */
	uint8_t *value;
	uint32_t len;
	struct perms perms;
};

struct transaction {
	struct list list; /* of its connection */
	struct connection *connection;
	uint32_t id;
	uint32_t changes;     /* the last order given */
	int64_t made;         /* nodes more than before, for an early look at the quota */
	uint64_t cost;        /* bytes charged for entries */
	struct entry **entry; /* by path */
	uint32_t nr, cap;
};

/* 0, -ENOSPC (too many are open). */
int transaction_start(struct connection *c, uint32_t *id);
/* NULL when the connection has none of that id. */
struct transaction *transaction_find(struct connection *c, uint32_t id);
/* Ends it, and does what it changed if so wanted: 0, -EAGAIN (a conflict), -ENOSPC, -ENOMEM (over a quota). */
int transaction_end(struct transaction *t, bool commit);
void transaction_remove_all(struct connection *c);

/* For the journal: one as it was; an entry as it is, which the transaction then owns (an older one of that path goes). */
struct transaction *transaction_restore(struct connection *c, uint32_t id);
void transaction_restore_entry(struct transaction *t, struct entry *e);

/* ---- the view of one request ---- */
struct view {
	struct server *server;
	struct connection *connection;
	struct transaction *transaction; /* or NULL */
};

/* What a view shows of a node; valid until the next change. */
struct sight {
	const uint8_t *value;
	uint32_t len;
	const struct perms *perms;
	uint64_t gen,
		child_gen; /* of the store; within a transaction they say how its own changes stand */
};

/* False when there is no such node. */
bool view_get(const struct view *v, const char *path, struct sight *out);
/* As view_get, for one who does not depend on what is there. */
bool view_peek(const struct view *v, const char *path, struct sight *out);
/* The names of a node's children, each with its nul. */
void view_list(const struct view *v, const char *path, struct buffer *names);

/* Changes; the callers have checked permissions. 0, -ENOSPC, -ENOMEM. The parent must be there. */
int view_put(const struct view *v, const char *path, const void *value, uint32_t len,
             const struct perms *perms);
int view_remove(const struct view *v, const char *path);

#endif
