/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The DMA controllers: what is written reads back, the flip-flop, masks, transfers that software asks for, page registers. */
#include <string.h>

#include "device_fake.h"
#include "errno.h"
#include "i8042.h"
#include "i8237.h"
#include "unit.h"
#include "xen_platform.h"

static struct fake_machine *m;
static struct device d;

static void start(void)
{
	m = fake_machine_new();
	CHECK_EQ(device_create(&d, &i8237_class, "DMA", &m->ports, NULL), 0);
}

static void stop(void)
{
	device_destroy(&d);
	CHECK_EQ(iobus_has_any(&m->pio, 0, 0x10000), 0);
}

static void word_out(uint16_t port, unsigned value)
{
	fake_out(m, port, 1, value & 0xff);
	fake_out(m, port, 1, value >> 8);
}

static unsigned word_in(uint16_t port)
{
	unsigned low = fake_in(m, port, 1);

	return low | fake_in(m, port, 1) << 8;
}

static void test_registers(void)
{
	start();
	for (uint16_t n = 0; n < 8; n++) {
		word_out(n, 0x1234 + n * 0x0303u);
		word_out((uint16_t)(0xc0 + 2 * n), 0x5678 + n * 0x0303u);
	}
	for (uint16_t n = 0; n < 8; n++) {
		CHECK_EQ(word_in(n), 0x1234 + n * 0x0303u);
		CHECK_EQ(word_in((uint16_t)(0xc0 + 2 * n)), 0x5678 + n * 0x0303u);
		CHECK_EQ(word_in((uint16_t)(0xc1 + 2 * n)), 0x5678 + n * 0x0303u);
	}
	/* one flip-flop for all registers of a controller */
	fake_out(m, 0, 1, 0xaa);
	fake_out(m, 3, 1, 0xbb);
	CHECK_EQ(word_in(0), 0x12aa);
	CHECK_EQ(word_in(3), 0xbb3d);
	CHECK_EQ(fake_in(m, 0, 1), 0xaa);
	fake_out(m, 0x0c, 1, 0); /* the low byte comes next */
	CHECK_EQ(word_in(0), 0x12aa);
	CHECK_EQ(fake_in(m, 0xc0, 1), 0x78);
	fake_out(m, 0xda, 1, 0); /* master clear */
	CHECK_EQ(word_in(0xc0), 0x5678);
	for (uint16_t port = 0x80; port < 0x90; port++)
		fake_out(m, port, 1, port ^ 0x35u);
	for (uint16_t port = 0x80; port < 0x90; port++)
		CHECK_EQ(fake_in(m, port, 1), port ^ 0x35u);
	device_reset(&d);
	CHECK_EQ(fake_in(m, 0x83, 1), 0);
	CHECK_EQ(word_in(2), 0);
	stop();
}

static void test_masks(void)
{
	start();
	CHECK_EQ(fake_in(m, 0x0f, 1), 0x0f);
	CHECK_EQ(fake_in(m, 0xde, 1), 0x0f);
	fake_out(m, 0x0a, 1, 2); /* channel 2 may */
	CHECK_EQ(fake_in(m, 0x0f, 1), 0x0b);
	fake_out(m, 0x0a, 1, 6);
	CHECK_EQ(fake_in(m, 0x0f, 1), 0x0f);
	fake_out(m, 0x0e, 1, 0);
	CHECK_EQ(fake_in(m, 0x0f, 1), 0);
	fake_out(m, 0x0f, 1, 0xf5);
	CHECK_EQ(fake_in(m, 0x0f, 1), 5);
	CHECK_EQ(fake_in(m, 0x0d, 1), 0); /* the temporary register */
	fake_out(m, 0x0d, 1, 0);
	CHECK_EQ(fake_in(m, 0x0f, 1), 0x0f);
	stop();
}

/* Channel 4 leads from the first controller to the bus, as a BIOS sets it. */
static void cascade(void)
{
	fake_out(m, 0xd6, 1, 0xc0);
	fake_out(m, 0xd4, 1, 0);
}

static void channel(unsigned ch, unsigned mode, unsigned page, unsigned address, unsigned count)
{
	static const uint8_t pages[] = { 0x87, 0x83, 0x81, 0x82 };

	fake_out(m, 0x0b, 1, mode | ch);
	fake_out(m, pages[ch], 1, page);
	fake_out(m, 0x0c, 1, 0);
	word_out((uint16_t)(2 * ch), address);
	word_out((uint16_t)(2 * ch + 1), count);
}

static void test_request(void)
{
	start();
	channel(1, 0x84, 2, 0x1000, 99); /* block, to memory */
	fake_out(m, 0x09, 1, 5);
	CHECK_EQ(fake_in(m, 0x08, 1), 0x20); /* it waits for the second controller */
	CHECK_EQ(m->ram[0x21000], 0);
	cascade();
	CHECK_EQ(fake_in(m, 0x08, 1), 0x02);
	CHECK_EQ(fake_in(m, 0x08, 1), 0); /* which a look at it clears */
	CHECK_EQ(m->ram[0x21000 - 1], 0);
	CHECK_EQ(m->ram[0x21000], 0xff);
	CHECK_EQ(m->ram[0x21000 + 99], 0xff);
	CHECK_EQ(m->ram[0x21000 + 100], 0);
	CHECK_EQ(word_in(2), 0x1000 + 100);
	CHECK_EQ(word_in(3), 0xffff);
	CHECK_EQ(fake_in(m, 0x0f, 1), 0x0f);
	/* by itself again; the mask opens, stays open, and is none for software */
	fake_out(m, 0x0e, 1, 0);
	channel(2, 0x98, 0, 0x2000, 9); /* from memory: nobody takes it */
	fake_out(m, 0x0a, 1, 6);
	fake_out(m, 0x09, 1, 6);
	CHECK_EQ(fake_in(m, 0x08, 1), 0x04);
	CHECK_EQ(word_in(4), 0x2000);
	CHECK_EQ(word_in(5), 9);
	CHECK_EQ(fake_in(m, 0x0f, 1), 0x04);
	CHECK_EQ(m->ram[0x2000], 0);
	stop();
}

static void test_end_of_page(void)
{
	start();
	cascade();
	channel(3, 0xa4, 1, 0x0003, 7); /* downwards, past the page's start */
	fake_out(m, 0x09, 1, 7);
	CHECK_EQ(m->ram[0x10000], 0xff);
	CHECK_EQ(m->ram[0x10003], 0xff);
	CHECK_EQ(m->ram[0x10004], 0);
	CHECK_EQ(m->ram[0x1fffc], 0xff);
	CHECK_EQ(m->ram[0x1fffb], 0);
	CHECK_EQ(m->ram[0x0ffff], 0);
	CHECK_EQ(word_in(6), 0xfffb);
	/* words: the page's lowest bit is the address's highest */
	fake_out(m, 0xd6, 1, 0x85);
	fake_out(m, 0x8b, 1, 3);
	word_out(0xc4, 0xffff);
	word_out(0xc6, 1);
	fake_out(m, 0xd2, 1, 5);
	CHECK_EQ(fake_in(m, 0xd0, 1), 0x02);
	CHECK_EQ(m->ram[0x3fffe], 0xff);
	CHECK_EQ(m->ram[0x3ffff], 0xff);
	CHECK_EQ(m->ram[0x3fffd], 0);
	CHECK_EQ(m->ram[0x20001], 0xff);
	CHECK_EQ(m->ram[0x20002], 0);
	CHECK_EQ(word_in(0xc4), 1);
	/* where no memory is nothing happens, but it comes to its end */
	channel(0, 0x84, 0xf0, 0, 0xffff);
	fake_out(m, 0x09, 1, 4);
	CHECK_EQ(fake_in(m, 0x08, 1), 0x09);
	stop();
}

static void test_disabled(void)
{
	start();
	cascade();
	channel(0, 0x80, 0, 5, 5);
	fake_out(m, 0x08, 1, 4);
	fake_out(m, 0x09, 1, 4);
	CHECK_EQ(fake_in(m, 0x08, 1), 0x10);
	fake_out(m, 0x09, 1, 0);
	CHECK_EQ(fake_in(m, 0x08, 1), 0);
	fake_out(m, 0x09, 1, 4);
	fake_out(m, 0x08, 1, 0);
	CHECK_EQ(fake_in(m, 0x08, 1), 0x01);
	CHECK_EQ(word_in(0), 11);
	/* a way for others has nothing to move */
	fake_out(m, 0xd2, 1, 4);
	CHECK_EQ(fake_in(m, 0xd0, 1), 0x10);
	stop();
}

static void test_saved(void)
{
	uint8_t record[256];
	long n;

	start();
	cascade();
	channel(1, 0x98, 7, 0x1357, 0x2468);
	fake_out(m, 2, 1, 0x55); /* in the middle of a word */
	n = device_save(&d, record, sizeof(record));
	CHECK(n > 0);
	device_destroy(&d);
	CHECK_EQ(device_create(&d, &i8237_class, "DMA", &m->ports, NULL), 0);
	CHECK_EQ(device_restore(&d, 1, record, (size_t)n), 0);
	CHECK_EQ(fake_in(m, 2, 1), 0x13);
	CHECK_EQ(word_in(2), 0x1355);
	CHECK_EQ(word_in(3), 0x2468);
	CHECK_EQ(fake_in(m, 0x83, 1), 7);
	CHECK_EQ(fake_in(m, 0xde, 1), 0x0e);
	record[8] |= 1; /* a mode with a channel's number in it */
	CHECK_EQ(device_restore(&d, 1, record, (size_t)n), -EINVAL);
	stop();
}

static enum io_result nothing(struct io_region *r, struct io_access *a)
{
	return IO_DONE;
}

static void unplug(void *client, unsigned what)
{
}

/* The board has these beside it. */
static void test_neighbours(void)
{
	static const struct i8042_config keyboard;
	static const struct xen_platform_config platform = { .unplug = unplug };
	struct device a, b;

	start();
	CHECK_EQ(device_create(&a, &xen_platform_class, "platform", &m->ports, &platform), 0);
	CHECK_EQ(device_create(&b, &i8042_class, "keyboard", &m->ports, &keyboard), 0);
	CHECK_EQ(fake_in(m, 0x10, 2), 0x49d2);
	device_destroy(&a);
	device_destroy(&b);
	stop();
}

static void test_places(void)
{
	static const uint16_t taken[] = { 0x08, 0xc4, 0x8f };

	for (unsigned i = 0; i < ARRAY_LEN(taken); i++) {
		struct io_region r = { .name = "other",
			               .base = taken[i],
			               .size = 1,
			               .min_access = 1,
			               .max_access = 1,
			               .access = nothing };

		m = fake_machine_new();
		CHECK_EQ(iobus_claim(&m->pio, &r), 0);
		CHECK_EQ(device_create(&d, &i8237_class, "DMA", &m->ports, NULL), -EEXIST);
		iobus_release(&m->pio, &r);
		CHECK_EQ(iobus_has_any(&m->pio, 0, 0x10000), 0);
	}
}

UNIT_MAIN(UNIT(test_registers), UNIT(test_masks), UNIT(test_request), UNIT(test_end_of_page),
          UNIT(test_disabled), UNIT(test_saved), UNIT(test_neighbours), UNIT(test_places))
