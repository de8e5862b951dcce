/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A hypervisor for tests of the store: a few domains with a ring each, in memory that a child process shares; and peers that speak on those rings as a guest's kernel
 * would.
 */
#ifndef STORE_FAKE_H
#define STORE_FAKE_H

#include <stdbool.h>
#include <stdint.h>
#include <xen/io/xs_wire.h>

#include "buffer.h"
#include "hypervisor.h"
#include "server.h"

#define FAKE_DOMAINS 8

/* Shared with the daemon's process, if that is another one. */
struct fake_domain {
	union {
		struct xenstore_domain_interface ring;
		uint8_t page[4096];
	};
	bool there, shutdown, dying;
	uint8_t generation; /* its uuid */
	bool mapped, bound;
	bool kicked;   /* an event for the daemon */
	uint32_t told; /* events from the daemon */
};

struct fake {
	struct hypervisor interface;
	struct fake_domain *domain; /* FAKE_DOMAINS, by domid; 0 is domain 0's kernel */
	bool exception;
	bool deaf; /* event channels cannot be bound */
};

/* Domain 0 is there, with a ring. */
void fake_init(struct fake *f);
void fake_free(struct fake *f);
void fake_start(struct fake *f, uint32_t domid);
/* Something has happened to domains: the daemon hears of it. */
void fake_tell_exception(struct fake *f);
void fake_kick(struct fake *f, uint32_t domid);

/* A daemon with this hypervisor, its journal in a folder or none. */
struct server *fake_server(struct fake *f, const char *folder);
void fake_server_free(struct server *s);
/* As if it were killed: its memory goes, the rings stay. Then fake_server begins again. */
void fake_server_kill(struct server *s);

/* One end of a ring. */
struct peer {
	struct fake *fake;
	uint32_t domid;
	uint32_t next_id;
	void (*wait)(struct peer *p); /* lets the daemon run a little */
	void *arg;
	struct buffer events; /* of watches: "path|token|" each, kept while a reply is waited for */
	uint32_t nr_events;
	int patience; /* rounds of waiting without progress before it gives up */
};

void peer_init(struct peer *p, struct fake *f, uint32_t domid, struct server *s);
void peer_free(struct peer *p);
/* Puts bytes on the ring as room comes. */
void peer_put(struct peer *p, const void *data, uint32_t len);
/* Takes so many bytes off; false when they do not come. */
bool peer_take(struct peer *p, void *data, uint32_t len);
/*
 * A request and its reply, each with | for nul; "!ENOENT" for an error, "" when no reply comes. In memory that the next call uses again.
 */
const char *peer_ask(struct peer *p, uint32_t type, uint32_t tx, const char *data);
/* All events so far, in the order of coming, each "path|token|"; and forgets them. */
const char *peer_events(struct peer *p);
/* Starts a transaction. */
uint32_t peer_begin(struct peer *p);

/* An empty folder for a journal; removes it. */
const char *fake_folder(void);
void fake_folder_remove(const char *folder);

#define CHECK_STR(found, wanted)                                                                \
	do {                                                                                    \
		const char *found_ = (found), *wanted_ = (wanted);                              \
		if (strcmp(found_, wanted_)) {                                                  \
			printf("FAIL %s: %s:%d: %s is \"%s\", expected \"%s\"\n", unit_current, \
			       __FILE__, __LINE__, #found, found_, wanted_);                    \
			unit_failures++;                                                        \
			longjmp(unit_abort, 1);                                                 \
		}                                                                               \
	} while (0)

#endif
