/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ports in the loop, and who hears that the guest is there. */
#include "pv_guest.h"

#include "types.h"

#define TURN 64 /* ports heard in one round: others have theirs, too */

void pv_guest_init(struct pv_guest *g, struct event_loop *l)
{
	*g = (struct pv_guest){ .loop = l, .place = { .fd = -1, .grant_fd = -1 } };
}

bool pv_guest_open(struct pv_guest *g, struct failure *f)
{
	if (!g->is_open)
		g->is_open = pv_place_open(&g->place, f);
	return g->is_open;
}

bool pv_guest_add_part(struct pv_guest *g, bool (*attached)(void *, struct failure *),
                       void *context, struct failure *f)
{
	if (g->nr_parts == PV_PARTS)
		return fail(f, "the guest has too many paravirtual devices: %d are the most",
		            PV_PARTS);
	g->parts[g->nr_parts++] = (struct pv_part){ attached, context };
	return true;
}

/* A port that is not there any more was told before it was unbound. */
static void port_heard(struct pv_guest *g, uint32_t number)
{
	struct pv_port *port = g->ports;

	while (port && port->port != number)
		port = port->next;
	if (!port)
		return;
	pv_place_unmask(&g->place,
	                number); /* before the look: what comes during it is heard again */
	port->heard(port);
}

static void ready(struct event_source *s, uint32_t events)
{
	struct pv_guest *g = container_of(s, struct pv_guest, source);

	for (unsigned i = 0; i < TURN; i++) {
		int number = pv_place_heard(&g->place);

		if (number < 0)
			return;
		port_heard(g, (uint32_t)number);
	}
}

bool pv_guest_attach(struct pv_guest *g, const struct control_line *line, struct failure *f)
{
	if (!g->is_open)
		return true;
	if (!pv_place_attach(&g->place, line, f))
		return false;
	g->source = (struct event_source){ .fd = g->place.fd, .ready = ready };
	if (!event_add(g->loop, &g->source, EPOLLIN))
		return fail(f, "guest %u: its event channels cannot be heard", g->place.domid);
	g->is_attached = true;
	for (unsigned i = 0; i < g->nr_parts; i++)
		if (g->parts[i].attached && !g->parts[i].attached(g->parts[i].context, f))
			return false;
	return true;
}

int pv_port_bind(struct pv_guest *g, struct pv_port *port, uint32_t remote)
{
	int number = pv_place_bind(&g->place, remote);

	if (number < 0)
		return number;
	port->port = (uint32_t)number;
	port->next = g->ports;
	g->ports = port;
	return 0;
}

void pv_port_unbind(struct pv_guest *g, struct pv_port *port)
{
	struct pv_port **at = &g->ports;

	while (*at && *at != port)
		at = &(*at)->next;
	if (!*at)
		return;
	*at = port->next;
	pv_place_unbind(&g->place, port->port);
	port->port = 0;
}

void pv_port_tell(struct pv_guest *g, const struct pv_port *port)
{
	pv_place_tell(&g->place, port->port);
}
