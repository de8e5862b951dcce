/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen/core/keys.c: what each debug key shows of a machine with a guest on it. */
#include <string.h>

#include "console.h"
#include "event_ops.h"
#include "fake_domain.h"
#include "machine_fake.h"
#include "unit.h"

static struct domain *d;

static void start(void)
{
	d = fake_domain_machine(2, 2, 16);
	fake_console_clear();
}

static const char *press(char key)
{
	fake_console_clear();
	debug_key_press(key);
	return fake_console_text();
}

static void ports(void)
{
	int port;

	start();
	port = event_channel_alloc_unbound(d, 5);
	CHECK(port > 0);
	event_port_set_pending(d, (uint32_t)port);
	CHECK(strstr(press('e'), "event channels (2-level)"));
	CHECK(strstr(fake_console_text(), "unbound vcpu 0 remote d5:0"));
	CHECK(strstr(fake_console_text(), " pending"));
}

/* A vcpu that waits for its turn is in the list of its CPU. */
static void queues(void)
{
	char name[40];

	start();
	d->vcpus[0]->regs.rip = 0x123456;
	CHECK(strstr(press('r'), "CPU"));
	snprintf(name, sizeof(name), "%s", d->name);
	CHECK(strstr(fake_console_text(), name));
	CHECK(strstr(press('d'), "RIP 0000000000123456"));
	CHECK(strstr(press('q'), name));
	CHECK(strstr(press('g'), "grant table of 1 frames"));
	CHECK(strstr(press('c'), "CPU1"));
	CHECK(*press('m') && *press('p') && *press('a'));
}

static void the_end(void)
{
	start();
	CHECK_EQ(FAKE_END_OF(debug_key_press('R')), FAKE_END_REBOOT);
	CHECK_EQ(FAKE_END_OF(debug_key_press('C')), FAKE_END_PANIC);
	CHECK_EQ(FAKE_END_OF(debug_key_press('h')), FAKE_END_NONE);
}

UNIT_MAIN(UNIT(ports), UNIT(queues), UNIT(the_end))
