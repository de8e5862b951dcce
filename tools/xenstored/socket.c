/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The unix socket, and connections on it. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "connection.h"
#include "log.h"
#include "request.h"
#include "server.h"
#include "socket.h"

#define TURN    8  /* requests of one connection before another's turn */
#define ACCEPTS 16 /* new connections before the others' turn */

int socket_listen(struct server *s, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	mode_t mask;
	int fd, error = 0;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	unlink(path);
	mask = umask(0177);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, 128))
		error = -errno;
	umask(mask);
	if (error)
		close(fd);
	else
		s->listen_fd = fd;
	return error;
}

void socket_accept(struct server *s)
{
	for (int i = 0; i < ACCEPTS; i++) {
		int fd = accept4(s->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd >= 0) {
			connection_new(s, 0, NULL, fd);
			continue;
		}
		/* Asking again at once would only burn time: the next connection that closes makes room. */
		if (errno == EMFILE || errno == ENFILE) {
			s->full = true;
			log_line(
				"no more connections: too many files are open; raise ulimit -n, or close clients");
		}
		return;
	}
}

/* Returns whether a request is whole. */
static bool take_some(struct connection *c)
{
	uint32_t want;

	while ((want = connection_wants(c))) {
		ssize_t n = recv(c->fd, c->in + c->in_len, want, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			c->dead = !n || (errno != EAGAIN && errno != EWOULDBLOCK);
			return false;
		}
		if (!connection_got(c, (uint32_t)n)) {
			c->dead = true;
			return false;
		}
	}
	return true;
}

bool socket_take(struct connection *c)
{
	for (int i = 0; i < TURN; i++) {
		c->blocked = !connection_has_room(c);
		if (c->dead || c->blocked || !take_some(c))
			return false;
		request_handle(c);
	}
	return true;
}

void socket_give(struct connection *c)
{
	const uint8_t *data;
	uint32_t len;

	while (!c->dead && (data = connection_next_out(c, &len))) {
		ssize_t n = send(c->fd, data, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			c->dead = errno != EAGAIN && errno != EWOULDBLOCK;
			return;
		}
		connection_sent(c, (uint32_t)n);
	}
}
