/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state as records: taking them in. They were written by this program; what does not fit is left out all the same. */
#include <stdlib.h>
#include <string.h>

#include "connection.h"
#include "memory.h"
#include "server.h"
#include "state.h"
#include "state_record.h"
#include "transaction.h"

/* The connection that a record is of; NULL when there is none. */
static struct connection *connection_of(struct server *s, struct reader *r)
{
	struct domain *d = domain_find(s, reader_u32(r));

	return d ? d->connection : NULL;
}

static void load_generation(struct server *s, struct reader *r)
{
	s->store.generation = reader_u64(r);
}

static void load_node(struct server *s, struct reader *r)
{
	const char *path = reader_string(r);
	uint32_t len;
	const uint8_t *value = reader_bytes(r, &len);
	struct perms perms;
	uint64_t gen;

	perms_load(&perms, r);
	gen = reader_u64(r);
	if (!r->bad && strlen(path) < PATH_SIZE) {
		store_restore(&s->store, path, value, len, &perms, gen);
		for (uint32_t i = 0; i < perms.nr; i++)
			domain_know(s, perms.entry[i].domid);
	}
	perms_free(&perms);
}

static void load_children(struct server *s, struct reader *r)
{
	const char *path = reader_string(r);
	uint64_t gen = reader_u64(r);
	struct node *node = strlen(path) < PATH_SIZE ? store_find(&s->store, path) : NULL;

	if (node)
		node->child_gen = gen;
}

static void load_remove(struct server *s, struct reader *r)
{
	const char *path = reader_string(r);
	uint64_t gen = reader_u64(r);

	if (!r->bad && strlen(path) < PATH_SIZE)
		store_restore_remove(&s->store, path, gen);
}

static void load_domain(struct server *s, struct reader *r)
{
	struct domain *d = domain_know(s, reader_u32(r) & 0xffff);
	struct connection *c;

	d->introduced = reader_u8(r);
	d->shutdown = reader_u8(r);
	d->target = reader_u32(r);
	for (uint32_t i = 0; i < sizeof(d->handle); i++)
		d->handle[i] = reader_u8(r);
	d->gfn = reader_u64(r);
	d->port = reader_u32(r);
	if (!d->introduced) {
		if (d->connection)
			connection_free(d->connection);
		d->connection = NULL;
		return;
	}
	if (!d->connection)
		d->connection = connection_new(s, d->domid, d, -1);
	c = d->connection;
	c->subject.target = d->target;
	c->dead = reader_u8(r);
	c->ring.taken = reader_u32(r);
	c->ring.put = reader_u32(r);
	c->last_transaction = reader_u32(r);
}

static void load_reset(struct server *s, struct reader *r)
{
	struct connection *c = connection_of(s, r);

	if (c)
		connection_reset(c);
}

static void load_input(struct server *s, struct reader *r)
{
	struct connection *c = connection_of(s, r);
	uint32_t taken = reader_u32(r), len;
	const uint8_t *data = reader_bytes(r, &len);

	if (!c || r->bad || len > sizeof(c->in))
		return;
	c->ring.taken = taken;
	memcpy(c->in, data, len);
	c->in_len = len;
}

static void load_output(struct server *s, struct reader *r)
{
	struct connection *c = connection_of(s, r);
	bool event = reader_u8(r);
	uint32_t len;
	const uint8_t *data = reader_bytes(r, &len);

	if (c && !r->bad)
		connection_queue(c, data, len, event);
}

static struct watch *find_watch(struct connection *c, const char *path, const char *token)
{
	struct list *pos;

	list_for_each(pos, &c->watches) {
		struct watch *w = list_entry(pos, struct watch, in_connection);

		if (!strcmp(w->path, path) && !strcmp(w->token, token))
			return w;
	}
	return NULL;
}

static void load_watch(struct server *s, struct reader *r)
{
	struct connection *c = connection_of(s, r);
	const char *path = reader_string(r), *token = reader_string(r);
	bool relative = reader_u8(r), missed = reader_u8(r);
	struct quotas quotas = s->quotas;
	struct watch *w;

	if (!c || r->bad)
		return;
	w = find_watch(c, path, token);
	/* It was allowed once: quotas may be smaller today. */
	memset(&s->quotas, 0xff, sizeof(s->quotas));
	if (!w)
		watch_add(c, path, token, relative, &w);
	s->quotas = quotas;
	w->missed = missed;
}

static void load_unwatch(struct server *s, struct reader *r)
{
	struct connection *c = connection_of(s, r);
	const char *path = reader_string(r), *token = reader_string(r);

	reader_u8(r);
	reader_u8(r);
	if (c && !r->bad)
		watch_remove(c, path, token);
}

static void load_transaction(struct server *s, struct reader *r)
{
	struct connection *c = connection_of(s, r);
	uint32_t id = reader_u32(r);

	if (c && !r->bad)
		transaction_restore(c, id);
}

static void load_entry(struct server *s, struct reader *r)
{
	struct connection *c = connection_of(s, r);
	struct transaction *t;
	struct entry *e = memory_zeroed(sizeof(*e));
	uint32_t id = reader_u32(r), len;
	const uint8_t *value;

	t = c ? transaction_find(c, id) : NULL;
	e->path = memory_string(reader_string(r));
	e->was = reader_u8(r);
	e->gen = reader_u64(r);
	e->listed = reader_u8(r);
	e->child_gen = reader_u64(r);
	e->order = reader_u32(r);
	e->is = reader_u8(r);
	if (e->order && e->is) {
		value = reader_bytes(r, &len);
		e->value = memory_copy(value, len);
		e->len = len;
		perms_load(&e->perms, r);
	}
	if (t && !r->bad) {
		transaction_restore_entry(t, e);
		return;
	}
	free(e->path);
	free(e->value);
	perms_free(&e->perms);
	free(e);
}

static void load_transaction_end(struct server *s, struct reader *r)
{
	struct connection *c = connection_of(s, r);
	uint32_t id = reader_u32(r);
	struct transaction *t = c ? transaction_find(c, id) : NULL;

	if (t)
		transaction_end(t, false);
}

static void (*const loaders[RECORD_COUNT])(struct server *s, struct reader *r) = {
	[RECORD_GENERATION] = load_generation,
	[RECORD_NODE] = load_node,
	[RECORD_CHILDREN] = load_children,
	[RECORD_REMOVE] = load_remove,
	[RECORD_DOMAIN] = load_domain,
	[RECORD_RESET] = load_reset,
	[RECORD_INPUT] = load_input,
	[RECORD_OUTPUT] = load_output,
	[RECORD_WATCH] = load_watch,
	[RECORD_UNWATCH] = load_unwatch,
	[RECORD_TRANSACTION] = load_transaction,
	[RECORD_ENTRY] = load_entry,
	[RECORD_TRANSACTION_END] = load_transaction_end,
};

void state_load(struct server *s, struct reader *r)
{
	while (r->at < r->end && !r->bad) {
		uint8_t kind = reader_u8(r);

		if (kind >= RECORD_COUNT || !loaders[kind]) {
			r->bad = true;
			return;
		}
		loaders[kind](s, r);
	}
}
