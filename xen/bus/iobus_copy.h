/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A run of elements on the bus from one place to another, as a repeated MOVS or STOS makes it. */
#ifndef BUS_IOBUS_COPY_H
#define BUS_IOBUS_COPY_H

#include "iobus.h"

struct io_copy {
	uint64_t source, dest; /* of the first element, on the bus */
	/* Not NULL: memory instead of the bus, where the elements are in the order of their addresses */
	const uint8_t *source_bytes;
	uint8_t *dest_bytes;
	uint32_t count;
	uint8_t size; /* of an element: 1, 2, 4 or 8 */
	bool down;    /* the next element is the one below */
};

/* Each element is read and written before the next. Nobody there: reads give ones, writes are lost. */
void iobus_copy(struct io_bus *bus, const struct io_copy *c);

#endif
