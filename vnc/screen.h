/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The screen of a guest, shown to viewers over the network (RFB, RFC 6143) by libvncserver, in a thread of its own: viewers are people's, slow ones and hostile ones among them, and nobody else waits for
 * them. It belongs to the guest's backend process: listens before the process gives up its rights, and works on the link's pages afterwards.
 */
#ifndef VNC_SCREEN_H
#define VNC_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct devmodel_link;
struct screen;

struct screen_wish {
	const char *name;     /* of the guest, for viewers' windows */
	const char *listen;   /* address; "": all */
	unsigned display;     /* port 5900 + display */
	bool takes_next_free; /* the first free port from there on */
	const char *password; /* NULL: none; at most SCREEN_PASSWORD characters */
	bool is_local;        /* no port: who may look is handed in by screen_add_viewer() */
	unsigned websocket;   /* port for browsers: noVNC's files and their web socket; 0: none */
	const char *keymap;   /* of the viewers' keyboards: NULL: us */
};
#define SCREEN_PASSWORD 8 /* what the protocol carries */

/* Listens. NULL: error has a line with cause and remedy. *port: where. */
struct screen *screen_open(const struct screen_wish *w, unsigned *port, char *error, size_t size);
/*
 * The pages are there. tell: says "look" to the device model; from any thread. The thread begins, and serves viewers a black screen until screen_attached(): the device model knows us, the link's queues are as they stand.
 */
bool screen_start(struct screen *s, struct devmodel_link *link, const uint8_t *vram,
                  size_t vram_size, void (*tell)(void *context), void *context);
void screen_attached(struct screen *s);
/* A connection of somebody who needs no password, from any thread. It is the screen's from then on. False: it is not taken, and closed. */
bool screen_add_viewer(struct screen *s, int fd);

/*
 * What is on the screen now, from any thread: as text (UTF-8; graphics are one line that says so), or as PNG, into an open file. False: it cannot be written.
 */
bool screen_print_text(struct screen *s, int fd);
bool screen_print_png(struct screen *s, int fd);

#endif
