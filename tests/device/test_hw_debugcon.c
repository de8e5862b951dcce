/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The debug port: what is written comes out, a read tells that it is there. */
#include <string.h>

#include "debugcon.h"
#include "device_fake.h"
#include "errno.h"
#include "unit.h"

static char text[16];
static size_t text_length;

static size_t put(struct char_backend *b, const uint8_t *bytes, size_t n)
{
	if (text_length + n > sizeof(text))
		return 0;
	memcpy(text + text_length, bytes, n);
	text_length += n;
	return n;
}

static void test_debugcon(void)
{
	struct fake_machine *m = fake_machine_new();
	struct char_backend out = { .put = put };
	struct debugcon_config config = { &out };
	struct device d, second;

	CHECK_EQ(device_create(&d, &debugcon_class, "debug", &m->ports, &config), 0);
	CHECK_EQ(fake_in(m, 0xe9, 1), 0xe9);
	fake_out(m, 0xe9, 1, 'a');
	fake_out(m, 0xe9, 1, 0x180 + 'b');
	fake_out(m, 0xe9, 2, 0x6463); /* the second byte goes to the next port, which is nobody's */
	CHECK_EQ(text_length, 3);
	CHECK(!memcmp(text,
	              "a\xe2"
	              "c",
	              3));
	CHECK_EQ(device_create(&second, &debugcon_class, "debug", &m->ports, &config), -EEXIST);
	device_destroy(&d);
	CHECK_EQ(fake_in(m, 0xe9, 1), 0xff);
}

static void test_no_output(void)
{
	struct fake_machine *m = fake_machine_new();
	struct debugcon_config config = { NULL };
	struct device d;

	CHECK_EQ(device_create(&d, &debugcon_class, "debug", &m->ports, &config), 0);
	fake_out(m, 0xe9, 1, 'x');
	CHECK_EQ(fake_in(m, 0xe9, 4), 0xffffffe9);
	device_destroy(&d);
}

UNIT_MAIN(UNIT(test_debugcon), UNIT(test_no_output))
