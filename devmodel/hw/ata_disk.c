// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An ATA disk: its commands. ATA8-ACS 7, and ATA-3 for what older systems send. A command is a row that says how its data move; reads and writes go in chunks of the
 * channel's buffer, and within those in DRQ blocks.
 */
#include "ide_state.h"

#include "errno.h"
#include "string.h"

#define CHUNK_SECTORS  (IDE_BUFFER / BLOCK_SECTOR)
#define MULTIPLE_MAX   16
#define DONE           (ATA_DRDY | ATA_DSC)
#define POWER_ACTIVE   0xff
#define POWER_IDLE     0x80
#define POWER_STANDBY  0x00
#define TRIM_RANGES    64
#define TRIM_SUPPORTED 0x01

/* How a row's command takes its address and moves its data. */
enum {
	EXT = 0x01, /* 48 bits */
	OUT = 0x02, /* from the host */
	DMA = 0x04,
	MULTIPLE = 0x08,
	FUA = 0x10,
	VERIFY = 0x20, /* nothing moves */
	RANGES = 0x40, /* the data are ranges to discard */
};

struct command {
	void (*run)(struct ide_drive *d);
	uint8_t flags;
};
static const struct command commands[256];

static uint8_t flags_of(const struct ide_drive *d)
{
	return commands[d->channel->code].flags;
}

/* ---- ends ---- */

static void fail(struct ide_drive *d, uint8_t error, uint8_t status)
{
	d->regs.error = error;
	ide_channel_complete(d->channel, DONE | ATA_ERR | status, true);
}

void ata_abort(struct ide_drive *d)
{
	fail(d, ATA_ABRT, 0);
}

static void succeed(struct ide_drive *d)
{
	ide_channel_complete(d->channel, DONE, true);
}

void ata_block_to_host(struct ide_drive *d)
{
	struct ide_channel *ch = d->channel;

	ch->dma = ch->to_device = false;
	ch->left = ch->chunk = 0;
	ch->drq_size = BLOCK_SECTOR;
	ide_channel_move(ch, BLOCK_SECTOR, true);
}

/* ---- addresses ---- */

static uint32_t count_get(const struct ide_registers *r, bool ext)
{
	uint32_t n = ext ? (uint32_t)r->count[1] << 8 | r->count[0] : r->count[0];

	return n ? n : ext ? 65536 : 256;
}

static uint64_t bits_24(const struct ide_registers *r, unsigned i)
{
	return r->low[i] | (uint64_t)r->mid[i] << 8 | (uint64_t)r->high[i] << 16;
}

/* ~0: no such cylinder, head or sector. */
static uint64_t lba_get(const struct ide_drive *d, bool ext)
{
	const struct ide_registers *r = &d->regs;
	uint32_t cylinder = r->mid[0] | (uint32_t)r->high[0] << 8;
	uint32_t head = r->device & ATA_DEVICE_HEAD, sector = r->low[0];

	if (ext)
		return bits_24(r, 0) | bits_24(r, 1) << 24;
	if (r->device & ATA_DEVICE_LBA)
		return bits_24(r, 0) | (uint64_t)head << 24;
	if (head >= d->disk.heads || !sector || sector > d->disk.spt)
		return ~0ull;
	return ((uint64_t)cylinder * d->disk.heads + head) * d->disk.spt + sector - 1;
}

static void low_put(struct ide_registers *r, unsigned i, uint64_t lba)
{
	r->low[i] = (uint8_t)lba;
	r->mid[i] = (uint8_t)(lba >> 8);
	r->high[i] = (uint8_t)(lba >> 16);
}

static void head_put(struct ide_registers *r, uint8_t head)
{
	r->device = (r->device & (uint8_t)~ATA_DEVICE_HEAD) | head;
}

/* In the form in which the host gave it. */
static void lba_put(struct ide_drive *d, uint64_t lba, bool ext)
{
	struct ide_registers *r = &d->regs;
	uint32_t track;

	if (ext) {
		low_put(r, 0, lba);
		low_put(r, 1, lba >> 24);
	} else if (r->device & ATA_DEVICE_LBA) {
		low_put(r, 0, lba);
		head_put(r, (uint8_t)(lba >> 24) & ATA_DEVICE_HEAD);
	} else {
		track = (uint32_t)(lba / d->disk.spt);
		r->low[0] = (uint8_t)(lba % d->disk.spt + 1);
		head_put(r, (uint8_t)(track % d->disk.heads));
		r->mid[0] = (uint8_t)(track / d->disk.heads);
		r->high[0] = (uint8_t)(track / d->disk.heads >> 8);
	}
}

void ata_disk_default_translation(struct ide_drive *d)
{
	d->disk.heads = 16;
	d->disk.spt = 63;
}

/* ---- reads, writes, verifies ---- */

/* The address of the sector that failed, or of the last one; and how many remain. */
static void registers_put(struct ide_drive *d, uint64_t lba)
{
	struct ide_channel *ch = d->channel;
	bool ext = flags_of(d) & EXT;

	lba_put(d, lba, ext);
	d->regs.count[0] = (uint8_t)ch->left;
	if (ext)
		d->regs.count[1] = (uint8_t)(ch->left >> 8);
}

static void fail_at(struct ide_drive *d, uint64_t lba, uint8_t error, uint8_t status)
{
	registers_put(d, lba);
	fail(d, error, status);
}

/* The next chunk is read, or taken from the host. */
static void chunk_start(struct ide_drive *d, bool irq)
{
	struct ide_channel *ch = d->channel;
	uint64_t sectors = d->backend->sectors;
	uint32_t n = MIN(ch->left, d->disk.single ? 1u : CHUNK_SECTORS);

	if (ch->lba >= sectors) {
		fail_at(d, ch->lba, ATA_IDNF, 0);
		return;
	}
	ch->chunk = (uint32_t)MIN((uint64_t)n, sectors - ch->lba);
	if (ch->to_device)
		ide_channel_move(ch, ch->chunk * BLOCK_SECTOR, irq);
	else
		ide_channel_media(ch, BLOCK_READ, ch->lba, ch->chunk, false);
}

static void chunk_done(struct ide_drive *d)
{
	struct ide_channel *ch = d->channel;

	ch->lba += ch->chunk;
	ch->left -= ch->chunk;
	if (ch->left) {
		chunk_start(d, true);
		return;
	}
	registers_put(d, ch->lba - 1);
	/* The host has the last block of a PIO read: nothing is left to tell. */
	ide_channel_complete(ch, DONE, ch->dma || ch->to_device || (flags_of(d) & VERIFY) != 0);
}

static void transfer(struct ide_drive *d)
{
	struct ide_channel *ch = d->channel;
	uint8_t flags = flags_of(d);

	if ((flags & MULTIPLE) && !d->disk.multiple) {
		ata_abort(d);
		return;
	}
	if ((flags & OUT) && d->backend->read_only) {
		fail(d, ATA_WP | ATA_ABRT, 0);
		return;
	}
	d->disk.power = POWER_ACTIVE;
	d->disk.single = false;
	ch->dma = flags & DMA;
	ch->to_device = flags & OUT;
	ch->left = count_get(&d->regs, flags & EXT);
	ch->lba = lba_get(d, flags & EXT);
	ch->drq_size = BLOCK_SECTOR * (flags & MULTIPLE ? d->disk.multiple : 1u);
	if (ch->lba == ~0ull)
		fail(d, ATA_IDNF, 0);
	else
		chunk_start(d, false);
}

/* ---- DATA SET MANAGEMENT ---- */

static void trim_next(struct ide_drive *d)
{
	struct ide_channel *ch = d->channel;

	while (d->disk.trim_at < TRIM_RANGES) {
		const uint8_t *p = ch->buffer + 8 * d->disk.trim_at++;
		uint64_t lba = 0, sectors = d->backend->sectors;
		uint32_t n = p[6] | (uint32_t)p[7] << 8;

		for (unsigned i = 0; i < 6; i++)
			lba |= (uint64_t)p[i] << 8 * i;
		if (!n)
			continue;
		if (lba >= sectors || n > sectors - lba) {
			fail(d, ATA_IDNF, 0);
			return;
		}
		ide_channel_media(ch, BLOCK_DISCARD, lba, n, false);
		return;
	}
	succeed(d);
}

static void data_set_management(struct ide_drive *d)
{
	struct ide_channel *ch = d->channel;

	if (d->regs.feature[0] != TRIM_SUPPORTED || count_get(&d->regs, true) != 1) {
		ata_abort(d);
		return;
	}
	if (d->backend->read_only) {
		fail(d, ATA_WP | ATA_ABRT, 0);
		return;
	}
	ch->dma = ch->to_device = true;
	ch->left = ch->chunk = 0;
	d->disk.trim_at = 0;
	ide_channel_move(ch, BLOCK_SECTOR, false);
}

/* ---- the channel tells ---- */

static void disk_moved(struct ide_drive *d)
{
	struct ide_channel *ch = d->channel;
	uint8_t flags = flags_of(d);

	if (flags & RANGES)
		trim_next(d);
	else if (!ch->left) /* a block of words: IDENTIFY, SMART, the buffer */
		ide_channel_complete(ch, DONE, ch->to_device);
	else if (ch->to_device)
		ide_channel_media(ch, BLOCK_WRITE, ch->lba, ch->chunk,
		                  (flags & FUA) || !d->disk.write_cache);
	else
		chunk_done(d);
}

/* A chunk of many sectors that failed is tried again one by one, so that the good ones arrive and the bad one is named. */
static void media_failed(struct ide_drive *d, int error)
{
	struct ide_channel *ch = d->channel;

	if (ch->media_op == BLOCK_READ && ch->chunk > 1 && !d->disk.single) {
		d->disk.single = true;
		chunk_start(d, false);
	} else if (ch->media_op == BLOCK_READ) {
		fail_at(d, ch->lba, ATA_UNC, 0);
	} else if (error == -EROFS) {
		fail_at(d, ch->lba, ATA_WP | ATA_ABRT, 0);
	} else {
		fail_at(d, ch->lba, ATA_ABRT, ATA_DF);
	}
}

static void disk_answered(struct ide_drive *d, int error)
{
	struct ide_channel *ch = d->channel;
	uint8_t flags = flags_of(d);

	if (flags & RANGES) {
		/* Advice: a backend that cannot discard has done no harm. */
		trim_next(d);
	} else if (ch->media_op == BLOCK_FLUSH) {
		if (error)
			fail(d, ATA_ABRT, ATA_DF);
		else
			succeed(d);
	} else if (error) {
		media_failed(d, error);
	} else if (ch->media_op == BLOCK_READ && !(flags & VERIFY)) {
		ide_channel_move(ch, ch->chunk * BLOCK_SECTOR, true);
	} else {
		chunk_done(d);
	}
}

/* ---- commands with no data on the medium ---- */

static void flush(struct ide_drive *d)
{
	ide_channel_media(d->channel, BLOCK_FLUSH, 0, 0, false);
}

static void identify(struct ide_drive *d)
{
	ata_identify(d, d->channel->buffer);
	ata_block_to_host(d);
}

static void buffer_write(struct ide_drive *d)
{
	struct ide_channel *ch = d->channel;

	ch->dma = false;
	ch->to_device = true;
	ch->left = ch->chunk = 0;
	ch->drq_size = BLOCK_SECTOR;
	ide_channel_move(ch, BLOCK_SECTOR, false);
}

static void recalibrate(struct ide_drive *d)
{
	lba_put(d, 0, false);
	succeed(d);
}

static void seek(struct ide_drive *d)
{
	if (lba_get(d, false) >= d->backend->sectors)
		fail(d, ATA_IDNF, 0);
	else
		succeed(d);
}

static void set_translation(struct ide_drive *d)
{
	uint16_t heads = (d->regs.device & ATA_DEVICE_HEAD) + 1u, spt = d->regs.count[0];

	if (!spt) {
		ata_abort(d);
		return;
	}
	d->disk.heads = heads;
	d->disk.spt = spt;
	succeed(d);
}

static void set_multiple(struct ide_drive *d)
{
	uint8_t n = d->regs.count[0];

	if (n > MULTIPLE_MAX || (n & (n - 1))) {
		d->disk.multiple = 0;
		ata_abort(d);
		return;
	}
	d->disk.multiple = n;
	succeed(d);
}

static void native_max(struct ide_drive *d)
{
	bool ext = flags_of(d) & EXT;
	uint64_t last = d->backend->sectors - 1;

	if (!(d->regs.device & ATA_DEVICE_LBA)) {
		ata_abort(d);
		return;
	}
	lba_put(d, ext ? last : MIN(last, 0x0ffffffeull), ext);
	succeed(d);
}

static void check_power(struct ide_drive *d)
{
	d->regs.count[0] = d->disk.power;
	succeed(d);
}

static void idle(struct ide_drive *d)
{
	d->disk.power = POWER_IDLE;
	succeed(d);
}

/* What the cache holds goes to the medium before it stops. */
static void standby(struct ide_drive *d)
{
	d->disk.power = POWER_STANDBY;
	flush(d);
}

/* Awake again after a reset only. */
static void go_to_sleep(struct ide_drive *d)
{
	d->disk.asleep = true;
	standby(d);
}

static void freeze(struct ide_drive *d)
{
	d->disk.frozen = true;
	succeed(d);
}

/* ---- SET FEATURES ---- */

static bool transfer_mode_is_good(uint8_t mode)
{
	switch (mode & 0xf8) {
	case 0x00: return mode <= 1;
	case 0x08: return (mode & 7) <= 4;
	case 0x20: return (mode & 7) <= 2;
	case 0x40: return (mode & 7) <= 5;
	default: return false;
	}
}

/* The PIO modes leave the DMA mode as it is. */
bool ata_set_transfer_mode(struct ide_drive *d, uint8_t mode)
{
	if (!transfer_mode_is_good(mode))
		return false;
	if (mode & 0xf0)
		d->transfer_mode = mode;
	return true;
}

static bool feature_set(struct ide_drive *d, uint8_t feature, uint8_t count)
{
	switch (feature) {
	case 0x02: d->disk.write_cache = true; return true;
	case 0x82: d->disk.write_cache = false; return true;
	case 0x03: return ata_set_transfer_mode(d, count);
	case 0x55: d->disk.look_ahead = false; return true;
	case 0xaa: d->disk.look_ahead = true; return true;
	case 0x66: d->disk.keep_settings = true; return true;
	case 0xcc: d->disk.keep_settings = false; return true;
	default: return false;
	}
}

/* A cache that is turned off is emptied first. */
static void set_features(struct ide_drive *d)
{
	uint8_t feature = d->regs.feature[0];

	if (!feature_set(d, feature, d->regs.count[0]))
		ata_abort(d);
	else if (feature == 0x82)
		flush(d);
	else
		succeed(d);
}

/* ---- the table ---- */

static const struct command commands[256] = {
	[0x06] = { data_set_management, EXT | OUT | DMA | RANGES },
	[0x10 ... 0x1f] = { recalibrate, 0 },
	[0x20 ... 0x21] = { transfer, 0 },
	[0x24] = { transfer, EXT },
	[0x25] = { transfer, EXT | DMA },
	[0x27] = { native_max, EXT },
	[0x29] = { transfer, EXT | MULTIPLE },
	[0x30 ... 0x31] = { transfer, OUT },
	[0x34] = { transfer, OUT | EXT },
	[0x35] = { transfer, OUT | EXT | DMA },
	[0x39] = { transfer, OUT | EXT | MULTIPLE },
	[0x3c] = { transfer, OUT },
	[0x3d] = { transfer, OUT | EXT | DMA | FUA },
	[0x40 ... 0x41] = { transfer, VERIFY },
	[0x42] = { transfer, VERIFY | EXT },
	[0x70 ... 0x7f] = { seek, 0 },
	[0x91] = { set_translation, 0 },
	[0x94] = { standby, 0 }, /* the ATA-1 numbers of the power commands */
	[0x95] = { idle, 0 },
	[0x96] = { standby, 0 },
	[0x97] = { idle, 0 },
	[0x98] = { check_power, 0 },
	[0x99] = { go_to_sleep, 0 },
	[0xb0] = { ata_smart, 0 },
	[0xc4] = { transfer, MULTIPLE },
	[0xc5] = { transfer, OUT | MULTIPLE },
	[0xc6] = { set_multiple, 0 },
	[0xc8 ... 0xc9] = { transfer, DMA },
	[0xca ... 0xcb] = { transfer, OUT | DMA },
	[0xce] = { transfer, OUT | EXT | MULTIPLE | FUA },
	[0xe0] = { standby, 0 },
	[0xe1] = { idle, 0 },
	[0xe2] = { standby, 0 },
	[0xe3] = { idle, 0 },
	[0xe4] = { ata_block_to_host, 0 },
	[0xe5] = { check_power, 0 },
	[0xe6] = { go_to_sleep, 0 },
	[0xe7] = { flush, 0 },
	[0xe8] = { buffer_write, OUT },
	[0xea] = { flush, EXT },
	[0xec] = { identify, 0 },
	[0xef] = { set_features, 0 },
	[0xf5] = { freeze, 0 },
	[0xf8] = { native_max, 0 },
};

/* Any other command, NOP among them, is aborted. */
static void disk_command(struct ide_drive *d, uint8_t command)
{
	if (d->disk.asleep)
		return;
	if (commands[command].run)
		commands[command].run(d);
	else
		ata_abort(d);
}

/* ---- resets ---- */

static void settings_default(struct ide_drive *d)
{
	d->disk.multiple = 0;
	d->disk.write_cache = true;
	d->disk.look_ahead = true;
	ata_disk_default_translation(d);
}

static void disk_power_on(struct ide_drive *d)
{
	memset(&d->disk, 0, sizeof(d->disk));
	d->disk.smart = true;
	d->transfer_mode = 0x45;
	settings_default(d);
}

static void disk_reset(struct ide_drive *d)
{
	d->disk.asleep = false;
	d->disk.power = POWER_ACTIVE;
	if (!d->disk.keep_settings)
		settings_default(d);
	d->regs.count[0] = d->regs.low[0] = 1;
	d->regs.error = ATA_PASSED;
	d->regs.status = DONE;
}

/* A translation with no sectors would divide by nothing. */
static void disk_restored(struct ide_drive *d)
{
	if (!d->disk.heads || !d->disk.spt)
		ata_disk_default_translation(d);
	d->disk.multiple = MIN(d->disk.multiple, (uint8_t)MULTIPLE_MAX);
}

const struct ide_drive_ops ata_disk_ops = {
	.power_on = disk_power_on,
	.reset = disk_reset,
	.command = disk_command,
	.moved = disk_moved,
	.answered = disk_answered,
	.restored = disk_restored,
};
