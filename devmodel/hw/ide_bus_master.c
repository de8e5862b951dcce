// SPDX-License-Identifier: GPL-2.0-or-later
/* The bus master of a channel: its registers and the walk through a table of physical regions. SFF-8038i; 82371SB 2.4. */
#include "ide_state.h"

#define COMMAND    0
#define STATUS     2
#define TABLE      4
#define START      0x01
#define TO_MEMORY  0x08
#define ACTIVE     0x01
#define ERROR      0x02
#define INTERRUPT  0x04
#define CAPABLE    0x60 /* what software knows of the drives; ours to keep only */
#define LAST_ENTRY 0x80000000u

/* A table whose entries hold two bytes each costs more than the bytes it moves. */
#define ENTRY_COST 256u

void ide_master_interrupt(struct ide_bus_master *m)
{
	m->status |= INTERRUPT;
}

/* ---- the table ---- */

static void fail(struct ide_bus_master *m)
{
	m->status = (uint8_t)((m->status & ~ACTIVE) | ERROR);
}

/* The region in use is done. The last one's end is the end of the activity, whether the drive has got enough or not. */
static bool next_region(struct ide_channel *ch)
{
	struct ide_bus_master *m = &ch->master;
	uint32_t entry[2];

	if (dma_read(ch->ide->device->ports->dma, m->next, entry, sizeof(entry))) {
		fail(m);
		return false;
	}
	m->next += sizeof(entry);
	m->address = entry[0] & ~1u;
	m->left = entry[1] & 0xfffe;
	if (!m->left)
		m->left = 0x10000;
	m->last = entry[1] & LAST_ENTRY;
	ch->turn_cost += ENTRY_COST;
	return true;
}

static bool move_piece(struct ide_channel *ch)
{
	struct ide_bus_master *m = &ch->master;
	struct guest_dma *dma = ch->ide->device->ports->dma;
	uint32_t n = MIN(m->left, ch->data_end - ch->block_pos);
	uint8_t *at = ch->buffer + ch->block_pos;
	int error = ch->phase == IDE_DMA_IN ? dma_write(dma, m->address, at, n)
	                                    : dma_read(dma, m->address, at, n);

	if (error) {
		fail(m);
		return false;
	}
	m->address += n;
	m->left -= n;
	ch->block_pos += n;
	ch->turn_cost += n;
	if (!m->left && m->last)
		m->status &= (uint8_t)~ACTIVE;
	return true;
}

bool ide_master_move(struct ide_channel *ch)
{
	struct ide_bus_master *m = &ch->master;

	if (!pci_is_master(&ch->ide->pci))
		return false;
	while (ch->block_pos < ch->data_end) {
		if (!(m->status & ACTIVE) || ch->turn_cost >= IDE_TURN_COST)
			return false;
		if (!m->left && !next_region(ch))
			return false;
		if (!move_piece(ch))
			return false;
	}
	return true;
}

/* ---- the registers ---- */

static void command_write(struct ide_channel *ch, uint8_t value)
{
	struct ide_bus_master *m = &ch->master;
	bool started = value & ~m->command & START;

	m->command = value & (START | TO_MEMORY);
	if (!(value & START)) {
		m->status &= (uint8_t)~ACTIVE;
	} else if (started) {
		m->status |= ACTIVE;
		m->next = m->table;
		m->left = 0;
		m->last = false;
		ide_channel_run(ch);
	}
}

static void status_write(struct ide_bus_master *m, uint8_t value)
{
	uint8_t kept = m->status & ~(value & (ERROR | INTERRUPT));

	m->status = (uint8_t)((kept & ~CAPABLE) | (value & CAPABLE));
}

static void byte_write(struct ide_channel *ch, unsigned reg, uint8_t value)
{
	unsigned shift = 8 * (reg & 3);

	if (reg == COMMAND)
		command_write(ch, value);
	else if (reg == STATUS)
		status_write(&ch->master, value);
	else if (reg >= TABLE)
		ch->master.table =
			((ch->master.table & ~(0xffu << shift)) | (uint32_t)value << shift) & ~3u;
}

static uint8_t byte_read(const struct ide_bus_master *m, unsigned reg)
{
	switch (reg) {
	case COMMAND: return m->command;
	case STATUS: return m->status;
	case COMMAND + 1:
	case STATUS + 1: return 0;
	default: return (uint8_t)(m->table >> 8 * (reg & 3));
	}
}

/* The primary channel's eight bytes, then the secondary's. */
static enum io_result master_access(struct io_region *region, struct io_access *a)
{
	struct pci_bar *bar = container_of(region, struct pci_bar, region);
	struct ide_state *s = container_of(bar, struct ide_state, pci.bars[4]);
	struct ide_channel *ch = &s->channel[a->addr >> 3];
	unsigned reg = a->addr & 7;

	if (!a->is_write)
		a->value = 0;
	for (unsigned i = 0; i < a->size; i++) {
		if (a->is_write)
			byte_write(ch, reg + i, (uint8_t)(a->value >> 8 * i));
		else
			a->value |= (uint64_t)byte_read(&ch->master, reg + i) << 8 * i;
	}
	return IO_DONE;
}

const struct io_region ide_master_region = {
	.name = "ide bus master",
	.size = 16,
	.min_access = 1,
	.max_access = 4,
	.access = master_access,
};
