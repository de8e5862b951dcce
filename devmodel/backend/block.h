/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The drives of a guest: takes requests out of the link, checks them, hands them to disks, answers. A write that finds the host's disk full is not an error of the guest's: the keeper is asked to pause the
 * guest, and the write is tried again until there is room.
 */
#ifndef BACKEND_BLOCK_H
#define BACKEND_BLOCK_H

#include "disk.h"
#include "model_link.h"

#define BLOCK_DRIVES DEVMODEL_DISKS

struct block;

struct block_slot {
	struct disk_request request;
	struct block *block;
	uint32_t tag;
	enum { BLOCK_FREE, BLOCK_BUSY, BLOCK_NO_ROOM, BLOCK_ANSWERED } state;
	int error;
	bool was_refused; /* there was no room for it, and it is not done yet */
};

struct block_drive {
	bool is_there, is_cdrom;
	struct disk *disk; /* NULL: no medium */
	uint32_t ejects;   /* of the guest's, that we know of */
	bool is_set_aside; /* a paravirtual drive has the disk: nothing is written here meanwhile */
};

/* What the keeper is told. */
struct block_events {
	void (*paused)(void *context, const char *text);
	void (*resumed)(void *context);
	void (*ejected)(void *context, unsigned drive);
	void (*log)(void *context, const char *text);
};

struct block {
	struct model_link *link;
	struct block_drive drives[BLOCK_DRIVES];
	struct block_slot slots[DISK_REQUESTS];
	struct link_end requests, answers;
	unsigned nr_free, nr_answered; /* slots */
	bool is_paused;
	struct event_timer again; /* for those that found no room */
	const struct block_events *events;
	void *context;
	uint64_t reads, writes, read_bytes, written_bytes, errors;
	bool has_errors_logged;
};

void block_init(struct block *b, struct model_link *l, const struct block_events *e, void *context);
/* A drive of the board; disk: its medium, or NULL. */
void block_add_drive(struct block *b, unsigned n, bool is_cdrom, struct disk *disk);
/* Another medium, or none; the guest sees it. */
void block_change_medium(struct block *b, unsigned n, struct disk *disk);
/* The guest has locked the drive: only it can open it. */
bool block_is_locked(const struct block *b, unsigned n);
void block_ask_eject(struct block *b, unsigned n);
/* The disk may have grown; its size in sectors. */
uint64_t block_resize(struct block *b, unsigned n);
/* A paravirtual driver has taken the drive's disk over, or has left it: writes are refused meanwhile. What was on its way before is done: block_drive_is_idle(). */
void block_set_aside(struct block *b, unsigned n, bool is_set_aside);
bool block_drive_is_idle(const struct block *b, unsigned n);
/* Nothing is on its way: all that was asked is done. */
bool block_is_idle(const struct block *b);
void block_close(struct block *b);

#endif
