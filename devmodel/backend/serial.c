/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes of a serial line on their way. */
#include "serial.h"

#include "link_queue.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define KEPT_MASK   (SERIAL_KEPT - 1)
#define PATIENCE_NS 3000000000u

static uint32_t kept(const struct serial *s)
{
	return s->put - s->taken;
}

/* ---- the peer ---- */

static void interest_set(struct serial *s)
{
	uint32_t events = 0;

	if (kept(s))
		events |= EPOLLOUT;
	if (s->nr_typed < sizeof(s->typed) && s->kind != SERIAL_FILE)
		events |= EPOLLIN;
	event_change(s->loop, &s->peer, events);
}

static void disconnect(struct serial *s)
{
	event_remove(s->loop, &s->peer);
	event_timer_clear(s->loop, &s->patience);
	if (s->kind == SERIAL_LISTENER || s->kind == SERIAL_SOCKET) {
		close(s->peer.fd);
		s->peer.fd = -1;
	}
	s->is_connected = false;
	s->is_full = false;
	s->port->peer_changed(s);
	s->port->look(s); /* who waits for the peer need not wait any more */
}

/* Writes what is kept. False: the peer is gone. */
static bool peer_write(struct serial *s)
{
	while (kept(s)) {
		uint32_t at = s->taken & KEPT_MASK, n = MIN(kept(s), SERIAL_KEPT - at);
		ssize_t done = s->kind == SERIAL_LISTENER || s->kind == SERIAL_SOCKET
		                       ? send(s->peer.fd, s->kept + at, n, MSG_NOSIGNAL)
		                       : write(s->peer.fd, s->kept + at, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return done < 0 && errno == EAGAIN;
		s->taken += (uint32_t)done;
		s->is_full = false;
		event_timer_clear(s->loop, &s->patience);
	}
	return true;
}

/* False: the peer is gone. */
static bool peer_read(struct serial *s)
{
	ssize_t n = read(s->peer.fd, s->typed + s->nr_typed, sizeof(s->typed) - s->nr_typed);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	s->nr_typed += (uint32_t)n;
	s->port->type(s);
	return n != 0;
}

static void peer_ready(struct event_source *source, uint32_t events)
{
	struct serial *s = container_of(source, struct serial, peer);
	bool is_there = true;

	if (events & EPOLLOUT)
		is_there = peer_write(s);
	if (is_there && events & EPOLLIN && s->nr_typed < sizeof(s->typed))
		is_there = peer_read(s);
	else if (events & (EPOLLHUP | EPOLLERR))
		is_there = false;
	if (!is_there) {
		disconnect(s);
		return;
	}
	interest_set(s);
	s->port->look(s);
}

static void connected(struct serial *s)
{
	s->peer.ready = peer_ready;
	/* a plain file is always ready, and epoll does not take it */
	s->is_connected = event_add(s->loop, &s->peer, EPOLLIN) || s->kind == SERIAL_FILE;
	s->port->peer_changed(s);
	interest_set(s);
}

/* Somebody has its other side open, or has typed something before leaving. */
static void pty_look(struct serial *s)
{
	struct pollfd p = { .fd = s->peer.fd, .events = POLLIN };

	if (!s->is_connected && poll(&p, 1, 0) >= 0 &&
	    (p.revents & POLLIN || !(p.revents & POLLHUP)))
		connected(s);
}

/* A pseudo-terminal: somebody has opened its other side, or closed it. A socket: somebody calls. */
static void listener_ready(struct event_source *source, uint32_t events)
{
	struct serial *s = container_of(source, struct serial, listener);
	char notes[512];
	int fd;

	if (s->kind == SERIAL_PTY) {
		while (read(source->fd, notes, sizeof(notes)) > 0)
			;
		pty_look(s);
		return;
	}
	fd = accept4(source->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0)
		return;
	if (s->is_connected) {
		close(fd); /* one at a time */
		return;
	}
	s->peer.fd = fd;
	connected(s);
}

/* ---- for the port ---- */

uint32_t serial_room(struct serial *s, uint32_t n)
{
	uint32_t room = SERIAL_KEPT - kept(s);

	if (room >= n || s->kind == SERIAL_NULL)
		return n;
	if (s->is_connected && !s->is_full) {
		if (!s->patience.is_set)
			event_timer_set(s->loop, &s->patience, PATIENCE_NS);
		return room;
	}
	s->taken += n - room;
	return n;
}

static void patience_over(struct event_timer *t)
{
	struct serial *s = container_of(t, struct serial, patience);

	s->is_full = true;
	s->port->look(s);
}

void serial_put(struct serial *s, const uint8_t *bytes, uint32_t n)
{
	history_put(s->history, s->history_source, bytes, n);
	if (s->kind != SERIAL_NULL) {
		link_ring_put(s->kept, SERIAL_KEPT, s->put, bytes, n);
		s->put += n;
	}
	if (!s->is_connected)
		return;
	if (!peer_write(s))
		disconnect(s);
	else
		interest_set(s);
}

void serial_typed(struct serial *s, uint32_t n)
{
	s->nr_typed -= n;
	memmove(s->typed, s->typed + n, s->nr_typed);
	if (s->is_connected)
		interest_set(s);
}

void serial_start(struct serial *s, const struct serial_port *port, struct event_loop *l,
                  struct history *h)
{
	s->port = port;
	s->loop = l;
	s->history = h;
	s->history_source = history_add_source(h, s->source_name);
	s->patience.fire = patience_over;
	s->listener.ready = listener_ready;
	if (s->listener.fd >= 0)
		(void)event_add(l, &s->listener, EPOLLIN);
	if (s->kind == SERIAL_SOCKET || s->kind == SERIAL_FILE)
		connected(s);
	if (s->kind == SERIAL_PTY)
		pty_look(s); /* who had it open while a predecessor died has it still */
}

void serial_flush(struct serial *s)
{
	if (s->is_connected)
		(void)peer_write(s);
}
