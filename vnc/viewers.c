/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Viewers come, are served, and are put out. */
#include "viewers.h"

#include "input.h"
#include "web.h"

#include <errno.h>
#include <linux/tcp.h> /* libc's has no bytes_acked */
#include <netinet/in.h>
#include <poll.h>
#include <rfb/rfbregion.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define HOLD_MS           2000  /* a viewer may hold the thread for so long, */
#define HOLD_ALONE_MS     20000 /* so long if nobody else waits for it, */
#define HOLD_BYTES_PER_MS 16    /* and longer when it takes as much meanwhile: 128 kbit/s */
#define WORK_SHARE        4     /* of a busy computer the thread may get a part of its time only */
#define WORK_MOST_MS      8000  /* a viewer can make work, too: messages in many small pieces */
#define GUARD_MS          250
#define GREET_MS          30000 /* and take so long until it has named itself */
#define MESSAGES          64    /* of one viewer in one turn */
#define DOOR_MS           500 /* and be kept waiting so long, for the size of a screen that stands still */
#define LOOKS             2

static int64_t clock_ms(clockid_t clock)
{
	struct timespec t = { 0 };

	clock_gettime(clock, &t);
	return t.tv_sec * 1000ll + t.tv_nsec / 1000000;
}

int64_t viewers_now_ms(void)
{
	return clock_ms(CLOCK_MONOTONIC);
}

/* ---- the guard ---- */

static uint64_t acked(int fd)
{
	struct tcp_info i = { .tcpi_bytes_acked = 0 };
	socklen_t size = sizeof(i);

	return fd >= 0 && getsockopt(fd, IPPROTO_TCP, TCP_INFO, &i, &size) == 0 ? i.tcpi_bytes_acked
	                                                                        : 0;
}

static bool has_come(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return fd >= 0 && poll(&p, 1, 0) > 0;
}

static bool others_wait(const struct viewers *v)
{
	return !v->held_alone || has_come(v->listener) || has_come(v->door) ||
	       has_come(web_listener(v->web));
}

/* One behind a slow line is waited for while its picture comes through; one that stops, or trickles, is not. What the thread itself has to do is not the viewer's fault. */
static bool holds_too_long(const struct viewers *v)
{
	uint64_t taken = acked(v->held_fd) - v->held_acked;
	int64_t work = clock_ms(v->held_clock) - v->held_work_ms;
	int64_t most = others_wait(v) ? HOLD_MS : HOLD_ALONE_MS;

	most += (int64_t)(taken / HOLD_BYTES_PER_MS) +
	        MIN(WORK_SHARE * work, (int64_t)WORK_MOST_MS);
	return viewers_now_ms() - v->held_ms > most;
}

/* others: viewers beside it. The thread's own. */
static void hold(struct viewers *v, int fd, unsigned others)
{
	pthread_mutex_lock(&v->lock);
	v->held_fd = fd;
	v->held_alone = !others && web_is_idle(v->web);
	v->held_ms = viewers_now_ms();
	v->held_acked = acked(fd);
	v->held_work_ms = clock_ms(CLOCK_THREAD_CPUTIME_ID);
	(void)pthread_getcpuclockid(pthread_self(), &v->held_clock);
	pthread_mutex_unlock(&v->lock);
}

static void let_go(struct viewers *v)
{
	pthread_mutex_lock(&v->lock);
	v->held_fd = -1;
	pthread_mutex_unlock(&v->lock);
}

static void *guard(void *context)
{
	const struct timespec rest = { .tv_nsec = GUARD_MS * 1000000l };
	struct viewers *v = context;

	for (;;) {
		nanosleep(&rest, NULL);
		pthread_mutex_lock(&v->lock);
		if (v->held_fd >= 0 && holds_too_long(v))
			shutdown(v->held_fd, SHUT_RDWR);
		pthread_mutex_unlock(&v->lock);
	}
	return NULL;
}

bool viewers_guard(struct viewers *v)
{
	return pthread_create(&v->guard, NULL, guard, v) == 0;
}

/* ---- coming and going ---- */

static struct viewers *viewers_of(rfbClientPtr c)
{
	return container_of(c->screen->screenData, struct viewers, rfb);
}

static void gone(rfbClientPtr c)
{
	struct viewers *v = viewers_of(c);
	struct viewer *w = c->clientData;

	/* never while the guard looks at it */
	let_go(v);
	close(w->fd);
	free(w);
	c->clientData = NULL;
	v->nr--;
	input_release(v->input);
}

static enum rfbNewClientAction come(rfbClientPtr c)
{
	struct viewers *v = viewers_of(c);
	struct viewer *w = calloc(1, sizeof(*w));

	if (!w)
		return RFB_CLIENT_REFUSE;
	*w = (struct viewer){ .fd = dup(c->sock),
		              .since_ms = viewers_now_ms(),
		              .told_absolute = -1,
		              .told_lamps = -1 };
	if (w->fd < 0) {
		free(w);
		return RFB_CLIENT_REFUSE;
	}
	v->nr++;
	c->clientData = w;
	c->reverseConnection =
		v->is_trusted; /* the library asks no password of those whom we called */
	c->clientGoneHook = gone;
	return RFB_CLIENT_ACCEPT;
}

void viewers_take(struct viewers *v, int fd)
{
	int again, on = 1;

	again = v->nr < VIEWERS_MAX ? dup(fd) : -1;
	if (again < 0) {
		close(fd);
		return;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	hold(v, again, v->nr);
	rfbNewClient(v->rfb, fd);
	let_go(v);
	close(again);
}

void viewers_init(struct viewers *v, rfbScreenInfoPtr rfb, struct input *input, struct web *web,
                  int door)
{
	v->rfb = rfb;
	v->input = input;
	v->web = web;
	v->listener = rfb->listenSock;
	v->door = door;
	v->nr = 0;
	v->held_fd = -1;
	pthread_mutex_init(&v->lock, NULL);
	rfb->screenData = &v->rfb;
	rfb->newClientHook = come;
	extension_register();
}

/* ---- serving ---- */

static void messages_take(struct viewers *v, rfbClientPtr c)
{
	struct viewer *w = c->clientData;

	w->messages++;
	hold(v, w->fd, v->nr - 1);
	rfbProcessClientMessage(c);
	let_go(v);
}

static bool is_too_slow(rfbClientPtr c, const struct viewer *w)
{
	return c->state != RFB_NORMAL && viewers_now_ms() - w->since_ms > GREET_MS;
}

/* A turn of one viewer: its picture, as far as it wants one. */
static void turn(struct viewers *v, rfbClientPtr c)
{
	struct viewer *w = c->clientData;

	w->messages = 0;
	if (c->sock >= 0 && is_too_slow(c, w))
		rfbCloseClient(c);
	if (c->sock >= 0 && c->state == RFB_NORMAL) {
		hold(v, w->fd, v->nr - 1);
		extension_tell(c, v->input);
		rfbUpdateClient(c);
		let_go(v);
	}
}

static void turns(struct viewers *v, bool is_turn)
{
	rfbClientPtr next;

	for (rfbClientPtr c = v->rfb->clientHead; c; c = next) {
		next = c->next;
		if (is_turn && c->sock >= 0)
			turn(v, c);
		if (c->sock < 0)
			rfbClientConnectionGone(c);
	}
}

/* Some viewer's bytes are already inside the library, where poll() does not see them. */
static bool has_bytes(rfbClientPtr c)
{
	return c->sock >= 0 && c->wsctx && webSocketsHasDataInBuffer(c);
}

static void new_ones(struct viewers *v)
{
	int fd = accept4(v->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd >= 0)
		viewers_take(v, fd);
}

void viewers_looked(struct viewers *v)
{
	v->door_looks++;
}

static void trusted_ones(struct viewers *v)
{
	int fd;

	if (read(v->door, &fd, sizeof(fd)) != (ssize_t)sizeof(fd))
		return;
	v->is_trusted = true;
	viewers_take(v, fd);
	v->is_trusted = false;
}

/* Somebody is at the listener. */
static void door(struct viewers *v)
{
	int64_t now = viewers_now_ms();

	if (!v->nr && !v->door_ms) {
		v->door_ms = now;
		v->door_looks = 0;
	}
	if (!v->nr && v->door_looks < LOOKS && now - v->door_ms < DOOR_MS)
		return;
	v->door_ms = 0;
	new_ones(v);
}

void viewers_serve(struct viewers *v, int wait_ms, bool is_turn)
{
	struct pollfd polled[2 + VIEWERS_MAX + WEB_FDS] = { { .fd = v->door_ms ? -1 : v->listener,
		                                              .events = POLLIN } };
	rfbClientPtr clients[VIEWERS_MAX];
	unsigned n = 0, nr_web;

	turns(v, is_turn);
	for (rfbClientPtr c = v->rfb->clientHead; c && n < VIEWERS_MAX; c = c->next) {
		const struct viewer *w = c->clientData;

		clients[n] = c;
		polled[++n] = (struct pollfd){ .fd = w->messages < MESSAGES ? c->sock : -1,
			                       .events = POLLIN };
		if (has_bytes(c) && w->messages < MESSAGES)
			wait_ms = 0;
	}
	nr_web = web_poll(v->web, polled + 1 + n, is_turn);
	polled[1 + n + nr_web] = (struct pollfd){ .fd = v->door, .events = POLLIN };
	if (poll(polled, 2 + n + nr_web, wait_ms) < 0)
		return;
	for (unsigned i = 0; i < n; i++)
		if (polled[1 + i].fd >= 0 && (polled[1 + i].revents || has_bytes(clients[i])))
			messages_take(v, clients[i]);
	web_serve(v->web, polled + 1 + n, v);
	if (polled[1 + n + nr_web].revents & POLLIN)
		trusted_ones(v);
	if (polled[0].revents || v->door_ms)
		door(v);
}

bool viewers_want(const struct viewers *v)
{
	if (v->door_ms)
		return true;
	for (rfbClientPtr c = v->rfb->clientHead; c; c = c->next)
		if (c->sock >= 0 && c->state == RFB_NORMAL && !sraRgnEmpty(c->requestedRegion))
			return true;
	return false;
}
