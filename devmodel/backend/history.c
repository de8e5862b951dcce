/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A guest's history file. */
#include "history.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define QUIET_NS \
	1000000000u /* since its last byte: after that a line that is not finished is written */

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* A full disk loses history, and nothing else. */
static void write_all(int fd, const char *bytes, size_t n)
{
	while (n) {
		ssize_t done = write(fd, bytes, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return;
		bytes += done;
		n -= (size_t)done;
	}
}

/* The file's content becomes the older file's. */
static void turn_over(struct history *h)
{
	char piece[4096];
	off_t at = 0;
	ssize_t n;

	if (ftruncate(h->older_fd, 0) != 0)
		return;
	while ((n = pread(h->fd, piece, sizeof(piece), at)) > 0) {
		write_all(h->older_fd, piece, (size_t)n);
		at += n;
	}
	if (ftruncate(h->fd, 0) == 0)
		h->size = 0;
}

static void append(struct history *h, const char *bytes, size_t n)
{
	if (h->size + n > HISTORY_MAX)
		turn_over(h);
	if (h->size + n > HISTORY_MAX)
		return;
	write_all(h->fd, bytes, n);
	h->size += n;
}

static size_t byte_print(char *to, uint8_t c)
{
	static const char digits[] = "0123456789abcdef";

	if ((c >= ' ' && c != 0x7f) || c == '\t') {
		to[0] = (char)c;
		return 1;
	}
	memcpy(to, "\\x", 2);
	to[2] = digits[c >> 4];
	to[3] = digits[c & 15];
	return 4;
}

static size_t head_print(char *to, size_t size, uint64_t ms, const char *name)
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm t;
	char stamp[32];

	gmtime_r(&seconds, &t);
	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &t);
	return (size_t)snprintf(to, size, "%s.%03uZ %s ", stamp, (unsigned)(ms % 1000), name);
}

static void line_write(struct history *h, struct history_source *s)
{
	char text[HISTORY_LINE * 4 + 100];
	size_t n = head_print(text, 100, s->began_ms, s->name);

	for (size_t i = 0; i < s->length; i++)
		n += byte_print(text + n, (uint8_t)s->line[i]);
	text[n++] = '\n';
	s->length = 0;
	append(h, text, n);
}

void history_put(struct history *h, unsigned source, const void *bytes, size_t n)
{
	struct history_source *s = &h->sources[source];
	const char *c = bytes;

	if (h->fd < 0)
		return;
	for (; n; n--, c++) {
		if (*c == '\r')
			continue;
		if (!s->length)
			s->began_ms = now_ms();
		if (*c != '\n')
			s->line[s->length++] = *c;
		if (*c == '\n' || s->length == HISTORY_LINE)
			line_write(h, s);
	}
	s->last_ns = event_now_ns();
	if (s->length && !h->flush.is_set)
		event_timer_set(h->loop, &h->flush, QUIET_NS);
}

void history_flush(struct history *h)
{
	for (unsigned i = 0; i < HISTORY_SOURCES; i++)
		if (h->sources[i].length)
			line_write(h, &h->sources[i]);
}

/* Lines that still come wait on: the timer is theirs next. */
static void flush_fire(struct event_timer *t)
{
	struct history *h = (struct history *)((char *)t - offsetof(struct history, flush));
	uint64_t now = event_now_ns(), soonest = QUIET_NS;
	bool is_coming = false;

	for (struct history_source *s = h->sources; s < h->sources + HISTORY_SOURCES; s++) {
		uint64_t quiet = now - s->last_ns;

		if (!s->length)
			continue;
		if (quiet >= QUIET_NS) {
			line_write(h, s);
			continue;
		}
		is_coming = true;
		soonest = soonest < QUIET_NS - quiet ? soonest : QUIET_NS - quiet;
	}
	if (is_coming)
		event_timer_set(h->loop, &h->flush, soonest);
}

void history_say(struct history *h, const char *text)
{
	history_put(h, 0, text, strlen(text));
	history_put(h, 0, "\n", 1);
}

unsigned history_add_source(struct history *h, const char *name)
{
	unsigned i = 0;

	while (i < HISTORY_SOURCES - 1 && h->sources[i].name)
		i++;
	h->sources[i].name = name;
	return i;
}

static int file_open(const char *path, struct failure *f)
{
	/* nobody's link, for the directory may be another's */
	int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640);

	if (fd < 0)
		fail(f, "log %s: %s: make its directory, or name another one", path,
		     strerror(errno));
	return fd;
}

bool history_open(struct history *h, const char *path, struct event_loop *l, struct failure *f)
{
	char older[4096];
	struct stat s;

	*h = (struct history){ .loop = l, .fd = -1, .older_fd = -1, .flush.fire = flush_fire };
	(void)history_add_source(h, "backend");
	if (!path)
		return true;
	snprintf(older, sizeof(older), "%s.1", path);
	h->fd = file_open(path, f);
	h->older_fd = h->fd < 0 ? -1 : file_open(older, f);
	if (h->older_fd < 0)
		return false;
	h->size = fstat(h->fd, &s) == 0 ? (uint64_t)s.st_size : 0;
	return true;
}
