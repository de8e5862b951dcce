/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * domctl: which pages a guest writes to, for its migration. A page that may be written without a fault is dirty; asking for them takes that right away. So there
 * is no bitmap to keep, and switching it off is no work: rights come back by faults.
 */
#include "domctl.h"

#include "bitmap.h"
#include "guest_memory.h"

#define BITS_A_PIECE P2M_SCAN

/* Progress, which outlives a run of the call: only one such call at a time (the table's lock), and another one begins anew. */
static void scan_begin(struct control_call *c)
{
	struct domain_settings *s = &c->d->settings;

	if (c->is_resumed)
		return;
	s->dirty_next = 0;
	s->dirty_count = 0;
}

/* bits for gfns [first, first + n), of which those below end are the caller's: a piece of its own, or zeroes. */
static int bitmap_put(struct control_call *c, uint64_t handle, uint64_t first, uint64_t n,
                      uint64_t end, const uint64_t *bits)
{
	uint64_t bytes = (MIN(n, end - first) + 7) / 8;

	if (!handle || !bytes)
		return 0;
	if (n <= BITS_A_PIECE)
		return control_put(c, bits, handle + first / 8, 0, bytes);
	if (handle + first / 8 + bytes < handle)
		return -EFAULT;
	return clear_guest(c->caller, handle + first / 8, bytes);
}

/* gfns [0, end), in pieces. handle 0: only counted, and cleaned. */
static long scan(struct control_call *c, uint64_t end, bool clean, uint64_t handle)
{
	struct domain_settings *s = &c->d->settings;
	uint64_t bits[BITS_A_PIECE / 64];
	bool any = false;

	for (scan_begin(c); s->dirty_next < end; any = true) {
		long n;

		if (any && hypercall_should_restart())
			return HYPERCALL_RESTART;
		n = p2m_dirty_scan(&c->d->p2m, s->dirty_next, clean, bits);
		if (n < 0)
			return n;
		if (bitmap_put(c, handle, s->dirty_next, (uint64_t)n, end, bits))
			return -EFAULT;
		s->dirty_count += (uint32_t)bitmap_count(bits, BITS_A_PIECE);
		s->dirty_next += (uint64_t)n;
	}
	return 0;
}

static uint64_t frames_end(struct domain *d)
{
	return read_once(d->p2m.max_gfn) + 1;
}

long domctl_log_dirty_enable(struct control_call *c)
{
	long err;

	if (c->d->settings.logs_dirty && !c->is_resumed)
		return -EINVAL;
	c->d->settings.logs_dirty = true;
	err = scan(c, frames_end(c->d), true, 0);
	if (err && err != HYPERCALL_RESTART)
		c->d->settings.logs_dirty = false;
	return err;
}

long domctl_log_dirty_disable(struct control_call *c)
{
	c->d->settings.logs_dirty = false;
	return 0;
}

/* pages: how large the caller's bitmap is, and what of it was used. */
long domctl_log_dirty_read(struct control_call *c, struct xen_domctl_shadow_op *x, bool clean)
{
	struct domain_settings *s = &c->d->settings;
	uint64_t end = MIN(x->pages, frames_end(c->d));
	long err;

	if (!s->logs_dirty || (x->mode & ~XEN_DOMCTL_SHADOW_LOGDIRTY_FINAL))
		return -EINVAL;
	err = scan(c, end, clean, control_handle(x->dirty_bitmap));
	if (!err) {
		x->pages = end;
		x->stats.dirty_count = s->dirty_count;
		x->stats.fault_count = 0;
	}
	return err;
}
