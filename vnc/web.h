/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A viewer for browsers: noVNC's files over HTTP, and at the same address the web socket that they connect to. The files are read before the process gives up its rights and served from memory; the
 * socket is libvncserver's, which sees the request as it came.
 */
#ifndef VNC_WEB_H
#define VNC_WEB_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WEB_PAGE        "/vnc.html?autoconnect=1&path=websockify" /* what to open */
#define WEB_CONNECTIONS 8
#define WEB_FDS         (1 + WEB_CONNECTIONS)

struct web;
struct viewers;

/* Reads directory, listens at address (network byte order). NULL: error has a line. */
struct web *web_open(const char *directory, uint32_t address, unsigned port, char *error,
                     size_t size);
/* What to wait for, at most WEB_FDS. web NULL: nothing. */
unsigned web_poll(struct web *web, struct pollfd *polled, bool is_turn);
/* The socket that browsers come to, the same for ever. web NULL: -1. */
int web_listener(const struct web *web);
/* No browser is connected by HTTP. web NULL: so. */
bool web_is_idle(const struct web *web);
/* polled is what web_poll() filled. Web sockets go to the viewers. */
void web_serve(struct web *web, const struct pollfd *polled, struct viewers *viewers);

#endif
