/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen/core/devmodel_vram.c: windows of the display's memory in the guest's, and what was written to it, by the guest and by the display. The test is ring 3, and the CPU that marks entries. */
#include "devmodel.h"

#include <string.h>

#include "devmodel_link.h"
#include "domain.h"
#include "fake_domain.h"
#include "machine_fake.h"
#include "p2m_table.h"
#include "registers.h"
#include "ring3_program.h"
#include "unit.h"
#include "usermode_fake.h"
#include <xen/errno.h>

#define VRAM_PAGES ((MIB(4) + DEVMODEL_VRAM_HIDDEN) >> PAGE_SHIFT)
#define LINEAR     0xf0000000ull
#define LINEAR_GFN (LINEAR >> PAGE_SHIFT)

static struct domain *d;
static struct devmodel *m;
static void (*inside)(struct usermode *u);

static int64_t ask(uint64_t number, uint64_t a, uint64_t b, uint64_t c, uint64_t e)
{
	uint64_t args[USERMODE_ARGS] = { a, b, c, e };

	CHECK(m->user.call(&m->user, number, args));
	return (int64_t)args[0];
}

static enum usermode_end ring3(struct usermode *u, const uint64_t args[USERMODE_ARGS])
{
	uint64_t result[USERMODE_ARGS] = { 0 };

	if (inside)
		inside(u);
	CHECK(!u->call(u, DEVMODEL_CALL_RETURN, result));
	return USERMODE_DONE;
}

static void start(void)
{
	struct devmodel_config config = { .image_name = "test" };

	fake_core_init(64ull << 20, 1);
	d = fixture_domain(false, 1);
	d->max_pages += VRAM_PAGES + 16;
	inside = NULL;
	fake_usermode = ring3;
	ring3_program_make();
	config.image = &ring3_program;
	config.image_size = sizeof(ring3_program);
	config.board = (struct devmodel_board){ .version = DEVMODEL_ABI_VERSION,
		                                .vram_size = VRAM_PAGES << PAGE_SHIFT,
		                                .has_link = 1 };
	CHECK_EQ(devmodel_create(d, &config), 0);
	m = d->devmodel;
}

/* One entry, in which it does that. */
static void in_ring3(void (*fn)(struct usermode *u))
{
	struct io_access a = { .addr = 0, .size = 1 };

	inside = fn;
	CHECK_EQ(devmodel_pio(m, &a), IO_DONE);
	inside = NULL;
}

static uint64_t place_args[4];
static int64_t place_answer;

static void place_inside(struct usermode *u)
{
	place_answer = ask(DEVMODEL_CALL_PLACE, place_args[0], place_args[1], place_args[2],
	                   place_args[3]);
}

static int64_t place(unsigned window, uint64_t gpa, uint64_t offset, uint64_t length)
{
	place_args[0] = window;
	place_args[1] = gpa;
	place_args[2] = offset;
	place_args[3] = length;
	in_ring3(place_inside);
	return place_answer;
}

static void written_inside(struct usermode *u)
{
	CHECK_EQ(ask(DEVMODEL_CALL_VRAM_WRITTEN, 0, 0, 0, 0), 0);
}

/* Which pages were written; how many, and the lowest one. As the backend takes them. */
static unsigned written(unsigned *first)
{
	unsigned n = 0;

	in_ring3(written_inside);
	*first = ~0u;
	for (unsigned page = 0; page < LINK_VRAM_PAGES; page++) {
		uint64_t at = offsetof(struct devmodel_link, screen.written) + page / 64 * 8;
		uint8_t *in = mfn_to_virt(m->space.link.mfns[at >> PAGE_SHIFT]);
		uint64_t *word = (uint64_t *)(in + at % PAGE_SIZE);

		if (!(*word >> page % 64 & 1))
			continue;
		*word &= ~(1ull << page % 64);
		*first = n++ ? *first : page;
	}
	return n;
}

/* The guest writes: the CPU marks the entry. */
static void guest_writes(uint64_t gfn_number)
{
	struct p2m_slot s = p2m_walk(&d->p2m, virt->nested, gfn_number);

	CHECK(virt->nested->dirty);
	CHECK_EQ(s.level, 0);
	*s.entry |= virt->nested->dirty;
}

static struct p2m_entry at(uint64_t gfn_number)
{
	return p2m_lookup(&d->p2m, gfn(gfn_number));
}

static uint64_t refs(unsigned page)
{
	return page_of(m->space.vram.mfns[page])->refs;
}

static void the_guests_writes(void)
{
	unsigned first;

	start();
	CHECK_EQ(written(&first), 0);
	CHECK_EQ(place(0, LINEAR, 0, MIB(4)), 0);
	CHECK_EQ(at(LINEAR_GFN).order, PAGE_ORDER_2M);
	CHECK_EQ(at(LINEAR_GFN + 1023).mfn.v, m->space.vram.mfns[1023].v);
	/* what nobody has looked at counts as written */
	CHECK_EQ(written(&first), 1024);
	CHECK_EQ(written(&first), 0);
	guest_writes(LINEAR_GFN + 77);
	CHECK_EQ(written(&first), 1);
	CHECK_EQ(first, 77);
	CHECK_EQ(written(&first), 0);
	/* we write for it, or it faulted where the CPU marks nothing */
	CHECK(p2m_mark_dirty(&d->p2m, gfn(LINEAR_GFN + 1000)));
	CHECK_EQ(written(&first), 1);
	CHECK_EQ(first, 1000);
	/* a migration looks at the same marks: they stay for it */
	d->settings.logs_dirty = true;
	guest_writes(LINEAR_GFN + 3);
	CHECK_EQ(written(&first), 1);
	CHECK_EQ(written(&first), 1);
	CHECK_EQ(first, 3);
	d->settings.logs_dirty = false;
	CHECK_EQ(written(&first), 1);
	CHECK_EQ(written(&first), 0);
	fixture_end(d);
}

static void windows_anywhere(void)
{
	unsigned first;

	start();
	/* the second window shows the part behind, where no large page fits, as text modes have it */
	CHECK_EQ(place(0, LINEAR, 0, MIB(4)), 0);
	CHECK_EQ(place(1, 0xb8000, MIB(4) + 0x1000, 0x8000), 0);
	(void)written(&first);
	guest_writes(0xb8 + 2);
	CHECK_EQ(written(&first), 1);
	CHECK_EQ(first, 1024 + 1 + 2);
	/* pages whose numbers are no multiples of 64, over a border of 2 MiB */
	CHECK_EQ(place(1, LINEAR + MIB(16) - 0x3000, 0x5000, 0x7000), 0);
	CHECK_EQ(at(0xb8).type, P2M_HOLE);
	CHECK_EQ(written(&first), 7);
	CHECK_EQ(first, 5);
	guest_writes(LINEAR_GFN + 4096 - 1);
	guest_writes(LINEAR_GFN + 4096);
	CHECK_EQ(written(&first), 2);
	CHECK_EQ(first, 7);
	fixture_end(d);
}

static void references(void)
{
	unsigned first;

	start();
	CHECK_EQ(refs(0), 1);
	CHECK_EQ(place(0, LINEAR, 0, MIB(4)), 0);
	CHECK_EQ(refs(0), 2);
	CHECK_EQ(place(0, LINEAR + MIB(32), 0, MIB(4)), 0);
	CHECK_EQ(at(LINEAR_GFN).type, P2M_HOLE);
	CHECK_EQ(refs(0), 2);
	/* split, some clean, some written */
	(void)written(&first);
	guest_writes(LINEAR_GFN + 8192 + 5);
	CHECK_EQ(place(0, 0, 0, 0), 0);
	CHECK_EQ(at(LINEAR_GFN + 8192 + 5).type, P2M_HOLE);
	for (unsigned i = 0; i < VRAM_PAGES; i++)
		CHECK_EQ(refs(i), 1);
	/* where RAM is already it stays, and nothing of ours is lost */
	CHECK_EQ(p2m_map(&d->p2m, gfn(LINEAR_GFN + 600), page_alloc(d, 0, 0), 0, P2M_RAM_RW), 0);
	CHECK_EQ(place(0, LINEAR, 0, MIB(4)), 0);
	CHECK(at(LINEAR_GFN + 600).mfn.v != m->space.vram.mfns[600].v);
	CHECK_EQ(at(LINEAR_GFN + 601).mfn.v, m->space.vram.mfns[601].v);
	CHECK_EQ(refs(600), 1);
	CHECK_EQ(place(0, 0, 0, 0), 0);
	CHECK_EQ(at(LINEAR_GFN + 600).type, P2M_RAM_RW);
	CHECK_EQ(at(LINEAR_GFN + 601).type, P2M_HOLE);
	CHECK_EQ(refs(601), 1);
	fixture_end(d);
}

/* The entry of its own tables. */
static uint64_t *own_entry(uint64_t linear)
{
	uint64_t *table = m->space.root;

	for (int l = 3; l; l--) {
		uint64_t e = table[linear >> (12 + 9 * l) & 511];

		CHECK(e & PTE_P);
		table = hpa_to_virt(hpa(e & PTE_ADDR));
	}
	return &table[linear >> 12 & 511];
}

static void the_displays_writes(void)
{
	unsigned first;

	start();
	CHECK(m->user.page_fault(&m->user, DEVMODEL_VRAM + 9 * PAGE_SIZE, false, false));
	CHECK(!(*own_entry(DEVMODEL_VRAM + 9 * PAGE_SIZE) & PTE_D));
	CHECK_EQ(written(&first), 0); /* it read */
	*own_entry(DEVMODEL_VRAM + 9 * PAGE_SIZE) |= PTE_D;
	CHECK_EQ(written(&first), 1);
	CHECK_EQ(first, 9);
	CHECK_EQ(written(&first), 0);
	/* by DMA of another chip: through the guest's memory */
	CHECK_EQ(place(0, LINEAR, 0, MIB(4)), 0);
	(void)written(&first);
	CHECK(m->user.page_fault(&m->user, DEVMODEL_GUEST + LINEAR + 0x2000, false, false));
	CHECK(!(*own_entry(DEVMODEL_GUEST + LINEAR + 0x2000) & PTE_W));
	CHECK(m->user.page_fault(&m->user, DEVMODEL_GUEST + LINEAR + 0x2000, true, false));
	CHECK(*own_entry(DEVMODEL_GUEST + LINEAR + 0x2000) & PTE_W);
	CHECK_EQ(written(&first), 1);
	CHECK_EQ(first, 2);
	/* and that right is gone with the answer */
	CHECK_EQ(m->space.window.nr, 0);
	fixture_end(d);
}

UNIT_MAIN(UNIT(the_guests_writes), UNIT(windows_anywhere), UNIT(references),
          UNIT(the_displays_writes))
