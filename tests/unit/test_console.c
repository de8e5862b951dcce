/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Console input: who gets the bytes, and the debug keys. */
#include <string.h>

#include "console.h"
#include "devmodel.h"
#include "domain.h"
#include "fake_domain.h"
#include "machine_fake.h"
#include "unit.h"

static void type(const char *s)
{
	while (*s)
		console_input((uint8_t)*s++);
	CHECK(percpu()->pending & PENDING_CONSOLE);
	percpu()->pending = 0;
	console_run();
}

/* Empties what earlier tests left, with the input going to dom0. */
static void start(void)
{
	char buf[2048];

	fake_core_init(0, 1);
	fake_set_now(1000000000ull);
	(void)console_read(buf, sizeof(buf));
}

static struct domain *make_dom0(void)
{
	struct domain_config config = {
		.id = 0, .max_vcpus = 1, .max_pages = 100, .is_privileged = true
	};
	struct domain *d;

	CHECK_EQ(domain_create(&config, &d), 0);
	return d;
}

static void without_dom0_the_keys_get_it(void)
{
	start();
	type("t");
	CHECK(strstr(fake_console_text(), "system time 1.0"));
	type("~");
	CHECK(strstr(fake_console_text(), "no debug key '~'"));
	type("\x02");
	CHECK(strstr(fake_console_text(), "no debug key 0x2"));
	type("h");
	for (const struct debug_key *k = debug_keys; k->key; k++)
		CHECK(strstr(fake_console_text(), k->help));
}

static void dom0_gets_it(void)
{
	char buf[16];

	start();
	make_dom0();
	type("ls\r");
	CHECK_EQ(console_read(buf, sizeof(buf)), 3);
	CHECK(!memcmp(buf, "ls\r", 3));
	CHECK_EQ(console_read(buf, sizeof(buf)), 0);
}

static void three_times_switches(void)
{
	char buf[16];

	start();
	make_dom0();
	type("\x01\x01x");
	CHECK_EQ(console_read(buf, sizeof(buf)), 3);
	CHECK(!memcmp(buf, "\x01\x01x", 3));
	type("\x01\x01\x01");
	CHECK(strstr(fake_console_text(), "input goes to the hypervisor"));
	fake_console_clear();
	type("t");
	CHECK(strstr(fake_console_text(), "system time"));
	CHECK_EQ(console_read(buf, sizeof(buf)), 0);
	type("\x01\x01\x01q");
	CHECK(strstr(fake_console_text(), "input goes to dom0"));
	CHECK_EQ(console_read(buf, sizeof(buf)), 1);
	CHECK_EQ(buf[0], 'q');
}

static struct domain *make_guest(uint16_t id, struct devmodel *m)
{
	struct domain_config config = { .id = id, .max_vcpus = 1, .max_pages = 100 };
	struct domain *d;

	CHECK_EQ(domain_create(&config, &d), 0);
	m->domain = d;
	d->devmodel = m;
	return d;
}

/* Guests without dom0 have it one after the other, the hypervisor in between; one whose serial port is elsewhere is left out. */
static void guests_have_their_turn(void)
{
	static struct devmodel one, two, linked;
	struct domain *guests[3];

	start();
	one.has_console = two.has_console = true;
	guests[0] = make_guest(1, &one);
	guests[1] = make_guest(2, &linked);
	guests[2] = make_guest(3, &two);
	type("ab");
	CHECK_EQ(one.nr_typed, 2);
	CHECK(!memcmp(one.typed, "ab", 2));
	CHECK(one.events & DEVMODEL_EVENT_CONSOLE);
	type("\x01\x01\x01t\x01\x01\x01"
	     "c");
	CHECK(strstr(fake_console_text(), "system time"));
	CHECK(strstr(fake_console_text(), "input goes to d3"));
	CHECK_EQ(two.nr_typed, 1);
	type("\x01\x01\x01\x01\x01\x01"
	     "d");
	CHECK_EQ(one.nr_typed, 3);
	CHECK_EQ(linked.nr_typed, 0);
	/* what is never read is lost */
	for (unsigned i = 0; i < 2 * sizeof(one.typed); i++)
		type("x");
	CHECK_EQ(one.nr_typed, sizeof(one.typed));
	for (unsigned i = 0; i < ARRAY_LEN(guests); i++)
		guests[i]->devmodel = NULL;
}

static void what_does_not_fit_is_lost(void)
{
	char buf[2048];

	start();
	make_dom0();
	for (int i = 0; i < 3000; i++) {
		console_input((uint8_t)('a' + i % 26));
		if (i % 100 == 99)
			console_run();
	}
	CHECK_EQ(console_read(buf, sizeof(buf)), 1024);
	for (int i = 0; i < 1024; i++)
		CHECK_EQ(buf[i], 'a' + i % 26);
	/* more at once than an interrupt's worth, with nobody taking them */
	for (int i = 0; i < 300; i++)
		console_input('z');
	console_run();
	CHECK_EQ(console_read(buf, sizeof(buf)), 256);
}

/* Each key but those that end the machine does its dump with domains in every state, and comes back. */
static void all_keys_come_back(void)
{
	struct domain *d;

	start();
	d = make_dom0();
	CHECK(d);
	for (const struct debug_key *k = debug_keys; k->key; k++) {
		if (k->key == 'C' || k->key == 'R')
			continue;
		fake_console_clear();
		debug_key_press(k->key);
		CHECK(strlen(fake_console_text()) > 0 || k->key == 'd');
	}
	CHECK_EQ(FAKE_END_OF(debug_key_press('R')), FAKE_END_REBOOT);
	CHECK_EQ(FAKE_END_OF(debug_key_press('C')), FAKE_END_PANIC);
}

UNIT_MAIN(UNIT(without_dom0_the_keys_get_it), UNIT(dom0_gets_it), UNIT(three_times_switches),
          UNIT(guests_have_their_turn), UNIT(what_does_not_fit_is_lost), UNIT(all_keys_come_back))
