/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Everything that a guest says, from its first byte on, in one file: what `xl log` shows. A line is "TIME SOURCE TEXT" with the time in UTC to the millisecond; bytes that are no text are shown as \xNN. When the file
 * gets too long, its content moves to the second file, FILE.1, whose content is gone: both are opened at the start, because nothing can be opened later.
 */
#ifndef BACKEND_HISTORY_H
#define BACKEND_HISTORY_H

#include "event_loop.h"
#include "failure.h"

#include <stddef.h>

#define HISTORY_SOURCES 8
#define HISTORY_LINE    400          /* bytes; a longer one is cut in pieces */
#define HISTORY_MAX     (4ull << 20) /* bytes of a file */

struct history_source {
	const char *name; /* NULL: free */
	char line[HISTORY_LINE];
	size_t length;
	uint64_t began_ms; /* of its first byte, since 1970 */
	uint64_t last_ns;  /* of its last one: event_now_ns() */
};

struct history {
	struct event_loop *loop;
	int fd, older_fd; /* -1: none is kept */
	uint64_t size;
	struct history_source sources[HISTORY_SOURCES];
	struct event_timer flush; /* for lines that are not finished and do not go on: a prompt */
};

/* path NULL: nothing is kept. A file that is there goes on. */
bool history_open(struct history *h, const char *path, struct event_loop *l, struct failure *f);
/* name stays. The number for history_put(). */
unsigned history_add_source(struct history *h, const char *name);
void history_put(struct history *h, unsigned source, const void *bytes, size_t n);
/* A line of the backend's own. */
void history_say(struct history *h, const char *text);
/* What is not finished is written, too. */
void history_flush(struct history *h);

#endif
