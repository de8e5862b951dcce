/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes of a serial line on their way. */
#include "serial.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define KEPT_MASK   (SERIAL_KEPT - 1)
#define PATIENCE_NS 3000000000u

static struct link_serial *shared(const struct serial *s)
{
	return &s->link->memory->serials[s->n];
}

static uint32_t kept(const struct serial *s)
{
	return s->put - s->taken;
}

/* CTS and DSR always; DCD while somebody is there, on a socket. */
static void lines_set(struct serial *s)
{
	bool carrier = s->kind != SERIAL_LISTENER && s->kind != SERIAL_SOCKET;

	if (!s->is_attached)
		return;
	write_once(shared(s)->lines, (uint8_t)(CHAR_LINE_CTS | CHAR_LINE_DSR |
	                                       (carrier || s->is_connected ? CHAR_LINE_DCD : 0)));
	model_link_tell(s->link);
}

/* ---- the peer ---- */

static void interest_set(struct serial *s)
{
	uint32_t events = 0;

	if (kept(s))
		events |= EPOLLOUT;
	if (s->nr_typed < sizeof(s->typed) && s->kind != SERIAL_FILE)
		events |= EPOLLIN;
	event_change(s->link->loop, &s->peer, events);
}

static void disconnect(struct serial *s)
{
	event_remove(s->link->loop, &s->peer);
	event_timer_clear(s->link->loop, &s->patience);
	if (s->kind == SERIAL_LISTENER || s->kind == SERIAL_SOCKET) {
		close(s->peer.fd);
		s->peer.fd = -1;
	}
	s->is_connected = false;
	s->is_full = false;
	lines_set(s);
	model_link_look_again(s->link); /* who waits for the peer need not wait any more */
}

/* Writes what is kept. False: the peer is gone. */
static bool peer_write(struct serial *s)
{
	while (kept(s)) {
		uint32_t at = s->taken & KEPT_MASK, n = MIN(kept(s), SERIAL_KEPT - at);
		ssize_t done = s->kind == SERIAL_LISTENER || s->kind == SERIAL_SOCKET ?
		                       send(s->peer.fd, s->kept + at, n, MSG_NOSIGNAL) :
		                       write(s->peer.fd, s->kept + at, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return done < 0 && errno == EAGAIN;
		s->taken += (uint32_t)done;
		s->is_full = false;
		event_timer_clear(s->link->loop, &s->patience);
	}
	return true;
}

static void type(struct serial *s);

/* False: the peer is gone. */
static bool peer_read(struct serial *s)
{
	ssize_t n = read(s->peer.fd, s->typed + s->nr_typed, sizeof(s->typed) - s->nr_typed);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	s->nr_typed += (uint32_t)n;
	type(s);
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
	if (s->link->is_attached && link_waiting(&s->out))
		model_link_look_again(s->link);
}

static void connected(struct serial *s)
{
	s->peer.ready = peer_ready;
	/* a plain file is always ready, and epoll does not take it */
	s->is_connected = event_add(s->link->loop, &s->peer, EPOLLIN) || s->kind == SERIAL_FILE;
	lines_set(s);
	interest_set(s);
}

/* Somebody has its other side open, or has typed something before leaving. */
static void pty_look(struct serial *s)
{
	struct pollfd p = { .fd = s->peer.fd, .events = POLLIN };

	if (!s->is_connected && poll(&p, 1, 0) >= 0 && (p.revents & POLLIN || !(p.revents & POLLHUP)))
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

/* ---- the port ---- */

/* Into the port, as much as it has room for. */
static void type(struct serial *s)
{
	uint32_t n;

	if (!s->is_attached || !s->nr_typed || !link_room_wanted(&s->in, 1))
		return;
	n = MIN(s->nr_typed, link_room(&s->in));
	link_ring_put(shared(s)->in.bytes, LINK_BYTES_IN, s->in.index, s->typed, n);
	model_produced(s->link, &s->in, n);
	s->nr_typed -= n;
	memmove(s->typed, s->typed + n, s->nr_typed);
	if (s->nr_typed)
		(void)link_room_wanted(&s->in, LINK_BYTES_IN);
}

/* Room in kept[] for what the guest says: a peer that listens is waited for, for a while; else the oldest goes. */
static uint32_t room_for(struct serial *s, uint32_t n)
{
	uint32_t room = SERIAL_KEPT - kept(s);

	if (room >= n || s->kind == SERIAL_NULL)
		return n;
	if (s->is_connected && !s->is_full) {
		if (!s->patience.is_set)
			event_timer_set(s->link->loop, &s->patience, PATIENCE_NS);
		return room;
	}
	s->taken += n - room;
	return n;
}

static void patience_over(struct event_timer *t)
{
	struct serial *s = container_of(t, struct serial, patience);

	s->is_full = true;
	model_link_look_again(s->link);
}

static void out_look(struct serial *s)
{
	uint8_t bytes[LINK_BYTES_OUT];
	uint32_t n = room_for(s, link_waiting(&s->out));

	if (!n)
		return;
	link_ring_get(bytes, shared(s)->out.bytes, LINK_BYTES_OUT, s->out.index, n);
	history_put(s->history, s->history_source, bytes, n);
	if (s->kind != SERIAL_NULL) {
		link_ring_put(s->kept, SERIAL_KEPT, s->put, bytes, n);
		s->put += n;
	}
	model_consumed(s->link, &s->out, n);
	if (!s->is_connected)
		return;
	if (!peer_write(s))
		disconnect(s);
	else
		interest_set(s);
}

static void attached(void *context)
{
	struct serial *s = context;

	s->out = model_consumer(&shared(s)->out.queue, LINK_BYTES_OUT);
	s->in = model_producer(&shared(s)->in.queue, LINK_BYTES_IN);
	s->is_attached = true;
	lines_set(s);
}

static void look(void *context)
{
	struct serial *s = context;

	out_look(s);
	if (s->nr_typed) {
		type(s);
		interest_set(s);
	}
}

void serial_start(struct serial *s, struct model_link *l, struct history *h)
{
	s->link = l;
	s->history = h;
	snprintf(s->source_name, sizeof(s->source_name), "serial%u", s->n);
	s->history_source = history_add_source(h, s->source_name);
	s->patience.fire = patience_over;
	s->listener.ready = listener_ready;
	if (s->listener.fd >= 0)
		(void)event_add(l->loop, &s->listener, EPOLLIN);
	if (s->kind == SERIAL_SOCKET || s->kind == SERIAL_FILE)
		connected(s);
	if (s->kind == SERIAL_PTY)
		pty_look(s); /* who had it open while a predecessor died has it still */
	model_link_add_part(l, attached, look, s);
}

void serial_flush(struct serial *s)
{
	if (s->is_connected)
		(void)peer_write(s);
}
