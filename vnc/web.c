/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HTTP/1.1, a request a connection: GET of a file in memory. */
#include "web.h"

#include "viewers.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILES_MAX   1024u
#define BYTES_MAX   (16u << 20)
#define REQUEST_MAX 4096
#define WAIT_MS     10000 /* for a request, and for an answer to be taken */
#define GONE        (POLLRDHUP | POLLHUP | POLLERR)

struct web_file {
	char *path;   /* from the directory on, with its first slash */
	char *answer; /* head and bytes */
	size_t size;
};

struct web_connection {
	int fd; /* -1: none */
	int64_t since_ms;
	bool is_partial;    /* looked at in this turn; more is to come */
	const char *answer; /* NULL: the request is not there yet */
	size_t left;
};

struct web {
	int listener;
	struct web_file *files;
	size_t nr_files, bytes;
	struct web_connection connections[WEB_CONNECTIONS];
};

static const char not_found[] =
	"HTTP/1.1 404 Not Found\r\nContent-Length: 10\r\nConnection: close\r\n\r\nnot found\n";

/* ---- files ---- */

static const struct {
	const char *end, *type;
} types[] = {
	{ ".html", "text/html; charset=utf-8" },
	{ ".js", "text/javascript" },
	{ ".css", "text/css" },
	{ ".svg", "image/svg+xml" },
	{ ".png", "image/png" },
	{ ".json", "application/json" },
	{ ".woff", "font/woff" },
	{ ".oga", "audio/ogg" },
	{ ".mp3", "audio/mpeg" },
	{ ".ico", "image/x-icon" },
};

static const char *type_of(const char *path)
{
	const char *end = strrchr(path, '.');

	for (size_t i = 0; end && i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(end, types[i].end) == 0)
			return types[i].type;
	return "application/octet-stream";
}

/* nftw() has no context. */
static struct web *filled;
static size_t prefix;

static bool file_read(struct web_file *f, FILE *from, size_t size, const char *path)
{
	char head[200];
	int n = snprintf(
		head, sizeof(head),
		"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n",
		type_of(path), size);

	f->size = (size_t)n + size;
	f->path = strdup(path);
	f->answer = malloc(f->size);
	if (!f->path || !f->answer || fread(f->answer + n, 1, size, from) != size) {
		free(f->path);
		free(f->answer);
		return false;
	}
	memcpy(f->answer, head, (size_t)n);
	return true;
}

static int file_take(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	FILE *from;

	if (kind != FTW_F || filled->nr_files == FILES_MAX ||
	    st->st_size > (off_t)(BYTES_MAX - filled->bytes))
		return 0;
	from = fopen(path, "re");
	if (!from)
		return 0;
	if (file_read(&filled->files[filled->nr_files], from, (size_t)st->st_size, path + prefix)) {
		filled->bytes += (size_t)st->st_size;
		filled->nr_files++;
	}
	fclose(from);
	return 0;
}

static bool files_read(struct web *w, const char *directory)
{
	w->files = calloc(FILES_MAX, sizeof(*w->files));
	filled = w;
	prefix = strlen(directory);
	return w->files && nftw(directory, file_take, 16, 0) == 0 && w->nr_files;
}

struct web *web_open(const char *directory, uint32_t address, unsigned port, char *error,
                     size_t size)
{
	struct web *w = calloc(1, sizeof(*w));

	if (!w || !files_read(w, directory)) {
		snprintf(
			error, size,
			"vnc: %s has no files for browsers: install the package novnc, or leave out the web socket",
			directory);
		free(w ? w->files : NULL);
		free(w);
		return NULL;
	}
	for (size_t i = 0; i < WEB_CONNECTIONS; i++)
		w->connections[i].fd = -1;
	w->listener = rfbListenOnTCPPort((int)port, address);
	if (w->listener >= 0)
		return w;
	snprintf(error, size,
	         "vnc: port %u for browsers cannot be listened on: %s; choose another one", port,
	         strerror(errno));
	for (size_t i = 0; i < w->nr_files; i++) {
		free(w->files[i].path);
		free(w->files[i].answer);
	}
	free(w->files);
	free(w);
	return NULL;
}

/* ---- connections ---- */

static void drop(struct web_connection *c)
{
	close(c->fd);
	c->fd = -1;
}

static void answer_find(const struct web *w, struct web_connection *c, char *request)
{
	const char *path = request + 4;

	c->answer = not_found;
	c->left = sizeof(not_found) - 1;
	if (strncmp(request, "GET ", 4) != 0)
		return;
	request[4 + strcspn(path, " ?#\r\n")] = 0;
	if (strcmp(path, "/") == 0)
		path = "/vnc.html";
	for (size_t i = 0; i < w->nr_files; i++)
		if (strcmp(w->files[i].path, path) == 0) {
			c->answer = w->files[i].answer;
			c->left = w->files[i].size;
		}
}

/* The request stays in the socket until it is whole: a web socket's is for the library. */
static void request_look(struct web *w, struct web_connection *c, struct viewers *viewers)
{
	char request[REQUEST_MAX + 1];
	ssize_t n = recv(c->fd, request, REQUEST_MAX, MSG_PEEK | MSG_DONTWAIT);

	if (n <= 0 || n == REQUEST_MAX) {
		drop(c);
		return;
	}
	request[n] = 0;
	c->is_partial = !strstr(request, "\r\n\r\n");
	if (c->is_partial)
		return;
	if (strcasestr(request, "\r\nupgrade: websocket")) {
		viewers_take(viewers, c->fd);
		c->fd = -1;
		return;
	}
	if (recv(c->fd, request, (size_t)n, MSG_DONTWAIT) != n)
		drop(c);
	else
		answer_find(w, c, request);
}

static void answer_send(struct web_connection *c)
{
	ssize_t n = send(c->fd, c->answer, c->left, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		drop(c);
		return;
	}
	c->answer += n;
	c->left -= (size_t)n;
	if (!c->left)
		drop(c);
}

static void come(struct web *w)
{
	int fd = accept4(w->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	for (size_t i = 0; fd >= 0 && i < WEB_CONNECTIONS; i++)
		if (w->connections[i].fd < 0) {
			w->connections[i] =
				(struct web_connection){ .fd = fd, .since_ms = viewers_now_ms() };
			return;
		}
	if (fd >= 0)
		close(fd);
}

unsigned web_poll(struct web *w, struct pollfd *polled, bool is_turn)
{
	if (!w)
		return 0;
	polled[0] = (struct pollfd){ .fd = w->listener, .events = POLLIN };
	for (size_t i = 0; i < WEB_CONNECTIONS; i++) {
		struct web_connection *c = &w->connections[i];

		if (c->fd >= 0 && viewers_now_ms() - c->since_ms > WAIT_MS)
			drop(c);
		if (is_turn)
			c->is_partial = false;
		polled[1 + i] =
			(struct pollfd){ .fd = c->is_partial ? -1 : c->fd,
			                 .events = c->answer ? POLLOUT : POLLIN | POLLRDHUP };
	}
	return WEB_FDS;
}

int web_listener(const struct web *w)
{
	return w ? w->listener : -1;
}

bool web_is_idle(const struct web *w)
{
	for (size_t i = 0; w && i < WEB_CONNECTIONS; i++)
		if (w->connections[i].fd >= 0)
			return false;
	return true;
}

void web_serve(struct web *w, const struct pollfd *polled, struct viewers *viewers)
{
	if (!w)
		return;
	for (size_t i = 0; i < WEB_CONNECTIONS; i++) {
		struct web_connection *c = &w->connections[i];

		if (polled[1 + i].fd < 0 || !polled[1 + i].revents)
			continue;
		if (c->answer)
			answer_send(c);
		else
			request_look(w, c, viewers);
		/* what it has said stays readable, but no more comes */
		if (c->fd >= 0 && c->is_partial && polled[1 + i].revents & GONE)
			drop(c);
	}
	if (polled[0].revents)
		come(w);
}
