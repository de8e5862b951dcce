// SPDX-License-Identifier: GPL-2.0-or-later
/* IDENTIFY DEVICE: what a disk says of itself. ATA8-ACS 7.16. */
#include "ide_state.h"

#include "string.h"

#define VALID 0x4000 /* bits 15:14 of words that say so */

void ata_word(uint8_t *block, unsigned word, uint16_t value)
{
	block[2 * word] = (uint8_t)value;
	block[2 * word + 1] = (uint8_t)(value >> 8);
}

void ata_string(uint8_t *block, unsigned word, const char *chars, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		block[2 * word + (i ^ 1)] = (uint8_t)chars[i];
}

void ata_checksum(uint8_t *block)
{
	uint8_t sum = 0;

	block[510] = 0xa5;
	for (unsigned i = 0; i < 511; i++)
		sum += block[i];
	block[511] = (uint8_t)-sum;
}

uint32_t ata_cylinders(uint64_t sectors, unsigned heads, unsigned spt)
{
	uint64_t n = sectors / (heads * spt);

	return (uint32_t)MIN(n, heads == 16 && spt == 63 ? 16383ull : 65535ull);
}

static void wide(uint8_t *block, unsigned word, uint64_t value, unsigned words)
{
	for (unsigned i = 0; i < words; i++)
		ata_word(block, word + i, (uint16_t)(value >> 16 * i));
}

uint16_t ata_modes(const struct ide_drive *d, uint8_t supported, uint8_t kind)
{
	uint8_t mode = d->transfer_mode;

	return (uint16_t)(supported | ((mode & 0xf8) == kind ? 0x100u << (mode & 7) : 0));
}

static void geometry(const struct ide_drive *d, uint8_t *block)
{
	uint64_t sectors = d->backend->sectors;
	uint32_t cylinders = ata_cylinders(sectors, d->disk.heads, d->disk.spt);

	ata_word(block, 1, (uint16_t)ata_cylinders(sectors, 16, 63));
	ata_word(block, 3, 16);
	ata_word(block, 6, 63);
	ata_word(block, 54, (uint16_t)cylinders);
	ata_word(block, 55, d->disk.heads);
	ata_word(block, 56, d->disk.spt);
	wide(block, 57, (uint64_t)cylinders * d->disk.heads * d->disk.spt, 2);
	wide(block, 60, MIN(sectors, 0x0fffffffull), 2);
	wide(block, 100, sectors, 4);
}

/* Words 82 to 87: what there is, and what is on. */
static void features(const struct ide_drive *d, uint8_t *block)
{
	uint16_t supported = 0x7069; /* NOP, buffers, look-ahead, write cache, power, SMART */
	uint16_t enabled = 0x7008;

	enabled |= (d->disk.smart ? 0x01 : 0) | (d->disk.write_cache ? 0x20 : 0) |
	           (d->disk.look_ahead ? 0x40 : 0);
	ata_word(block, 82, supported);
	ata_word(block, 83, VALID | 0x3400); /* both flushes, 48-bit addresses */
	ata_word(block, 84, VALID | 0x0040 | (d->wwn ? 0x0100 : 0)); /* FUA EXT */
	ata_word(block, 85, enabled);
	ata_word(block, 86, 0x3400);
	ata_word(block, 87, VALID | 0x0040 | (d->wwn ? 0x0100 : 0));
	if (d->wwn)
		for (unsigned i = 0; i < 4; i++)
			ata_word(block, 108 + i, (uint16_t)(d->wwn >> (48 - 16 * i)));
}

void ata_identify(const struct ide_drive *d, uint8_t *block)
{
	static const uint16_t fixed[][2] = {
		{ 0, 0x0040 },                  /* an ATA device, not removable */
		{ 47, 0x8010 },                 /* sixteen sectors a block at most */
		{ 49, 0x2f00 },                 /* standby timer, IORDY, LBA, DMA */
		{ 50, VALID },  { 51, 0x0200 }, /* PIO mode 2 */
		{ 53, 0x0007 },                 /* words 54 to 58, 64 to 70 and 88 are valid */
		{ 64, 0x0003 },                 /* PIO modes 3 and 4 */
		{ 65, 120 },                    /* nanoseconds: multi-word DMA, PIO */
		{ 66, 120 },    { 67, 120 },
		{ 68, 120 },    { 80, 0x01f0 },  /* ATA/ATAPI-4 to ATA8-ACS */
		{ 105, 1 },                      /* blocks of ranges for DATA SET MANAGEMENT */
		{ 106, VALID }, { 169, 0x0001 }, /* TRIM */
	};

	memset(block, 0, 512);
	for (unsigned i = 0; i < ARRAY_LEN(fixed); i++)
		ata_word(block, fixed[i][0], fixed[i][1]);
	ata_string(block, 10, d->serial, sizeof(d->serial));
	ata_string(block, 23, d->firmware, sizeof(d->firmware));
	ata_string(block, 27, d->model, sizeof(d->model));
	geometry(d, block);
	features(d, block);
	ata_word(block, 59, d->disk.multiple ? 0x100 | d->disk.multiple : 0);
	ata_word(block, 63, ata_modes(d, 0x07, 0x20));
	ata_word(block, 88, ata_modes(d, 0x3f, 0x40));
	/* The 80-wire cable, and how each drive came to its number. */
	ata_word(block, 93, VALID | 0x2000 | (d == &d->channel->drive[0] ? 0x000b : 0x0b00));
	ata_word(block, 128, d->disk.frozen ? 0x0008 : 0);
	ata_checksum(block);
}
