/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of characters. */
#include "lines.h"

#include "call.h"
#include "string.h"

struct line {
	struct char_backend backend;
	enum devmodel_text kind;
	uint8_t waiting[DEVMODEL_IN]; /* for a client that had no room; the oldest first */
	size_t nr_waiting;
};
static struct line lines[DEVMODEL_NR_TEXTS];

static size_t line_put(struct char_backend *b, const uint8_t *bytes, size_t n)
{
	devmodel_text(container_of(b, struct line, backend)->kind, bytes, n);
	return n;
}

static void give(struct line *l)
{
	size_t n = 0;

	if (l->backend.receive && l->nr_waiting)
		n = l->backend.receive(&l->backend, l->waiting, l->nr_waiting);
	l->nr_waiting -= n;
	memmove(l->waiting, l->waiting + n, l->nr_waiting);
}

static void line_room(struct char_backend *b)
{
	give(container_of(b, struct line, backend));
}

struct char_backend *line_output(enum devmodel_text kind)
{
	struct line *l = &lines[kind];

	l->kind = kind;
	l->backend.put = line_put;
	l->backend.room = line_room;
	return &l->backend;
}

/* What finds no room is lost, as on any line without flow control. */
void line_input(void)
{
	struct line *l = &lines[DEVMODEL_TEXT_SERIAL];
	size_t n = MIN((size_t)devmodel_shared()->in_length, sizeof(l->waiting) - l->nr_waiting);

	memcpy(l->waiting + l->nr_waiting, devmodel_shared()->in, n);
	l->nr_waiting += n;
	devmodel_shared()->in_length = 0;
	give(l);
}
