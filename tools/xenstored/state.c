/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state as records: writing them. */
#include <string.h>

#include "connection.h"
#include "server.h"
#include "state.h"
#include "state_record.h"
#include "transaction.h"

/* Where a record of that kind goes; NULL when none is to be made. */
static struct buffer *begin(struct server *s, enum record kind)
{
	struct buffer *b;

	if (s->journal.loading)
		return NULL;
	b = journal_records(&s->journal);
	buffer_put_u8(b, kind);
	return b;
}

/* The same of a connection, which must be a ring's. */
static struct buffer *begin_of(const struct connection *c, enum record kind)
{
	struct buffer *b = c->domain ? begin(c->server, kind) : NULL;

	if (b)
		buffer_put_u32(b, c->domain->domid);
	return b;
}

void state_node(struct server *s, const char *path, const struct node *node)
{
	struct buffer *b = begin(s, RECORD_NODE);

	if (!b)
		return;
	buffer_put_string(b, path);
	buffer_put_bytes(b, node->value, node->len);
	perms_save(&node->perms, b);
	buffer_put_u64(b, node->gen);
}

void state_remove(struct server *s, const char *path)
{
	struct buffer *b = begin(s, RECORD_REMOVE);

	if (!b)
		return;
	buffer_put_string(b, path);
	buffer_put_u64(b, s->store.generation + 1);
}

void state_domain(const struct domain *d)
{
	const struct connection *c = d->connection;
	struct buffer *b = c ? begin_of(c, RECORD_DOMAIN) : begin(d->server, RECORD_DOMAIN);

	if (!b)
		return;
	if (!c)
		buffer_put_u32(b, d->domid);
	buffer_put_u8(b, d->introduced);
	buffer_put_u8(b, d->shutdown);
	buffer_put_u32(b, d->target);
	buffer_append(b, d->handle, sizeof(d->handle));
	buffer_put_u64(b, d->gfn);
	buffer_put_u32(b, d->port);
	if (!c)
		return;
	buffer_put_u8(b, c->dead);
	buffer_put_u32(b, c->ring.taken);
	buffer_put_u32(b, c->ring.put);
	buffer_put_u32(b, c->last_transaction);
}

void state_reset(const struct connection *c)
{
	begin_of(c, RECORD_RESET);
}

void state_input(const struct connection *c)
{
	struct buffer *b = begin_of(c, RECORD_INPUT);

	if (!b)
		return;
	buffer_put_u32(b, c->ring.taken);
	buffer_put_bytes(b, c->in, c->in_len);
}

void state_output(const struct connection *c, const void *data, size_t len, bool event)
{
	struct buffer *b = begin_of(c, RECORD_OUTPUT);

	if (!b)
		return;
	buffer_put_u8(b, event);
	buffer_put_bytes(b, data, len);
}

static void put_watch(const struct watch *w, enum record kind)
{
	struct buffer *b = begin_of(w->connection, kind);

	if (!b)
		return;
	buffer_put_string(b, w->path);
	buffer_put_string(b, w->token);
	buffer_put_u8(b, w->relative);
	buffer_put_u8(b, w->missed);
}

void state_watch(const struct watch *w)
{
	put_watch(w, RECORD_WATCH);
}

void state_watch_missed(const struct watch *w)
{
	put_watch(w, RECORD_WATCH);
}

void state_unwatch(const struct watch *w)
{
	put_watch(w, RECORD_UNWATCH);
}

static struct buffer *begin_transaction(const struct transaction *t, enum record kind)
{
	struct buffer *b = begin_of(t->connection, kind);

	if (b)
		buffer_put_u32(b, t->id);
	return b;
}

void state_transaction(const struct transaction *t)
{
	begin_transaction(t, RECORD_TRANSACTION);
}

void state_transaction_end(const struct transaction *t)
{
	begin_transaction(t, RECORD_TRANSACTION_END);
}

void state_entry(const struct transaction *t, const struct entry *e)
{
	struct buffer *b = begin_transaction(t, RECORD_ENTRY);
	bool content = e->order && e->is;

	if (!b)
		return;
	buffer_put_string(b, e->path);
	buffer_put_u8(b, e->was);
	buffer_put_u64(b, e->gen);
	buffer_put_u8(b, e->listed);
	buffer_put_u64(b, e->child_gen);
	buffer_put_u32(b, e->order);
	buffer_put_u8(b, e->is);
	if (content) {
		buffer_put_bytes(b, e->value, e->len);
		perms_save(&e->perms, b);
	}
}

/* ---- all of it ---- */
static void save_node(void *arg, const char *path, struct node *node)
{
	state_node(arg, path, node);
}

/* After the nodes: making them has set the generations of their parents' lists. */
static void save_child_gen(void *arg, const char *path, struct node *node)
{
	struct buffer *b = begin(arg, RECORD_CHILDREN);

	if (!b)
		return;
	buffer_put_string(b, path);
	buffer_put_u64(b, node->child_gen);
}

static void save_connection(const struct connection *c)
{
	struct list *pos;

	state_input(c);
	list_for_each(pos, &c->watches)
		state_watch(list_entry(pos, struct watch, in_connection));
	list_for_each(pos, &c->transactions) {
		const struct transaction *t = list_entry(pos, struct transaction, list);

		state_transaction(t);
		for (uint32_t i = 0; i < t->nr; i++)
			state_entry(t, t->entry[i]);
	}
	list_for_each(pos, &c->out) {
		const struct message *m = list_entry(pos, struct message, list);

		state_output(c, m->data + m->sent, m->len - m->sent, m->event && !m->sent);
	}
}

void state_save_all(struct server *s)
{
	struct buffer *b = begin(s, RECORD_GENERATION);

	buffer_put_u64(b, s->store.generation);
	store_walk(&s->store, &s->store.root, save_node, s);
	store_walk(&s->store, &s->store.root, save_child_gen, s);
	for (uint32_t i = 0; i < DOMAIN_IDS; i++) {
		const struct domain *d = s->domains.by_id[i];

		if (!d || (!d->introduced && d->target == PERMS_NO_TARGET))
			continue;
		state_domain(d);
		if (d->connection)
			save_connection(d->connection);
	}
}
