// SPDX-License-Identifier: GPL-2.0-or-later
/* The command in progress on a channel: steps from phase to phase, the data port's blocks, the request to the backend. */
#include "ide_state.h"

#include "errno.h"
#include "string.h"

static void media_done(struct block_request *r, int error)
{
	struct ide_channel *ch = container_of(r, struct ide_channel, request);

	ch->in_flight = false;
	ch->answer = error;
	ide_channel_run(ch);
}

void ide_channel_media(struct ide_channel *ch, enum block_op op, uint64_t sector, uint32_t count,
                       bool fua)
{
	ch->media_op = (uint8_t)op;
	ch->media_sector = sector;
	ch->media_count = count;
	ch->media_fua = fua;
	ch->phase = IDE_SUBMIT;
	ide_channel_drive(ch)->regs.status = ATA_BSY;
}

/* A request stays inside the medium, which may have been changed since the drive looked. */
static bool media_there(const struct ide_channel *ch, const struct block_backend *b)
{
	if (ch->media_op == BLOCK_FLUSH)
		return true;
	return ch->media_sector <= b->sectors && ch->media_count <= b->sectors - ch->media_sector;
}

static bool step_submit(struct ide_channel *ch)
{
	struct block_backend *b = ide_channel_drive(ch)->backend;

	ch->phase = IDE_MEDIA;
	ch->answer = -ENOMEDIUM;
	if (!media_there(ch, b))
		return true;
	ch->request = (struct block_request){
		.op = (enum block_op)ch->media_op,
		.sector = ch->media_sector,
		.count = ch->media_count,
		.fua = ch->media_fua,
		.buffer = ch->buffer,
		.done = media_done,
	};
	ch->in_flight = true;
	b->submit(b, &ch->request);
	ch->turn_cost += ch->media_op == BLOCK_READ || ch->media_op == BLOCK_WRITE
	                         ? ch->media_count * BLOCK_SECTOR
	                         : BLOCK_SECTOR;
	return true;
}

static bool step_media(struct ide_channel *ch)
{
	struct ide_drive *d = ide_channel_drive(ch);

	if (ch->in_flight)
		return false;
	d->ops->answered(d, ch->answer);
	return true;
}

static bool step_dma(struct ide_channel *ch)
{
	struct ide_drive *d = ide_channel_drive(ch);

	if (!ide_master_move(ch))
		return false;
	d->ops->moved(d);
	return true;
}

/* What a phase does next; false: it waits for somebody. */
static bool (*const steps[IDE_PHASES])(struct ide_channel *) = {
	[IDE_DMA_IN] = step_dma,
	[IDE_DMA_OUT] = step_dma,
	[IDE_SUBMIT] = step_submit,
	[IDE_MEDIA] = step_media,
};

/* A loop, not a recursion: a backend may answer before submit() returns, and a long command has many chunks. */
void ide_channel_run(struct ide_channel *ch)
{
	struct device_clock *clock = ch->ide->device->ports->clock;

	if (ch->running)
		return;
	ch->running = true;
	ch->turn_cost = 0;
	while (ch->turn_cost < IDE_TURN_COST && steps[ch->phase] && steps[ch->phase](ch))
		;
	ch->running = false;
	if (ch->turn_cost >= IDE_TURN_COST && steps[ch->phase])
		clock->arm(clock, &ch->resume, clock->now_ns(clock));
}

static struct block_backend *lender(const struct ide_channel *ch)
{
	for (unsigned j = 0; j < 2; j++)
		if (ch->drive[j].backend && ch->drive[j].backend->lend)
			return ch->drive[j].backend;
	return NULL;
}

void ide_channel_buffer_get(struct ide_channel *ch)
{
	struct block_backend *b = lender(ch);
	uint8_t *lent = b ? b->lend(b, IDE_BUFFER) : NULL;

	ch->buffer = lent ? lent : ch->store;
}

void ide_channel_buffer_put(struct ide_channel *ch)
{
	struct block_backend *b = lender(ch);

	if (b && ch->buffer != ch->store)
		b->take_back(b, ch->buffer);
	ch->buffer = ch->store;
}

void ide_channel_abandon(struct ide_channel *ch)
{
	struct device_clock *clock = ch->ide->device->ports->clock;

	clock->cancel(clock, &ch->resume);
	ch->phase = IDE_IDLE; /* first: the answer to what is cancelled moves nothing */
	if (ch->in_flight) {
		struct block_backend *b = ide_channel_drive(ch)->backend;

		b->cancel(b, &ch->request);
		/* The backend may still write there. */
		ide_channel_buffer_put(ch);
		ide_channel_buffer_get(ch);
	}
	ch->block_pos = ch->block_end = ch->data_end = 0;
}

/* Also what no command looks at before it sets it: a saved record has it. */
void ide_channel_reset(struct ide_channel *ch)
{
	ide_channel_abandon(ch);
	ch->active = ch->code = ch->media_op = 0;
	ch->dma = ch->to_device = ch->media_fua = false;
	ch->lba = ch->media_sector = 0;
	ch->left = ch->chunk = ch->media_count = 0;
	ch->drq_size = BLOCK_SECTOR;
}

void ide_channel_complete(struct ide_channel *ch, uint8_t status, bool irq)
{
	struct ide_drive *d = ide_channel_drive(ch);

	ch->phase = IDE_IDLE;
	d->regs.status = status;
	if (irq)
		ide_drive_interrupt(d);
}

/* ---- PIO ---- */

static void block_start(struct ide_channel *ch, bool irq)
{
	struct ide_drive *d = ide_channel_drive(ch);
	uint32_t n = MIN(ch->data_end - ch->block_pos, ch->drq_size);

	ch->block_end = ch->block_pos + n;
	ch->phase = ch->to_device ? IDE_PIO_OUT : IDE_PIO_IN;
	d->regs.status = ATA_DRDY | ATA_DSC | ATA_DRQ;
	if (d->ops->packet && !d->cd.in_packet && ch->code == ATA_PACKET) {
		d->regs.mid[0] = (uint8_t)n;
		d->regs.high[0] = (uint8_t)(n >> 8);
	}
	if (irq)
		ide_drive_interrupt(d);
}

void ide_channel_move(struct ide_channel *ch, uint32_t n, bool irq)
{
	ch->block_pos = ch->block_end = 0;
	ch->data_end = n;
	if (!ch->dma) {
		block_start(ch, irq);
		return;
	}
	ch->phase = ch->to_device ? IDE_DMA_OUT : IDE_DMA_IN;
	ide_channel_drive(ch)->regs.status = ATA_DRDY | ATA_DSC | ATA_DRQ;
}

/* The host has moved bytes of the block: the next one, or the drive's turn. An odd block has a byte of padding. */
static void block_moved(struct ide_channel *ch, uint32_t n)
{
	struct ide_drive *d = ide_channel_drive(ch);

	ch->block_pos += n;
	if (ch->block_pos < ch->block_end)
		return;
	ch->block_pos = ch->block_end;
	if (ch->block_pos < ch->data_end) {
		block_start(ch, true);
		return;
	}
	ch->phase = IDE_IDLE;
	d->ops->moved(d);
	ide_channel_run(ch);
}

uint32_t ide_channel_data_in(struct ide_channel *ch, void *to, uint32_t n)
{
	if (ch->phase != IDE_PIO_IN || ch->active != ch->selected)
		return 0;
	n = MIN(n, ch->block_end - ch->block_pos);
	memcpy(to, ch->buffer + ch->block_pos, n);
	block_moved(ch, n);
	return n;
}

uint32_t ide_channel_data_out(struct ide_channel *ch, const void *from, uint32_t n)
{
	if (ch->phase != IDE_PIO_OUT || ch->active != ch->selected)
		return 0;
	n = MIN(n, ch->block_end - ch->block_pos);
	memcpy(ch->buffer + ch->block_pos, from, n);
	block_moved(ch, n);
	return n;
}
