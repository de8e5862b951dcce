// SPDX-License-Identifier: GPL-2.0-or-later
/* The 82540EM: registers, EEPROM, PHY, and frames that it sends by legacy and context descriptors with offloads: what is written back, and the counters. */
#include <stdio.h>
#include <string.h>

#include "compare.h"

#define BASE  0xfeb00000u
#define RING  0x10000u
#define BYTES 0x20000u

static void set(unsigned reg, uint32_t value)
{
	both_store(BASE + reg, 4, value);
}

static void get(const char *name, unsigned reg)
{
	both_load(name, BASE + reg, 4, ~0u, NULL);
}

static const struct reg registers[] = {
	{ "ICS", BASE + 0xc8, 4, REG_W | REG_MEMORY, 0x1f6df },
	{ "IMS", BASE + 0xd0, 4, REG_RW | REG_MEMORY, 0x1f6df },
	{ "IMC", BASE + 0xd8, 4, REG_W | REG_MEMORY, 0x1f6df },
	{ "ICR", BASE + 0xc0, 4, REG_R | REG_MEMORY },
	{ "FCAL", BASE + 0x28, 4, REG_RW | REG_MEMORY },
	{ "TDBAL", BASE + 0x3800, 4, REG_RW | REG_MEMORY, 0xfffffff0 },
	{ "TDBAH", BASE + 0x3804, 4, REG_RW | REG_MEMORY },
	{ "RDBAL", BASE + 0x2800, 4, REG_RW | REG_MEMORY, 0xfffffff0 },
	{ "RDBAH", BASE + 0x2804, 4, REG_RW | REG_MEMORY },
	{ "RDLEN", BASE + 0x2808, 4, REG_RW | REG_MEMORY, 0xfff80 },
	{ "MTA", BASE + 0x5200, 4, REG_RW | REG_MEMORY },
	{ "MTA", BASE + 0x53fc, 4, REG_RW | REG_MEMORY },
	{ "VFTA", BASE + 0x5600, 4, REG_RW | REG_MEMORY },
	{ "RAL", BASE + 0x5400, 4, REG_RW | REG_MEMORY },
	{ "RAH", BASE + 0x5404, 4, REG_RW | REG_MEMORY, 0x8003ffff },
	{ "STATUS", BASE + 0x08, 4, REG_R | REG_MEMORY },
	{ "PBA", BASE + 0x1000, 4, REG_RW | REG_MEMORY, 0x3f },
};

static void eeprom(void)
{
	char key[16];
	unsigned word = random_below(9);

	situation("eeprom");
	set(0x14, word << 8 | 1);
	snprintf(key, sizeof(key), "%02x", word);
	get(key, 0x14);
}

static void phy(void)
{
	static const uint8_t all[] = { 0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 15, 16, 17, 18, 20, 21 };
	unsigned reg = all[random_below(COUNT(all))];
	char key[16];

	situation("phy");
	snprintf(key, sizeof(key), "%u", reg);
	set(0x20, 0x08000000 | 1u << 21 | reg << 16);
	get(key, 0x20);
}

/* A ring of eight descriptors, and frames in one or two parts. */
static void transmit(void)
{
	struct {
		uint64_t address;
		uint32_t low, high;
	} d[8];
	uint8_t some[256];
	unsigned n = 1 + random_below(6);
	char key[24];

	situation("transmit");
	memset(d, 0, sizeof(d));
	for (unsigned i = 0; i < sizeof(some); i++)
		some[i] = (uint8_t)random_below(256);
	both_write(BYTES, some, sizeof(some));
	for (unsigned i = 0; i < n; i++) {
		bool last = i == n - 1 || random_below(2);

		d[i].address = BYTES + random_below(64);
		d[i].low = (60 + random_below(130)) | (last ? 1u : 0) << 24 | 1u << 25 |
		           random_below(2) << 27;
		d[i].high = 0;
	}
	both_write(RING, d, sizeof(d));
	set(0x400, 0);
	set(0x3800, RING);
	set(0x3804, 0);
	set(0x3808, 128);
	set(0x3810, 0);
	set(0x3818, 0);
	set(0x400, 0x0004010a);
	set(0x3818, n);
	both_read("ring", RING, 128);
	get("TDH", 0x3810);
	get("ICR", 0xc0);
	for (unsigned reg = 0x40d4; reg <= 0x40d8; reg += 4) {
		snprintf(key, sizeof(key), "counter %x", reg);
		get(key, reg);
	}
	get("counter 4080", 0x4080);
	get("counter 40c8", 0x40c8);
	get("counter 40cc", 0x40cc);
}

static void start(void)
{
	both_config_write(0x18, 0x10, 4, BASE);
	both_config_write(0x18, 4, 2, 7);
	set(0xd8, ~0u);
	situation("start");
	get("CTRL", 0);
	get("STATUS", 8);
}

static void sequence(void)
{
	switch (random_below(6)) {
	case 0: eeprom(); break;
	case 1: phy(); break;
	case 2: transmit(); break;
	default:
		situation("registers");
		for (unsigned n = 8; n; n--)
			regs_random(registers, COUNT(registers));
	}
}

const struct chip chip_e1000 = { "e1000", start, NULL, sequence,
	                         .more = { "-netdev", "hubport,id=h,hubid=0", "-device",
	                                   "e1000,addr=3,netdev=h,mac=52:54:00:12:34:56" } };
