/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs of elements from one place on the bus to another. */
#include "iobus_copy.h"
#include "string.h"

static uint64_t element_read(struct io_bus *bus, const struct io_copy *c, uint64_t offset,
                             uint32_t place)
{
	struct io_access a = { .addr = c->source + offset, .size = c->size };

	if (c->source_bytes)
		memcpy(&a.value, c->source_bytes + place, c->size);
	else
		(void)iobus_access(bus, &a);
	return a.value;
}

static void element_write(struct io_bus *bus, const struct io_copy *c, uint64_t offset,
                          uint32_t place, uint64_t value)
{
	struct io_access a = {
		.addr = c->dest + offset, .size = c->size, .is_write = true, .value = value
	};

	if (c->dest_bytes)
		memcpy(c->dest_bytes + place, &value, c->size);
	else
		(void)iobus_access(bus, &a);
}

void iobus_copy(struct io_bus *bus, const struct io_copy *c)
{
	uint64_t step = c->down ? -(uint64_t)c->size : c->size, offset = 0;
	uint32_t place = c->down ? (c->count - 1) * c->size : 0;

	for (uint32_t i = 0; i < c->count; i++) {
		element_write(bus, c, offset, place, element_read(bus, c, offset, place));
		offset += step;
		place += (uint32_t)step;
	}
}
