/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The memory of a guest's display: its windows in the guest's memory, and what was written to it. The guest writes it without exits; the log is that of its memory map (p2m_dirty_range()). The
 * display's own writes are the CPU's marks in the instance's page tables. So nobody counts anything, and who does not ask does not pay.
 */
#include "devmodel.h"

#include "devmodel_link.h"
#include "domain.h"
#include "errno.h"
#include "log.h"

#define PAGES_2M 512u

/* ---- windows ---- */

static mfn_t page_at(const struct devmodel *m, const struct devmodel_window *w, uint64_t at)
{
	return m->space.vram.mfns[(w->offset + at) >> PAGE_SHIFT];
}

/* 2 MiB at once, at `at` in the window: where the places fit, and the pages are in a row, which they are in large pieces. */
static bool is_large(const struct devmodel *m, const struct devmodel_window *w, uint64_t at)
{
	return w->length - at >= MIB(2) && is_aligned(w->gpa + at, MIB(2)) &&
	       is_aligned(page_at(m, w, at).v, PAGES_2M) &&
	       page_at(m, w, at + MIB(2) - PAGE_SIZE).v == page_at(m, w, at).v + PAGES_2M - 1;
}

static void window_unmap(struct devmodel *m, struct devmodel_window *w)
{
	p2m_remove_listed(&m->domain->p2m, gfn(w->gpa >> PAGE_SHIFT),
	                  m->space.vram.mfns + (w->offset >> PAGE_SHIFT), w->length >> PAGE_SHIFT,
	                  P2M_MASK(P2M_RAM_RW) | P2M_MASK(P2M_RAM_LOGDIRTY));
	w->length = 0;
}

/* Only where nothing is: RAM stays RAM. */
static int pages_map(struct devmodel *m, gfn_t f, mfn_t first, unsigned order)
{
	uint64_t nr = 1ull << order, got = 0;
	int err = -EINVAL;

	while (got < nr && page_get(mfn(first.v + got), m->domain))
		got++;
	if (got == nr)
		err = p2m_replace(&m->domain->p2m, f, first, order, P2M_RAM_RW, P2M_MASK(P2M_HOLE));
	while (err && got)
		page_put(mfn(first.v + --got));
	return err;
}

/* -EBUSY of a page is no error: there it is not seen. */
static int window_map(struct devmodel *m, const struct devmodel_window *w)
{
	uint64_t step;

	for (uint64_t at = 0; at < w->length; at += step) {
		gfn_t f = gfn((w->gpa + at) >> PAGE_SHIFT);
		int err;

		step = MIB(2);
		if (is_large(m, w, at) && !pages_map(m, f, page_at(m, w, at), PAGE_ORDER_2M))
			continue;
		step = PAGE_SIZE;
		err = pages_map(m, f, page_at(m, w, at), PAGE_ORDER_4K);
		if (err && err != -EBUSY)
			return err;
	}
	return 0;
}

int64_t devmodel_vram_place(struct devmodel *m, const uint64_t args[USERMODE_ARGS])
{
	uint64_t vram = (uint64_t)m->space.vram.nr << PAGE_SHIFT, gpa = args[1], offset = args[2],
		 length = args[3];
	struct devmodel_window *w;
	int err;

	if (args[0] >= ARRAY_LEN(m->windows) || !is_aligned(gpa | offset | length, PAGE_SIZE) ||
	    offset > vram || length > vram - offset || gpa > DEVMODEL_GUEST_MAX - length)
		return -EINVAL;
	w = &m->windows[args[0]];
	if (w->length == length && w->gpa == gpa && w->offset == offset)
		return 0;
	window_unmap(m, w);
	*w = (struct devmodel_window){ .gpa = gpa,
		                       .offset = (uint32_t)offset,
		                       .length = (uint32_t)length };
	err = window_map(m, w);
	if (err)
		log_guest(m->domain, LOG_WARNING,
		          "its screen's memory cannot be shown at %#llx: error %d",
		          (unsigned long long)gpa, -err);
	return err;
}

/* ---- what was written ---- */

/* bits of pages from first on: they go to the link's written[], which lies in pages of its own anywhere. first is any, so they are shifted. */
static void written_add(struct devmodel *m, uint32_t first, const uint64_t *bits, uint32_t nr)
{
	for (uint32_t i = 0; i < nr; i += 64) {
		uint64_t word = bits[i / 64];
		uint32_t shift = (first + i) % 64;

		for (uint32_t k = 0; k < 2 && word; k++) {
			uint64_t at = offsetof(struct devmodel_link, screen.written) +
			              8 * ((first + i) / 64 + k);
			uint8_t *page = mfn_to_virt(m->space.link.mfns[at >> PAGE_SHIFT]);
			uint64_t part = k ? (shift ? word >> (64 - shift) : 0) : word << shift;

			if (part)
				atomic_fetch_or((uint64_t *)(page + at % PAGE_SIZE), part);
		}
	}
}

/* By the guest. While a migration counts on the same marks nothing is cleaned: pages are told of again. -ENOMEM: all of it counts as written. */
static void window_written(struct devmodel *m, const struct devmodel_window *w)
{
	uint64_t first = w->gpa >> PAGE_SHIFT, end = first + (w->length >> PAGE_SHIFT), to;
	bool clean = !read_once(m->domain->settings.logs_dirty);
	uint64_t bits[P2M_SCAN / 64];

	for (uint64_t from = first; from < end; from = to) {
		to = MIN(end, align_down(from, P2M_SCAN) + P2M_SCAN);
		if (p2m_dirty_range(&m->domain->p2m, from, (unsigned)(to - from), clean, bits))
			for (unsigned i = 0; i < ARRAY_LEN(bits); i++)
				bits[i] = i * 64 < to - from ? ~0ull : 0;
		written_add(m, (w->offset >> PAGE_SHIFT) + (uint32_t)(from - first), bits,
		            (uint32_t)(to - from));
	}
}

/* By the display itself. */
static void own_written(struct devmodel *m)
{
	uint64_t bits[DEVMODEL_SPACE_BLOCK / 64];
	bool any = false;

	for (uint32_t page = 0; page < m->space.vram.nr; page += DEVMODEL_SPACE_BLOCK) {
		if (!devmodel_space_written(&m->space,
		                            DEVMODEL_VRAM + ((uint64_t)page << PAGE_SHIFT), bits))
			continue;
		written_add(m, page, bits, DEVMODEL_SPACE_BLOCK);
		any = true;
	}
	if (any)
		machine_usermode_flush(&m->user);
}

int64_t devmodel_vram_written(struct devmodel *m, const uint64_t args[USERMODE_ARGS])
{
	if (!m->space.link.nr)
		return -ENODEV;
	for (unsigned i = 0; i < ARRAY_LEN(m->windows); i++)
		window_written(m, &m->windows[i]);
	own_written(m);
	return 0;
}
