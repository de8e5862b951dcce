// SPDX-License-Identifier: GPL-2.0-or-later
/* Disks at the primary channel: every command, by PIO and DMA, with good and bad addresses. */
#include <stdio.h>

#include "ata.h"
#include "ide_script.h"

#define SECTORS 4096u

static uint32_t feature; /* what a SET FEATURES is about is part of its situation */

static void out(unsigned reg, uint32_t value)
{
	if (reg == ATA_FEATURE)
		feature = value;
	both_out((uint16_t)(ide_base + reg), 1, value);
}

static void address(uint64_t lba, uint32_t count)
{
	out(ATA_COUNT, count & 0xff);
	out(ATA_LOW, lba & 0xff);
	out(ATA_MID, lba >> 8 & 0xff);
	out(ATA_HIGH, lba >> 16 & 0xff);
}

static void command(uint8_t code, unsigned device, uint64_t lba, uint32_t count, bool ext)
{
	if (code == 0xef)
		situation("%02x %02x %x", code, feature, count);
	else
		situation("%02x", code);
	out(ATA_DEVICE, ext ? device : device | (lba >> 24 & 15));
	if (ext)
		address(lba >> 24, count >> 8);
	address(lba, count);
	out(ATA_COMMAND, code);
	ide_settle();
}

/*
 * Data blocks until the drive wants no more, or for so many. A write goes on after a difference that is explained: of one that is left in the middle any part may be on the disk.
 */
static bool blocks(bool to_device, unsigned n, unsigned bytes)
{
	unsigned size = random_below(2) ? 2 : 4;

	for (; n && (ide_status() & ATA_DRQ); n--) {
		if (to_device)
			ide_data_out(bytes, size);
		else if (!ide_data_in(0, bytes, size))
			return false;
		ide_settle();
		if (!ide_compare() && !to_device)
			return false;
	}
	return true;
}

static void ata_start(void)
{
	ide_program();
	ide_channel(0);
	ide_resync();
}

/* ---- directed: each command once, in order ---- */

static const struct {
	uint8_t code, feature, device;
	uint32_t lba;
	uint16_t count;
	bool ext, to_device;
	uint8_t blocks;
} script[] = {
	{ 0x90, 0, 0xa0, 0, 0 },
	{ 0xec, 0, 0xa0, 0, 0, .blocks = 1 },
	{ 0xec, 0, 0xb0, 0, 0, .blocks = 1 },
	{ 0x20, 0, 0xe0, 0, 1, .blocks = 1 },
	{ 0x20, 0, 0xe0, 4095, 2, .blocks = 2 },
	{ 0x20, 0, 0xe0, 4096, 1 },
	{ 0x20, 0, 0xa0, 1, 2, .blocks = 2 },
	{ 0x24, 0, 0xe0, 77, 3, true, .blocks = 3 },
	{ 0x30, 0, 0xe0, 100, 2, .to_device = true, .blocks = 2 },
	{ 0x34, 0, 0xe0, 102, 2, true, true, 2 },
	{ 0xc6, 0, 0xa0, 0, 4 },
	{ 0xc6, 0, 0xa0, 0, 3 },
	{ 0xc4, 0, 0xe0, 8, 4 },
	{ 0x40, 0, 0xe0, 8, 4 },
	{ 0x42, 0, 0xe0, 8, 4, true },
	{ 0xe7, 0, 0xa0, 0, 0 },
	{ 0xea, 0, 0xa0, 0, 0 },
	{ 0xf8, 0, 0xe0, 0, 0 },
	{ 0x27, 0, 0xe0, 0, 0, true },
	{ 0xe5, 0, 0xa0, 0, 0 },
	{ 0xe0, 0, 0xa0, 0, 0 },
	{ 0xe1, 0, 0xa0, 0, 0 },
	{ 0xe2, 0, 0xa0, 0, 0 },
	{ 0xe3, 0, 0xa0, 0, 0 },
	{ 0xb0, 0xd8, 0xa0, 0xc24f00, 1 },
	{ 0xb0, 0xda, 0xa0, 0xc24f00, 1 },
	{ 0xb0, 0xda, 0xa0, 0x123400, 1 },
	{ 0xef, 0x03, 0xa0, 0, 0x22 },
	{ 0xef, 0x03, 0xa0, 0, 0x45 },
	{ 0xef, 0x02, 0xa0, 0, 0 },
	{ 0xef, 0x82, 0xa0, 0, 0 },
	{ 0xef, 0xee, 0xa0, 0, 0 },
	{ 0x91, 0, 0xaf, 0, 63 },
	{ 0x10, 0, 0xa0, 0, 0 },
	{ 0x70, 0, 0xe0, 5, 0 },
	{ 0x00, 0, 0xa0, 0, 0 },
	{ 0x08, 0, 0xa0, 0, 0 },
	{ 0xa0, 0, 0xa0, 0, 0 },
	{ 0xa1, 0, 0xa0, 0, 0 },
	{ 0xff, 0, 0xa0, 0, 0 },
};

static void ata_directed(void)
{
	for (unsigned i = 0; i < sizeof(script) / sizeof(script[0]); i++) {
		ide_resync();
		out(ATA_FEATURE, script[i].feature);
		command(script[i].code, script[i].device, script[i].lba, script[i].count,
		        script[i].ext);
		if (ide_compare())
			blocks(script[i].to_device, script[i].blocks, 512);
	}
}

/* ---- random ---- */

static const struct kind {
	uint8_t code;
	bool ext, to_device, dma, multiple;
} transfers[] = {
	{ 0x20 },
	{ 0x21 },
	{ 0x24, true },
	{ 0x30, false, true },
	{ 0x34, true, true },
	{ 0xc4, .multiple = true },
	{ 0xc5, .to_device = true, .multiple = true },
	{ 0x29, true, .multiple = true },
	{ 0x39, true, true, .multiple = true },
	{ 0xc8, .dma = true },
	{ 0xca, .to_device = true, .dma = true },
	{ 0x25, true, .dma = true },
	{ 0x35, true, true, true },
};

static uint64_t any_lba(unsigned sectors)
{
	switch (random_below(8)) {
	case 0: return sectors - 1 - random_below(4);
	case 1: return sectors + random_below(3);
	default: return random_below(sectors);
	}
}

static void random_dma(const struct kind *k, unsigned device, uint64_t lba, unsigned count)
{
	unsigned bytes = count * 512;
	bool sloppy = !random_below(6);

	/* what a write leaves on the disk that gets less than it wants is not said anywhere */
	ide_dma_table(!sloppy ? bytes : k->to_device || random_below(2) ? bytes + 512 : bytes / 2);
	if (k->to_device) {
		uint8_t some[512];

		for (unsigned i = 0; i < sizeof(some); i++)
			some[i] = (uint8_t)random_below(256);
		both_write(DATA + 512 * random_below(count), some, sizeof(some));
	}
	command(k->code, device, lba, count, k->ext);
	situation("%02x dma%s", k->code, sloppy ? " sloppy" : "");
	ide_dma_start(!k->to_device);
	ide_settle_dma();
	if (both_in("master", (uint16_t)(ide_master + 2), 1, 0xff, NULL))
		ide_compare();
	both_out(ide_master, 1, 0);
	if (!k->to_device)
		both_read("memory", DATA, bytes);
}

static void random_transfer(void)
{
	const struct kind *k = &transfers[random_below(sizeof(transfers) / sizeof(transfers[0]))];
	bool second = !random_below(4);
	unsigned count = 1 + random_below(6), device = (second ? 0xf0 : 0xe0);
	unsigned multiple = 1u << random_below(5), sectors = second ? 700 : SECTORS;
	uint64_t lba = any_lba(sectors);

	/* QEMU's looks at an address that is written to when it has the data */
	if (lba >= sectors && k->to_device)
		lba = sectors - 1;
	if (lba + count > sectors && (k->dma || k->to_device || k->multiple))
		count = 1;
	/* a write that is left in the middle may have been carried out in part */
	if (k->multiple && k->to_device && count > multiple)
		count = multiple;
	if (k->multiple) {
		command(0xc6, device, 0, multiple, false);
		ide_compare();
	}
	if (k->dma) {
		random_dma(k, device, lba, count);
		return;
	}
	command(k->code, device, lba, count, k->ext);
	if (!ide_compare())
		return;
	if (k->multiple)
		blocks(k->to_device, 1, 512 * (count < multiple ? count : multiple));
	else
		blocks(k->to_device, k->to_device || random_below(4) ? 8 : random_below(8), 512);
}

static void random_registers(void)
{
	char key[16];
	unsigned reg;

	situation("registers");
	for (unsigned n = 4 + random_below(20); n; n--)
		switch (random_below(8)) {
		case 0:
			both_out(ide_control, 1, random_below(2) ? 0x80 : random_below(2) ? 2 : 0);
			break;
		case 1: both_out((uint16_t)(ide_master + 2), 1, random_below(256) & 0x66); break;
		case 2:
			both_out((uint16_t)(ide_master + 4), 4, random_below(0x7fffffff));
			both_in("table", (uint16_t)(ide_master + 4), 4, ~0u, NULL);
			break;
		case 3:
			if (!both_in("master", (uint16_t)(ide_master + 2), 1, 0xff, NULL))
				return;
			break;
		case 4: out(1 + random_below(5), random_below(256)); break;
		case 5: out(ATA_DEVICE, random_below(256)); break;
		default:
			reg = 1 + random_below(7);
			snprintf(key, sizeof(key), "register %u", reg);
			if (!both_in(key, (uint16_t)(ide_base + reg), 1, 0xff, NULL))
				return;
		}
}

static const uint8_t plain[] = { 0x00, 0x08, 0x10, 0x40, 0x42, 0x70, 0x90, 0x91, 0x95, 0x97,
	                         0x98, 0xa0, 0xa1, 0xb0, 0xc6, 0xe0, 0xe1, 0xe2, 0xe3, 0xe5,
	                         0xe7, 0xea, 0xec, 0xef, 0xf5, 0xf8, 0x27, 0x4b, 0xd2 };

static void random_plain(void)
{
	unsigned n = 1 + random_below(3);

	while (n--) {
		uint8_t code = plain[random_below(sizeof(plain))];

		out(ATA_FEATURE, random_below(4) ? random_below(256) : 3);
		command(code, random_below(2) ? 0xe0 : 0xf0, any_lba(690), random_below(20),
		        code == 0x42 || code == 0x27);
		if (!ide_compare() || !blocks(false, code == 0xec ? random_below(2) : 0, 512))
			return;
		if (ide_status() & ATA_DRQ)
			return;
	}
}

static void ata_random(void)
{
	unsigned what = random_below(10);

	ide_resync();
	if (what < 6)
		random_transfer();
	else if (what < 8)
		random_plain();
	else
		random_registers();
	both_out(ide_control, 1, 0);
}

const struct chip chip_ata = { "ata", ata_start, ata_directed, ata_random };
