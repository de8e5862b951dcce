/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One who talks to the daemon: a process on the socket, or a domain on its ring. Bytes come in and go out by its transport; requests, replies, watches and
 * transactions are the same for both. What a ring's connection holds is in the journal, for a guest does not notice a restart of the daemon; a process does.
 */
#ifndef XENSTORED_CONNECTION_H
#define XENSTORED_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>
#include <xen/io/xs_wire.h>

#include "list.h"
#include "perms.h"
#include "quota.h"
#include "ring.h"

struct server;
struct domain;

/* A reply or an event, in the bytes of the wire, that has not gone out whole. */
struct message {
	struct list list;
	uint32_t len, sent;
	bool event;
	uint8_t data[];
};

struct connection {
	struct list list; /* of all */
	struct server *server;
	struct subject subject;
	struct account *account; /* the domain's, or own */
	struct account own;
	struct domain *domain; /* of a ring; NULL of a socket */
	struct ring ring;
	int fd;       /* of a socket; -1 of a ring */
	bool dead;    /* to be dropped (socket), or silent until it is introduced anew (ring) */
	bool blocked; /* it has requests that wait until its queue has room */

	uint8_t in[sizeof(struct xsd_sockmsg) + XENSTORE_PAYLOAD_MAX]; /* the request that comes */
	uint32_t in_len;

	struct list out; /* messages, oldest first */
	uint64_t out_bytes;

	struct list watches, transactions;
	uint32_t last_transaction;
};

struct connection *connection_new(struct server *s, uint32_t domid, struct domain *domain, int fd);
/* Watches, transactions, requests and replies are dropped. */
void connection_reset(struct connection *c);
void connection_free(struct connection *c);

/* Privileged ones are always allowed. */
bool connection_allows(const struct connection *c, enum quota kind, uint64_t more);

/* How many bytes the request that comes still wants; 0 when it is whole. */
uint32_t connection_wants(const struct connection *c);
/* So many bytes were put at in + in_len. False when they break the protocol (the request is too long). */
bool connection_got(struct connection *c, uint32_t len);

/* Puts a message into the queue. */
void connection_reply(struct connection *c, uint32_t type, uint32_t req_id, uint32_t tx_id,
                      const void *data, size_t len);
/* The same with an event; one like it that still waits stands for both. False when there is no room. */
bool connection_event(struct connection *c, const void *data, size_t len);
/* Bytes of the wire, as the journal kept them. */
void connection_queue(struct connection *c, const void *data, size_t len, bool event);
bool connection_has_room(const struct connection *c);

/* The oldest bytes that are to go out, and then that so many of them went. NULL when there are none. */
const uint8_t *connection_next_out(const struct connection *c, uint32_t *len);
void connection_sent(struct connection *c, uint32_t len);

#endif
