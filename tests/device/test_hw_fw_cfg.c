// SPDX-License-Identifier: GPL-2.0-or-later
/* The firmware's questions: it is there, has no files and wants no menu. */
#include "device_fake.h"
#include "fw_cfg.h"
#include "unit.h"

static struct fake_machine *m;
static struct device d;

static uint32_t choose(uint16_t item)
{
	fake_out(m, 0x510, 2, item);
	return fake_in(m, 0x511, 1);
}

static void begin(void)
{
	m = fake_machine_new();
	CHECK_EQ(device_create(&d, &fw_cfg_class, "fw_cfg", &m->ports, NULL), 0);
}

static void questions(void)
{
	static const char signature[] = "QEMU";

	begin();
	/* after reset the first item is chosen */
	for (unsigned i = 0; i < 6; i++)
		CHECK_EQ(fake_in(m, 0x511, 1), i < 4 ? (uint32_t)signature[i] : 0);
	CHECK_EQ(choose(0), 'Q');
	CHECK_EQ(fake_in(m, 0x510, 1), 'E');
	fake_out(m, 0x511, 1, 7); /* nothing is written here */
	CHECK_EQ(fake_in(m, 0x511, 1), 'M');
	CHECK_EQ(choose(1), 1);
	CHECK_EQ(fake_in(m, 0x511, 1), 0);
	/* no menu, no files, and of others nothing */
	CHECK_EQ(choose(0x0e), 0);
	CHECK_EQ(choose(0x19), 0);
	CHECK_EQ(choose(0xffff), 0);
	CHECK_EQ(fake_in(m, 0x510, 2), 0xffff);
	device_destroy(&d);
	CHECK_EQ(fake_in(m, 0x511, 1), 0xff);
}

static void saved_and_reset(void)
{
	uint8_t record[200];
	long n;

	begin();
	CHECK_EQ(choose(0), 'Q');
	n = device_save(&d, record, sizeof(record));
	CHECK(n > 0);
	CHECK_EQ(choose(1), 1);
	CHECK_EQ(device_restore(&d, 1, record, (size_t)n), 0);
	CHECK_EQ(fake_in(m, 0x511, 1), 'E');
	device_reset(&d);
	CHECK_EQ(fake_in(m, 0x511, 1), 'Q');
	device_destroy(&d);
}

/* However long somebody reads. */
static void no_end(void)
{
	begin();
	choose(0);
	for (unsigned i = 0; i < 100000; i++)
		fake_in(m, 0x511, 1);
	CHECK_EQ(fake_in(m, 0x511, 1), 0);
	CHECK_EQ(choose(0), 'Q');
	device_destroy(&d);
}

UNIT_MAIN(UNIT(questions), UNIT(saved_and_reset), UNIT(no_end))
