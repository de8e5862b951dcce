// SPDX-License-Identifier: GPL-2.0-or-later
/* What an ATA disk can be told about itself: SET FEATURES, power, SMART. */
#include "ide_fixture.h"
#include "unit.h"

static void test_features(void)
{
	static const uint8_t good[][2] = { { 0x03, 0x08 }, { 0x03, 0x0c }, { 0x03, 0x22 },
		                           { 0x55, 0 },    { 0x66, 0 },    { 0x02, 0 },
		                           { 0x03, 0x44 } };
	static const uint8_t bad[][2] = { { 0x03, 0x0d }, { 0x03, 0x02 }, { 0x03, 0x23 },
		                          { 0x03, 0x46 }, { 0x03, 0x80 }, { 0x99, 0 } };

	start();
	for (unsigned i = 0; i < ARRAY_LEN(good); i++) {
		host_out(ATA_FEATURE, good[i][0]);
		host_command(0xef, DEV0, 0, good[i][1]);
		CHECK_EQ(host_in(ATA_STATUS), 0x50);
	}
	for (unsigned i = 0; i < ARRAY_LEN(bad); i++) {
		host_out(ATA_FEATURE, bad[i][0]);
		host_command(0xef, DEV0, 0, bad[i][1]);
		CHECK_EQ(host_in(ATA_ERROR), ATA_ABRT);
	}
	host_command(0xec, DEV0, 0, 0);
	host_read(back, 512);
	CHECK_EQ(word(back, 88), 0x103f);
	CHECK_EQ(word(back, 63), 0x0007);
	CHECK_EQ(word(back, 85), 0x7029);
	/* settings are kept over a software reset; the cache is emptied when it goes off */
	host_out(ATA_FEATURE, 0x82);
	host_command(0xef, DEV0, 0, 0);
	CHECK_EQ(disk.flushes, 1);
	fake_out(host.m, host.control, 1, 4);
	fake_out(host.m, host.control, 1, 0);
	host_command(0xec, DEV0, 0, 0);
	host_read(back, 512);
	CHECK_EQ(word(back, 85), 0x7009);
	host_out(ATA_FEATURE, 0xcc);
	host_command(0xef, DEV0, 0, 0);
	host_out(ATA_FEATURE, 0xaa);
	host_command(0xef, DEV0, 0, 0);
	fake_out(host.m, host.control, 1, 4);
	fake_out(host.m, host.control, 1, 0);
	host_command(0xec, DEV0, 0, 0);
	host_read(back, 512);
	CHECK_EQ(word(back, 85), 0x7069);
	host_command(0xf5, DEV0, 0, 0);
	host_command(0xec, DEV0, 0, 0);
	host_read(back, 512);
	CHECK_EQ(word(back, 128), 8);
}

static void test_power(void)
{
	start();
	host_command(0xe5, DEV0, 0, 0);
	CHECK_EQ(host_in(ATA_COUNT), 0xff);
	host_command(0xe3, DEV0, 0, 0);
	host_command(0x98, DEV0, 0, 0);
	CHECK_EQ(host_in(ATA_COUNT), 0x80);
	host_command(0xe0, DEV0, 0, 0);
	CHECK_EQ(disk.flushes, 1);
	host_command(0xe5, DEV0, 0, 0x55);
	CHECK_EQ(host_in(ATA_COUNT), 0x00);
	host_command(0x40, DEV0 | LBA, 0, 1);
	host_command(0xe5, DEV0, 0, 0);
	CHECK_EQ(host_in(ATA_COUNT), 0xff);
	host_command(0xe6, DEV0, 0, 0);
	CHECK_EQ(host_in(ATA_STATUS), 0x50);
	host_command(0xec, DEV0, 0, 0); /* asleep */
	CHECK_EQ(host_in(ATA_STATUS), 0x50);
	fake_out(host.m, host.control, 1, 4);
	fake_out(host.m, host.control, 1, 0);
	host_command(0xec, DEV0, 0, 0);
	CHECK_EQ(host_in(ATA_STATUS), 0x58);
}

static void smart(uint8_t feature, uint8_t low, uint32_t key)
{
	host_out(ATA_FEATURE, feature);
	host_command(0xb0, DEV0, key << 8 | low, 1);
}

static void test_smart(void)
{
	static const uint8_t logs[] = { 0, 1, 6 };

	start();
	smart(0xd9, 0, 0xc24f);
	CHECK_EQ(host_in(ATA_STATUS), 0x50);
	smart(0xda, 0, 0xc24f);
	CHECK_EQ(host_in(ATA_ERROR), ATA_ABRT);
	smart(0xd8, 0, 0xc24f);
	smart(0xda, 0, 0xc24f);
	CHECK_EQ(host_in(ATA_STATUS), 0x50);
	CHECK_EQ(host_in(ATA_MID), 0x4f);
	CHECK_EQ(host_in(ATA_HIGH), 0xc2);
	smart(0xda, 0, 0x1234);
	CHECK_EQ(host_in(ATA_ERROR), ATA_ABRT);
	smart(0xd2, 0, 0xc24f);
	CHECK_EQ(host_in(ATA_STATUS), 0x50);
	smart(0xd0, 0, 0xc24f);
	CHECK_EQ(host_in(ATA_STATUS), 0x58);
	host_read(back, 512);
	CHECK_EQ(back[0], 0x10);
	smart(0xd1, 0, 0xc24f);
	host_read(back, 512);
	for (unsigned i = 0; i < 3; i++) {
		smart(0xd5, logs[i], 0xc24f);
		CHECK_EQ(host_in(ATA_STATUS), 0x58);
		host_read(back, 512);
		CHECK_EQ(back[0], 1);
	}
	smart(0xd5, 9, 0xc24f);
	CHECK_EQ(host_in(ATA_ERROR), ATA_ABRT);
	smart(0xdb, 9, 0xc24f);
	CHECK_EQ(host_in(ATA_ERROR), ATA_ABRT);
}

UNIT_MAIN(UNIT(test_features), UNIT(test_power), UNIT(test_smart))
