/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest's first console, hvc0: a ring in a page that the toolstack has granted before the guest began (grant GNTTAB_RESERVED_CONSOLE) and an event channel (public xen/io/console.h). It is there from the guest's
 * first instruction to its last; no state is agreed upon in the store.
 */
#ifndef BACKEND_PV_CONSOLE_H
#define BACKEND_PV_CONSOLE_H

#include "pv_guest.h"
#include "serial.h"

struct xencons_interface;

struct pv_console {
	struct serial serial; /* opened by serial_open() */
	struct pv_guest *guest;
	struct pv_port port;
	uint32_t remote; /* the guest's port; 0: not known yet */
	struct xencons_interface
		*ring; /* NULL: not mapped yet. The guest writes there at any time */
};

bool pv_console_start(struct pv_console *c, struct pv_guest *g, struct history *h,
                      struct failure *f);

#endif
