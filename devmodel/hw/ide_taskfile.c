// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The registers of a channel: command block, device control, the choice of a drive, resets, the interrupt. ATA8-APT 6 and 9. Both drives take what is written, the
 * chosen one answers; one that is not there reads as zeroes.
 */
#include "ide_state.h"

#include "string.h"

static struct ide_drive *selected(struct ide_channel *ch)
{
	return &ch->drive[ch->selected];
}

/* ---- the interrupt ---- */

void ide_interrupt_update(struct ide_channel *ch)
{
	const struct ide_drive *d = selected(ch);
	bool level = ide_drive_there(d) && d->intrq && !(ch->device_control & ATA_NIEN);

	if (level && !ch->line)
		ide_master_interrupt(&ch->master);
	ch->line = level;
	irq_line_set(ch->irq, level);
}

void ide_drive_interrupt(struct ide_drive *d)
{
	d->intrq = true;
	ide_interrupt_update(d->channel);
}

/* ---- resets ---- */

static void drives_reset(struct ide_channel *ch)
{
	for (unsigned i = 0; i < 2; i++) {
		struct ide_drive *d = &ch->drive[i];

		d->intrq = false;
		memset(&d->regs, 0, sizeof(d->regs));
		if (ide_drive_there(d))
			d->ops->reset(d);
	}
	ch->selected = 0;
}

void ide_taskfile_reset(struct ide_channel *ch)
{
	ide_channel_reset(ch);
	ch->device_control = 0;
	for (unsigned i = 0; i < 2; i++)
		if (ide_drive_there(&ch->drive[i]))
			ch->drive[i].ops->power_on(&ch->drive[i]);
	drives_reset(ch);
	ide_interrupt_update(ch);
}

static void control_write(struct ide_channel *ch, uint8_t value)
{
	bool held = ch->device_control & ATA_SRST;

	ch->device_control = value;
	if ((value & ATA_SRST) && !held) {
		ide_channel_abandon(ch);
		for (unsigned i = 0; i < 2; i++) {
			ch->drive[i].intrq = false;
			ch->drive[i].regs.status = ATA_BSY;
		}
	} else if (!(value & ATA_SRST) && held) {
		drives_reset(ch);
	}
	ide_interrupt_update(ch);
}

/* ---- commands ---- */

/* Both drives answer, and device 0 tells of it. */
static void diagnostic(struct ide_channel *ch)
{
	drives_reset(ch);
	ide_drive_interrupt(&ch->drive[ide_drive_there(&ch->drive[0]) ? 0 : 1]);
}

static void command_write(struct ide_channel *ch, uint8_t command)
{
	struct ide_drive *d = selected(ch);
	bool reset_packet;

	if (!ide_drive_there(d)) {
		if (command == ATA_DIAGNOSTIC && ide_drive_there(&ch->drive[!ch->selected]))
			diagnostic(ch);
		return;
	}
	reset_packet = command == ATA_DEVICE_RESET && d->ops->packet;
	if ((d->regs.status & (ATA_BSY | ATA_DRQ)) && !reset_packet)
		return;
	d->intrq = false;
	ide_interrupt_update(ch);
	if (command == ATA_DIAGNOSTIC) {
		diagnostic(ch);
		return;
	}
	ide_channel_abandon(ch);
	ch->polls = 0;
	ch->active = ch->selected;
	ch->code = command;
	d->regs.error = 0;
	d->ops->command(d, command);
	ide_channel_run(ch);
}

/* ---- the command block ---- */

static void push(uint8_t pair[2], uint8_t value)
{
	pair[1] = pair[0];
	pair[0] = value;
}

static void drive_write(struct ide_channel *ch, struct ide_drive *d, unsigned reg, uint8_t value)
{
	struct ide_registers *r = &d->regs;

	switch (reg) {
	case ATA_FEATURE: push(r->feature, value); break;
	case ATA_COUNT: push(r->count, value); break;
	case ATA_LOW: push(r->low, value); break;
	case ATA_MID: push(r->mid, value); break;
	case ATA_HIGH: push(r->high, value); break;
	case ATA_DEVICE:
		r->device = value;
		ch->selected = value & ATA_DEVICE_1 ? 1 : 0;
		break;
	default: break;
	}
}

static void register_write(struct ide_channel *ch, unsigned reg, uint8_t value)
{
	struct ide_drive *d = selected(ch);

	if (reg == ATA_DATA || (ch->device_control & ATA_SRST))
		return;
	ch->device_control &= (uint8_t)~ATA_HOB;
	if (reg == ATA_COMMAND) {
		command_write(ch, value);
		return;
	}
	if (ide_drive_there(d) && (d->regs.status & (ATA_BSY | ATA_DRQ)))
		return;
	drive_write(ch, &ch->drive[0], reg, value);
	drive_write(ch, &ch->drive[1], reg, value);
	if (reg == ATA_DEVICE)
		ide_interrupt_update(ch);
}

static uint8_t status_read(struct ide_channel *ch)
{
	struct machine_port *machine = ch->ide->device->ports->machine;
	uint8_t status = selected(ch)->regs.status;

	if (!(status & ATA_BSY) || !ch->in_flight)
		ch->polls = 0;
	else if (ch->polls < IDE_POLLS)
		ch->polls++;
	if (ch->polls == IDE_POLLS && machine->polled)
		machine->polled(machine);
	return status;
}

static uint8_t register_read(struct ide_channel *ch, unsigned reg)
{
	struct ide_drive *d = selected(ch);
	const struct ide_registers *r = &d->regs;
	unsigned old = ch->device_control & ATA_HOB ? 1 : 0;

	if (!ide_drive_there(d))
		return 0;
	switch (reg) {
	case ATA_ERROR: return r->error;
	case ATA_COUNT: return r->count[old];
	case ATA_LOW: return r->low[old];
	case ATA_MID: return r->mid[old];
	case ATA_HIGH: return r->high[old];
	case ATA_DEVICE: return r->device | ATA_DEVICE_OBSOLETE;
	case ATA_STATUS:
		d->intrq = false;
		ide_interrupt_update(ch);
		return status_read(ch);
	default: return 0xff; /* nobody drives the data register for a byte */
	}
}

static enum io_result command_access(struct io_region *region, struct io_access *a)
{
	struct ide_channel *ch = container_of(region, struct ide_channel, command);
	unsigned reg = (unsigned)a->addr;

	if (reg == ATA_DATA && a->size > 1) {
		if (a->is_write) {
			ide_channel_data_out(ch, &a->value, a->size);
		} else {
			a->value = 0;
			ide_channel_data_in(ch, &a->value, a->size);
		}
		return IO_DONE;
	}
	if (!a->is_write)
		a->value = 0;
	for (unsigned i = 0; i < a->size; i++) {
		if (a->is_write)
			register_write(ch, reg + i, (uint8_t)(a->value >> 8 * i));
		else
			a->value |= (uint64_t)register_read(ch, reg + i) << 8 * i;
	}
	return IO_DONE;
}

/* REP INSW and OUTSW: as much of a DRQ block as there is, in whole elements. */
static uint32_t command_bulk(struct io_region *region, const struct io_bulk *b)
{
	struct ide_channel *ch = container_of(region, struct ide_channel, command);
	uint32_t n = MIN(b->count, (ch->block_end - ch->block_pos) / b->size) * b->size;

	if (b->addr != ATA_DATA || b->size == 1 || !n)
		return 0;
	n = b->is_write ? ide_channel_data_out(ch, b->buffer, n)
	                : ide_channel_data_in(ch, b->buffer, n);
	return n / b->size;
}

/* Alternate status: the interrupt stays. */
static enum io_result control_access(struct io_region *region, struct io_access *a)
{
	struct ide_channel *ch = container_of(region, struct ide_channel, control);
	struct ide_drive *d = selected(ch);

	if (a->is_write)
		control_write(ch, (uint8_t)a->value);
	else
		a->value = ide_drive_there(d) ? status_read(ch) : 0;
	return IO_DONE;
}

const struct io_region ide_command_region = {
	.name = "ide command block",
	.size = 8,
	.min_access = 1,
	.max_access = 4,
	.access = command_access,
	.bulk = command_bulk,
};
const struct io_region ide_control_region = {
	.name = "ide device control",
	.size = 1,
	.min_access = 1,
	.max_access = 1,
	.access = control_access,
};
