/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Domains that the daemon knows: their beginning and their end. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "connection.h"
#include "log.h"
#include "memory.h"
#include "server.h"
#include "state.h"
#include "transaction.h"

struct domain *domain_find(struct server *s, uint32_t domid)
{
	return domid < DOMAIN_IDS ? s->domains.by_id[domid] : NULL;
}

struct domain *domain_know(struct server *s, uint32_t domid)
{
	struct domain *d = s->domains.by_id[domid];

	if (d)
		return d;
	d = memory_zeroed(sizeof(*d));
	d->server = s;
	d->domid = domid;
	d->target = PERMS_NO_TARGET;
	s->domains.by_id[domid] = d;
	return d;
}

static void tell(struct server *s, const char *special)
{
	watch_fire(s, special, NULL, &store_find(&s->store, special)->perms, false);
}

/* ---- the ring ---- */
static void disconnect(struct domain *d)
{
	struct hypervisor *h = d->server->hypervisor;
	struct ring *r = &d->connection->ring;

	if (!r->page)
		return;
	if (r->port >= 0)
		h->unbind(h, r->port);
	h->unmap_ring(h, d->domid, r->page);
	r->page = NULL;
	r->port = -1;
}

static int connect(struct domain *d)
{
	struct hypervisor *h = d->server->hypervisor;
	struct ring *r = &d->connection->ring;

	r->port = -1;
	r->page = h->map_ring(h, d->domid, d->gfn, &d->port);
	if (!r->page)
		return -EINVAL;
	r->port = h->bind(h, d->domid, d->port);
	if (r->port >= 0)
		return 0;
	disconnect(d);
	return -EINVAL;
}

/* No more talk with it. */
static void drop_connection(struct domain *d)
{
	if (!d->connection)
		return;
	connection_reset(d->connection);
	disconnect(d);
	connection_free(d->connection);
	d->connection = NULL;
	d->introduced = false;
	state_domain(d);
}

/* ---- the end ---- */
struct traces {
	uint32_t domid;
	struct buffer owned, mentioning; /* paths, each with its nul */
};

static void find_traces(void *arg, const char *path, struct node *node)
{
	struct traces *t = arg;

	if (node->perms.entry[0].domid == t->domid)
		buffer_append_string(&t->owned, path);
	else if (perms_mention(&node->perms, t->domid))
		buffer_append_string(&t->mentioning, path);
}

static void forget_perms(struct server *s, const char *path, uint32_t domid)
{
	struct node *node = store_find(&s->store, path);
	struct perms perms;

	if (!node)
		return;
	perms_copy(&perms, &node->perms);
	if (perms_forget(&perms, domid))
		store_put(&s->store, path, node->value, node->len, &perms);
	perms_free(&perms);
}

/* Its nodes go, and its name in permissions: the next domain of this number must not inherit them. */
static void remove_traces(struct server *s, uint32_t domid)
{
	struct traces t = { .domid = domid };
	struct view v = { .server = s };

	store_walk(&s->store, &s->store.root, find_traces, &t);
	for (size_t at = 0; at < t.owned.len; at += strlen((char *)t.owned.data + at) + 1)
		view_remove(&v, (char *)t.owned.data + at);
	for (size_t at = 0; at < t.mentioning.len; at += strlen((char *)t.mentioning.data + at) + 1)
		forget_perms(s, (char *)t.mentioning.data + at, domid);
	buffer_free(&t.owned);
	buffer_free(&t.mentioning);
}

static void forget_target(struct server *s, uint32_t domid)
{
	for (uint32_t i = 0; i < DOMAIN_IDS; i++) {
		struct domain *d = s->domains.by_id[i];

		if (d && d->target == domid)
			domain_set_target(s, i, PERMS_NO_TARGET);
	}
}

static void end(struct domain *d)
{
	struct server *s = d->server;
	bool introduced = d->introduced;
	uint32_t domid = d->domid;

	drop_connection(d);
	if (d->target != PERMS_NO_TARGET) {
		d->target = PERMS_NO_TARGET;
		state_domain(d);
	}
	forget_target(s, domid);
	remove_traces(s, domid);
	s->domains.by_id[domid] = NULL;
	free(d);
	if (introduced)
		tell(s, STORE_RELEASE);
}

/* What the hypervisor says of one that is known. */
static void look_after(struct domain *d)
{
	struct hypervisor *h = d->server->hypervisor;
	struct domain_info info;

	if (h->domain_info(h, d->domid, &info) || info.dying ||
	    (d->introduced && memcmp(info.handle, d->handle, sizeof(d->handle)))) {
		end(d);
	} else if (d->introduced && info.shutdown && !d->shutdown) {
		d->shutdown = true;
		state_domain(d);
		tell(d->server, STORE_RELEASE);
	}
}

void domain_sweep(struct server *s)
{
	for (uint32_t i = 1; i < DOMAIN_IDS; i++) {
		if (s->domains.by_id[i])
			look_after(s->domains.by_id[i]);
	}
}

/* ---- the beginning ---- */
/* Introduced once more: with another page it is a new conversation; else its event channel is made anew. */
static int introduce_again(struct domain *d, uint64_t gfn, uint32_t port)
{
	bool same = d->gfn == gfn && d->connection->ring.page;
	int error;

	disconnect(d);
	if (!same) {
		connection_reset(d->connection);
		d->connection->in_len = 0;
		d->connection->dead = false;
	}
	d->gfn = gfn;
	d->port = port;
	error = connect(d);
	if (!error && !same)
		ring_begin(d->connection);
	state_domain(d);
	return error;
}

int domain_introduce(struct server *s, uint32_t domid, uint64_t gfn, uint32_t port)
{
	struct domain *d = domain_find(s, domid);
	struct domain_info info;
	int error;

	if (d)
		look_after(d);
	if (s->hypervisor->domain_info(s->hypervisor, domid, &info) || info.dying)
		return -ENOENT;
	d = domain_know(s, domid);
	if (d->introduced) {
		error = introduce_again(d, gfn, port);
	} else {
		memcpy(d->handle, info.handle, sizeof(d->handle));
		d->shutdown = false;
		d->gfn = gfn;
		d->port = port;
		d->connection = connection_new(s, domid, d, -1);
		d->connection->subject.target = d->target;
		d->introduced = true;
		error = connect(d);
		if (!error)
			ring_begin(d->connection);
		if (error)
			drop_connection(d);
		else
			state_domain(d);
	}
	if (!error)
		tell(s, STORE_INTRODUCE);
	s->more = true;
	return error;
}

int domain_release(struct server *s, uint32_t domid)
{
	struct domain *d = domain_find(s, domid);

	if (!d || !d->introduced)
		return -ENOENT;
	drop_connection(d);
	tell(s, STORE_RELEASE);
	return 0;
}

int domain_set_target(struct server *s, uint32_t domid, uint32_t target)
{
	struct domain *d = domain_find(s, domid);
	struct domain_info info;

	if (target != PERMS_NO_TARGET && s->hypervisor->domain_info(s->hypervisor, domid, &info))
		return -ENOENT;
	d = d ? d : domain_know(s, domid);
	d->target = target;
	if (d->connection)
		d->connection->subject.target = target;
	state_domain(d);
	return 0;
}

int domain_resume(struct server *s, uint32_t domid)
{
	struct domain *d = domain_find(s, domid);

	if (!d || !d->introduced)
		return -ENOENT;
	d->shutdown = false;
	state_domain(d);
	return 0;
}

void domain_introduce_self(struct server *s)
{
	struct domain *d = domain_know(s, 0);

	if (d->introduced)
		return; /* the journal has it: domain_connect_all */
	d->connection = connection_new(s, 0, d, -1);
	d->introduced = true;
	if (connect(d)) {
		drop_connection(d);
		return;
	}
	ring_begin(d->connection);
	state_domain(d);
	/* Our kernel begins with the store when its event channel says that there is one. */
	s->hypervisor->notify(s->hypervisor, d->connection->ring.port);
}

/* Whether it is still the domain that was introduced. */
static bool is_there(struct domain *d)
{
	struct hypervisor *h = d->server->hypervisor;
	struct domain_info info;

	return !h->domain_info(h, d->domid, &info) && !info.dying &&
	       (!d->domid || !memcmp(info.handle, d->handle, sizeof(d->handle)));
}

/*
 * After a restart. What each ring has got already is found out before anything new is put into its queue: else an event would be taken for one that waits. Then those
 * that have ended meanwhile are told of. One whose ring cannot be had again is not heard any more.
 */
void domain_connect_all(struct server *s)
{
	for (uint32_t i = 0; i < DOMAIN_IDS; i++) {
		struct domain *d = s->domains.by_id[i];

		if (!d || !d->introduced || !is_there(d))
			continue;
		if (connect(d)) {
			log_line("domain %u: its ring cannot be connected again; it is not served",
			         i);
			continue;
		}
		ring_resume(d->connection);
		s->hypervisor->notify(s->hypervisor, d->connection->ring.port);
	}
	domain_sweep(s);
	s->more = true;
}

void domain_free_all(struct server *s)
{
	for (uint32_t i = 0; i < DOMAIN_IDS; i++) {
		struct domain *d = s->domains.by_id[i];

		if (d && d->connection) {
			disconnect(d);
			connection_free(d->connection);
			d->connection = NULL;
		}
	}
}
