/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state as records: one for each change, as it is made, and, for a new journal, one for each thing that there is. Both are the same records. Of connections only
 * those of rings are kept.
 */
#ifndef XENSTORED_STATE_H
#define XENSTORED_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "buffer.h"

struct server;
struct connection;
struct domain;
struct entry;
struct node;
struct transaction;
struct watch;

void state_node(struct server *s, const char *path, const struct node *node);
void state_remove(struct server *s, const char *path);
/* What is known of a domain, and of its ring the positions. */
void state_domain(const struct domain *d);
void state_reset(const struct connection *c);
/* Where the ring's input stands, with the part of a request that was taken. */
void state_input(const struct connection *c);
void state_output(const struct connection *c, const void *data, size_t len, bool event);
/* A watch as it is. */
void state_watch(const struct watch *w);
void state_watch_missed(const struct watch *w);
void state_unwatch(const struct watch *w);
void state_transaction(const struct transaction *t);
void state_entry(const struct transaction *t, const struct entry *e);
void state_transaction_end(const struct transaction *t);

/* All of it, in the pending records of the journal, which must be empty. */
void state_save_all(struct server *s);
/* Takes the records of one frame in. */
void state_load(struct server *s, struct reader *r);

#endif
