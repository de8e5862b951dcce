/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest's serial line or console: between its port (in the link: serial_link.h; a ring of its own: pv_console.h) and a pseudo-terminal, a file or a socket; all that the guest says goes into its history as well.
 * While nobody listens, the last 64 KiB are kept for who comes. Somebody who listens is waited for, but not for ever: the guest is not slowed by a viewer that has stopped.
 */
#ifndef BACKEND_SERIAL_H
#define BACKEND_SERIAL_H

#include "event_loop.h"
#include "failure.h"
#include "history.h"

#include <stdint.h>

#define SERIAL_KEPT 65536u /* a power of two */
#define SERIAL_NAME 128

enum serial_kind { SERIAL_NULL, SERIAL_PTY, SERIAL_FILE, SERIAL_SOCKET, SERIAL_LISTENER };

struct serial;

/* The guest's end. */
struct serial_port {
	/* Something is in typed[]: the port takes it by serial_typed(), now or when it has room. */
	void (*type)(struct serial *s);
	/* Who waited for the peer need not any more: what the guest said is looked at again. */
	void (*look)(struct serial *s);
	/* The peer came or went. */
	void (*peer_changed)(struct serial *s);
};

struct serial {
	struct event_loop *loop;
	const struct serial_port *port;
	struct history *history;
	unsigned history_source;
	char source_name[16]; /* "serial0", "console" */
	bool is_there;
	enum serial_kind kind;
	char name[SERIAL_NAME];   /* a pty's path; for messages */
	struct event_source peer; /* who listens: pty, file, connection. fd -1: nobody */
	struct event_source
		listener; /* a socket's; or what says that the pty is opened. fd -1: none */
	bool is_connected;
	uint8_t kept[SERIAL_KEPT]; /* what the peer has not taken yet */
	uint32_t put, taken;       /* indices into it; they run freely */
	bool is_full;              /* a peer that listens has not taken anything for a while */
	struct event_timer patience;
	uint8_t typed[256]; /* what the port has had no room for */
	uint32_t nr_typed;
};

/* source_name: what history and messages call it. to: as the description has it. pty: the master side of a pseudo-terminal that is used instead of a new one; -1: none. It belongs to the line then. */
bool serial_open(struct serial *s, const char *source_name, const char *to, int pty,
                 struct failure *f);
void serial_start(struct serial *s, const struct serial_port *port, struct event_loop *l,
                  struct history *h);
/* What is still there goes out, if it can at once. */
void serial_flush(struct serial *s);

/* For the port: the guest has n bytes to say. How many can be taken: a peer that listens is waited for, for a while; else the oldest goes. */
uint32_t serial_room(struct serial *s, uint32_t n);
/* So many of them, at most as many as there is room. */
void serial_put(struct serial *s, const uint8_t *bytes, uint32_t n);
/* The first n bytes of typed[] are in the port. */
void serial_typed(struct serial *s, uint32_t n);

#endif
