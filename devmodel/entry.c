/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the device model is entered for. */
#include "board.h"
#include "call.h"
#include "errno.h"
#include "iobus_copy.h"
#include "link.h"
#include "ports.h"
#include "string.h"

uint64_t devmodel_entry(uint64_t kind, uint64_t a, uint64_t b, uint64_t c, uint64_t d);

static uint64_t bus_access(struct io_bus *bus, uint64_t addr, uint64_t size, bool is_write,
                           uint64_t value)
{
	struct io_access a = {
		.addr = addr, .size = (uint8_t)size, .is_write = is_write, .value = value
	};

	iobus_access(bus, &a);
	iobus_quiesce(bus);
	return a.value;
}

/* Tables that an access has replaced are freed at its end: nobody else reads the buses. */
static uint64_t on_pio(uint64_t addr, uint64_t size, uint64_t is_write, uint64_t value)
{
	return bus_access(ports()->pio, addr, size, is_write, value);
}

static uint64_t on_mmio(uint64_t addr, uint64_t size, uint64_t is_write, uint64_t value)
{
	return bus_access(ports()->mmio, addr, size, is_write, value);
}

static uint64_t on_pio_string(uint64_t port, uint64_t size, uint64_t is_write, uint64_t count)
{
	struct io_bulk b = { .addr = port,
		             .size = (uint8_t)size,
		             .is_write = is_write,
		             .count = (uint32_t)count,
		             .buffer = devmodel_shared()->bulk };
	uint32_t done;

	iobus_bulk(ports()->pio, &b, &done);
	iobus_quiesce(ports()->pio);
	return 0;
}

static uint64_t on_mmio_string(uint64_t source, uint64_t dest, uint64_t flags, uint64_t count)
{
	uint8_t *bulk = devmodel_shared()->bulk;
	const struct io_copy c = {
		.source = source,
		.dest = dest,
		.source_bytes = source == DEVMODEL_STRING_BULK ? bulk : NULL,
		.dest_bytes = dest == DEVMODEL_STRING_BULK ? bulk : NULL,
		.count = (uint32_t)count,
		.size = (uint8_t)flags,
		.down = flags & DEVMODEL_STRING_DOWN,
	};

	iobus_copy(ports()->mmio, &c);
	iobus_quiesce(ports()->mmio);
	return 0;
}

static uint64_t on_event(uint64_t events, uint64_t b, uint64_t c, uint64_t d)
{
	if (events & DEVMODEL_EVENT_TIMER)
		ports_timer_event();
	board_event((uint32_t)events);
	iobus_quiesce(ports()->pio);
	iobus_quiesce(ports()->mmio);
	return 0;
}

static uint64_t on_start(uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	int err;

	if (devmodel_shared()->board.version != DEVMODEL_ABI_VERSION)
		return (uint64_t)-EINVAL;
	err = ports_init();
	return (uint64_t)(err ? err : board_create(&devmodel_shared()->board));
}

static uint64_t on_reset(uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	ports_reset();
	return (uint64_t)board_reset(&devmodel_shared()->board);
}

static uint64_t on_wake(uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	board_wake();
	return 0;
}

static uint64_t (*const entries[])(uint64_t, uint64_t, uint64_t, uint64_t) = {
	[DEVMODEL_START] = on_start,
	[DEVMODEL_PIO] = on_pio,
	[DEVMODEL_MMIO] = on_mmio,
	[DEVMODEL_PIO_STRING] = on_pio_string,
	[DEVMODEL_EVENT] = on_event,
	[DEVMODEL_RESET] = on_reset,
	[DEVMODEL_MMIO_STRING] = on_mmio_string,
	[DEVMODEL_WAKE] = on_wake,
};

uint64_t devmodel_entry(uint64_t kind, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	uint64_t result = entries[kind](a, b, c, d);

	link_turn_over();
	return result;
}
