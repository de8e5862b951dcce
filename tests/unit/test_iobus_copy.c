/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs of elements on the bus: from and to a device whose writes depend on its last read, as a display's latches do. */
#include "iobus_copy.h"

#include <string.h>

#include "machine_fake.h"
#include "unit.h"

#define DEVICE 0xa0000u
#define SIZE   4096u

static struct io_bus bus;
static struct chip {
	struct io_region region;
	uint8_t bytes[SIZE];
	uint8_t latch; /* of the last read; is added to what is written */
	unsigned reads, writes;
} device;

static enum io_result device_access(struct io_region *r, struct io_access *a)
{
	if (a->is_write) {
		device.writes++;
		for (unsigned i = 0; i < a->size; i++)
			device.bytes[a->addr + i] = (uint8_t)((a->value >> 8 * i) + device.latch);
	} else {
		device.reads++;
		a->value = 0;
		memcpy(&a->value, device.bytes + a->addr, a->size);
		device.latch = (uint8_t)a->value;
	}
	return IO_DONE;
}

static void start(void)
{
	fake_memory_init(0, 1);
	device = (struct chip){
		.region = { "device", DEVICE, SIZE, 1, 8, device_access },
	};
	for (unsigned i = 0; i < SIZE; i++)
		device.bytes[i] = (uint8_t)(i * 5 + 3);
	CHECK_EQ(iobus_init(&bus, "test", 4), 0);
	CHECK_EQ(iobus_claim(&bus, &device.region), 0);
}

static void memory_to_device(void)
{
	static const uint8_t from[6] = { 1, 2, 3, 4, 5, 6 };
	struct io_copy c = { .source_bytes = from, .dest = DEVICE + 16, .count = 3, .size = 2 };

	start();
	iobus_copy(&bus, &c);
	CHECK(!memcmp(device.bytes + 16, from, 6));
	CHECK_EQ(device.bytes[22], (uint8_t)(22 * 5 + 3));
	CHECK_EQ(device.writes, 3);
	/* downwards: the last of memory goes to the first place */
	c.down = true;
	c.dest = DEVICE + 100;
	iobus_copy(&bus, &c);
	CHECK(!memcmp(device.bytes + 96, from, 6));
	CHECK_EQ(device.reads, 0);
	iobus_destroy(&bus);
}

static void device_to_memory(void)
{
	uint8_t to[8] = { 0 }, before[SIZE];
	struct io_copy c = { .source = DEVICE + 8, .dest_bytes = to, .count = 8, .size = 1 };

	start();
	memcpy(before, device.bytes, SIZE);
	iobus_copy(&bus, &c);
	CHECK(!memcmp(to, before + 8, 8));
	c = (struct io_copy){
		.source = DEVICE + 44, .dest_bytes = to, .count = 2, .size = 4, .down = true
	};
	iobus_copy(&bus, &c);
	CHECK(!memcmp(to, before + 40, 8));
	CHECK_EQ(device.reads, 10);
	CHECK(!memcmp(before, device.bytes, SIZE));
	iobus_destroy(&bus);
}

/* Read, write, read, write: what is written depends on the read just before it. */
static void device_to_device(void)
{
	struct io_copy c = { .source = DEVICE, .dest = DEVICE + 512, .count = 20, .size = 1 };

	start();
	iobus_copy(&bus, &c);
	for (unsigned i = 0; i < 20; i++)
		CHECK_EQ(device.bytes[512 + i], (uint8_t)(2 * (i * 5 + 3)));
	CHECK(device.reads == 20 && device.writes == 20);
	iobus_destroy(&bus);
}

static void nobody_there(void)
{
	uint8_t to[4] = { 0 };
	struct io_copy c = { .source = 0, .dest_bytes = to, .count = 4, .size = 1 };

	start();
	iobus_copy(&bus, &c);
	CHECK(!memcmp(to, "\xff\xff\xff\xff", 4));
	c = (struct io_copy){ .source_bytes = to, .dest = 0, .count = 4, .size = 1 };
	iobus_copy(&bus, &c);
	CHECK(device.reads == 0 && device.writes == 0);
	iobus_destroy(&bus);
}

UNIT_MAIN(UNIT(memory_to_device), UNIT(device_to_memory), UNIT(device_to_device),
          UNIT(nobody_there))
