/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon's loop. One round: what came in is worked off in memory, which makes records; the records go to the journal in one write; only then does anybody hear of
 * it. So whatever was answered is in the journal, and many requests of one round share a write.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "connection.h"
#include "log.h"
#include "memory.h"
#include "server.h"
#include "socket.h"
#include "state.h"

/* Events in one round. */
#define EVENTS 4096

static void heard_put(void *arg, const char *path, const struct node *node)
{
	state_node(arg, path, node);
}

static void heard_remove(void *arg, const char *path)
{
	state_remove(arg, path);
}

static void heard_charge(void *arg, uint32_t owner, int64_t nodes, int64_t bytes)
{
	struct domain *d = domain_know(arg, owner);

	quota_charge(&d->account, QUOTA_NODES, nodes);
	quota_charge(&d->account, QUOTA_MEMORY, bytes);
}

void server_init(struct server *s, struct hypervisor *h)
{
	memset(s, 0, sizeof(*s));
	s->hypervisor = h;
	s->listener = (struct store_listener){ heard_put, heard_remove, heard_charge, s };
	s->quotas = quota_defaults;
	s->journal.fd = -1;
	s->listen_fd = -1;
	list_init(&s->connections);
	watches_init(&s->watches);
	s->journal.loading = true;
	store_init(&s->store, &s->listener);
	s->journal.loading = false;
}

static void load_frame(void *arg, struct reader *records)
{
	state_load(arg, records);
	if (records->bad)
		log_line(
			"the journal has records that this version does not know; they are left out");
}

/* What every store has. */
static void furnish(struct server *s)
{
	static const char *const paths[] = { "/tool", "/tool/xenstored" };

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		if (!store_find(&s->store, paths[i]))
			store_put(&s->store, paths[i], "", 0, &s->store.root.perms);
	}
}

/* The whole state as a new journal. */
static void rewrite(struct server *s)
{
	struct buffer all;
	int error;

	state_save_all(s);
	all = s->journal.pending;
	memset(&s->journal.pending, 0, sizeof(s->journal.pending));
	error = journal_rewrite(&s->journal, &all);
	buffer_free(&all);
	if (error && !s->tried)
		log_line(
			"%s: %s; the store goes on, but a restart would lose what changes from now on. Make room there",
			s->journal.next, strerror(-error));
	if (!error && s->tried)
		log_line("%s: written again, the state is safe", s->journal.file);
	s->tried = error ? time(NULL) : 0;
}

static void save(struct server *s)
{
	struct list *pos;

	list_for_each(pos, &s->connections) {
		struct connection *c = list_entry(pos, struct connection, list);

		if (c->ring.page && !c->dead && c->ring.told != c->ring.taken)
			state_input(c);
	}
	journal_flush(&s->journal);
	if (journal_wants_rewrite(&s->journal) && (!s->tried || s->tried != time(NULL)))
		rewrite(s);
}

int server_open(struct server *s, const char *folder)
{
	int error = folder ? journal_open(&s->journal, folder, load_frame, s) : 0;

	if (error == -EBUSY)
		log_line("%s/journal: another xenstored holds it; stop that one first", folder);
	else if (error)
		log_line("%s/journal: %s", folder, strerror(-error));
	if (error)
		return error;
	furnish(s);
	domain_connect_all(s);
	domain_introduce_self(s);
	save(s);
	return 0;
}

static void drain_events(struct server *s)
{
	struct hypervisor *h = s->hypervisor;
	int port;

	for (int i = 0; i < EVENTS && (port = h->pending(h)) >= 0; i++)
		s->sweep |= port == h->exception_port;
}

static void take_all(struct server *s)
{
	struct list *pos;

	list_for_each(pos, &s->connections) {
		struct connection *c = list_entry(pos, struct connection, list);

		s->more |= c->fd >= 0 ? socket_take(c) : ring_take(c);
	}
}

/* What they are given may make room for more requests, and for events that were missed. */
static void give_all(struct server *s)
{
	struct list *pos, *next;

	list_for_each_safe(pos, next, &s->connections) {
		struct connection *c = list_entry(pos, struct connection, list);

		if (c->fd >= 0)
			socket_give(c);
		else
			ring_give(c);
		if (c->fd >= 0 && c->dead) {
			connection_free(c);
			s->full = false;
			continue;
		}
		if (c->blocked && connection_has_room(c))
			s->more = true;
		if (!c->out_bytes)
			watch_make_up(c);
		s->more |= s->journal.pending.len != 0;
	}
}

/* Those of sockets, after the first two. */
static nfds_t gather(struct server *s, struct pollfd **fds)
{
	struct list *pos;
	nfds_t nr = 2;

	list_for_each(pos, &s->connections)
		nr++;
	*fds = memory_zeroed(nr * sizeof(**fds));
	(*fds)[0] = (struct pollfd){ s->hypervisor->fd, POLLIN, 0 };
	(*fds)[1] = (struct pollfd){ s->full ? -1 : s->listen_fd, POLLIN, 0 };
	nr = 2;
	list_for_each(pos, &s->connections) {
		struct connection *c = list_entry(pos, struct connection, list);
		short wants = connection_has_room(c) ? POLLIN : 0;

		if (c->fd >= 0)
			(*fds)[nr++] =
				(struct pollfd){ c->fd, c->out_bytes ? wants | POLLOUT : wants, 0 };
	}
	return nr;
}

int server_step(struct server *s, int timeout)
{
	struct pollfd *fds;
	nfds_t nr = gather(s, &fds);
	int ready = poll(fds, nr, s->more || s->sweep ? 0 : timeout);
	bool events = fds[0].revents != 0, arrivals = fds[1].revents != 0;

	free(fds);
	if (ready < 0)
		return errno == EINTR ? 0 : -errno;
	s->more = false;
	if (events)
		drain_events(s);
	if (s->sweep) {
		s->sweep = false;
		domain_sweep(s);
	}
	if (arrivals)
		socket_accept(s);
	take_all(s);
	save(s);
	give_all(s);
	return 0;
}

void server_close(struct server *s)
{
	struct list *pos, *next;

	domain_free_all(s);
	list_for_each_safe(pos, next, &s->connections)
		connection_free(list_entry(pos, struct connection, list));
	s->journal.loading = true;
	store_free(&s->store);
	for (uint32_t i = 0; i < DOMAIN_IDS; i++)
		free(s->domains.by_id[i]);
	journal_close(&s->journal);
	if (s->listen_fd >= 0)
		close(s->listen_fd);
}
