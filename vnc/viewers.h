/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The viewers of a screen: who may come, who is served when, and who is put out. All of it is the serving thread's, but for the guard, which looks at who holds that thread, and cuts the connection of a
 * viewer that does so for too long: one that takes its picture byte by byte, or stops in the middle of a message. Whom nobody else waits behind is given more time.
 */
#ifndef VNC_VIEWERS_H
#define VNC_VIEWERS_H

#include <pthread.h>
#include <rfb/rfb.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define VIEWERS_MAX 8 /* at once; who comes then is turned away */

struct input;
struct web;

/* One of them: its rfbClientRec's clientData. */
struct viewer {
	int fd; /* the connection, again: it stays ours until the viewer is gone */
	int64_t since_ms;
	unsigned messages; /* in this turn */
	/* what it said that it understands, and what it was told last */
	bool takes_key_codes, takes_motion, takes_lamps;
	int told_absolute, told_lamps; /* -1: nothing yet */
};

struct viewers {
	rfbScreenInfoPtr rfb;
	struct input *input;
	struct web *web; /* NULL: none */
	int listener, door;
	bool is_trusted; /* the one that comes just now needs no password */
	unsigned nr;
	int64_t door_ms; /* since when the first viewer after nobody waits to be let in; 0: none does */
	unsigned door_looks; /* how often the screen has been looked at meanwhile */
	pthread_t guard;
	pthread_mutex_t lock; /* of what follows */
	int held_fd;          /* whom the thread serves; -1: nobody */
	bool held_alone;      /* nobody else had something to ask of the thread */
	int64_t held_ms;      /* since when */
	uint64_t held_acked;  /* what it had acknowledged by then, bytes */
	clockid_t held_clock; /* the thread's computing time, */
	int64_t held_work_ms; /* and what it was then */
};

int64_t viewers_now_ms(void);
/* rfb listens. */
/* door: a pipe out of which come connections whose owners need no password; -1: none. */
void viewers_init(struct viewers *v, rfbScreenInfoPtr rfb, struct input *input, struct web *web,
                  int door);
/* Begins the guard. */
bool viewers_guard(struct viewers *v);
/* Waits for messages at most wait_ms (-1: for ever) and handles some of each viewer's; is_turn: a new turn, in which pictures may go out and each may send its share of messages again. */
void viewers_serve(struct viewers *v, int wait_ms, bool is_turn);
/*
 * Somebody waits for a picture, or to be let in: while nobody looked, the screen may have become another size, and some viewers believe for ever what they are told at first. So the first one waits until
 * the screen has been looked at, as viewers_looked() says: once for what was asked for before, and once for what is there now.
 */
bool viewers_want(const struct viewers *v);
void viewers_looked(struct viewers *v);
/* A connection that speaks RFB, or will upgrade to it. It is the viewers' from now on. */
void viewers_take(struct viewers *v, int fd);

/* extension.c: what QEMU's viewers can do beyond RFC 6143. */
void extension_register(void);
/* Tells viewers that care: lamps, and whether the pointer is absolute. Does c's pointer send movements? */
void extension_tell(rfbClientPtr c, const struct input *i);
bool extension_is_relative(const struct viewer *w);

#endif
