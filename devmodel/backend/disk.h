/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A disk: where a drive's sectors are. Two kinds: files and block devices by io_uring (disk_ring.c), everything else by a network block device's protocol, from qemu-nbd or from afar
 * (disk_nbd.c). All is asynchronous, in the event loop's thread.
 */
#ifndef BACKEND_DISK_H
#define BACKEND_DISK_H

#include "event_loop.h"
#include "failure.h"

#include <stddef.h>

#define DISK_SECTOR   512u
#define DISK_REQUESTS 64 /* at most, of all disks together */
#define DISK_NAME     256

enum disk_op {
	DISK_READ,
	DISK_WRITE,
	DISK_FLUSH,
	DISK_DISCARD
}; /* as enum block_op: static_assert in block.c */

struct disk;
struct disk_request {
	struct disk *disk;
	enum disk_op op;
	bool fua;       /* a write that is on the medium when it is answered */
	uint8_t *bytes; /* length bytes that others may change at any time */
	uint64_t at;    /* bytes; inside the disk */
	uint32_t length;
	/* Answered exactly once. error: 0 or a negative errno of any kind. It may be submitted again at once. */
	void (*done)(struct disk_request *r, int error);
	uint32_t moved; /* the disk's, as all below: so many bytes are done */
	int error;
	struct disk_request *next;
};

struct disk_kind {
	void (*submit)(struct disk *d, struct disk_request *r);
	/* The size may have changed: the new one in bytes. */
	uint64_t (*measure)(struct disk *d);
	/* No request is on its way. */
	void (*close)(struct disk *d);
};

struct disk {
	const struct disk_kind *kind;
	uint64_t size; /* bytes, whole sectors */
	bool is_read_only, may_discard;
	char name[DISK_NAME]; /* for messages */
	unsigned users;       /* who holds it: its drive, and requests on their way */
	unsigned slot;        /* disk_ring.c's, as fd */
	int fd;
	void *private; /* disk_nbd.c */
};

/* What the description says of a drive's medium. */
struct disk_wish {
	const char *path, *format; /* format: "" when it was not said */
	bool is_read_only, is_cdrom, is_forced, no_discard;
	/* Somebody who just died may have it still: wait so long for it. */
	unsigned patience_ms;
};

/* disk_open.c: by wish. It is what it is said to be, and nobody else has it. NULL: failure. */
struct disk *disk_open(const struct disk_wish *w, struct event_loop *l, struct failure *f);
/* A raw medium that the keeper has opened; fd is the disk's from then on, closed also after a failure. */
struct disk *disk_adopt(int fd, const char *name, bool is_read_only, struct failure *f);
/* One user less; the last one closes it. */
void disk_put(struct disk *d);

/* disk_ring.c: once. */
bool disk_ring_start(struct event_loop *l, struct failure *f);
/* d->fd becomes a file of the ring's. False: all places are taken. */
bool disk_ring_take(struct disk *d);
/* What was submitted goes to the kernel, and what that has done at once is answered. True: something was. */
bool disk_ring_kick(void);

/* disk_nbd.c: kind and private are set. */
bool disk_nbd_open(struct disk *d, const struct disk_wish *w, struct event_loop *l,
                   struct failure *f);

#endif
