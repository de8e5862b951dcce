// SPDX-License-Identifier: GPL-2.0-or-later
/* A packet device at its registers: packets in, data out in blocks of the host's byte count limit or by DMA, how a command ends, resets. ATA8-ACS 7.17, 7.20; SFF-8020i. */
#include "atapi.h"

#include "errno.h"
#include "string.h"

#define READY        (ATA_DRDY | ATA_DSC)
#define FAILED       (ATA_DRDY | ATA_ERR)
#define CHUNK_BLOCKS 31u /* with a full byte count: what one DRQ block can hold */
#define SIGN_MID     0x14
#define SIGN_HIGH    0xeb

/* ---- ends ---- */

static void end(struct ide_drive *d, uint8_t status, uint8_t error)
{
	d->regs.count[0] = ATAPI_IO | ATAPI_CD;
	d->regs.error = error;
	ide_channel_complete(d->channel, status, true);
}

void atapi_done(struct ide_drive *d)
{
	end(d, READY, 0);
}

void atapi_fail(struct ide_drive *d, uint8_t key, uint16_t asc)
{
	d->cd.sense_key = key;
	d->cd.asc = (uint8_t)(asc >> 8);
	d->cd.ascq = (uint8_t)asc;
	end(d, FAILED, (uint8_t)(key << 4 | (key == SENSE_ILLEGAL ? ATA_ABRT : 0)));
}

static void signature(struct ide_drive *d)
{
	d->regs.count[0] = d->regs.low[0] = 1;
	d->regs.mid[0] = SIGN_MID;
	d->regs.high[0] = SIGN_HIGH;
}

static void abort_command(struct ide_drive *d)
{
	d->regs.error = ATA_ABRT;
	ide_channel_complete(d->channel, READY | ATA_ERR, true);
}

/* ---- data ---- */

/* A block may hold whole words only, unless it is the last; blocks of the disc are not cut without need. false: the host takes no byte at all. */
static bool block_size(struct ide_drive *d, uint32_t unit)
{
	uint32_t limit = MIN(d->cd.byte_limit, 0xfffeu);

	if (!limit && !d->channel->dma) {
		end(d, READY | ATA_ERR, ATA_ABRT);
		return false;
	}
	d->channel->drq_size = limit >= unit ? limit - limit % unit : limit > 1 ? limit & ~1u : 1;
	return true;
}

void atapi_reply(struct ide_drive *d, uint32_t n, uint32_t allocation)
{
	struct ide_channel *ch = d->channel;

	n = MIN(n, allocation);
	if (!n) {
		atapi_done(d);
		return;
	}
	if (!block_size(d, 2))
		return;
	ch->left = ch->chunk = 0;
	ch->to_device = false;
	d->regs.count[0] = ATAPI_IO;
	if (n < IDE_BUFFER)
		ch->buffer[n] = 0; /* what pads an odd end */
	ide_channel_move(ch, n, true);
}

void atapi_take(struct ide_drive *d, uint32_t n)
{
	struct ide_channel *ch = d->channel;

	if (!block_size(d, 2))
		return;
	ch->left = ch->chunk = 0;
	ch->to_device = true;
	d->regs.count[0] = 0;
	ide_channel_move(ch, n, true);
}

/* The image's last block may be a part of one: the rest of it is zeroes. */
static void chunk_read(struct ide_drive *d)
{
	struct ide_channel *ch = d->channel;
	uint64_t sector = ch->lba * CD_SECTORS, sectors = d->backend->sectors;
	uint32_t n;

	ch->chunk = MIN(ch->left, d->disk.single ? 1u : CHUNK_BLOCKS);
	n = ch->chunk * CD_SECTORS;
	if (ch->lba >= cd_blocks(d) || ch->chunk > cd_blocks(d) - ch->lba) {
		atapi_fail(d, SENSE_ILLEGAL, ASC_OUT_OF_RANGE);
		return;
	}
	if (n > sectors - sector) {
		n = (uint32_t)(sectors - sector);
		memset(ch->buffer, 0, ch->chunk * CD_BLOCK);
	}
	ide_channel_media(ch, BLOCK_READ, sector, n, false);
}

void atapi_read(struct ide_drive *d, uint32_t lba, uint32_t blocks)
{
	struct ide_channel *ch = d->channel;

	if (!blocks) {
		atapi_done(d);
		return;
	}
	if (lba >= cd_blocks(d) || blocks > cd_blocks(d) - lba) {
		atapi_fail(d, SENSE_ILLEGAL, ASC_OUT_OF_RANGE);
		return;
	}
	if (!block_size(d, CD_BLOCK))
		return;
	d->disk.single = false;
	ch->to_device = false;
	ch->lba = lba;
	ch->left = blocks;
	chunk_read(d);
}

static void cd_answered(struct ide_drive *d, int error)
{
	struct ide_channel *ch = d->channel;

	if (!error) {
		d->regs.count[0] = ATAPI_IO;
		ide_channel_move(ch, ch->chunk * CD_BLOCK, true);
	} else if (error == -ENOMEDIUM || !d->cd.medium) {
		atapi_fail(d, SENSE_NOT_READY, d->cd.tray_open ? ASC_TRAY_OPEN : ASC_NO_MEDIUM);
	} else if (ch->chunk > 1 && !d->disk.single) {
		d->disk.single = true;
		chunk_read(d);
	} else {
		atapi_fail(d, SENSE_MEDIUM, ASC_READ_ERROR);
	}
}

static void cd_moved(struct ide_drive *d)
{
	struct ide_channel *ch = d->channel;

	if (ch->code != ATA_PACKET) { /* IDENTIFY: the host has it all */
		ide_channel_complete(ch, READY, false);
	} else if (d->cd.in_packet) {
		d->cd.in_packet = false;
		memcpy(d->cd.packet, ch->buffer, PACKET_BYTES);
		ch->dma = d->regs.feature[0] & 1;
		d->regs.status = ATA_BSY;
		atapi_execute(d);
	} else if (ch->to_device) {
		atapi_received(d, ch->data_end);
	} else if (ch->left > ch->chunk) {
		ch->lba += ch->chunk;
		ch->left -= ch->chunk;
		chunk_read(d);
	} else {
		atapi_done(d);
	}
}

/* ---- commands of the registers ---- */

static void packet(struct ide_drive *d)
{
	struct ide_channel *ch = d->channel;

	if (d->regs.feature[0] & 2) { /* no overlap */
		abort_command(d);
		return;
	}
	d->cd.byte_limit = (uint16_t)(d->regs.mid[0] | d->regs.high[0] << 8);
	d->cd.in_packet = true;
	d->regs.count[0] = ATAPI_CD;
	ch->dma = false;
	ch->to_device = true;
	ch->left = ch->chunk = 0;
	ch->drq_size = PACKET_BYTES;
	ide_channel_move(ch, PACKET_BYTES, false);
}

static void identify(struct ide_drive *d)
{
	static const uint16_t
		fixed[]
		     [2] = {
			     { 0, 0x85c0 }, /* a CD device, removable, DRQ within 50 us, 12 bytes */
			     { 49, 0x0f00 }, /* IORDY, LBA, DMA */
			     { 53, 0x0006 }, { 64, 0x0003 }, { 65, 120 },
			     { 66, 120 },    { 67, 120 },    { 68, 120 },
			     { 80, 0x01f0 }, { 82, 0x4218 }, /* NOP, DEVICE RESET, PACKET, power */
			     { 83, 0x4000 }, { 84, 0x4000 }, { 85, 0x4218 },
			     { 87, 0x4000 },
		     };
	struct ide_channel *ch = d->channel;
	uint8_t *block = ch->buffer;

	memset(block, 0, 512);
	for (unsigned i = 0; i < ARRAY_LEN(fixed); i++)
		ata_word(block, fixed[i][0], fixed[i][1]);
	ata_string(block, 10, d->serial, sizeof(d->serial));
	ata_string(block, 23, d->firmware, sizeof(d->firmware));
	ata_string(block, 27, d->model, sizeof(d->model));
	ata_word(block, 63, ata_modes(d, 0x07, 0x20));
	ata_word(block, 88, ata_modes(d, 0x3f, 0x40));
	ata_word(block, 93, 0x6000 | (d == &ch->drive[0] ? 0x000b : 0x0b00));
	ata_checksum(block);
	ch->dma = ch->to_device = false;
	ch->left = ch->chunk = 0;
	ch->drq_size = 512;
	ide_channel_move(ch, 512, true);
}

static void set_features(struct ide_drive *d)
{
	if (d->regs.feature[0] == 0x03 && ata_set_transfer_mode(d, d->regs.count[0]))
		ide_channel_complete(d->channel, READY, true);
	else
		abort_command(d);
}

/* A drive with no disc that spins is as good as idle. */
static void power(struct ide_drive *d)
{
	if (d->channel->code == 0xe5)
		d->regs.count[0] = 0xff;
	ide_channel_complete(d->channel, READY, true);
}

/* No interrupt, and not ready until the next command. ATA8-ACS 7.10. */
static void device_reset_command(struct ide_drive *d)
{
	signature(d);
	d->regs.device &= ATA_DEVICE_1;
	d->cd.in_packet = false;
	d->regs.error = ATA_PASSED;
	ide_channel_complete(d->channel, 0, false);
}

/* To whoever takes it for a disk it says what it is. */
static void not_a_disk(struct ide_drive *d)
{
	signature(d);
	abort_command(d);
}

static const struct {
	uint8_t code;
	void (*run)(struct ide_drive *d);
} commands[] = {
	{ ATA_DEVICE_RESET, device_reset_command },
	{ 0x20, not_a_disk },
	{ ATA_PACKET, packet },
	{ 0xa1, identify },
	{ 0xe0, power },
	{ 0xe1, power },
	{ 0xe2, power },
	{ 0xe3, power },
	{ 0xe5, power },
	{ 0xe6, power },
	{ 0xec, not_a_disk },
	{ 0xef, set_features },
};

static void cd_command(struct ide_drive *d, uint8_t command)
{
	for (unsigned i = 0; i < ARRAY_LEN(commands); i++)
		if (commands[i].code == command) {
			commands[i].run(d);
			return;
		}
	abort_command(d);
}

/* ---- resets ---- */

static void cd_power_on(struct ide_drive *d)
{
	memset(&d->cd, 0, sizeof(d->cd));
	d->transfer_mode = 0x45;
	d->cd.medium = d->backend->sectors != 0;
	d->cd.attention = true;
	d->cd.attention_asc = ASC_RESET >> 8;
	cd_pages_reset(d);
	if (d->backend->lock)
		d->backend->lock(d->backend, false);
}

static void cd_reset(struct ide_drive *d)
{
	d->cd.in_packet = false;
	signature(d);
	d->regs.error = ATA_PASSED;
}

/* The medium may be another one than where the record was written. */
static void cd_restored(struct ide_drive *d)
{
	d->cd.medium = !d->cd.tray_open && d->backend->sectors;
	if (d->backend->lock)
		d->backend->lock(d->backend, d->cd.locked);
}

const struct ide_drive_ops atapi_ops = {
	.packet = true,
	.power_on = cd_power_on,
	.reset = cd_reset,
	.command = cd_command,
	.moved = cd_moved,
	.answered = cd_answered,
	.restored = cd_restored,
};
