/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One who talks to the daemon. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "connection.h"
#include "memory.h"
#include "server.h"
#include "state.h"
#include "transaction.h"

/* The wire is these structures. */
_Static_assert(sizeof(struct xsd_sockmsg) == 16, "header of the wire");
_Static_assert(offsetof(struct xenstore_domain_interface, req_cons) == 2048, "the ring's page");
_Static_assert(offsetof(struct xenstore_domain_interface, error) == 2072, "the ring's page");

struct connection *connection_new(struct server *s, uint32_t domid, struct domain *domain, int fd)
{
	struct connection *c = memory_zeroed(sizeof(*c));

	c->server = s;
	c->subject.domid = domid;
	c->subject.target = PERMS_NO_TARGET;
	c->subject.privileged = domid == 0;
	c->domain = domain;
	c->account = domain ? &domain->account : &c->own;
	c->fd = fd;
	list_init(&c->out);
	list_init(&c->watches);
	list_init(&c->transactions);
	list_add_tail(&s->connections, &c->list);
	return c;
}

static void drop_messages(struct connection *c)
{
	struct list *pos, *next;

	list_for_each_safe(pos, next, &c->out)
		free(list_entry(pos, struct message, list));
	list_init(&c->out);
	c->out_bytes = 0;
}

void connection_reset(struct connection *c)
{
	state_reset(c);
	watch_remove_all(c);
	transaction_remove_all(c);
	drop_messages(c);
	c->in_len = 0;
}

void connection_free(struct connection *c)
{
	watch_remove_all(c);
	transaction_remove_all(c);
	drop_messages(c);
	list_remove(&c->list);
	if (c->fd >= 0)
		close(c->fd);
	free(c);
}

bool connection_allows(const struct connection *c, enum quota kind, uint64_t more)
{
	return c->subject.privileged || quota_allows(&c->server->quotas, c->account, kind, more);
}

uint32_t connection_wants(const struct connection *c)
{
	struct xsd_sockmsg header;

	if (c->in_len < sizeof(header))
		return (uint32_t)sizeof(header) - c->in_len;
	memcpy(&header, c->in, sizeof(header));
	return (uint32_t)sizeof(header) + header.len - c->in_len;
}

bool connection_got(struct connection *c, uint32_t len)
{
	struct xsd_sockmsg header;

	c->in_len += len;
	if (c->in_len < sizeof(header))
		return true;
	memcpy(&header, c->in, sizeof(header));
	return header.len <= XENSTORE_PAYLOAD_MAX;
}

void connection_queue(struct connection *c, const void *data, size_t len, bool event)
{
	struct message *m = memory_zeroed(sizeof(*m) + len);

	memcpy(m->data, data, len);
	m->len = (uint32_t)len;
	m->event = event;
	list_add_tail(&c->out, &m->list);
	c->out_bytes += len;
	state_output(c, data, len, event);
}

static void send(struct connection *c, const struct xsd_sockmsg *header, const void *data,
                 bool event)
{
	uint8_t bytes[sizeof(*header) + XENSTORE_PAYLOAD_MAX];

	memcpy(bytes, header, sizeof(*header));
	if (header->len)
		memcpy(bytes + sizeof(*header), data, header->len);
	connection_queue(c, bytes, sizeof(*header) + header->len, event);
}

void connection_reply(struct connection *c, uint32_t type, uint32_t req_id, uint32_t tx_id,
                      const void *data, size_t len)
{
	struct xsd_sockmsg header = { type, req_id, tx_id, (uint32_t)len };

	if (!c->dead)
		send(c, &header, data, false);
}

bool connection_has_room(const struct connection *c)
{
	return c->out_bytes <= c->server->quotas.limit[QUOTA_OUTSTANDING];
}

static bool waits_already(const struct connection *c, const void *data, size_t len)
{
	struct list *pos;

	list_for_each(pos, &c->out) {
		const struct message *m = list_entry(pos, struct message, list);

		if (m->event && !m->sent && m->len == len + sizeof(struct xsd_sockmsg) &&
		    !memcmp(m->data + sizeof(struct xsd_sockmsg), data, len))
			return true;
	}
	return false;
}

bool connection_event(struct connection *c, const void *data, size_t len)
{
	struct xsd_sockmsg header = { XS_WATCH_EVENT, 0, 0, (uint32_t)len };

	if (c->dead || waits_already(c, data, len))
		return true;
	if (!connection_has_room(c))
		return false;
	send(c, &header, data, true);
	return true;
}

const uint8_t *connection_next_out(const struct connection *c, uint32_t *len)
{
	const struct list *first = list_first(&c->out);
	const struct message *m = first ? list_entry(first, struct message, list) : NULL;

	if (!m)
		return NULL;
	*len = m->len - m->sent;
	return m->data + m->sent;
}

void connection_sent(struct connection *c, uint32_t len)
{
	struct message *m = list_entry(list_first(&c->out), struct message, list);

	m->sent += len;
	c->out_bytes -= len;
	if (m->sent < m->len)
		return;
	list_remove(&m->list);
	free(m);
}
