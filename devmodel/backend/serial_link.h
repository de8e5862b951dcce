/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A serial line's port in the link: the device model's UART is at its other end. */
#ifndef BACKEND_SERIAL_LINK_H
#define BACKEND_SERIAL_LINK_H

#include "model_link.h"
#include "serial.h"

struct serial_link {
	struct serial serial; /* opened by serial_open() */
	struct model_link *link;
	unsigned n;
	bool is_attached;
	struct link_end out, in;
};

void serial_link_start(struct serial_link *s, unsigned n, struct model_link *l, struct history *h);

#endif
