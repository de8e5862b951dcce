/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Disks in other formats, and disks from afar, by the network block device's protocol: libnbd talks; for qcow2 and the like it starts qemu-nbd, whose one client it is, and which ends when it hangs up. All is started
 * before privileges are given up, and qemu-nbd has the file open and locked itself.
 */
#include "disk.h"

#include "qemu_nbd.h"

#include <errno.h>
#include <libnbd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE (32u << 20) /* bytes of a discard at once */

struct nbd {
	struct nbd_handle *h;
	struct event_loop *loop;
	struct event_source source;
	const char *name;
	bool is_ours; /* the server is a qemu-nbd of this process's */
	bool can_flush, can_fua, can_trim;
	struct disk_request
		*finished; /* libnbd must not be called from its callbacks: what they said */
};

/* Our names of formats, and QEMU's drivers. */
static const struct {
	const char *name, *driver;
} formats[] = {
	{ "qcow2", "qcow2" }, { "qcow", "qcow" }, { "vhd", "vpc" },   { "vpc", "vpc" },
	{ "vmdk", "vmdk" },   { "qed", "qed" },   { "vhdx", "vhdx" }, { "vdi", "vdi" },
};

static struct nbd *nbd_of(struct disk *d)
{
	return d->private;
}

/* ---- requests ---- */

static void interest_set(struct nbd *n)
{
	unsigned direction = nbd_aio_get_direction(n->h);

	event_change(n->loop, &n->source,
	             (direction & LIBNBD_AIO_DIRECTION_READ ? EPOLLIN : 0) |
	                     (direction & LIBNBD_AIO_DIRECTION_WRITE ? EPOLLOUT : 0));
}

static int completed(void *context, int *error)
{
	struct disk_request *r = context;
	struct nbd *n = nbd_of(r->disk);

	/* a connection that broke says ENOTCONN, or nothing */
	r->error = *error ? -abs(*error) : 0;
	r->next = n->finished;
	n->finished = r;
	return 1;
}

static int64_t start(const struct nbd *n, struct disk_request *r, enum disk_op op)
{
	nbd_completion_callback c = { .callback = completed, .user_data = r };
	uint32_t fua = r->fua && n->can_fua ? LIBNBD_CMD_FLAG_FUA : 0;

	switch (op) {
	case DISK_READ: return nbd_aio_pread(n->h, r->bytes, r->length, r->at, c, 0);
	case DISK_WRITE: return nbd_aio_pwrite(n->h, r->bytes, r->length, r->at, c, fua);
	case DISK_FLUSH: return nbd_aio_flush(n->h, c, 0);
	default: return nbd_aio_trim(n->h, r->length < PIECE ? r->length : PIECE, r->at, c, 0);
	}
}

/* A server without forced writes gets a flush behind each. */
static bool wants_flush(const struct nbd *n, const struct disk_request *r)
{
	return r->op == DISK_WRITE && r->fua && !n->can_fua && n->can_flush && !r->moved &&
	       !r->error;
}

static void finish(struct nbd *n)
{
	struct disk_request *r = n->finished, *next;

	n->finished = NULL;
	for (; r; r = next) {
		next = r->next;
		if (!wants_flush(n, r)) {
			r->done(r, r->error);
			continue;
		}
		r->moved = r->length;
		if (start(n, r, DISK_FLUSH) < 0)
			r->done(r, -EIO);
	}
}

static void submit(struct disk *d, struct disk_request *r)
{
	struct nbd *n = nbd_of(d);
	bool is_done = (r->op == DISK_FLUSH && (d->is_read_only || !n->can_flush)) ||
	               (r->op == DISK_DISCARD && !n->can_trim);

	r->moved = 0;
	if (is_done)
		r->done(r, 0);
	else if (start(n, r, r->op) < 0)
		r->done(r, -EIO); /* libnbd has dropped the callback: it is not called */
	else
		interest_set(n);
}

/*
 * What was on its way has been answered with errors, which the guest gets of a server from afar. With a qemu-nbd of ours this process goes: the next one has a qemu-nbd of its own, and does again what the guest has not
 * been told of.
 */
static void dead(struct nbd *n)
{
	if (n->is_ours) {
		fprintf(stderr,
		        "backend: disk %s: its qemu-nbd has ended: the backend begins anew\n",
		        n->name);
		_exit(1);
	}
	event_remove(n->loop, &n->source);
}

/* The last request may close the disk: nothing of n is touched after finish(). */
static void ready(struct event_source *s, uint32_t events)
{
	struct nbd *n = (struct nbd *)((char *)s - offsetof(struct nbd, source));
	unsigned direction = nbd_aio_get_direction(n->h);

	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR) && direction & LIBNBD_AIO_DIRECTION_READ)
		(void)nbd_aio_notify_read(n->h);
	else if (events & EPOLLOUT && direction & LIBNBD_AIO_DIRECTION_WRITE)
		(void)nbd_aio_notify_write(n->h);
	if (nbd_aio_is_dead(n->h) > 0 || nbd_aio_is_closed(n->h) > 0)
		dead(n);
	else
		interest_set(n);
	finish(n);
}

static uint64_t measure(struct disk *d)
{
	return d->size; /* the protocol says it once */
}

static void nbd_disk_close(struct disk *d)
{
	struct nbd *n = nbd_of(d);

	event_remove(n->loop, &n->source);
	(void)nbd_shutdown(n->h, 0);
	nbd_close(n->h);
	free(n);
}

static const struct disk_kind nbd_kind = { submit, measure, nbd_disk_close };

/* ---- opening ---- */

static const char *driver_of(const char *format)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (!strcmp(formats[i].name, format))
			return formats[i].driver;
	return NULL;
}

/* What qemu-nbd itself said is on standard error. */
static bool connect_failed(const struct disk_wish *w, struct failure *f)
{
	const char *why = nbd_get_error();

	if (!strcmp(w->format, "nbd"))
		return fail(
			f,
			"disk %s: the server does not answer: %s. Start it, or correct the address",
			w->path, why ? why : strerror(nbd_get_errno()));
	return fail(
		f,
		"disk %s is no good %s image, or in use by another guest or program: qemu-img info and "
		"qemu-img check say more",
		w->path, w->format);
}

static bool connected(struct nbd *n, const struct disk_wish *w, struct failure *f)
{
	const char *driver = driver_of(w->format);
	int ours;

	if (!strcmp(w->format, "nbd"))
		return nbd_connect_uri(n->h, w->path) == 0 || connect_failed(w, f);
	if (!driver)
		return fail(
			f,
			"disk %s: there is no format \"%s\": raw, qcow2, qcow, qed, vhd, vhdx, vmdk, vdi and nbd "
			"are served",
			w->path, w->format);
	ours = qemu_nbd_start(w, driver, f);
	if (ours < 0)
		return false;
	/* The socket is the library's from then on. */
	return nbd_connect_socket(n->h, ours) == 0 || connect_failed(w, f);
}

/* Somebody who died a moment ago may have the image still. */
static bool connect_patiently(struct nbd *n, const struct disk_wish *w, struct failure *f)
{
	for (unsigned waited = 0;; waited += 100) {
		struct failure last = { "" };

		n->h = nbd_create();
		if (!n->h)
			return fail(f, "disk %s: %s", w->path, strerror(ENOMEM));
		if (connected(n, w, &last))
			return true;
		nbd_close(n->h);
		n->h = NULL;
		if (waited >= w->patience_ms)
			return fail(f, "%s", last.text);
		usleep(100000);
	}
}

static bool facts_find(struct disk *d, struct nbd *n, struct failure *f)
{
	int64_t size = nbd_get_size(n->h);

	if (size <= 0)
		return fail(f, "disk %s has no size", d->name);
	if (!d->is_read_only && nbd_is_read_only(n->h) > 0)
		return fail(f, "disk %s can only be read there: say r as its access", d->name);
	d->size = (uint64_t)size / DISK_SECTOR * DISK_SECTOR;
	n->can_flush = nbd_can_flush(n->h) > 0;
	n->can_fua = nbd_can_fua(n->h) > 0;
	n->can_trim = nbd_can_trim(n->h) > 0;
	return true;
}

bool disk_nbd_open(struct disk *d, const struct disk_wish *w, struct event_loop *l,
                   struct failure *f)
{
	struct nbd *n = calloc(1, sizeof(*n));

	if (!n)
		return fail(f, "disk %s: there is no memory left in the control domain", w->path);
	n->loop = l;
	n->name = d->name;
	n->is_ours = strcmp(w->format, "nbd") != 0;
	if (!connect_patiently(n, w, f)) {
		free(n);
		return false;
	}
	n->source = (struct event_source){ .fd = nbd_aio_get_fd(n->h), .ready = ready };
	if (!facts_find(d, n, f) || !event_add(l, &n->source, EPOLLIN)) {
		nbd_close(n->h);
		free(n);
		return fail(f, "disk %s cannot be waited for", d->name);
	}
	d->private = n;
	d->kind = &nbd_kind;
	return true;
}
