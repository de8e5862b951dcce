// SPDX-License-Identifier: GPL-2.0-or-later
/* The IDE function of the PIIX3: configuration space, the channels' places, the drives that hang there, what is saved. 82371SB 2.3. */
#include "ide.h"

#include "errno.h"
#include "ide_state.h"
#include "string.h"

#define IDETIM        0x40 /* one word a channel */
#define IDETIM_DECODE 0x8000
#define SIDETIM       0x44

static const struct {
	uint16_t command, control;
	uint8_t irq;
} places[2] = { { 0x1f0, 0x3f6, 14 }, { 0x170, 0x376, 15 } };

/* ---- the channels' places ---- */

static bool decodes(const struct ide_state *s, unsigned i)
{
	return (s->pci.config[PCI_COMMAND] & PCI_COMMAND_IO) &&
	       (pci_config16(&s->pci, IDETIM + 2 * i) & IDETIM_DECODE);
}

static void channel_release(struct ide_channel *ch)
{
	struct io_bus *pio = ch->ide->device->ports->pio;

	if (!ch->claimed)
		return;
	iobus_release(pio, &ch->command);
	iobus_release(pio, &ch->control);
	ch->claimed = false;
}

/* A place that somebody has taken (the guest can put a BAR there) stays that one's. */
static void channel_claim(struct ide_channel *ch)
{
	struct io_bus *pio = ch->ide->device->ports->pio;

	if (ch->claimed || iobus_claim(pio, &ch->command))
		return;
	if (iobus_claim(pio, &ch->control))
		iobus_release(pio, &ch->command);
	else
		ch->claimed = true;
}

/* Also a bus master that waited for the right to master goes on. */
static void config_written(struct pci_function *f, unsigned offset, unsigned size)
{
	struct ide_state *s = container_of(f, struct ide_state, pci);

	for (unsigned i = 0; i < 2; i++) {
		if (decodes(s, i))
			channel_claim(&s->channel[i]);
		else
			channel_release(&s->channel[i]);
		ide_channel_run(&s->channel[i]);
	}
}

static void function_describe(struct ide_state *s, uint8_t devfn)
{
	static const struct pci_ids ids = {
		.vendor = 0x8086, .device = 0x7010, .base_class = 1, .sub_class = 1, .prog_if = 0x80
	};
	struct pci_function *f = &s->pci;

	f->bars[4].is_io = true;
	f->bars[4].region = ide_master_region;
	pci_function_init(f, devfn, &ids);
	/* Neither memory nor an interrupt pin; medium decoding, fast back-to-back; aborts are noted. */
	f->writable[PCI_COMMAND] = PCI_COMMAND_IO | PCI_COMMAND_MASTER;
	f->writable[PCI_COMMAND + 1] = 0;
	pci_config_set16(f, PCI_STATUS, 0x0280);
	memcpy(f->at_reset + PCI_STATUS, f->config + PCI_STATUS, 2);
	f->clears[PCI_STATUS + 1] = 0x38;
	f->writable[0x0d] = 0xf0; /* latency timer */
	for (unsigned i = 0; i < 2; i++) {
		f->writable[IDETIM + 2 * i] = 0xff;
		f->writable[IDETIM + 2 * i + 1] = 0xf3;
	}
	f->writable[SIDETIM] = 0xff;
	f->written = config_written;
}

/* ---- the drives ---- */

static void resume(struct device_timer *t)
{
	ide_channel_run(container_of(t, struct ide_channel, resume));
}

static void fill(char *to, const char *from, const char *instead, unsigned n)
{
	const char *s = from ? from : instead;
	size_t length = strnlen(s, n);

	memset(to, ' ', n);
	memcpy(to, s, length);
}

/* A disk that nobody named has its place for a serial number. */
static void drive_attach(struct ide_drive *d, const struct ide_drive_config *c, unsigned place)
{
	char serial[] = "ZZ00000";

	serial[sizeof(serial) - 2] = (char)('1' + place);
	d->backend = c->backend;
	d->wwn = c->wwn;
	fill(d->serial, c->serial, serial, sizeof(d->serial));
	fill(d->firmware, c->firmware, "1.0", sizeof(d->firmware));
	if (c->kind == IDE_DISK) {
		d->ops = &ata_disk_ops;
		fill(d->model, c->model, "ZAZEN HARD DISK", sizeof(d->model));
	} else {
		d->ops = &atapi_ops;
		fill(d->model, c->model, "ZAZEN DVD-ROM", sizeof(d->model));
		atapi_attach(d);
	}
}

static void channel_init(struct ide_state *s, unsigned i)
{
	struct ide_channel *ch = &s->channel[i];
	struct device_ports *p = s->device->ports;

	ch->ide = s;
	ch->command = ide_command_region;
	ch->command.base = places[i].command;
	ch->control = ide_control_region;
	ch->control.base = places[i].control;
	ch->irq = p->isa_irq(p, places[i].irq);
	ch->resume.fn = resume;
	ch->drive[0].channel = ch->drive[1].channel = ch;
}

static int ide_create(struct device *d, const void *config)
{
	const struct ide_config *c = config;
	struct ide_state *s = d->state;
	int err;

	s->device = d;
	for (unsigned i = 0; i < IDE_DRIVES; i++)
		if (c->drives[i].kind != IDE_NONE && !c->drives[i].backend)
			return -EINVAL;
	channel_init(s, 0);
	channel_init(s, 1);
	for (unsigned i = 0; i < IDE_DRIVES; i++)
		if (c->drives[i].kind != IDE_NONE)
			drive_attach(&s->channel[i / 2].drive[i % 2], &c->drives[i], i);
	ide_channel_buffer_get(&s->channel[0]);
	ide_channel_buffer_get(&s->channel[1]);
	function_describe(s, c->devfn);
	err = pci_function_add(d->ports->pci, &s->pci);
	if (err) {
		ide_channel_buffer_put(&s->channel[0]);
		ide_channel_buffer_put(&s->channel[1]);
	}
	return err;
}

static void ide_reset(struct device *d)
{
	struct ide_state *s = d->state;

	for (unsigned i = 0; i < 2; i++) {
		ide_taskfile_reset(&s->channel[i]);
		s->channel[i].master = (struct ide_bus_master){ .status = 0 };
	}
	pci_function_reset(&s->pci);
	config_written(&s->pci, 0, 0);
}

static void ide_destroy(struct device *d)
{
	struct ide_state *s = d->state;

	for (unsigned i = 0; i < 2; i++) {
		ide_channel_abandon(&s->channel[i]);
		ide_channel_buffer_put(&s->channel[i]);
		channel_release(&s->channel[i]);
	}
	pci_function_remove(&s->pci);
}

void ide_unplug_disks(struct device *ide, bool keep_first)
{
	struct ide_state *s = ide->state;

	for (unsigned i = keep_first ? 1 : 0; i < IDE_DRIVES; i++) {
		struct ide_channel *ch = &s->channel[i / 2];
		struct ide_drive *d = &ch->drive[i % 2];

		if (d->ops != &ata_disk_ops)
			continue;
		if (ch->active == i % 2)
			ide_channel_abandon(ch);
		d->unplugged = true;
		ide_interrupt_update(ch);
	}
}

/* ---- what is saved ---- */

#define ROW(type, i, f) SAVE_ONE(type, 1, struct ide_state, channel[i].f)
#define PAIR(i, j, f)                                                                     \
	{                                                                                 \
		SAVE_U8, 1, offsetof(struct ide_state, channel[i].drive[j].regs.f), 2, #f \
	}
#define BYTES(i, f)                                                       \
	{                                                                 \
		SAVE_BYTES, 1, offsetof(struct ide_state, channel[i].f),  \
			sizeof(((struct ide_state *)0)->channel[i].f), #f \
	}
#define DRIVE_ROWS(i, j)                                                                          \
	PAIR(i, j, feature), PAIR(i, j, count), PAIR(i, j, low), PAIR(i, j, mid),                 \
		PAIR(i, j, high), ROW(SAVE_U8, i, drive[j].regs.device),                          \
		ROW(SAVE_U8, i, drive[j].regs.status), ROW(SAVE_U8, i, drive[j].regs.error),      \
		ROW(SAVE_BOOL, i, drive[j].intrq), ROW(SAVE_BOOL, i, drive[j].unplugged),         \
		ROW(SAVE_U16, i, drive[j].disk.heads), ROW(SAVE_U16, i, drive[j].disk.spt),       \
		ROW(SAVE_U8, i, drive[j].disk.multiple), ROW(SAVE_U8, i, drive[j].transfer_mode), \
		ROW(SAVE_U8, i, drive[j].disk.power),                                             \
		ROW(SAVE_BOOL, i, drive[j].disk.write_cache),                                     \
		ROW(SAVE_BOOL, i, drive[j].disk.look_ahead),                                      \
		ROW(SAVE_BOOL, i, drive[j].disk.smart), ROW(SAVE_BOOL, i, drive[j].disk.frozen),  \
		ROW(SAVE_BOOL, i, drive[j].disk.asleep),                                          \
		ROW(SAVE_BOOL, i, drive[j].disk.keep_settings),                                   \
		ROW(SAVE_BOOL, i, drive[j].disk.single), ROW(SAVE_U16, i, drive[j].disk.trim_at), \
		BYTES(i, drive[j].cd.packet), ROW(SAVE_U8, i, drive[j].cd.sense_key),             \
		ROW(SAVE_U8, i, drive[j].cd.asc), ROW(SAVE_U8, i, drive[j].cd.ascq),              \
		ROW(SAVE_U8, i, drive[j].cd.attention_asc),                                       \
		ROW(SAVE_BOOL, i, drive[j].cd.attention), ROW(SAVE_BOOL, i, drive[j].cd.medium),  \
		ROW(SAVE_BOOL, i, drive[j].cd.tray_open), ROW(SAVE_BOOL, i, drive[j].cd.locked),  \
		ROW(SAVE_BOOL, i, drive[j].cd.in_packet), ROW(SAVE_U8, i, drive[j].cd.event),     \
		ROW(SAVE_U16, i, drive[j].cd.byte_limit), BYTES(i, drive[j].cd.recovery)
#define CHANNEL_ROWS(i)                                                                      \
	DRIVE_ROWS(i, 0), DRIVE_ROWS(i, 1), ROW(SAVE_U8, i, device_control),                 \
		ROW(SAVE_U8, i, selected), ROW(SAVE_U8, i, master.command),                  \
		ROW(SAVE_U8, i, master.status), ROW(SAVE_U32, i, master.table),              \
		ROW(SAVE_U32, i, master.next), ROW(SAVE_U32, i, master.address),             \
		ROW(SAVE_U32, i, master.left), ROW(SAVE_BOOL, i, master.last),               \
		ROW(SAVE_U8, i, phase), ROW(SAVE_U8, i, active), ROW(SAVE_BOOL, i, dma),     \
		ROW(SAVE_BOOL, i, to_device), ROW(SAVE_U8, i, code), ROW(SAVE_U64, i, lba),  \
		ROW(SAVE_U32, i, left), ROW(SAVE_U32, i, chunk), ROW(SAVE_U32, i, drq_size), \
		ROW(SAVE_U32, i, block_pos), ROW(SAVE_U32, i, block_end),                    \
		ROW(SAVE_U32, i, data_end), ROW(SAVE_U8, i, media_op),                       \
		ROW(SAVE_BOOL, i, media_fua), ROW(SAVE_U64, i, media_sector),                \
		ROW(SAVE_U32, i, media_count), BYTES(i, store)

static const struct save_field ide_saved[] = {
	SAVE_BLOB(1, struct ide_state, pci.config),
	CHANNEL_ROWS(0),
	CHANNEL_ROWS(1),
	SAVE_LAST,
};

/* What moves data must stay inside the buffer, and belong to a drive that is there. */
static bool channel_is_possible(const struct ide_channel *ch)
{
	if (ch->phase >= IDE_PHASES || ch->active > 1 || ch->selected > 1)
		return false;
	if (ch->phase != IDE_IDLE && !ide_drive_there(&ch->drive[ch->active]))
		return false;
	if (ch->block_pos > ch->data_end || ch->block_end > ch->data_end ||
	    ch->data_end > IDE_BUFFER || ch->block_pos > ch->block_end + ch->data_end)
		return false;
	if ((ch->phase == IDE_PIO_IN || ch->phase == IDE_PIO_OUT) && ch->block_pos >= ch->block_end)
		return false;
	for (unsigned j = 0; j < 2; j++)
		if ((ch->drive[j].regs.status & (ATA_BSY | ATA_DRQ)) == (ATA_BSY | ATA_DRQ))
			return false;
	if (ch->media_op > BLOCK_DISCARD || ch->chunk > IDE_BUFFER / BLOCK_SECTOR || !ch->drq_size)
		return false;
	return ch->media_op > BLOCK_WRITE || ch->media_count <= IDE_BUFFER / BLOCK_SECTOR;
}

static void channel_restored(struct ide_channel *ch)
{
	struct device_clock *clock = ch->ide->device->ports->clock;

	for (unsigned j = 0; j < 2; j++)
		if (ide_drive_there(&ch->drive[j]) && ch->drive[j].ops->restored)
			ch->drive[j].ops->restored(&ch->drive[j]);
	if (ch->phase == IDE_MEDIA) /* nobody has asked this backend yet */
		ch->phase = IDE_SUBMIT;
	ch->line = false;
	if (ch->buffer != ch->store)
		memcpy(ch->buffer, ch->store, IDE_BUFFER);
	if (ch->phase != IDE_IDLE)
		clock->arm(clock, &ch->resume, clock->now_ns(clock));
}

static void ide_saving(struct device *d)
{
	struct ide_state *s = d->state;

	for (unsigned i = 0; i < 2; i++)
		if (s->channel[i].buffer != s->channel[i].store)
			memcpy(s->channel[i].store, s->channel[i].buffer, IDE_BUFFER);
}

static int ide_restored(struct device *d)
{
	struct ide_state *s = d->state;

	for (unsigned i = 0; i < 2; i++)
		if (!channel_is_possible(&s->channel[i]))
			return -EINVAL;
	pci_function_update(&s->pci);
	for (unsigned i = 0; i < 2; i++) {
		uint8_t master = s->channel[i].master.status;

		channel_restored(&s->channel[i]);
		ide_interrupt_update(&s->channel[i]);
		s->channel[i].master.status = master; /* the wire's edge was in another life */
		if (decodes(s, i))
			channel_claim(&s->channel[i]);
		else
			channel_release(&s->channel[i]);
	}
	return 0;
}

const struct device_class ide_class = {
	.name = "ide",
	.state_size = sizeof(struct ide_state),
	.version = 1,
	.create = ide_create,
	.reset = ide_reset,
	.destroy = ide_destroy,
	.saved = ide_saved,
	.restored = ide_restored,
	.saving = ide_saving,
};
