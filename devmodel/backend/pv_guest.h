/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest as paravirtual devices see it: its granted pages (pv_place.h) and ports in the loop. A device is opened with the description, asks for this by pv_guest_open(), and hears when the guest is there. In the
 * loop's thread only.
 */
#ifndef BACKEND_PV_GUEST_H
#define BACKEND_PV_GUEST_H

#include "event_loop.h"
#include "pv_place.h"

#define PV_PARTS 32

/* An event channel between a device and its frontend. It lies in its owner and stays there while it is bound. */
struct pv_port {
	/* The guest has told it. More may come before this is called, and once more after it. */
	void (*heard)(struct pv_port *port);
	uint32_t port; /* the guest's, as below; 0: not bound */
	struct pv_port *next;
};

struct pv_part {
	/* The guest is made, not running yet, and privileges are still there. False: failure says why. May be NULL. */
	bool (*attached)(void *context, struct failure *f);
	void *context;
};

struct pv_guest {
	struct event_loop *loop;
	struct pv_place place;
	struct event_source source;
	bool is_open, is_attached;
	struct pv_part parts[PV_PARTS];
	unsigned nr_parts;
	struct pv_port *ports;
};

void pv_guest_init(struct pv_guest *g, struct event_loop *l);
/* The hypervisor's devices are opened, unless they are. */
bool pv_guest_open(struct pv_guest *g, struct failure *f);
/* False: too many. */
bool pv_guest_add_part(struct pv_guest *g, bool (*attached)(void *, struct failure *),
                       void *context, struct failure *f);
/* Nothing happens when nobody has opened it. */
bool pv_guest_attach(struct pv_guest *g, const struct control_line *line, struct failure *f);

/* port->heard is set. 0, or a negative errno: the guest has no such port for us. */
int pv_port_bind(struct pv_guest *g, struct pv_port *port, uint32_t remote);
/* Nothing happens when it is not bound. */
void pv_port_unbind(struct pv_guest *g, struct pv_port *port);
void pv_port_tell(struct pv_guest *g, const struct pv_port *port);

#endif
