// SPDX-License-Identifier: GPL-2.0-or-later
/* The SMART command of a disk that is always well: attributes, thresholds, empty logs. ATA8-ACS 7.53. */
#include "ide_state.h"

#include "string.h"

#define KEY_MID  0x4f
#define KEY_HIGH 0xc2

static void checksum(uint8_t *block)
{
	uint8_t sum = 0;

	for (unsigned i = 0; i < 511; i++)
		sum += block[i];
	block[511] = (uint8_t)-sum;
}

/* Structure version 16; no attribute; offline collection never started, no self-test. */
static bool values(struct ide_drive *d, uint8_t *block)
{
	block[0] = 0x10;
	checksum(block);
	return true;
}

/* The directory, the summary error log and the self-test log: empty. */
static bool log_read(struct ide_drive *d, uint8_t *block)
{
	switch (d->regs.low[0]) {
	case 0x00:
		block[0] = 1;
		block[2 * 1] = 1;
		block[2 * 6] = 1;
		return true;
	case 0x01:
	case 0x06:
		block[0] = 1;
		checksum(block);
		return true;
	default: return false;
	}
}

/* What fills a block for the host, by the feature register. */
static bool (*const blocks[])(struct ide_drive *, uint8_t *) = {
	[0] = values,   /* 0xd0: attribute values */
	[1] = values,   /* 0xd1: thresholds */
	[5] = log_read, /* 0xd5 */
};

static void block_out(struct ide_drive *d, uint8_t code)
{
	uint8_t *block = d->channel->buffer;

	memset(block, 0, 512);
	if (blocks[code & 15](d, block))
		ata_block_to_host(d);
	else
		ata_abort(d);
}

void ata_smart(struct ide_drive *d)
{
	uint8_t code = d->regs.feature[0];

	if (d->regs.mid[0] != KEY_MID || d->regs.high[0] != KEY_HIGH ||
	    (!d->disk.smart && code != 0xd8)) {
		ata_abort(d);
		return;
	}
	switch (code) {
	case 0xd0:
	case 0xd1:
	case 0xd5: block_out(d, code); return;
	case 0xd8:
	case 0xd9: d->disk.smart = code == 0xd8; break;
	case 0xd2:        /* autosave of what does not change */
	case 0xda: break; /* the key stays as it is: no threshold exceeded */
	default: ata_abort(d); return;
	}
	ide_channel_complete(d->channel, ATA_DRDY | ATA_DSC, true);
}
