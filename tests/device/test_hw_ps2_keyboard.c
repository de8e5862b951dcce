/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keyboard by itself: scan codes of three sets, special keys, repeat, commands. */
#include <string.h>

#include "device_fake.h"
#include "ps2_keyboard.h"
#include "ps2_keys.h"
#include "unit.h"

static struct fake_machine *m;
static struct ps2_keyboard k;
static struct input_backend input;
static unsigned changes, lamps;

static void changed(struct ps2_keyboard *kb)
{
	changes++;
}
static void leds(struct input_backend *b, unsigned l)
{
	lamps = l;
}

static void start(void)
{
	m = fake_machine_new();
	memset(&k, 0, sizeof(k));
	input = (struct input_backend){ .leds = leds };
	k.clock = &m->clock;
	k.input = &input;
	k.changed = changed;
	lamps = 9;
	ps2_keyboard_reset(&k);
	CHECK_EQ(lamps, 0);
}

/* Everything that waits, in hexadecimal figures. */
static const char *all(void)
{
	static char text[128];
	char *p = text;
	uint8_t byte;

	*p = 0;
	while (ps2_output_next(&k.out, &byte))
		p += sprintf(p, p == text ? "%02x" : " %02x", byte);
	return text;
}
static void press(unsigned key)
{
	ps2_keyboard_key(&k, key, true);
}
static void release(unsigned key)
{
	ps2_keyboard_key(&k, key, false);
}
static const char *tap(unsigned key)
{
	press(key);
	release(key);
	return all();
}
static const char *send(uint8_t byte)
{
	ps2_keyboard_write(&k, byte);
	return all();
}
#define CHECK_TEXT(call, expected)                                                              \
	do {                                                                                    \
		const char *got_ = (call);                                                      \
		if (strcmp(got_, expected))                                                     \
			printf("# \"%s\" instead of \"%s\"\n", got_, (const char *)(expected)); \
		CHECK(!strcmp(got_, expected));                                                 \
	} while (0)

static void choose_set(uint8_t set)
{
	CHECK_TEXT(send(0xf0), "fa");
	CHECK_TEXT(send(set), "fa");
}

static void test_sets(void)
{
	start();
	CHECK_TEXT(tap(30), "1c f0 1c");
	CHECK_TEXT(tap(65), "83 f0 83"); /* F7 */
	CHECK_TEXT(tap(97), "e0 14 e0 f0 14");
	choose_set(1);
	CHECK_TEXT(tap(30), "1e 9e");
	CHECK_TEXT(tap(97), "e0 1d e0 9d");
	CHECK_TEXT(tap(125), "e0 5b e0 db");
	choose_set(3);
	CHECK_TEXT(tap(30), "1c"); /* repeats, does not tell its release */
	CHECK_TEXT(tap(42), "12 f0 12");
	CHECK_TEXT(tap(105), "61");
	CHECK_TEXT(send(0xf0), "fa");
	CHECK_TEXT(send(0), "fa 03");
	CHECK_TEXT(send(0xf0), "fa");
	CHECK_TEXT(send(4), "fe");
	CHECK_TEXT(tap(84), "");
	CHECK_TEXT(tap(0), "");
	CHECK_TEXT(tap(300), "");
	choose_set(2);
	CHECK_TEXT(tap(84), "");
	CHECK_TEXT(tap(118), "");
}

/* Each key of set 1 is, translated from set 2, itself. */
static void test_tables(void)
{
	unsigned keys = 0;

	for (unsigned key = 0; key < 300; key++) {
		uint16_t one = ps2_key_set1(key), two = ps2_key_set2(key);

		CHECK_EQ(!one, !two);
		keys += one != 0;
		if (one)
			CHECK_EQ(ps2_set2_to_set1[two & 0xff], one & 0xff);
		CHECK_EQ(one & 0xff00, two & 0xff00);
		if (ps2_key_set3(key))
			CHECK_EQ(ps2_key_of_set3(ps2_key_set3(key)), key);
		if (key >= INPUT_KEYS)
			CHECK(!one && !ps2_key_set3(key) && !ps2_key_set3_type(key));
	}
	CHECK(keys > 104);
	CHECK_EQ(ps2_key_of_set3(0), 0);
	CHECK_EQ(ps2_key_of_set3(0xff), 0);
}

static void test_pause_and_print(void)
{
	start();
	CHECK_TEXT(tap(119), "e1 14 77 e1 f0 14 f0 77");
	CHECK_TEXT(tap(99), "e0 12 e0 7c e0 f0 7c e0 f0 12");
	press(29);
	CHECK_TEXT(all(), "14");
	CHECK_TEXT(tap(119), "e0 7e e0 f0 7e");
	CHECK_TEXT(tap(99), "e0 7c e0 f0 7c");
	release(29);
	CHECK_TEXT(all(), "f0 14");
	press(56);
	CHECK_TEXT(all(), "11");
	CHECK_TEXT(tap(99), "84 f0 84");
	release(56);
	CHECK_TEXT(all(), "f0 11");
	choose_set(1);
	CHECK_TEXT(tap(119), "e1 1d 45 e1 9d c5");
	CHECK_TEXT(tap(99), "e0 2a e0 37 e0 b7 e0 aa");
	press(97);
	CHECK_TEXT(all(), "e0 1d");
	CHECK_TEXT(tap(119), "e0 46 e0 c6");
	release(97);
	press(100);
	all();
	CHECK_TEXT(tap(99), "54 d4");
}

static void test_artificial_shifts(void)
{
	start();
	choose_set(1);
	CHECK_TEXT(tap(103), "e0 48 e0 c8");
	press(54);
	CHECK_TEXT(all(), "36");
	CHECK_TEXT(tap(103), "e0 b6 e0 48 e0 c8 e0 36");
	CHECK_TEXT(tap(98), "e0 b6 e0 35 e0 b5 e0 36");
	release(54);
	press(42);
	all();
	CHECK_TEXT(tap(103), "e0 aa e0 48 e0 c8 e0 2a");
	CHECK_TEXT(send(0xed), "fa");
	CHECK_TEXT(send(2), "fa");
	CHECK_EQ(lamps, INPUT_LED_NUM);
	CHECK_TEXT(tap(103), "e0 48 e0 c8");
	release(42);
	CHECK_TEXT(all(), "aa");
	CHECK_TEXT(tap(103), "e0 2a e0 48 e0 c8 e0 aa");
	CHECK_TEXT(tap(98), "e0 35 e0 b5");
}

/* What comes when the viewer says, so long after the last time, that the key is held. */
static const char *held(unsigned key, uint64_t ns)
{
	fake_machine_advance(m, ns);
	press(key);
	return all();
}

static void test_repeat(void)
{
	start();
	press(30);
	CHECK_TEXT(all(), "1c");
	CHECK_TEXT(held(30, 0), "");
	CHECK_TEXT(held(30, 499999999), "");
	CHECK_TEXT(held(30, 1), "1c");
	CHECK_TEXT(held(30, 91000000), "");
	CHECK_TEXT(held(30, 1000000), "1c");
	/* nobody says so: not by itself, however long */
	fake_machine_advance(m, 5000000000);
	CHECK_TEXT(all(), "");
	CHECK(!m->timers.waiting);
	press(31); /* the last key repeats */
	CHECK_TEXT(all(), "1b");
	CHECK_TEXT(held(30, 600000000), "");
	release(30);
	CHECK_TEXT(all(), "f0 1c");
	CHECK_TEXT(held(31, 0), "1b");
	for (unsigned i = 0; i < 50; i++) { /* nobody reads: one waits */
		fake_machine_advance(m, 100000000);
		press(31);
	}
	CHECK_TEXT(all(), "1b");
	release(31);
	CHECK_TEXT(all(), "f0 1b");
	CHECK_TEXT(send(0xf3), "fa");
	CHECK_TEXT(send(0x00), "fa"); /* 250 ms, 30 a second */
	press(30);
	all();
	CHECK_TEXT(held(30, 250000000), "1c");
	CHECK_TEXT(held(30, 33400000), "1c");
	press(119); /* pause does not repeat, and stops the other */
	all();
	CHECK_TEXT(held(119, 900000000), "");
	CHECK_TEXT(held(30, 900000000), "");
	/* one that is held while nothing is told, and one that is forgotten */
	release(119);
	release(30);
	all();
	press(32);
	CHECK_TEXT(all(), "23");
	CHECK_TEXT(send(0xf5), "fa");
	CHECK_TEXT(held(32, 900000000), "");
	CHECK_TEXT(send(0xf4), "fa");
	CHECK_TEXT(held(32, 900000000), "");
}

static void test_overrun(void)
{
	start();
	for (unsigned i = 0; i < 6; i++)
		tap(30);
	for (unsigned i = 2; i < 10; i++) {
		press(i);
		release(i);
	}
	CHECK_TEXT(all(), "16 f0 16 1e f0 1e 26 f0 26 25 f0 25 2e f0 2e 36 00");
	choose_set(1);
	for (unsigned i = 2; i < 14; i++) {
		press(i);
		release(i);
	}
	CHECK_TEXT(all(), "02 82 03 83 04 84 05 85 06 86 07 87 08 88 09 89 ff");
}

static void test_commands(void)
{
	start();
	CHECK_TEXT(send(0xee), "ee");
	CHECK_TEXT(send(0xf2), "fa ab 83");
	CHECK_TEXT(send(0xfe), "83");
	CHECK_TEXT(send(0xfe), "83");
	CHECK_TEXT(send(0xef), "fe");
	CHECK_TEXT(send(0x05), "fe");
	CHECK_TEXT(send(0xff), "fa aa");
	CHECK_TEXT(send(0xf5), "fa");
	CHECK_TEXT(tap(30), "");
	CHECK_TEXT(send(0xf4), "fa");
	CHECK_TEXT(tap(30), "1c f0 1c");
	choose_set(1);
	CHECK_TEXT(send(0xf6), "fa");
	CHECK_TEXT(tap(30), "1c f0 1c");
	/* a command where a parameter should be is a command */
	CHECK_TEXT(send(0xed), "fa");
	CHECK_TEXT(send(0xf4), "fa");
	CHECK_TEXT(send(0x07), "fe");
	/* the answer to a command goes before keys */
	press(30);
	ps2_keyboard_write(&k, 0xf3);
	CHECK_TEXT(all(), "fa 1c");
	/* and an answer that nobody took is replaced */
	ps2_keyboard_write(&k, 0xf2);
	CHECK_TEXT(send(0xee), "ee");
}

static void test_key_types(void)
{
	start();
	choose_set(3);
	CHECK_TEXT(send(0xfa), "fa");
	CHECK_TEXT(tap(30), "1c f0 1c");
	CHECK_TEXT(send(0xf9), "fa");
	CHECK_TEXT(tap(30), "1c");
	press(31);
	CHECK_TEXT(all(), "1b");
	CHECK_TEXT(held(31, 600000000), "");
	release(31);
	CHECK_TEXT(send(0xf7), "fa");
	press(31);
	CHECK_TEXT(all(), "1b");
	CHECK_TEXT(held(31, 500000000), "1b");
	CHECK_TEXT(send(0xfc), "fa");
	CHECK_TEXT(send(0x1c), "fa");
	CHECK_TEXT(send(0x1b), "fa");
	CHECK_TEXT(send(0x02), "fe");
	CHECK_TEXT(tap(30), ""); /* not before it is enabled */
	CHECK_TEXT(send(0xf4), "fa");
	CHECK_TEXT(tap(30), "1c f0 1c");
	CHECK_TEXT(tap(32), "23");
}

UNIT_MAIN(UNIT(test_sets), UNIT(test_tables), UNIT(test_pause_and_print),
          UNIT(test_artificial_shifts), UNIT(test_repeat), UNIT(test_overrun), UNIT(test_commands),
          UNIT(test_key_types))
