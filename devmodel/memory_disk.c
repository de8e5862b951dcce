/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Disks that are memory: each request is done when it is made. */
#include "memory_disk.h"

#include "errno.h"
#include "string.h"

struct memory_disk {
	struct block_backend backend;
	uint8_t *bytes;
};
static struct memory_disk disks[DEVMODEL_DISKS];

static int carry_out(struct memory_disk *d, struct block_request *r)
{
	uint8_t *at = d->bytes + r->sector * BLOCK_SECTOR;
	size_t n = (size_t)r->count * BLOCK_SECTOR;

	if (r->op == BLOCK_FLUSH)
		return 0;
	if (r->sector > d->backend.sectors || r->count > d->backend.sectors - r->sector)
		return -EIO;
	if (r->op == BLOCK_READ) {
		memcpy(r->buffer, at, n);
		return 0;
	}
	if (d->backend.read_only)
		return -EROFS;
	if (r->op == BLOCK_WRITE)
		memcpy(at, r->buffer, n);
	else
		memset(at, 0, n);
	return 0;
}

static void submit(struct block_backend *b, struct block_request *r)
{
	r->done(r, carry_out(container_of(b, struct memory_disk, backend), r));
}

/* Nothing is ever on its way. */
static void cancel(struct block_backend *b, struct block_request *r)
{
}

/* A medium that is taken out is not put in again: nobody could. */
static void eject(struct block_backend *b)
{
	b->sectors = 0;
	if (b->changed)
		b->changed(b);
}

struct block_backend *memory_disk(const struct devmodel_board *b, unsigned n)
{
	const struct devmodel_drive *from = &b->drives[n];
	struct memory_disk *d = &disks[n];

	if (from->kind == DEVMODEL_DRIVE_NONE)
		return NULL;
	d->bytes = (uint8_t *)DEVMODEL_DISK(n);
	d->backend.sectors = from->size / BLOCK_SECTOR;
	d->backend.read_only = from->read_only;
	d->backend.submit = submit;
	d->backend.cancel = cancel;
	if (from->kind == DEVMODEL_DRIVE_CDROM)
		d->backend.eject = eject;
	return &d->backend;
}
