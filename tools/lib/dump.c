/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A guest's memory and registers as a file (core_file.h). The guest stands still meanwhile. */
#include "dump.h"

#include "core_file.h"
#include "registers.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FRAMES_A_CALL 1024u
#define PAGE          4096u

struct dump {
	struct hypervisor *h;
	const struct guest_info *g;
	struct failure *failure;
	struct core_range *ranges;
	size_t nr_ranges, room;
};

static bool refused(struct dump *d, const char *what, long rc)
{
	return fail(d->failure, "%s: %s: %s", d->g->name, what, hypervisor_error((int)rc));
}

/* ---- memory ---- */

static bool page_add(struct dump *d, uint64_t gfn)
{
	struct core_range *last = d->nr_ranges ? &d->ranges[d->nr_ranges - 1] : NULL;

	if (last && last->gfn + last->pages == gfn) {
		last->pages++;
		return true;
	}
	if (d->nr_ranges == d->room) {
		size_t room = d->room ? d->room * 2 : 64;
		struct core_range *more = realloc(d->ranges, room * sizeof(*more));

		if (!more)
			return false;
		d->ranges = more;
		d->room = room;
	}
	d->ranges[d->nr_ranges++] = (struct core_range){ gfn, 1 };
	return true;
}

/* Which of the frames from first on have a page. */
static long piece(struct dump *d, uint64_t *buffer, uint64_t first, uint64_t n)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_getpageframeinfo3,
		                 .domain = (domid_t)d->g->domid };
	int rc;

	for (uint64_t i = 0; i < n; i++)
		buffer[i] = first + i;
	op.u.getpageframeinfo3.num = n;
	set_xen_guest_handle(op.u.getpageframeinfo3.array, buffer);
	rc = hypervisor_domctl(d->h, &op);
	for (uint64_t i = 0; i < n && rc == 0; i++)
		if ((buffer[i] & XEN_DOMCTL_PFINFO_LTAB_MASK) != XEN_DOMCTL_PFINFO_XTAB &&
		    !page_add(d, first + i))
			rc = -ENOMEM;
	return rc;
}

static bool ranges_find(struct dump *d)
{
	domid_t domid = (domid_t)d->g->domid;
	long last = hypervisor_memory_op(d->h, XENMEM_maximum_gpfn, &domid, sizeof(domid));
	uint64_t *buffer = hypervisor_buffer(d->h, FRAMES_A_CALL * sizeof(*buffer));
	long rc = last < 0 ? last : buffer ? 0 : -ENOMEM;

	for (uint64_t at = 0; rc == 0 && at <= (uint64_t)last; at += FRAMES_A_CALL) {
		uint64_t left = (uint64_t)last + 1 - at;

		rc = piece(d, buffer, at, left < FRAMES_A_CALL ? left : FRAMES_A_CALL);
	}
	hypervisor_buffer_free(d->h, buffer, FRAMES_A_CALL * sizeof(*buffer));
	return rc == 0 || refused(d, "its memory map cannot be read", rc);
}

static bool pages_read(void *context, uint64_t gfn, size_t pages, void *to)
{
	struct dump *d = context;
	uint64_t gfns[CORE_PAGES] = { 0 };
	void *at;

	for (size_t i = 0; i < pages; i++)
		gfns[i] = gfn + i;
	at = hypervisor_map(d->h, d->g->domid, gfns, pages);
	if (at) {
		memcpy(to, at, pages * PAGE);
		hypervisor_unmap(d->h, at, pages);
		return true;
	}
	/* one of them is not there: each by itself */
	memset(to, 0, pages * PAGE);
	for (size_t i = 0; i < pages && pages > 1; i++)
		(void)pages_read(d, gfn + i, 1, (uint8_t *)to + i * PAGE);
	return true;
}

/* ---- all ---- */

static bool write_to(struct dump *d, const char *path)
{
	size_t nr = d->g->max_vcpu_id + 1;
	struct core_vcpu *vcpus = calloc(nr, sizeof(*vcpus));
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	struct core_plan plan = { .vcpus = vcpus,
		                  .nr_vcpus = nr,
		                  .ranges = d->ranges,
		                  .nr_ranges = d->nr_ranges,
		                  .read = pages_read,
		                  .context = d };
	bool done = vcpus && fd >= 0;

	if (done) {
		registers_read(d->h, d->g->domid, vcpus, nr);
		done = core_file_write(fd, &plan) && fsync(fd) == 0;
	}
	if (!done)
		fail(d->failure, "%s: %s. Is there room for the guest's memory?", path,
		     strerror(errno));
	if (fd >= 0) {
		close(fd);
		if (!done)
			unlink(path);
	}
	free(vcpus);
	return done;
}

static bool command(struct dump *d, uint32_t cmd, const char *what)
{
	struct xen_domctl op = { .cmd = cmd, .domain = (domid_t)d->g->domid };
	int rc = hypervisor_domctl(d->h, &op);

	return rc == 0 || refused(d, what, rc);
}

bool dump_core(struct hypervisor *h, const struct guest_info *g, const char *path,
               struct failure *f)
{
	struct dump d = { .h = h, .g = g, .failure = f };
	bool done;

	if (!command(&d, XEN_DOMCTL_pausedomain, "it cannot be paused"))
		return false;
	done = ranges_find(&d) && write_to(&d, path);
	if (!command(&d, XEN_DOMCTL_unpausedomain, "it cannot go on"))
		done = false;
	free(d.ranges);
	return done;
}
