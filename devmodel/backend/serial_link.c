/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes of a serial line between the link and its peer. */
#include "serial_link.h"

static struct serial_link *link_of(struct serial *s)
{
	return container_of(s, struct serial_link, serial);
}

static struct link_serial *shared(const struct serial_link *s)
{
	return &s->link->memory->serials[s->n];
}

/* CTS and DSR always; DCD while somebody is there, on a socket. */
static void lines_set(struct serial *serial)
{
	struct serial_link *s = link_of(serial);
	bool carrier = serial->kind != SERIAL_LISTENER && serial->kind != SERIAL_SOCKET;

	if (!s->is_attached)
		return;
	write_once(shared(s)->lines,
	           (uint8_t)(CHAR_LINE_CTS | CHAR_LINE_DSR |
	                     (carrier || serial->is_connected ? CHAR_LINE_DCD : 0)));
	model_link_tell(s->link);
}

/* Into the port, as much as it has room for. */
static void type(struct serial *serial)
{
	struct serial_link *s = link_of(serial);
	uint32_t n;

	if (!s->is_attached || !serial->nr_typed || !link_room_wanted(&s->in, 1))
		return;
	n = MIN(serial->nr_typed, link_room(&s->in));
	link_ring_put(shared(s)->in.bytes, LINK_BYTES_IN, s->in.index, serial->typed, n);
	model_produced(s->link, &s->in, n);
	serial_typed(serial, n);
	if (serial->nr_typed)
		(void)link_room_wanted(&s->in, LINK_BYTES_IN);
}

static void look_again(struct serial *serial)
{
	struct serial_link *s = link_of(serial);

	if (s->is_attached && link_waiting(&s->out))
		model_link_look_again(s->link);
}

static const struct serial_port link_port = { type, look_again, lines_set };

static void out_look(struct serial_link *s)
{
	uint8_t bytes[LINK_BYTES_OUT];
	uint32_t n = serial_room(&s->serial, link_waiting(&s->out));

	if (!n)
		return;
	link_ring_get(bytes, shared(s)->out.bytes, LINK_BYTES_OUT, s->out.index, n);
	model_consumed(s->link, &s->out, n);
	serial_put(&s->serial, bytes, n);
}

static void attached(void *context)
{
	struct serial_link *s = context;

	s->out = model_consumer(&shared(s)->out.queue, LINK_BYTES_OUT);
	s->in = model_producer(&shared(s)->in.queue, LINK_BYTES_IN);
	s->is_attached = true;
	lines_set(&s->serial);
}

static void look(void *context)
{
	struct serial_link *s = context;

	out_look(s);
	if (s->serial.nr_typed)
		type(&s->serial);
}

void serial_link_start(struct serial_link *s, unsigned n, struct model_link *l, struct history *h)
{
	s->link = l;
	s->n = n;
	serial_start(&s->serial, &link_port, l->loop, h);
	model_link_add_part(l, attached, look, s);
}
