/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen/core/domctl_dirty.c and p2m_dirty.c: which pages a guest has written to. */
#include <string.h>

#include "bitmap.h"
#include "errno.h"
#include "fake_control.h"
#include "fake_domain.h"
#include "guest_memory.h"
#include "machine_fake.h"
#include "unit.h"

static struct domain *d;
static struct xen_domctl op;
static uint64_t bits[64];

static void start(unsigned pages)
{
	fake_control_machine(1);
	d = fake_tool_domain(1, pages);
	op = (struct xen_domctl){ .cmd = 0 };
}

static void end(void)
{
	CHECK_EQ(fake_domctl_plain(XEN_DOMCTL_destroydomain, d->id), 0);
}

static long shadow(uint32_t sub, uint32_t mode, uint64_t pages)
{
	long r;

	memset(&op.u, 0, sizeof(op.u));
	op.cmd = XEN_DOMCTL_shadow_op;
	op.domain = d->id;
	op.u.shadow_op.op = sub;
	op.u.shadow_op.mode = mode;
	op.u.shadow_op.pages = pages;
	op.u.shadow_op.dirty_bitmap.p = (void *)(uintptr_t)FAKE_BUFFER;
	r = fake_domctl(&op);
	fake_buffer_read(0, bits, sizeof(bits));
	return r;
}

static void written_pages(void)
{
	start(32);
	CHECK_EQ(shadow(XEN_DOMCTL_SHADOW_OP_CLEAN, 0, 32), -EINVAL);
	CHECK_EQ(shadow(XEN_DOMCTL_SHADOW_OP_ENABLE, 0, 0), -EINVAL);
	CHECK_EQ(shadow(XEN_DOMCTL_SHADOW_OP_ENABLE, XEN_DOMCTL_SHADOW_ENABLE_LOG_DIRTY, 0), 0);
	CHECK_EQ(shadow(XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY, 0, 0), -EINVAL);
	CHECK_EQ(p2m_lookup(&d->p2m, gfn(3)).type, P2M_RAM_LOGDIRTY);
	CHECK_EQ(d->p2m.nr_entries[P2M_RAM_LOGDIRTY], 32);
	CHECK_EQ(d->p2m.nr_entries[P2M_RAM_RW], 0);
	/* The guest writes, and we for it. */
	CHECK(p2m_mark_dirty(&d->p2m, gfn(3)));
	CHECK_EQ(guest_write_gpa(d, gpa(17 << PAGE_SHIFT), "x", 1), 0);
	CHECK_EQ(shadow(XEN_DOMCTL_SHADOW_OP_PEEK, 0, 32), 0);
	CHECK_EQ(bits[0] & 0xffffffff, 1u << 3 | 1u << 17);
	CHECK_EQ(op.u.shadow_op.stats.dirty_count, 2);
	CHECK_EQ(op.u.shadow_op.pages, 32);
	/* Told once more by peeking, then taken. */
	CHECK_EQ(shadow(XEN_DOMCTL_SHADOW_OP_CLEAN, XEN_DOMCTL_SHADOW_LOGDIRTY_FINAL, 32), 0);
	CHECK_EQ(bits[0] & 0xffffffff, 1u << 3 | 1u << 17);
	CHECK_EQ(shadow(XEN_DOMCTL_SHADOW_OP_CLEAN, 0, 32), 0);
	CHECK_EQ(bits[0] & 0xffffffff, 0);
	CHECK_EQ(op.u.shadow_op.stats.dirty_count, 0);
	CHECK_EQ(shadow(XEN_DOMCTL_SHADOW_OP_CLEAN, 2, 32), -EINVAL);
	/* New memory is dirty. */
	CHECK_EQ(p2m_unmap(&d->p2m, gfn(5), 0), 0);
	CHECK_EQ(p2m_map(&d->p2m, gfn(5), page_alloc(d, 0, 0), 0, P2M_RAM_RW), 0);
	CHECK_EQ(shadow(XEN_DOMCTL_SHADOW_OP_CLEAN, 0, 1000), 0);
	CHECK_EQ(op.u.shadow_op.pages, 32);
	CHECK_EQ(bits[0] & 0xffffffff, 1u << 5);
	/* Afterwards writes bring back what they need. */
	CHECK_EQ(shadow(XEN_DOMCTL_SHADOW_OP_OFF, 0, 0), 0);
	CHECK_EQ(guest_write_gpa(d, gpa(9 << PAGE_SHIFT), "x", 1), 0);
	CHECK_EQ(shadow(XEN_DOMCTL_SHADOW_OP_CLEAN, 0, 32), -EINVAL);
	end();
}

/* Only whole bytes of the caller's bitmap are written, and none behind what it asked for. */
static void bitmap_borders(void)
{
	start(32);
	memset(fake_buffer(0), 0xff, 64);
	CHECK_EQ(shadow(XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY, 0, 0), 0);
	CHECK_EQ(shadow(XEN_DOMCTL_SHADOW_OP_CLEAN, 0, 9), 0);
	CHECK_EQ(bits[0], 0xffffffffffff0000);
	CHECK_EQ(op.u.shadow_op.pages, 9);
	op.u.shadow_op.dirty_bitmap.p = (void *)(uintptr_t)(1ull << 40);
	CHECK_EQ(fake_domctl(&op), -EFAULT);
	/* Without a bitmap it is only counted and cleaned. */
	CHECK(p2m_mark_dirty(&d->p2m, gfn(2)));
	op.u.shadow_op.dirty_bitmap.p = NULL;
	CHECK_EQ(fake_domctl(&op), 0);
	CHECK_EQ(op.u.shadow_op.stats.dirty_count, 1);
	CHECK_EQ(p2m_lookup(&d->p2m, gfn(2)).type, P2M_RAM_LOGDIRTY);
	end();
}

/* A large entry is split, a hole is one step, and the last table counts. */
static void large_entries_and_holes(void)
{
	mfn_t large, last;

	start(8);
	page_set_limit(d, 4096);
	large = page_alloc(d, PAGE_ORDER_2M, 0);
	last = page_alloc(d, 0, 0);
	CHECK(mfn_valid(large) && mfn_valid(last));
	CHECK_EQ(p2m_map(&d->p2m, gfn(1024), large, PAGE_ORDER_2M, P2M_RAM_RW), 0);
	CHECK_EQ(p2m_map(&d->p2m, gfn(0x5000 + 511), last, 0, P2M_RAM_RW), 0);
	CHECK_EQ(p2m_dirty_scan(&d->p2m, 1024, false, bits), P2M_SCAN);
	CHECK_EQ(bitmap_count(bits, P2M_SCAN), 512);
	CHECK_EQ(p2m_lookup(&d->p2m, gfn(1024)).order, PAGE_ORDER_2M);
	CHECK_EQ(shadow(XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY, 0, 0), 0);
	CHECK_EQ(p2m_lookup(&d->p2m, gfn(1024)).order, 0);
	CHECK(p2m_mark_dirty(&d->p2m, gfn(1024 + 77)));
	CHECK(p2m_mark_dirty(&d->p2m, gfn(0x5000 + 511)));
	CHECK_EQ(shadow(XEN_DOMCTL_SHADOW_OP_CLEAN, 0, ~0ull), 0);
	CHECK_EQ(op.u.shadow_op.stats.dirty_count, 2);
	CHECK_EQ(op.u.shadow_op.pages, 0x5000 + 512);
	CHECK_EQ(bits[(1024 + 77) / 64], 1ull << (1024 + 77) % 64);
	fake_buffer_read((0x5000 + 511) / 8, bits, 1);
	CHECK_EQ((uint8_t)bits[0], 0x80);
	/* A hole that no table covers is one step. */
	CHECK_EQ(p2m_dirty_scan(&d->p2m, 1ull << 20, true, bits), P2M_SCAN_MAX);
	CHECK_EQ(p2m_dirty_scan(&d->p2m, 1ull << 50, true, bits), P2M_SCAN_MAX);
	end();
}

UNIT_MAIN(UNIT(written_pages), UNIT(bitmap_borders), UNIT(large_entries_and_holes))
