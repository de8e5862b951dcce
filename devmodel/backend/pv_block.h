/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Paravirtual drives (public xen/io/blkif.h): requests out of rings that the guest shares, checked, handed to disks, answered. Data is copied from and to granted pages: what is checked and written does not
 * change under our hands, and a page that is not granted is an error of its request only. Who speaks with the store is the keeper: it says when a frontend is there and when it goes.
 */
#ifndef BACKEND_PV_BLOCK_H
#define BACKEND_PV_BLOCK_H

#include "block.h"
#include "pv_guest.h"
#include "pv_ring.h"

#define PV_DRIVES     16
#define PV_SEGMENTS   64 /* of an indirect request: 256 KiB */
#define PV_IN_FLIGHT  32 /* of a drive; a power of two */
#define PV_REQUESTS   64 /* that disks have at a time, of all drives */
#define PV_RING_ORDER 2  /* a ring has at most 1 << PV_RING_ORDER pages */
#define PV_BUFFER     (PV_SEGMENTS * PV_PAGE)

struct pv_block;
struct pv_drive;

/* A stretch of a granted page, in sectors, both included. */
struct pv_segment {
	uint32_t grant;
	uint8_t first, last;
};

struct pv_slot {
	struct disk_request request;
	struct pv_drive *drive;
	enum { PV_FREE, PV_BUSY, PV_NO_ROOM, PV_ANSWERED } state;
	uint64_t id, sector, count; /* count: sectors */
	uint8_t operation;          /* a public BLKIF_OP_, never BLKIF_OP_INDIRECT */
	int16_t status;             /* a public BLKIF_RSP_ */
	bool was_refused;           /* there was no room for it, and it is not done yet */
	unsigned nr_segments;
	struct pv_segment segments[PV_SEGMENTS];
};

struct pv_drive {
	struct pv_block *block;
	uint32_t number;   /* as the guest knows it: public io/blkif.h's numbering */
	struct disk *disk; /* with a share of our own */
	int shadow; /* the emulated drive with the same disk, which stands still while we are connected; -1: none */
	bool is_connected, is_closing, has_started;
	bool is_to_be_looked_at; /* when the round is over */
	bool is_dirty;           /* answers are written that the guest does not see yet */
	bool was_broken;         /* and somebody was told */
	struct pv_port port;
	const struct pv_layout *layout;
	void *pages; /* of the ring */
	unsigned nr_pages;
	struct pv_ring ring;
	uint8_t *buffers; /* PV_IN_FLIGHT of PV_BUFFER bytes */
	unsigned nr_busy;
	struct pv_slot slots[PV_IN_FLIGHT]; /* by the request's index */
};

/* Beside what struct block_events has. */
struct pv_block_events {
	void (*closed)(void *context, uint32_t number);
};

struct pv_block {
	struct pv_guest *guest;
	struct block *emulated;
	const struct block_events *events;
	const struct pv_block_events *pv_events;
	void *context;
	struct pv_drive drives[PV_DRIVES];
	unsigned nr_drives, nr_busy;
	bool is_paused;
	struct event_timer again; /* for those that found no room */
	struct event_timer soon;  /* there was more to do than a round should */
	struct event_timer rest;  /* buffers of drives with nothing to do are given back */
	uint64_t reads, writes, read_bytes, written_bytes, errors;
};

/* What the keeper has read in the store, not checked yet. */
struct pv_block_wish {
	const char *protocol; /* NULL: native */
	uint32_t grants[1 << PV_RING_ORDER];
	unsigned nr_pages;
	uint32_t port;
};

void pv_block_init(struct pv_block *b, struct pv_guest *g, struct block *emulated,
                   const struct block_events *e, const struct pv_block_events *pv, void *context);
/* disk: the drive's own share. shadow: -1 or an emulated drive. NULL: there are too many, or one of this number. */
struct pv_drive *pv_block_add(struct pv_block *b, uint32_t number, struct disk *disk, int shadow);
struct pv_drive *pv_block_find(struct pv_block *b, uint32_t number);
/* The frontend is there. False: what it says makes no sense; nothing has changed. */
bool pv_block_connect(struct pv_drive *d, const struct pv_block_wish *w, struct failure *f);
/* The frontend goes. When what is on its way is done, events->closed is called, at once perhaps. */
void pv_block_disconnect(struct pv_drive *d);
/* The round is over: waiting drives are looked at, the guest sees answers. */
void pv_block_round_over(struct pv_block *b);
/* Nothing is on its way to disks; what waits for room is not. */
bool pv_block_is_idle(const struct pv_block *b);
void pv_block_close(struct pv_block *b);

#endif
