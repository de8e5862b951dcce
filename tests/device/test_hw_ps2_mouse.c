/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The mouse by itself: packets of three kinds, modes, sample rate, commands. */
#include <string.h>

#include "device_fake.h"
#include "ps2_mouse.h"
#include "unit.h"

static struct fake_machine *m;
static struct ps2_mouse mouse;

static void changed(struct ps2_mouse *p)
{
}
static void start(void)
{
	m = fake_machine_new();
	memset(&mouse, 0, sizeof(mouse));
	mouse.clock = &m->clock;
	mouse.changed = changed;
	ps2_mouse_reset(&mouse);
}
static const char *all(void)
{
	static char text[256];
	char *p = text;
	uint8_t byte;

	*p = 0;
	while (ps2_mouse_next(&mouse, &byte) && p - text < 200)
		p += sprintf(p, p == text ? "%02x" : " %02x", byte);
	return text;
}
static const char *send(uint8_t byte)
{
	ps2_mouse_write(&mouse, byte);
	return all();
}
static void event(unsigned kind, unsigned code, bool down, int x, int y)
{
	struct input_event e = {
		.kind = (uint8_t)kind, .code = (uint16_t)code, .down = down, .x = x, .y = y
	};

	ps2_mouse_event(&mouse, &e);
}
static void move(int x, int y)
{
	event(INPUT_MOVE, 0, false, x, y);
}
#define CHECK_TEXT(call, expected)                                                              \
	do {                                                                                    \
		const char *got_ = (call);                                                      \
		if (strcmp(got_, expected))                                                     \
			printf("# \"%s\" instead of \"%s\"\n", got_, (const char *)(expected)); \
		CHECK(!strcmp(got_, expected));                                                 \
	} while (0)
static void next_sample(void)
{
	fake_machine_advance(m, 10000000);
}
static void rate(uint8_t r)
{
	CHECK_TEXT(send(0xf3), "fa");
	CHECK_TEXT(send(r), "fa");
}

static void test_packets(void)
{
	start();
	move(5, 5);
	CHECK_TEXT(all(), "");
	CHECK_TEXT(send(0xf4), "fa"); /* what was before does not count */
	CHECK_TEXT(all(), "");
	move(5, -7);
	CHECK_TEXT(all(), "08 05 07");
	move(-1, 2);
	CHECK_TEXT(all(), ""); /* not before the next sample */
	move(-1, 1);
	next_sample();
	CHECK_TEXT(all(), "38 fe fd");
	next_sample();
	CHECK_TEXT(all(), "");
	CHECK(!m->timers.waiting);
	move(600, 0);
	CHECK_TEXT(all(), "08 ff 00");
	next_sample();
	CHECK_TEXT(all(), "08 ff 00");
	next_sample();
	CHECK_TEXT(all(), "08 5a 00");
	next_sample();
	event(INPUT_POINT, 0, 0, 7, 7);
	event(INPUT_WHEEL, 0, 0, 0, 1); /* a mouse with no wheel */
	CHECK_TEXT(all(), "");
	move(-0x7fffffff - 1, -0x7fffffff - 1);
	CHECK_TEXT(all(), "18 01 ff");
	CHECK_TEXT(send(0xf5), "fa");
	move(1, 1);
	next_sample();
	CHECK_TEXT(all(), "");
}

static void test_buttons(void)
{
	start();
	send(0xf4);
	event(INPUT_BUTTON, 0, true, 0, 0);
	CHECK_TEXT(all(), "09 00 00");
	event(INPUT_BUTTON, 0, true, 0, 0);
	event(INPUT_BUTTON, 9, true, 0, 0);
	next_sample();
	CHECK_TEXT(all(), "");
	event(INPUT_BUTTON, 1, true, 0, 0);
	CHECK_TEXT(all(), "0b 00 00");
	/* a click between two samples */
	event(INPUT_BUTTON, 2, true, 0, 0);
	event(INPUT_BUTTON, 2, false, 0, 0);
	next_sample();
	CHECK_TEXT(all(), "0f 00 00 0b 00 00");
	event(INPUT_BUTTON, 0, false, 0, 0);
	event(INPUT_BUTTON, 1, false, 0, 0);
	next_sample();
	next_sample();
	CHECK_TEXT(all(), "0a 00 00 08 00 00");
	CHECK_TEXT(send(0xe9), "fa 20 02 64");
	event(INPUT_BUTTON, 0, true, 0, 0);
	next_sample();
	CHECK_TEXT(send(0xe9), "fa 24 02 64");
}

static void test_wheel(void)
{
	start();
	CHECK_TEXT(send(0xf2), "fa 00");
	rate(200);
	rate(100);
	rate(80);
	CHECK_TEXT(send(0xf2), "fa 03");
	send(0xf4);
	event(INPUT_WHEEL, 0, 0, 0, -1);
	CHECK_TEXT(all(), "08 00 00 ff");
	event(INPUT_WHEEL, 0, 0, 0, 20);
	fake_machine_advance(m, 12500000);
	CHECK_TEXT(all(), "08 00 00 07");
	event(INPUT_BUTTON, 3, true, 0, 0);
	fake_machine_advance(m, 12500000);
	CHECK_TEXT(all(), "08 00 00 07");
	rate(200);
	rate(200);
	rate(80);
	CHECK_TEXT(send(0xf2), "fa 04");
	CHECK_TEXT(send(0xf6), "fa");
	send(0xf4);
	event(INPUT_BUTTON, 4, true, 1, 0);
	fake_machine_advance(m, 12500000);
	CHECK_TEXT(all(), "08 00 00 30");
	event(INPUT_WHEEL, 0, 0, 0, -3);
	next_sample();
	CHECK_TEXT(all(), "08 00 00 3d");
	CHECK_TEXT(send(0xff), "fa aa 00");
	CHECK_TEXT(send(0xf2), "fa 00");
}

static void test_modes(void)
{
	start();
	CHECK_TEXT(send(0xf0), "fa");
	move(2, 3);
	CHECK_TEXT(all(), "");
	CHECK_TEXT(send(0xeb), "fa 28 02 fd");
	CHECK_TEXT(send(0xeb), "fa 08 00 00");
	CHECK_TEXT(send(0xe9), "fa 40 02 64");
	CHECK_TEXT(send(0xee), "fa");
	CHECK_TEXT(send(0xf4), "f4");
	CHECK_TEXT(send(0xfe), "fe");
	CHECK_TEXT(send(0xec), "fa");
	CHECK_TEXT(send(0xea), "fa");
	CHECK_TEXT(send(0xee), "fa");
	CHECK_TEXT(send(0xff), "fa aa 00");
	CHECK_TEXT(send(0xe8), "fa");
	CHECK_TEXT(send(3), "fa");
	CHECK_TEXT(send(0xe7), "fa");
	rate(40);
	CHECK_TEXT(send(0xe9), "fa 10 03 28");
	CHECK_TEXT(send(0xf4), "fa");
	move(1, 2);
	CHECK_TEXT(all(), "28 01 ff");
	fake_machine_advance(m, 25000000);
	move(4, -5);
	CHECK_TEXT(all(), "08 06 09");
	fake_machine_advance(m, 25000000);
	move(-200, 7);
	CHECK_TEXT(all(), "38 01 f2");
	CHECK_TEXT(send(0xe6), "fa");
	CHECK_TEXT(send(0xe9), "fa 20 03 28");
}

static void test_errors(void)
{
	start();
	CHECK_TEXT(send(0xe1), "fe");
	CHECK_TEXT(send(0xe1), "fc");
	CHECK_TEXT(send(0xe1), "fe");
	CHECK_TEXT(send(0xe6), "fa");
	CHECK_TEXT(send(0xe8), "fa");
	CHECK_TEXT(send(4), "fe");
	CHECK_TEXT(send(0xf3), "fa");
	CHECK_TEXT(send(7), "fe");
	CHECK_TEXT(send(0xf3), "fa");
	CHECK_TEXT(send(0xf2), "fa 00");
	CHECK_TEXT(send(0xfe), "00");
	CHECK_TEXT(send(0x12), "fe");
	/* a packet that is under way ends when the host speaks */
	send(0xf4);
	next_sample();
	move(1, 1);
	CHECK_TEXT(send(0xe6), "fa");
}

UNIT_MAIN(UNIT(test_packets), UNIT(test_buttons), UNIT(test_wheel), UNIT(test_modes),
          UNIT(test_errors))
