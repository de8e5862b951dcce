/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The daemon's whole state, and its loop. One thread: nothing here is locked. */
#ifndef XENSTORED_SERVER_H
#define XENSTORED_SERVER_H

#include <stdbool.h>
#include <stdio.h>
#include <time.h>

#include "domain.h"
#include "hypervisor.h"
#include "journal.h"
#include "list.h"
#include "quota.h"
#include "store.h"
#include "watch.h"

struct server {
	struct hypervisor *hypervisor;
	struct store store;
	struct store_listener listener;
	struct watches watches;
	struct domains domains;
	struct quotas quotas;
	struct journal journal;
	struct list connections;
	int listen_fd; /* -1 without a socket */
	bool full;     /* no more file descriptors: no new connections until one closes */
	bool more;     /* some connection has requests left from this round */
	bool sweep;    /* domains have ended: look which */
	FILE *trace;   /* each request, a line; or NULL */
	time_t tried;  /* when a broken journal was last tried to be written anew */
};

/* Everything empty; then server_restore or server_start_fresh. */
void server_init(struct server *s, struct hypervisor *h);

/*
 * Takes the state of the journal in this folder up again, or begins a new one, and connects to the rings of all domains that are still there. Returns 0, or
 * -errno after a line on standard error.
 */
int server_open(struct server *s, const char *folder);

/* Waits until something is to do, at most so many milliseconds (-1: for ever), and does it. Returns 0, or -errno when it cannot wait. */
int server_step(struct server *s, int timeout);

/* Drops everything; the journal keeps the state. */
void server_close(struct server *s);

#endif
