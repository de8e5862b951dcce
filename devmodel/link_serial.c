/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Serial lines and texts on the link. */
#include "link_part.h"

#include "string.h"

struct text {
	struct char_backend backend;
	struct link_bytes_out *shared;
	struct link_end out;
	uint32_t lost;
};

struct line {
	struct char_backend backend;
	struct link_serial *shared;
	struct link_end out, in;
	bool is_blocked; /* the port waits until it can send */
	uint8_t lines;   /* as the port knows them */
	uint32_t breaks; /* that it was told of */
	bool dtr, rts, break_on;
};

static struct text texts[LINK_TEXTS];
static struct line lines[LINK_SERIALS];

/* As many as there is room for. */
static size_t bytes_out(struct link_end *e, struct link_bytes_out *o, const uint8_t *bytes,
                        size_t n)
{
	uint32_t now = (uint32_t)MIN(n, (size_t)link_room(e));

	if (!now)
		return 0;
	link_ring_put(o->bytes, LINK_BYTES_OUT, e->index, bytes, now);
	link_produced(e, now);
	link_tell();
	return now;
}

/* ---- texts: what finds no room is lost, and counted ---- */

static size_t text_put(struct char_backend *b, const uint8_t *bytes, size_t n)
{
	struct text *t = container_of(b, struct text, backend);
	size_t taken = bytes_out(&t->out, t->shared, bytes, n);

	if (taken < n) {
		t->lost += (uint32_t)(n - taken);
		write_once(t->shared->lost, t->lost);
	}
	return n;
}

struct char_backend *link_text(enum link_text kind)
{
	return &texts[kind].backend;
}

/* ---- lines ---- */

static size_t line_put(struct char_backend *b, const uint8_t *bytes, size_t n)
{
	struct line *l = container_of(b, struct line, backend);
	size_t taken = bytes_out(&l->out, &l->shared->out, bytes, n);

	if (taken == n)
		return n;
	if (!link_is_heard())
		return n;
	if (link_room_wanted(&l->out, 1))
		taken += bytes_out(&l->out, &l->shared->out, bytes + taken, n - taken);
	l->is_blocked = taken < n;
	return taken;
}

/* What the port has no room for stays where it is, until it has. */
static void give(struct line *l)
{
	uint8_t bytes[64];
	uint32_t n, taken;

	for (n = link_waiting(&l->in); n && l->backend.receive; n -= taken) {
		uint32_t piece = MIN(n, (uint32_t)sizeof(bytes));

		link_ring_get(bytes, l->shared->in.bytes, LINK_BYTES_IN, l->in.index, piece);
		taken = (uint32_t)l->backend.receive(&l->backend, bytes, piece);
		if (taken && link_consumed(&l->in, taken))
			link_tell();
		if (taken < piece)
			break;
	}
}

static void line_room(struct char_backend *b)
{
	if (link_is_attached())
		give(container_of(b, struct line, backend));
}

static void line_set_lines(struct char_backend *b, bool dtr, bool rts)
{
	struct line *l = container_of(b, struct line, backend);

	l->dtr = dtr;
	l->rts = rts;
	write_once(l->shared->dtr, dtr);
	write_once(l->shared->rts, rts);
	link_tell();
}

static void line_set_break(struct char_backend *b, bool on)
{
	struct line *l = container_of(b, struct line, backend);

	l->break_on = on;
	write_once(l->shared->break_on, on);
	link_tell();
}

struct char_backend *link_serial(unsigned n)
{
	return &lines[n].backend;
}

/* ---- the part ---- */

static void unblock(struct line *l)
{
	if (!link_room(&l->out) && link_is_heard()) {
		link_tell(); /* so we know whether it still is there */
		return;
	}
	l->is_blocked = false;
	link_room_found(&l->out);
	if (l->backend.writable)
		l->backend.writable(&l->backend);
}

static void line_look(struct line *l)
{
	uint8_t now = read_once(l->shared->lines);
	uint32_t breaks = read_once(l->shared->breaks);

	if (now != l->lines && l->backend.lines_changed) {
		l->lines = now;
		l->backend.lines_changed(&l->backend, now);
	}
	if (breaks != l->breaks && l->backend.receive_break) {
		l->breaks = breaks;
		l->backend.receive_break(&l->backend);
	}
	if (l->is_blocked)
		unblock(l);
	give(l);
}

static void look(void)
{
	for (unsigned i = 0; i < LINK_SERIALS; i++)
		line_look(&lines[i]);
}

/* What was said before stays for the new backend, if the old one has left possible indices. */
static void out_attach(struct link_end *e)
{
	write_once(e->queue->produced, e->index);
	write_once(e->queue->waits, 0);
	if (e->index - read_once(e->queue->consumed) > e->size)
		write_once(e->queue->consumed, e->index);
}

static void line_attach(struct line *l)
{
	out_attach(&l->out);
	link_empty(&l->in);
	write_once(l->shared->dtr, l->dtr);
	write_once(l->shared->rts, l->rts);
	write_once(l->shared->break_on, l->break_on);
	l->breaks = read_once(l->shared->breaks);
}

static void attach(void)
{
	for (unsigned i = 0; i < LINK_TEXTS; i++) {
		out_attach(&texts[i].out);
		write_once(texts[i].shared->lost, texts[i].lost);
	}
	for (unsigned i = 0; i < LINK_SERIALS; i++)
		line_attach(&lines[i]);
}

static void start(const struct devmodel_board *b)
{
	struct devmodel_link *m = link_memory();

	for (unsigned i = 0; i < LINK_TEXTS; i++)
		texts[i] = (struct text){ .backend.put = text_put,
			                  .shared = &m->texts[i],
			                  .out = { &m->texts[i].queue, 0, LINK_BYTES_OUT } };
	for (unsigned i = 0; i < LINK_SERIALS; i++) {
		struct link_serial *s = &m->serials[i];

		lines[i] = (struct line){ .shared = s,
			                  .out = { &s->out.queue, 0, LINK_BYTES_OUT },
			                  .in = { &s->in.queue, 0, LINK_BYTES_IN } };
		lines[i].backend = (struct char_backend){ .put = line_put,
			                                  .room = line_room,
			                                  .set_lines = line_set_lines,
			                                  .set_break = line_set_break };
	}
}

const struct link_part link_serial_part = { start, attach, look };
