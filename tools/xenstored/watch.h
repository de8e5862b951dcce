/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Watches: who wants to be told of changes at and below a path. */
#ifndef XENSTORED_WATCH_H
#define XENSTORED_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "list.h"
#include "perms.h"

struct server;
struct connection;

struct watch {
	struct list in_bucket, in_connection;
	struct connection *connection;
	char *path; /* absolute, or an @name */
	char *token;
	bool relative; /* it was given relative to the caller's home: so are its events */
	bool missed; /* events that found no room: one for the watch's own path makes up for them */
};

#define WATCH_BUCKETS 1024u

struct watches {
	struct list bucket[WATCH_BUCKETS];
};

void watches_init(struct watches *w);

/* 0, -EEXIST, -E2BIG (too many), -ENOMEM (too much). Sends no event. */
int watch_add(struct connection *c, const char *path, const char *token, bool relative,
              struct watch **made);
/* 0 or -ENOENT. */
int watch_remove(struct connection *c, const char *path, const char *token);
void watch_remove_all(struct connection *c);

/* The event for a path at or below the watch's. */
void watch_send(struct watch *w, const char *path);

/*
 * A node changed: it had these permissions before, and has those after (NULL where it was or is not). Told are those who may read either. With exact only those who
 * watch this very path: it went with a node above it, of which the others are told.
 */
void watch_fire(struct server *s, const char *path, const struct perms *before,
                const struct perms *after, bool exact);

/* The connection has room again: events for what it missed. */
void watch_make_up(struct connection *c);

#endif
