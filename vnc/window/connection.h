/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The connection to a guest's screen: RFB (RFC 6143) by libvncclient, with raw key codes and, for a mouse without a tablet, movements. */
#ifndef WINDOW_CONNECTION_H
#define WINDOW_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>

struct connection;

struct connection_events {
	void (*sized)(void *context, int width, int height);
	/* pixels: of the whole picture, 0x??rrggbb, width of them a line */
	void (*drawn)(void *context, const uint32_t *pixels, int x, int y, int width, int height);
	/* Follows the guest points (true), or movements? */
	void (*pointed)(void *context, bool is_absolute);
};

/* fd is the connection's from now on. NULL: whoever is at the other end speaks no RFB, or wants a password. */
struct connection *connection_open(int fd, const struct connection_events *events, void *context);
void connection_close(struct connection *c);
/* A message is there: it is taken. False: the end. */
bool connection_read(struct connection *c);
int connection_fd(const struct connection *c);

/* code: as scancode_to_pc() has it. */
void connection_key(struct connection *c, uint32_t code, bool down);
/* buttons: RFB's. */
void connection_point(struct connection *c, int x, int y, int buttons);
void connection_move(struct connection *c, int x, int y, int buttons);

#endif
