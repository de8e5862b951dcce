/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a serial line leads to: pty, none, null, file:PATH, unix:PATH[,server], tcp:HOST:PORT[,server]. */
#include "serial.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

struct target {
	char address[SERIAL_NAME]; /* what stands behind the kind, without options */
	bool is_server;
	int pty; /* that is there already, or -1 */
};

/* ---- pseudo-terminals ---- */

/* Every byte goes through as it is. Opened and closed once, it says from then on whether somebody has it. */
static bool pty_prepare(int fd, const char *path)
{
	struct termios t;
	int other;

	if (tcgetattr(fd, &t) != 0)
		return false;
	cfmakeraw(&t);
	if (tcsetattr(fd, TCSANOW, &t) != 0)
		return false;
	other = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (other < 0)
		return false;
	close(other);
	return true;
}

static bool pty_open(struct serial *s, const struct target *t, struct failure *f)
{
	int fd = t->pty >= 0 ? t->pty : posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	s->peer.fd = fd;
	if (fd < 0 || fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK) != 0 || grantpt(fd) != 0 ||
	    unlockpt(fd) != 0 || ptsname_r(fd, s->name, sizeof(s->name)) != 0 ||
	    !pty_prepare(fd, s->name))
		return fail(f,
		            "%s: no pseudo-terminal can be had: %s. Is /dev/pts mounted, with "
		            "ptys left (sysctl kernel.pty.max)?",
		            s->source_name, strerror(errno));
	s->listener.fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (s->listener.fd < 0 || inotify_add_watch(s->listener.fd, s->name, IN_OPEN) < 0)
		return fail(f,
		            "%s: %s cannot be watched: %s (sysctl fs.inotify.max_user_instances)",
		            s->source_name, s->name, strerror(errno));
	return true;
}

/* ---- files ---- */

static bool file_open(struct serial *s, const struct target *t, struct failure *f)
{
	s->peer.fd = open(t->address,
	                  O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0640);
	return s->peer.fd >= 0 ||
	       fail(f, "%s: file %s: %s. Make its directory, or name another one", s->source_name,
	            t->address, strerror(errno));
}

/* ---- sockets ---- */

static bool socket_use(struct serial *s, const struct target *t, int fd, const struct sockaddr *a,
                       socklen_t length)
{
	int one = 1;

	if (!t->is_server) {
		if (connect(fd, a, length) != 0)
			return false;
		s->peer.fd = fd;
		return true;
	}
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, a, length) != 0 || listen(fd, 1) != 0)
		return false;
	s->kind = SERIAL_LISTENER;
	s->listener.fd = fd;
	return true;
}

static bool socket_failed(struct serial *s, const struct target *t, int fd, struct failure *f)
{
	int error = errno;

	if (fd >= 0)
		close(fd);
	if (t->is_server)
		return fail(f, "%s: %s cannot be listened on: %s. Choose another address",
		            s->source_name, t->address, strerror(error));
	return fail(f,
	            "%s: nobody answers at %s: %s. Start what shall listen there, or write "
	            ",server to listen here",
	            s->source_name, t->address, strerror(error));
}

/* What is left of a socket's file whose process is gone goes; another file stays, and is in the way. */
static void unix_clear(const char *path)
{
	struct stat st;

	if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode))
		unlink(path);
}

static bool unix_open(struct serial *s, const struct target *t, struct failure *f)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (strlen(t->address) >= sizeof(a.sun_path)) {
		close(fd);
		return fail(f, "%s: %s is too long for a socket's path: %zu bytes are the most",
		            s->source_name, t->address, sizeof(a.sun_path) - 1);
	}
	strcpy(a.sun_path, t->address);
	if (t->is_server)
		unix_clear(t->address);
	if (fd < 0 || !socket_use(s, t, fd, (struct sockaddr *)&a, sizeof(a)))
		return socket_failed(s, t, fd, f);
	return true;
}

static bool tcp_open(struct serial *s, const struct target *t, struct failure *f)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		                  .ai_flags = t->is_server ? AI_PASSIVE : 0 };
	struct addrinfo *found = NULL;
	char host[SERIAL_NAME], *port;
	int fd = -1, err;

	snprintf(host, sizeof(host), "%s", t->address);
	port = strrchr(host, ':');
	if (!port)
		return fail(f, "%s: tcp:%s has no port: write tcp:HOST:PORT", s->source_name,
		            t->address);
	*port++ = 0;
	err = getaddrinfo(*host ? host : NULL, port, &hints, &found);
	if (err)
		return fail(f, "%s: tcp:%s: %s. Correct the address", s->source_name, t->address,
		            gai_strerror(err));
	for (struct addrinfo *a = found; a; a = a->ai_next) {
		fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC, a->ai_protocol);
		if (fd >= 0 && socket_use(s, t, fd, a->ai_addr, a->ai_addrlen))
			break;
		if (!a->ai_next) {
			freeaddrinfo(found);
			return socket_failed(s, t, fd, f);
		}
		close(fd);
	}
	freeaddrinfo(found);
	return true;
}

static bool nothing_open(struct serial *s, const struct target *t, struct failure *f)
{
	return true;
}

/* ---- which ---- */

static const struct {
	const char *prefix;
	enum serial_kind kind;
	bool (*open)(struct serial *s, const struct target *t, struct failure *f);
} kinds[] = {
	{ "pty", SERIAL_PTY, pty_open },       { "none", SERIAL_NULL, nothing_open },
	{ "null", SERIAL_NULL, nothing_open }, { "file:", SERIAL_FILE, file_open },
	{ "unix:", SERIAL_SOCKET, unix_open }, { "tcp:", SERIAL_SOCKET, tcp_open },
};

/* QEMU's options behind commas: server is ours as well; what it says about waiting means nothing here. */
static struct target target_parse(const char *text, int pty)
{
	struct target t = { .is_server = strstr(text, ",server") != NULL, .pty = pty };
	size_t n = strcspn(text, ",");

	snprintf(t.address, sizeof(t.address), "%.*s", (int)n, text);
	return t;
}

bool serial_open(struct serial *s, const char *source_name, const char *to, int pty,
                 struct failure *f)
{
	memset(s, 0, sizeof(*s));
	snprintf(s->source_name, sizeof(s->source_name), "%s", source_name);
	s->peer.fd = s->listener.fd = -1;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		size_t length = strlen(kinds[i].prefix);
		struct target t;

		if (strncmp(to, kinds[i].prefix, length) != 0 ||
		    (kinds[i].prefix[length - 1] != ':' && to[length]))
			continue;
		t = target_parse(to + length, pty);
		s->is_there = true;
		s->kind = kinds[i].kind;
		if (!kinds[i].open(s, &t, f))
			return false;
		if (s->kind == SERIAL_SOCKET)
			(void)fcntl(s->peer.fd, F_SETFL, O_NONBLOCK);
		if (s->kind == SERIAL_LISTENER)
			(void)fcntl(s->listener.fd, F_SETFL, O_NONBLOCK);
		return true;
	}
	return fail(f,
	            "%s: there is no kind \"%s\": pty, none, file:PATH, unix:PATH[,server] and "
	            "tcp:HOST:PORT[,server] are served",
	            source_name, to);
}
