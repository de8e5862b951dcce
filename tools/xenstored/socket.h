/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The unix socket, and connections on it: processes of domain 0, which may everything; only root can open it. */
#ifndef XENSTORED_SOCKET_H
#define XENSTORED_SOCKET_H

#include <stdbool.h>

struct server;
struct connection;

/* Listens at a path, where an old socket is replaced. 0 or -errno. */
int socket_listen(struct server *s, const char *path);
/* Takes up to a few new connections. */
void socket_accept(struct server *s);
/* As ring_take and ring_give. A connection that is gone is marked dead. */
bool socket_take(struct connection *c);
void socket_give(struct connection *c);

#endif
