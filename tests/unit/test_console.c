/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Console input: who gets the bytes, and the debug keys. */
#include <string.h>

#include "console.h"
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
          UNIT(what_does_not_fit_is_lost), UNIT(all_keys_come_back))
