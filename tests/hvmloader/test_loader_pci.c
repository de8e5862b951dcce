/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hvmloader/pci_scan.c, pci_place.c, pci_program.c, pci_chips.c */
#include <string.h>
#include "unit.h"
#include "board_fake.h"
#include "layout.h"
#include "pci_chips.h"

static struct machine m;

/* No two ranges of a bus overlap; each lies on its alignment and inside where it may. */
static bool proper(const struct pci *p)
{
	for (unsigned i = 0; i < p->nr_resources; i++) {
		const struct pci_resource *a = &p->resources[i];

		if (!a->base)
			continue;
		if (a->base % a->align)
			return false;
		if (a->space == PCI_SPACE_MEMORY &&
		    (a->base < p->hole_start || a->base + a->size > p->hole_end))
			return false;
		if (a->space == PCI_SPACE_IO &&
		    (a->base < IO_BAR_START || a->base + a->size > IO_BAR_END))
			return false;
		if (a->space == PCI_SPACE_HIGH &&
		    (a->base < p->high_start || a->base + a->size > p->high_end))
			return false;
		for (unsigned j = 0; j < i; j++) {
			const struct pci_resource *b = &p->resources[j];

			if (b->base && a->bus == b->bus && a->space == b->space &&
			    a->base < b->base + b->size && b->base < a->base + a->size)
				return false;
		}
	}
	return true;
}

static void plain_board(void)
{
	fake_iron_reset();
	board_plug();
	board_start(&m, "", 512);
	CHECK_EQ(m.pci->nr_functions, 7);
	CHECK_EQ(m.pci->nr_buses, 1);
	CHECK_EQ(m.pci->nr_resources, 9);
	CHECK_EQ(m.pci->hole_start, MMIO_DEFAULT_START);
	CHECK_EQ(m.pci->high_start, m.pci->high_end);
	CHECK(proper(m.pci));
	/* The bits of its kind stay in the register. */
	CHECK_EQ(fake_config32(board.vga, PCI_BAR0) & 15, 8);
	CHECK_EQ(fake_config32(board.vga, PCI_BAR0) & ~15u,
	         pci_resource_of(m.pci, PCI_BDF(0, 3, 0), PCI_BAR0)->base);
	CHECK_EQ(fake_config32(board.net, PCI_BAR0 + 4) & 3, 1);
	CHECK(fake_config32(board.vga, PCI_ROM));
	CHECK(!(fake_config32(board.vga, PCI_ROM) & PCI_ROM_ENABLE));
	CHECK_EQ(fake_config16(board.vga, PCI_COMMAND), PCI_COMMAND_MEMORY | PCI_COMMAND_IO);
	CHECK_EQ(fake_config16(board.net, PCI_COMMAND), PCI_COMMAND_MEMORY | PCI_COMMAND_IO);
	CHECK_EQ(fake_config16(board.host, PCI_COMMAND), 0);
	CHECK_EQ(iron.nr_moves, 0);
	CHECK_EQ(iron.console_len, 0);
}

static void interrupts(void)
{
	fake_iron_reset();
	board_plug();
	board_start(&m, "", 512);
	/* (device + pin) mod 4 -> 5, 10, 11, 5 */
	CHECK_EQ(board.platform->config[PCI_INTERRUPT_LINE], 11);
	CHECK_EQ(board.net->config[PCI_INTERRUPT_LINE], 5);
	CHECK_EQ(board.pm->config[PCI_INTERRUPT_LINE], 9);
	CHECK_EQ(board.vga->config[PCI_INTERRUPT_LINE], 0);
	CHECK_EQ(board.isa->config[0x60], 5);
	CHECK_EQ(board.isa->config[0x61], 10);
	CHECK_EQ(board.isa->config[0x62], 11);
	CHECK_EQ(board.isa->config[0x63], 5);
	CHECK_EQ(iron.ports[0x4d0], 0x20);
	CHECK_EQ(iron.ports[0x4d1], 0x0c);
}

static void chips(void)
{
	fake_iron_reset();
	board_plug();
	board_start(&m, "", 512);
	CHECK_EQ(board.host->config[0x59], 0x30);
	for (unsigned i = 0x5a; i <= 0x5f; i++)
		CHECK_EQ(board.host->config[i], 0x33);
	CHECK_EQ(fake_config16(board.ide, 0x40), 0x8000);
	CHECK_EQ(fake_config16(board.ide, 0x42), 0x8000);
	CHECK_EQ(fake_config16(board.ide, PCI_COMMAND), PCI_COMMAND_IO);
	CHECK_EQ(fake_config32(board.pm, 0x40), PM_BASE | 1);
	CHECK_EQ(board.pm->config[0x80] & 1, 1);
	CHECK_EQ(iron.ports[PM_BASE + 4] & 1, 1);
}

/* The hole grows by whole steps; RAM in it moves up. */
static void large_bar_moves_ram(void)
{
	struct fake_function *f;

	fake_iron_reset();
	board_plug();
	f = fake_function_add(0, 5, 0, 0x1111, 0x2222, 0x0300);
	fake_bar(f, 0, MIB(512), 8);
	board_start(&m, "", 3840);
	CHECK_EQ(m.pci->hole_start, 0xc0000000);
	CHECK(proper(m.pci));
	CHECK_EQ(m.map->low_ram, 0xc0000000);
	CHECK_EQ(memory_map_high_end(m.map), GIB(4) + MIB(768));
	CHECK_EQ(iron.moves[0].to, GIB(4));

	/* With less RAM nothing has to move. */
	fake_iron_reset();
	board_plug();
	f = fake_function_add(0, 5, 0, 0x1111, 0x2222, 0x0300);
	fake_bar(f, 0, MIB(512), 8);
	board_start(&m, "", 1024);
	CHECK_EQ(iron.nr_moves, 0);
	CHECK(proper(m.pci));
}

static void may_not_move(void)
{
	struct fake_function *f;

	fake_iron_reset();
	fake_row(MIB(1), MIB(3839), MEMORY_RAM);
	board_plug();
	f = fake_function_add(0, 5, 0, 0x1111, 0x2222, 0x0300);
	fake_bar(f, 0, MIB(512), 8);
	board_start(&m, "relocate=0", 0);
	CHECK_EQ(iron.nr_moves, 0);
	CHECK_EQ(m.pci->hole_start, 0xf0000000);
	CHECK(proper(m.pci));
	CHECK(strstr(iron.console, "00:05.0: no room"));
	/* Without a place its decoder stays off; the others have theirs. */
	CHECK_EQ(fake_config16(f, PCI_COMMAND), PCI_COMMAND_IO);
	CHECK(fake_config16(board.net, PCI_COMMAND) & PCI_COMMAND_MEMORY);
}

static void wide_bar_goes_high(void)
{
	struct fake_function *f;

	fake_iron_reset();
	fake_row(MIB(1), MIB(3839), MEMORY_RAM);
	fake_row(GIB(4), MIB(100), MEMORY_RAM);
	board_plug();
	f = fake_function_add(0, 5, 0, 0x1111, 0x2222, 0x0300);
	fake_bar(f, 0, GIB(8), 12);
	fake_bar(f, 2, MIB(1), 4);
	board_start(&m, "", 0);
	CHECK_EQ(iron.nr_moves, 0);
	CHECK(proper(m.pci));
	CHECK_EQ(fake_config32(f, PCI_BAR0 + 4), 2);
	CHECK_EQ(fake_config32(f, PCI_BAR0), 12);
	CHECK_EQ(m.pci->high_start, GIB(8));
	CHECK_EQ(m.pci->high_end, GIB(16));
	/* The small one had room below. */
	CHECK_EQ(fake_config32(f, PCI_BAR0 + 12), 0);
	CHECK(fake_config32(f, PCI_BAR0 + 8) > MMIO_DEFAULT_START);
}

static void wished_hole(void)
{
	fake_iron_reset();
	board_plug();
	board_start(&m, "mmio_hole=1G", 1024);
	CHECK_EQ(m.pci->hole_start, 0xc0000000);
	CHECK(proper(m.pci));
}

/* Two bridges, one behind the other, and a device behind each. */
static void bridges(void)
{
	struct fake_function *b1, *b2, *d1, *d2;
	const struct pci_resource *r;

	fake_iron_reset();
	board_plug();
	b1 = fake_function_add(0, 6, 0, 0x1b36, 1, PCI_CLASS_BRIDGE);
	fake_bridge(b1);
	b2 = fake_function_add(1, 2, 0, 0x1b36, 1, PCI_CLASS_BRIDGE);
	fake_bridge(b2);
	b2->behind = (unsigned)(b1 - iron.functions) + 1;
	d1 = fake_function_add(1, 3, 0, 0x1111, 0x1, 0x0200);
	d1->behind = b2->behind;
	fake_bar(d1, 0, MIB(2), 0);
	d1->config[PCI_INTERRUPT_PIN] = 1;
	d2 = fake_function_add(2, 4, 0, 0x1111, 0x2, 0x0200);
	d2->behind = (unsigned)(b2 - iron.functions) + 1;
	fake_bar(d2, 0, 4096, 0);
	fake_bar(d2, 1, 32, 1);
	d2->config[PCI_INTERRUPT_PIN] = 2;
	board_start(&m, "", 512);
	CHECK_EQ(m.pci->nr_buses, 3);
	CHECK_EQ(m.pci->nr_functions, 11);
	CHECK(proper(m.pci));
	CHECK_EQ(b1->config[PCI_BUS_NUMBERS + 1], 1);
	CHECK_EQ(b1->config[PCI_BUS_NUMBERS + 2], 2);
	CHECK_EQ(b2->config[PCI_BUS_NUMBERS], 1);
	CHECK_EQ(b2->config[PCI_BUS_NUMBERS + 1], 2);
	CHECK_EQ(b2->config[PCI_BUS_NUMBERS + 2], 2);
	/* The window of a bridge holds what is behind it. */
	for (unsigned i = 0; i < m.pci->nr_resources; i++) {
		const struct pci_resource *w = &m.pci->resources[i];

		if (!w->child)
			continue;
		for (unsigned j = 0; j < m.pci->nr_resources; j++) {
			r = &m.pci->resources[j];
			if (r->bus == w->child && r->space == w->space) {
				CHECK(r->base >= w->base);
				CHECK(r->base + r->size <= w->base + w->size);
			}
		}
	}
	r = pci_resource_of(m.pci, PCI_BDF(0, 6, 0), PCI_BRIDGE_MEMORY);
	CHECK(r);
	CHECK_EQ(fake_config16(b1, PCI_BRIDGE_MEMORY), r->base >> 16);
	CHECK_EQ(fake_config16(b1, PCI_BRIDGE_MEMORY + 2), (r->base + r->size - 1) >> 16 & 0xfff0);
	CHECK(fake_config16(b1, PCI_BRIDGE_PREFETCH) > fake_config16(b1, PCI_BRIDGE_PREFETCH + 2));
	CHECK(fake_config16(b1, PCI_COMMAND) == 7);
	/* Pin A of device 3 behind device 6: pin D there; link (6 + 3) mod 4. */
	CHECK_EQ(d1->config[PCI_INTERRUPT_LINE], pci_link_irq[1]);
	/* Pin B of 4 behind 2 behind 6: 1 + 4 + 2 = pin D again. */
	CHECK_EQ(d2->config[PCI_INTERRUPT_LINE], pci_link_irq[1]);
}

static void too_many(void)
{
	struct fake_function *f;

	/* 16 KiB of ports are all there are. */
	fake_iron_reset();
	board_plug();
	for (unsigned i = 0; i < 5; i++) {
		f = fake_function_add(0, 10 + i, 0, 0x1111, 0x1, 0x0200);
		fake_bar(f, 0, 4096, 1);
	}
	board_start(&m, "", 512);
	CHECK(proper(m.pci));
	CHECK(strstr(iron.console, "no room for"));
	/* A function of all ones is none; one with a header that nobody knows is left alone. */
	f = fake_function_add(0, 20, 0, 0x1111, 1, 0);
	f->config[PCI_HEADER_TYPE] = 2;
	fake_bar(f, 0, 4096, 0);
	board_start(&m, "", 512);
	CHECK(!pci_resource_of(m.pci, PCI_BDF(0, 20, 0), PCI_BAR0));
}

UNIT_MAIN(UNIT(plain_board), UNIT(interrupts), UNIT(chips), UNIT(large_bar_moves_ram),
          UNIT(may_not_move), UNIT(wide_bar_goes_high), UNIT(wished_hole), UNIT(bridges),
          UNIT(too_many))
