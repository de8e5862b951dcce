/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside the IDE function: what its files share. A command runs as a chain of steps (enum ide_phase): the drive's part (ata_disk.c, atapi.c) says what comes next, the
 * channel's part (ide_channel.c) moves data, by PIO or by the bus master, and asks the backend. One command at a time a channel. Whatever a step needs is in saved fields,
 * so a restored channel goes on where it was.
 */
#ifndef HW_IDE_STATE_H
#define HW_IDE_STATE_H

#include "ata.h"
#include "ide.h"
#include "pci_function.h"

#define IDE_BUFFER 131072u
/* What one turn may cost, in bytes moved: then the guest gets its CPU back, and the timer goes on. */
#define IDE_TURN_COST (1u << 20)
/* Reads of a busy status in a row after which it is one that polls. A driver that waits for the interrupt looks once, to let the command settle. */
#define IDE_POLLS 3

enum ide_phase {
	IDE_IDLE,
	IDE_PIO_IN,  /* the host reads [block_pos, block_end) of the buffer */
	IDE_PIO_OUT, /* it writes there */
	IDE_DMA_IN,  /* the bus master takes [block_pos, data_end) */
	IDE_DMA_OUT, /* it fills that */
	IDE_SUBMIT,  /* the backend is to be asked */
	IDE_MEDIA,   /* it has been asked */
	IDE_PHASES
};

struct ide_state;
struct ide_channel;
struct ide_drive;

struct ide_drive_ops {
	bool packet; /* a packet device: DEVICE RESET, byte counts */
	void (*reset)(
		struct ide_drive *d); /* power-on and SRST: the signature, and what goes with it */
	void (*power_on)(struct ide_drive *d); /* before reset() */
	void (*command)(struct ide_drive *d, uint8_t command);
	void (*moved)(struct ide_drive *d); /* the buffer is empty, or full, as was asked */
	void (*answered)(struct ide_drive *d, int error); /* by the backend */
	void (*restored)(struct ide_drive *d);            /* NULL: nothing to do */
};
extern const struct ide_drive_ops ata_disk_ops, atapi_ops;

/* [0] is what was written last, [1] the one before (LBA48). */
struct ide_registers {
	uint8_t feature[2], count[2], low[2], mid[2], high[2];
	uint8_t device, status, error;
};

struct ata_disk_state {
	uint16_t heads, spt; /* of the translation in force */
	uint8_t multiple;    /* sectors a DRQ block; 0: READ MULTIPLE is off */
	uint8_t power;       /* what CHECK POWER MODE says */
	bool write_cache, look_ahead, smart, frozen, asleep;
	bool keep_settings; /* through a software reset */
	bool single;        /* a chunk failed: sector by sector, to find the bad one */
	uint16_t trim_at;   /* the next range of a DATA SET MANAGEMENT */
};

struct atapi_state {
	uint8_t packet[12];
	uint8_t sense_key, asc, ascq; /* what REQUEST SENSE says */
	uint8_t attention_asc;        /* of the unit attention that is to come */
	bool attention, medium, tray_open, locked;
	bool in_packet;      /* the host sends the packet */
	uint8_t event;       /* for GET EVENT STATUS NOTIFICATION */
	uint16_t byte_limit; /* of a DRQ block */
	uint8_t recovery[8]; /* mode page 1, as MODE SELECT left it */
};

struct ide_drive {
	struct ide_channel *channel;
	const struct ide_drive_ops *ops; /* NULL: no drive */
	struct block_backend *backend;
	uint64_t wwn;
	char serial[20], firmware[8], model[40]; /* padded with blanks */
	struct ide_registers regs;
	bool intrq; /* an interrupt is pending in the drive */
	bool unplugged;
	uint8_t transfer_mode; /* as SET FEATURES set it: 0x20 multi-word, 0x40 ultra DMA, and which */
	struct ata_disk_state disk;
	struct atapi_state cd;
};

struct ide_bus_master {
	uint8_t command, status;
	uint32_t table;         /* BMIDTP */
	uint32_t next;          /* entry that will be fetched */
	uint32_t address, left; /* of the region in use */
	bool last;              /* it is the table's last */
};

struct ide_channel {
	struct ide_state *ide;
	struct io_region command, control;
	bool claimed;
	struct irq_line *irq;
	bool line;
	uint8_t device_control;
	uint8_t selected;
	struct ide_drive drive[2];
	struct ide_bus_master master;

	/* The command in progress. */
	uint8_t phase;  /* enum ide_phase */
	uint8_t active; /* whose it is */
	bool dma, to_device;
	uint8_t code;  /* the command */
	uint64_t lba;  /* of the chunk, in the drive's blocks */
	uint32_t left; /* blocks with the chunk's */
	uint32_t chunk;
	uint32_t drq_size; /* bytes a DRQ block at most */
	uint32_t block_pos, block_end, data_end;
	uint8_t media_op; /* enum block_op */
	bool media_fua;
	uint64_t media_sector;
	uint32_t media_count;

	struct block_request request;
	bool in_flight, running;
	uint8_t polls; /* how often the guest has read in a row that the backend has not answered; up to IDE_POLLS */
	int answer;
	uint32_t turn_cost;
	struct device_timer resume;
	uint8_t *buffer;           /* IDE_BUFFER bytes: store, or the backend's */
	uint8_t store[IDE_BUFFER]; /* while it is saved, too */
};

struct ide_state {
	struct device *device;
	struct pci_function pci;
	struct ide_channel channel[2];
};

/* ---- ide_channel.c: the command in progress ---- */

/* Carries the command on until it waits for the host, the bus master or the backend. */
void ide_channel_run(struct ide_channel *ch);
/* Whatever is in progress is no more. */
void ide_channel_abandon(struct ide_channel *ch);
/* To power-on. */
void ide_channel_reset(struct ide_channel *ch);
/* Memory for the channel's data: a backend's, if it lends some. */
void ide_channel_buffer_get(struct ide_channel *ch);
void ide_channel_buffer_put(struct ide_channel *ch);
/* The buffer's first n bytes are to move; a DRQ block comes with an interrupt when irq is set. */
void ide_channel_move(struct ide_channel *ch, uint32_t n, bool irq);
void ide_channel_media(struct ide_channel *ch, enum block_op op, uint64_t sector, uint32_t count,
                       bool fua);
/* The command is done: status as given, and an interrupt when irq is set. */
void ide_channel_complete(struct ide_channel *ch, uint8_t status, bool irq);
/* The data port. The bytes that were there; writes beyond are lost. */
uint32_t ide_channel_data_in(struct ide_channel *ch, void *to, uint32_t n);
uint32_t ide_channel_data_out(struct ide_channel *ch, const void *from, uint32_t n);
static inline struct ide_drive *ide_channel_drive(struct ide_channel *ch)
{
	return &ch->drive[ch->active];
}

/* ---- ide_taskfile.c: the registers ---- */

extern const struct io_region ide_command_region, ide_control_region;
/* Drives the interrupt wire as it must be now. */
void ide_interrupt_update(struct ide_channel *ch);
void ide_drive_interrupt(struct ide_drive *d);
/* To power-on. */
void ide_taskfile_reset(struct ide_channel *ch);
static inline bool ide_drive_there(const struct ide_drive *d)
{
	return d->ops && !d->unplugged;
}

/* ---- ide_bus_master.c ---- */

extern const struct io_region ide_master_region;
/*
 * Moves what it can of [block_pos, data_end). true: all of it has been moved. false: it has to wait (not started, at its table's end, failed), or the turn has been long
 * enough.
 */
bool ide_master_move(struct ide_channel *ch);
void ide_master_interrupt(struct ide_bus_master *m);

/* ---- the drives ---- */

void ata_identify(const struct ide_drive *d, uint8_t *block);
/* The SMART command; d's registers say which. */
void ata_smart(struct ide_drive *d);
/* Ends a command with ABRT. */
void ata_abort(struct ide_drive *d);
/* A command's words for the host: 512 bytes in the buffer. */
void ata_block_to_host(struct ide_drive *d);
void ata_disk_default_translation(struct ide_drive *d);
uint32_t ata_cylinders(uint64_t sectors, unsigned heads, unsigned spt);
/* Words with characters, the first of a pair in the high byte. */
void ata_string(uint8_t *block, unsigned word, const char *chars, unsigned n);
void ata_word(uint8_t *block, unsigned word, uint16_t value);
void ata_checksum(uint8_t *block);
/* Word 63 or 88 of IDENTIFY: the modes there are, and the one in force. kind is that of SET FEATURES' count. */
uint16_t ata_modes(const struct ide_drive *d, uint8_t supported, uint8_t kind);
/* SET FEATURES, 3. false: no such mode. */
bool ata_set_transfer_mode(struct ide_drive *d, uint8_t mode);

/* The drive is told what happens to its medium. */
void atapi_attach(struct ide_drive *d);

#endif
