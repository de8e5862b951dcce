/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Watches. By the path's hash: a change looks up each path above it, whatever the number of watches. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connection.h"
#include "memory.h"
#include "path.h"
#include "server.h"
#include "state.h"
#include "watch.h"

/* FNV-1a. A guest that finds colliding paths makes long chains of its own watches, of which it has few. */
static struct list *bucket_of(struct server *s, const char *path)
{
	uint32_t hash = 2166136261u;

	while (*path)
		hash = (hash ^ (uint8_t)*path++) * 16777619u;
	return &s->watches.bucket[hash % WATCH_BUCKETS];
}

void watches_init(struct watches *w)
{
	for (uint32_t i = 0; i < WATCH_BUCKETS; i++)
		list_init(&w->bucket[i]);
}

static int64_t cost(const char *path, const char *token)
{
	return (int64_t)(sizeof(struct watch) + strlen(path) + strlen(token) + 2 + 48);
}

static struct watch *find(struct connection *c, const char *path, const char *token)
{
	struct list *pos;

	list_for_each(pos, bucket_of(c->server, path)) {
		struct watch *w = list_entry(pos, struct watch, in_bucket);

		if (w->connection == c && !strcmp(w->path, path) && !strcmp(w->token, token))
			return w;
	}
	return NULL;
}

int watch_add(struct connection *c, const char *path, const char *token, bool relative,
              struct watch **made)
{
	struct watch *w;

	if (find(c, path, token))
		return -EEXIST;
	if (!connection_allows(c, QUOTA_WATCHES, 1))
		return -E2BIG;
	if (!connection_allows(c, QUOTA_MEMORY, (uint64_t)cost(path, token)))
		return -ENOMEM;
	w = memory_zeroed(sizeof(*w));
	w->connection = c;
	w->path = memory_string(path);
	w->token = memory_string(token);
	w->relative = relative;
	list_add_tail(bucket_of(c->server, path), &w->in_bucket);
	list_add_tail(&c->watches, &w->in_connection);
	quota_charge(c->account, QUOTA_WATCHES, 1);
	quota_charge(c->account, QUOTA_MEMORY, cost(path, token));
	state_watch(w);
	*made = w;
	return 0;
}

static void drop(struct watch *w)
{
	struct connection *c = w->connection;

	quota_charge(c->account, QUOTA_WATCHES, -1);
	quota_charge(c->account, QUOTA_MEMORY, -cost(w->path, w->token));
	list_remove(&w->in_bucket);
	list_remove(&w->in_connection);
	free(w->path);
	free(w->token);
	free(w);
}

int watch_remove(struct connection *c, const char *path, const char *token)
{
	struct watch *w = find(c, path, token);

	if (!w)
		return -ENOENT;
	state_unwatch(w);
	drop(w);
	return 0;
}

void watch_remove_all(struct connection *c)
{
	struct list *pos, *next;

	list_for_each_safe(pos, next, &c->watches)
		drop(list_entry(pos, struct watch, in_connection));
}

void watch_send(struct watch *w, const char *path)
{
	struct connection *c = w->connection;
	struct buffer event = { 0 };
	char home[PATH_HOME_MAX];
	size_t len = (size_t)snprintf(home, sizeof(home), PATH_HOME, c->subject.domid);

	/* Too long beside this token: its own path fits, for it came in one request with it. */
	if (strlen(path) + strlen(w->token) + 2 > XENSTORE_PAYLOAD_MAX)
		path = w->path;
	/* Under the watch's path, which is under that home. */
	buffer_append_string(&event, w->relative ? path + len + 1 : path);
	buffer_append_string(&event, w->token);
	if (!connection_event(c, event.data, event.len) && !w->missed) {
		w->missed = true;
		state_watch_missed(w);
	}
	buffer_free(&event);
}

static bool may_know(const struct connection *c, const struct perms *before,
                     const struct perms *after)
{
	return (before && (perms_of(before, &c->subject) & PERM_READ)) ||
	       (after && (perms_of(after, &c->subject) & PERM_READ));
}

void watch_fire(struct server *s, const char *path, const struct perms *before,
                const struct perms *after, bool exact)
{
	char at[PATH_SIZE];
	struct list *pos;

	strcpy(at, path);
	do {
		list_for_each(pos, bucket_of(s, at)) {
			struct watch *w = list_entry(pos, struct watch, in_bucket);

			if (!strcmp(w->path, at) && may_know(w->connection, before, after))
				watch_send(w, path);
		}
	} while (!exact && path_to_parent(at));
}

void watch_make_up(struct connection *c)
{
	struct list *pos;

	list_for_each(pos, &c->watches) {
		struct watch *w = list_entry(pos, struct watch, in_connection);

		if (!w->missed)
			continue;
		if (!connection_has_room(c))
			return;
		w->missed = false;
		state_watch(w);
		watch_send(w, w->path);
	}
}
