/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest's serial line: between its port in the link, and a pseudo-terminal, a file or a socket; all that the guest says goes into its history as well. While nobody listens, the last 64 KiB are kept for who
 * comes. Somebody who listens is waited for, but not for ever: the guest is not slowed by a viewer that has stopped.
 */
#ifndef BACKEND_SERIAL_H
#define BACKEND_SERIAL_H

#include "history.h"
#include "model_link.h"

#define SERIAL_KEPT 65536u /* a power of two */
#define SERIAL_NAME 128

enum serial_kind { SERIAL_NULL, SERIAL_PTY, SERIAL_FILE, SERIAL_SOCKET, SERIAL_LISTENER };

struct serial {
	struct model_link *link;
	struct history *history;
	unsigned n, history_source;
	char source_name[16];
	bool is_there, is_attached;
	enum serial_kind kind;
	char name[SERIAL_NAME]; /* a pty's path; for messages */
	struct event_source peer;     /* who listens: pty, file, connection. fd -1: nobody */
	struct event_source listener; /* a socket's; or what says that the pty is opened. fd -1: none */
	bool is_connected;
	struct link_end out, in;
	uint8_t kept[SERIAL_KEPT]; /* what the peer has not taken yet */
	uint32_t put, taken;       /* indices into it; they run freely */
	bool is_full;              /* a peer that listens has not taken anything for a while */
	struct event_timer patience;
	uint8_t typed[256]; /* what the port has had no room for */
	uint32_t nr_typed;
};

/* to: as the description has it. pty: the master side of a pseudo-terminal that is used instead of a new one; -1: none. It belongs to the line then. */
bool serial_open(struct serial *s, unsigned n, const char *to, int pty, struct failure *f);
void serial_start(struct serial *s, struct model_link *l, struct history *h);
/* What is still there goes out, if it can at once. */
void serial_flush(struct serial *s);

#endif
