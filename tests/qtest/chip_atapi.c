// SPDX-License-Identifier: GPL-2.0-or-later
/* The CD drive at the secondary channel: packets by PIO and DMA. */
#include "ide_script.h"

#include <string.h>

#include "ata.h"

#define BLOCKS 100u

static void out(unsigned reg, uint32_t value)
{
	both_out((uint16_t)(ide_base + reg), 1, value);
}

/* Data as the drives say, block by block, then the end. */
static bool answer(void)
{
	unsigned at = 0;

	for (unsigned i = 0; i < 100; i++) {
		uint32_t mid = 0, high = 0;

		if (!ide_compare())
			return false;
		if (!(ide_status() & ATA_DRQ))
			return true;
		both_in("mid", (uint16_t)(ide_base + ATA_MID), 1, 0xff, &mid);
		both_in("high", (uint16_t)(ide_base + ATA_HIGH), 1, 0xff, &high);
		if (!ide_data_in(at, high << 8 | mid, 2))
			return false;
		at += high << 8 | mid;
		ide_settle();
	}
	return true;
}

/* Which mode page is part of the situation. */
static void packet_situation(const uint8_t bytes[12], const char *more)
{
	if (bytes[0] == 0x5a)
		situation("%02x %02x%s", bytes[0], bytes[2] & 0x3f, more);
	else
		situation("%02x%s", bytes[0], more);
}

static bool packet(const uint8_t bytes[12], unsigned feature, unsigned limit)
{
	packet_situation(bytes, "");
	out(ATA_DEVICE, 0xa0);
	out(ATA_FEATURE, feature);
	out(ATA_MID, limit & 0xff);
	out(ATA_HIGH, limit >> 8);
	out(ATA_COMMAND, 0xa0);
	ide_settle();
	packet_situation(bytes, " packet");
	if (!ide_compare())
		return false;
	packet_situation(bytes, "");
	for (unsigned i = 0; i < 12; i += 2)
		both_out(ide_base, 2, bytes[i] | (uint32_t)bytes[i + 1] << 8);
	ide_settle();
	return true;
}

static bool packet_pio(const uint8_t bytes[12], unsigned limit)
{
	return packet(bytes, 0, limit) && answer();
}

/* Unit attentions and old sense, of which only one of the machines may know. */
static void clear(void)
{
	static const uint8_t sense[12] = { 0x03, 0, 0, 0, 18 };

	for (unsigned i = 0; i < 3; i++) {
		packet(sense, 0, 64);
		for (unsigned peer = 0; peer < PEERS; peer++)
			for (unsigned n = 0; n < 9; n++)
				peer_in(peer, ide_base, 2);
		ide_settle();
		for (unsigned peer = 0; peer < PEERS; peer++)
			peer_in(peer, (uint16_t)(ide_base + ATA_STATUS), 1);
	}
}

static void atapi_start(void)
{
	ide_program();
	ide_channel(1);
	ide_resync();
	clear();
}

static const uint8_t script[][12] = {
	{ 0x00 },
	{ 0x03, 0, 0, 0, 18 },
	{ 0x12, 0, 0, 0, 36 },
	{ 0x25 },
	{ 0x28, 0, 0, 0, 0, 3, 0, 0, 2 },
	{ 0x28, 0, 0, 0, 0, 99, 0, 0, 1 },
	{ 0x28, 0, 0, 0, 0, 99, 0, 0, 2 },
	{ 0x03, 0, 0, 0, 18 },
	{ 0x28 },
	{ 0xa8, 0, 0, 0, 0, 3, 0, 0, 0, 2 },
	{ 0xbe, 0, 0, 0, 0, 3, 0, 0, 2, 0x10 },
	{ 0x2b, 0, 0, 0, 0, 5 },
	{ 0x2b, 0, 0, 0, 0, 100 },
	{ 0x43, 0, 0, 0, 0, 0, 0, 0, 40 },
	{ 0x43, 2, 0, 0, 0, 0, 0, 0, 40 },
	{ 0x43, 0, 1, 0, 0, 0, 0, 0, 40 },
	{ 0x43, 2, 2, 0, 0, 0, 1, 0, 60 },
	{ 0x46, 0, 0, 0, 0, 0, 0, 0, 8 },
	{ 0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8 },
	{ 0x51, 0, 0, 0, 0, 0, 0, 0, 34 },
	{ 0x5a, 0, 0x01, 0, 0, 0, 0, 0, 60 },
	{ 0x5a, 0, 0x2a, 0, 0, 0, 0, 0, 60 },
	{ 0xbd, 0, 0, 0, 0, 0, 0, 0, 0, 8 },
	{ 0xbb, 0, 0xff, 0xff },
	{ 0x1e, 0, 0, 0, 1 },
	{ 0x1b, 0, 0, 0, 2 },
	{ 0x03, 0, 0, 0, 18 },
	{ 0x1e, 0, 0, 0, 0 },
	{ 0xff },
	{ 0x03, 0, 0, 0, 18 },
};

static void atapi_directed(void)
{
	for (unsigned i = 0; i < sizeof(script) / sizeof(script[0]); i++) {
		ide_resync();
		packet_pio(script[i], 0xfffe);
	}
	ide_resync();
	situation("a1");
	out(ATA_COMMAND, 0xa1);
	ide_settle();
	if (ide_compare())
		ide_data_in(0, 512, 2);
	ide_resync();
	situation("ec");
	out(ATA_COMMAND, 0xec);
	ide_settle();
	ide_compare();
	ide_resync();
	situation("08");
	out(ATA_COMMAND, 0x08);
	ide_settle();
	ide_compare();
}

static void random_read(void)
{
	static const unsigned limits[] = { 0xfffe, 0xffff, 2048, 4096, 512, 1000, 0x8000, 2 };
	uint8_t p[12] = { 0 };
	unsigned lba = random_below(BLOCKS + 3), n = random_below(4);

	p[0] = random_below(2) ? 0x28 : 0xa8;
	p[5] = (uint8_t)lba;
	p[p[0] == 0x28 ? 8 : 9] = (uint8_t)n;
	if (random_below(2)) {
		bool sloppy =
			!random_below(6); /* too long: with one too short QEMU's is busy for ever */

		ide_dma_table(!n ? 2 : sloppy ? n * 2048 + 512 : n * 2048);
		if (!packet(p, 1, 0xfffe))
			return;
		situation("%02x dma%s%s", p[0], n ? "" : " empty", sloppy && n ? " sloppy" : "");
		ide_dma_start(true);
		ide_settle_dma();
		if (both_in("master", (uint16_t)(ide_master + 2), 1, 0xff, NULL))
			ide_compare();
		both_out(ide_master, 1, 0);
		if (n && lba + n <= BLOCKS && !sloppy)
			both_read("memory", DATA, n * 2048);
		return;
	}
	packet_pio(p, limits[random_below(sizeof(limits) / sizeof(limits[0]) - (n > 1))]);
}

/* Other pages and other forms of the contents only ours has. */
static bool may_change(const uint8_t p[12], unsigned at)
{
	switch (p[0]) {
	case 0x43: return at != 2 && at != 9 && (at != 6 || !(p[2] & 15));
	case 0x5a: return at > 2;
	default: return true;
	}
}

/* One of the script's packets with one of its bits changed. */
static void random_packet(void)
{
	unsigned at = 1 + random_below(11);
	uint8_t p[12];

	memcpy(p, script[random_below(sizeof(script) / sizeof(script[0]))], 12);
	if (random_below(2) && may_change(p, at))
		p[at] ^= (uint8_t)(1u << random_below(8));
	if (p[0] == 0x1b || p[0] == 0x28 || p[0] == 0xa8 || p[0] == 0xbe)
		return;
	packet_pio(p, random_below(2) ? 0xfffe : 2 + 2 * random_below(40));
}

static void atapi_random(void)
{
	ide_resync();
	if (random_below(3))
		random_packet();
	else
		random_read();
	if (!random_below(4)) {
		ide_resync();
		clear();
	}
}

const struct chip chip_atapi = { "atapi", atapi_start, atapi_directed, atapi_random };
