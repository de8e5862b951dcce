/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keyboard controller: its commands, its output buffer, its interrupts, what passes through it. */
#include <string.h>

#include "device_fake.h"
#include "errno.h"
#include "i8042.h"
#include "unit.h"

static struct fake_machine *m;
static struct device d;
static struct input_backend input;

static void start(void)
{
	struct i8042_config config = { &input };

	input = (struct input_backend){ NULL };
	m = fake_machine_new();
	CHECK_EQ(device_create(&d, &i8042_class, "kbd", &m->ports, &config), 0);
}

static uint8_t status(void)
{
	return (uint8_t)fake_in(m, 0x64, 1);
}
static void command(uint8_t c)
{
	fake_out(m, 0x64, 1, c);
}
static void data(uint8_t b)
{
	fake_out(m, 0x60, 1, b);
}
/* The next byte, or -1: none comes in a while. */
static int get(void)
{
	if (!(status() & 1))
		fake_machine_advance(m, 600000);
	return status() & 1 ? (int)fake_in(m, 0x60, 1) : -1;
}
static void key(unsigned code, bool down)
{
	struct input_event e = { .kind = INPUT_KEY, .code = (uint16_t)code, .down = down };

	input.receive(&input, &e);
}
static void move(int x, int y)
{
	struct input_event e = { .kind = INPUT_MOVE, .x = x, .y = y };

	input.receive(&input, &e);
}
static void set_mode(uint8_t mode)
{
	command(0x60);
	data(mode);
}

static void test_self_tests(void)
{
	start();
	CHECK_EQ(status(), 0x18);
	CHECK_EQ(fake_in(m, 0x60, 1), 0);
	command(0xaa);
	CHECK_EQ(status(), 0x1d);
	CHECK_EQ(get(), 0x55);
	CHECK_EQ(status(), 0x1c);
	command(0xa9);
	CHECK_EQ(get(), 0);
	command(0xab);
	CHECK_EQ(get(), 0);
	command(0xa4);
	CHECK_EQ(get(), 0xf1);
	command(0xc0);
	CHECK_EQ(get(), 0x80);
	command(0xe0);
	CHECK_EQ(get(), 3);
	command(0x99); /* unknown */
	CHECK_EQ(get(), -1);
}

static void test_memory(void)
{
	start();
	set_mode(0x45);
	CHECK_EQ(status(), 0x14);
	command(0x20);
	CHECK_EQ(get(), 0x45);
	command(0xad);
	command(0xa7);
	command(0x20);
	CHECK_EQ(get(), 0x75);
	command(0xe0);
	CHECK_EQ(get(), 0);
	command(0xae);
	command(0xa8);
	command(0x20);
	CHECK_EQ(get(), 0x45);
	command(0x7f);
	data(0x12);
	command(0x3f);
	CHECK_EQ(get(), 0x12);
}

static void test_resets_and_a20(void)
{
	start();
	command(0xfe);
	CHECK_EQ(m->events[MACHINE_REBOOT], 1);
	command(0xf1);
	command(0xff);
	CHECK_EQ(m->events[MACHINE_REBOOT], 1);
	command(0xd1);
	data(0xdd); /* A20 off */
	CHECK_EQ(m->events[MACHINE_REBOOT], 1);
	CHECK_EQ(fake_in(m, 0x92, 1), 0);
	command(0xd0);
	CHECK_EQ(get(), 0xc1);
	command(0xdf);
	CHECK_EQ(fake_in(m, 0x92, 1), 2);
	command(0xdd);
	CHECK_EQ(fake_in(m, 0x92, 1), 0);
	fake_out(m, 0x92, 1, 2);
	command(0xd0);
	CHECK_EQ(get(), 0xc3);
	command(0xd1);
	data(0xde);
	CHECK_EQ(m->events[MACHINE_REBOOT], 2);
	fake_out(m, 0x92, 1, 3);
	CHECK_EQ(m->events[MACHINE_REBOOT], 3);
}

static void test_loopback(void)
{
	start();
	set_mode(3);
	command(0xd3);
	data(0x5a);
	CHECK_EQ(status(), 0x31);
	CHECK(m->isa[12].level && !m->isa[1].level);
	command(0xd0);
	CHECK_EQ(get(), 0xe3); /* the controller's byte took the place of another */
	command(0xd3);
	data(0xa5);
	CHECK_EQ(get(), 0xa5);
	CHECK(!m->isa[12].level);
	command(0xd2);
	data(0x77);
	CHECK(m->isa[1].level);
	CHECK_EQ(status(), 0x11);
	CHECK_EQ(get(), 0x77);
	CHECK(!m->isa[1].level);
}

static void test_interrupts(void)
{
	start();
	set_mode(0x41);
	key(30, true);
	CHECK(m->isa[1].level);
	CHECK_EQ(m->isa[1].rises, 1);
	key(30, false);
	CHECK_EQ(fake_in(m, 0x60, 1), 0x1e);
	CHECK(!m->isa[1].level);
	CHECK_EQ(fake_in(m, 0x60, 1), 0x1e); /* a second look sees the same */
	fake_machine_advance(m, 499999);
	CHECK(!m->isa[1].level);
	fake_machine_advance(m, 1);
	CHECK(m->isa[1].level);
	CHECK_EQ(m->isa[1].rises, 2);
	CHECK_EQ(fake_in(m, 0x60, 1), 0x9e);
	set_mode(0x40);
	fake_machine_advance(m, 1000000);
	key(31, true);
	CHECK(!m->isa[1].level);
	set_mode(0x41); /* the byte is still there */
	CHECK(m->isa[1].level);
}

/* A device's byte in the buffer is not lost when the controller answers a command. */
static void test_pushed_out(void)
{
	start();
	set_mode(0x41);
	key(30, true);
	command(0x20);
	CHECK_EQ(m->isa[1].rises, 2);
	CHECK_EQ(fake_in(m, 0x60, 1), 0x41);
	CHECK_EQ(get(), 0x1e);
	CHECK_EQ(get(), -1);
	move(1, 1); /* nobody asked for reports */
	CHECK_EQ(get(), -1);
}

static void test_disabled_device(void)
{
	start();
	set_mode(0x51);
	key(30, true);
	key(30, false);
	CHECK_EQ(get(), -1);
	command(0xae);
	CHECK_EQ(get(), 0x1e);
	CHECK_EQ(get(), 0x9e);
	command(0xad);
	data(0xee); /* a byte for the keyboard switches its wire on */
	CHECK_EQ(get(), 0xee);
	command(0x20);
	CHECK_EQ(get(), 0x41);
}

static void test_translation(void)
{
	start();
	set_mode(0x01);
	key(1, true);
	key(1, false);
	CHECK_EQ(get(), 0x76);
	CHECK_EQ(get(), 0xf0);
	CHECK_EQ(get(), 0x76);
	set_mode(0x41);
	key(1, true);
	key(1, false);
	CHECK_EQ(get(), 0x01);
	CHECK_EQ(get(), 0x81);
	data(0xf2);
	CHECK_EQ(get(), 0xfa);
	CHECK_EQ(get(), 0xab);
	CHECK_EQ(get(), 0x41);
	set_mode(0x01);
	data(0xf2);
	CHECK_EQ(get(), 0xfa);
	CHECK_EQ(get(), 0xab);
	CHECK_EQ(get(), 0x83);
}

static void test_mouse_path(void)
{
	start();
	set_mode(0x47);
	command(0xd4);
	data(0xf4);
	CHECK_EQ(status(), 0x35);
	CHECK(m->isa[12].level);
	CHECK_EQ(get(), 0xfa);
	move(3, -2);
	CHECK_EQ(get(), 0x08);
	CHECK_EQ(get(), 3);
	CHECK_EQ(get(), 2);
	CHECK_EQ(get(), -1);
	command(0xa7);
	fake_machine_advance(m, 20000000);
	move(1, 0);
	CHECK_EQ(get(), -1);
	command(0xa8);
	CHECK_EQ(get(), 0x08);
	/* the keyboard goes first */
	key(30, true);
	CHECK_EQ(get(), 0x1e);
	CHECK_EQ(get(), 1);
	CHECK_EQ(get(), 0);
	command(0xd4);
	data(0xff);
	CHECK_EQ(get(), 0xfa);
	CHECK_EQ(get(), 0xaa);
	CHECK_EQ(get(), 0x00);
}

static void test_life(void)
{
	struct i8042_config config = { NULL };
	struct device other;

	start();
	CHECK_EQ(device_create(&other, &i8042_class, "two", &m->ports, &config), -EEXIST);
	device_destroy(&d);
	CHECK(!input.receive);
	fake_out(m, 0x92, 1, 0); /* nobody's */
	CHECK_EQ(device_create(&other, &i8042_class, "two", &m->ports, &config), 0);
	device_destroy(&other);
	CHECK_EQ(fake_in(m, 0x64, 1), 0xff);
	CHECK_EQ(fake_in(m, 0x60, 1), 0xff);
	CHECK(!m->timers.waiting);
}

static enum io_result nothing(struct io_region *r, struct io_access *a)
{
	return IO_DONE;
}

static void test_place_taken(void)
{
	struct io_region squatter = {
		.name = "squatter", .size = 1, .min_access = 1, .max_access = 1, .access = nothing
	};
	struct i8042_config config = { NULL };

	m = fake_machine_new();
	for (unsigned i = 0; i < 2; i++) {
		squatter.base = i ? 0x92 : 0x64;
		CHECK_EQ(iobus_claim(&m->pio, &squatter), 0);
		CHECK_EQ(device_create(&d, &i8042_class, "kbd", &m->ports, &config), -EEXIST);
		iobus_release(&m->pio, &squatter);
		CHECK(!iobus_has_any(&m->pio, 0, 0x10000));
	}
}

static void test_save(void)
{
	uint8_t record[1024];
	long n;

	start();
	set_mode(0x43);
	command(0xd4);
	data(0xf4);
	CHECK_EQ(get(), 0xfa);
	key(42, true);
	key(30, true);
	CHECK_EQ(get(), 0x2a);
	move(5, 5);
	n = device_save(&d, record, sizeof(record));
	CHECK(n > 0);
	device_destroy(&d);
	start();
	m->now_ns += 12345;
	CHECK_EQ(device_restore(&d, 1, record, (size_t)n), 0);
	CHECK_EQ(get(), 0x1e);
	CHECK_EQ(get(), 0x28);
	CHECK_EQ(get(), 5);
	CHECK_EQ(get(), 0xfb);
	/* the key that was held may repeat, and can be let go */
	fake_machine_advance(m, 600000000);
	key(30, true);
	CHECK_EQ(get(), 0x1e);
	key(30, true);
	key(30, false);
	CHECK_EQ(get(), 0x9e);
	for (unsigned i = 0; i < (unsigned)n; i++) {
		uint8_t was = record[i];

		/* whatever the record says, it is refused or it works */
		record[i] = 0xff;
		if (!device_restore(&d, 1, record, (size_t)n)) {
			for (unsigned j = 0; j < 40; j++)
				get();
			key(31, true);
			key(31, false);
			move(300, 300);
			fake_machine_advance(m, 1000000);
		}
		record[i] = was;
		device_reset(&d);
	}
}

UNIT_MAIN(UNIT(test_self_tests), UNIT(test_memory), UNIT(test_resets_and_a20), UNIT(test_loopback),
          UNIT(test_interrupts), UNIT(test_pushed_out), UNIT(test_disabled_device),
          UNIT(test_translation), UNIT(test_mouse_path), UNIT(test_life), UNIT(test_place_taken),
          UNIT(test_save))
