/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files and block devices by io_uring. The ring is restricted to reading, writing, flushing and discarding files that are registered: whoever gets hold of this process can do no more with it, for the list of
 * system calls does not see what a ring does. All goes through the page cache: the link's pages are another domain's, and no device may write there.
 */
#include "disk.h"

#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <linux/falloc.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define SLOTS \
	24 /* more than drives: a medium that was taken out stays until its requests are done */

static bool is_taken[SLOTS];
static struct io_uring ring;
static struct event_source completions;
static bool is_dirty;

static void prepare(const struct disk_request *r, struct io_uring_sqe *e)
{
	uint64_t at = r->at + r->moved;
	int file = (int)r->disk->slot;

	switch (r->op) {
	case DISK_READ:
		io_uring_prep_read(e, file, r->bytes + r->moved, r->length - r->moved, at);
		break;
	case DISK_WRITE:
		io_uring_prep_write(e, file, r->bytes + r->moved, r->length - r->moved, at);
		e->rw_flags = r->fua ? RWF_DSYNC : 0;
		break;
	case DISK_FLUSH: io_uring_prep_fsync(e, file, IORING_FSYNC_DATASYNC); break;
	case DISK_DISCARD:
		io_uring_prep_fallocate(e, file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
		                        (off_t)at, (off_t)r->length);
		break;
	}
	e->flags |= IOSQE_FIXED_FILE;
}

/* As many entries as there are requests: after handing them over one is free. */
static void start(struct disk_request *r)
{
	struct io_uring_sqe *e = io_uring_get_sqe(&ring);

	if (!e) {
		(void)io_uring_submit(&ring);
		e = io_uring_get_sqe(&ring);
	}
	if (!e) {
		r->done(r, -EIO);
		return;
	}
	prepare(r, e);
	io_uring_sqe_set_data(e, r);
	is_dirty = true;
}

/* A short transfer goes on where it stopped. Nothing at all is the end of the file: it became shorter. */
static void completed(struct disk_request *r, int result)
{
	bool moves = r->op == DISK_READ || r->op == DISK_WRITE;

	if (result == -EINTR || result == -EAGAIN) {
		start(r);
		return;
	}
	if (result > 0 && moves) {
		r->moved += (uint32_t)result;
		if (r->moved < r->length) {
			start(r);
			return;
		}
		result = 0;
	} else if (result == 0 && moves) {
		result = -EIO;
	}
	if (r->op == DISK_DISCARD &&
	    (result == -EOPNOTSUPP || result == -ENODEV || result == -EINVAL))
		result = 0; /* a hint that nobody takes */
	r->done(r, result < 0 ? result : 0);
}

/* True: there were some. */
static bool completions_take(void)
{
	struct io_uring_cqe *c;
	bool any = false;

	while (io_uring_peek_cqe(&ring, &c) == 0) {
		struct disk_request *r = io_uring_cqe_get_data(c);
		int result = c->res;

		io_uring_cqe_seen(&ring, c);
		if (r)
			completed(r, result);
		any = true;
	}
	return any;
}

static void completions_ready(struct event_source *s, uint32_t events)
{
	uint64_t count;

	if (read(s->fd, &count, sizeof(count)) >= 0)
		(void)completions_take();
}

/* For ever: these operations, on registered files; and registering others, when a CD comes or goes. */
static int restrict_ring(void)
{
	static const uint8_t allowed[] = { IORING_OP_READ, IORING_OP_WRITE, IORING_OP_FSYNC,
		                           IORING_OP_FALLOCATE };
	struct io_uring_restriction rows[sizeof(allowed) + 3];
	unsigned n = 0;

	memset(rows, 0, sizeof(rows));
	for (; n < sizeof(allowed); n++) {
		rows[n].opcode = IORING_RESTRICTION_SQE_OP;
		rows[n].sqe_op = allowed[n];
	}
	rows[n].opcode = IORING_RESTRICTION_SQE_FLAGS_ALLOWED;
	rows[n++].sqe_flags = IOSQE_FIXED_FILE;
	rows[n].opcode = IORING_RESTRICTION_SQE_FLAGS_REQUIRED;
	rows[n++].sqe_flags = IOSQE_FIXED_FILE;
	rows[n].opcode = IORING_RESTRICTION_REGISTER_OP;
	rows[n++].register_op = IORING_REGISTER_FILES_UPDATE;
	return io_uring_register_restrictions(&ring, rows, n);
}

static int ring_set_up(struct event_loop *l)
{
	int files[SLOTS];
	unsigned workers[2] = { 8,
		                2 }; /* on files, on others; a kernel before 5.15 chooses itself */
	int err = io_uring_queue_init(DISK_REQUESTS, &ring, IORING_SETUP_R_DISABLED);

	if (err)
		return err;
	(void)io_uring_register_iowq_max_workers(&ring, workers);
	memset(files, 0xff, sizeof(files)); /* none */
	completions.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	completions.ready = completions_ready;
	if (completions.fd < 0)
		return -errno;
	err = io_uring_register_files(&ring, files, SLOTS);
	if (!err)
		err = io_uring_register_eventfd(&ring, completions.fd);
	if (!err)
		err = restrict_ring();
	if (!err)
		err = io_uring_enable_rings(&ring);
	return err || event_add(l, &completions, EPOLLIN) ? err : -errno;
}

bool disk_ring_start(struct event_loop *l, struct failure *f)
{
	int err = ring_set_up(l);

	return !err ||
	       fail(f,
	            "the kernel's io_uring, by which disks are read and written: %s. Set the sysctl "
	            "kernel.io_uring_disabled to 0, or take a kernel from 5.10 on",
	            strerror(-err));
}

bool disk_ring_kick(void)
{
	/* What the kernel does not take now, it takes the next time. */
	if (!is_dirty)
		return false;
	is_dirty = io_uring_submit(&ring) < 0;
	return completions_take();
}

static void submit(struct disk *d, struct disk_request *r)
{
	r->moved = 0;
	if (r->op == DISK_FLUSH && d->is_read_only)
		r->done(r, 0);
	else
		start(r);
}

static uint64_t measure(struct disk *d)
{
	off_t end = lseek(d->fd, 0, SEEK_END);

	return end < 0 ? d->size : (uint64_t)end;
}

static void ring_close(struct disk *d)
{
	int none = -1;

	(void)io_uring_register_files_update(&ring, d->slot, &none, 1);
	is_taken[d->slot] = false;
	close(d->fd);
	d->fd = -1;
}

static const struct disk_kind ring_kind = { submit, measure, ring_close };

bool disk_ring_take(struct disk *d)
{
	unsigned i = 0;

	while (i < SLOTS && is_taken[i])
		i++;
	if (i == SLOTS || io_uring_register_files_update(&ring, i, &d->fd, 1) != 1)
		return false;
	is_taken[i] = true;
	d->slot = i;
	d->kind = &ring_kind;
	return true;
}
