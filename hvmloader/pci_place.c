/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PCI: where the ranges go. On each bus the largest alignment comes first, so that nothing is lost between them. What a bridge passes on is a range like any other on
 * the bus above. Buses behind a bridge have larger numbers than its own: from the last to the first all sizes become known, from the first to the last all places.
 */
#include "console.h"
#include "iron.h"
#include "layout.h"
#include "pci_setup.h"

#define BRIDGE_IO_GRAIN     0x1000u
#define BRIDGE_MEMORY_GRAIN 0x100000u

static void sort(struct pci *p)
{
	for (unsigned i = 1; i < p->nr_resources; i++) {
		struct pci_resource r = p->resources[i];
		unsigned to = i;

		for (; to && p->resources[to - 1].align < r.align; to--)
			p->resources[to] = p->resources[to - 1];
		p->resources[to] = r;
	}
}

/* How far the ranges of a bus reach that are laid out from base on. */
static uint64_t measure(const struct pci *p, unsigned bus, enum pci_space space, uint64_t base)
{
	for (unsigned i = 0; i < p->nr_resources; i++) {
		const struct pci_resource *r = &p->resources[i];

		if (r->bus == bus && r->space == space)
			base = align_up(base, r->align) + r->size;
	}
	return base;
}

static void complain(const struct pci_resource *r)
{
	say("PCI %02x:%02x.%u: no room for the %u KiB that register %#x wants",
	    pci_bus(r->function), pci_device(r->function), r->function & 7u,
	    (unsigned)(r->size >> 10), r->offset);
}

/* Writes down where they go; what does not fit before `end` gets nothing, and says so. Returns how far they reach. */
static uint64_t lay_out(struct pci *p, unsigned bus, enum pci_space space, uint64_t base,
                        uint64_t end)
{
	for (unsigned i = 0; i < p->nr_resources; i++) {
		struct pci_resource *r = &p->resources[i];
		uint64_t at = align_up(base, r->align);

		if (r->bus != bus || r->space != space)
			continue;
		r->base = 0;
		if (at + r->size > end) {
			complain(r);
			continue;
		}
		r->base = at;
		base = at + r->size;
	}
	return base;
}

static uint64_t largest_align(const struct pci *p, unsigned bus, enum pci_space space)
{
	for (unsigned i = 0; i < p->nr_resources; i++)
		if (p->resources[i].bus == bus && p->resources[i].space == space)
			return p->resources[i].align;
	return 0;
}

static void add_window(struct pci *p, unsigned bus, enum pci_space space, uint32_t grain,
                       unsigned offset)
{
	uint64_t size = align_up(measure(p, bus, space, 0), grain);
	struct pci_resource *r = &p->resources[p->nr_resources];

	if (!size)
		return;
	if (p->nr_resources == PCI_RESOURCES_MAX)
		die("PCI: more than %u ranges are wanted", PCI_RESOURCES_MAX);
	p->nr_resources++;
	*r = (struct pci_resource){
		.size = size,
		.align = MAX(largest_align(p, bus, space), (uint64_t)grain),
		.function = p->parent[bus],
		.offset = (uint8_t)offset,
		.bus = (uint8_t)pci_bus(p->parent[bus]),
		.child = (uint8_t)bus,
		.space = (uint8_t)space,
	};
	sort(p);
}

/* The largest 64-bit BAR of the first bus goes above 4 GiB. false: there is none. */
static bool lift_one(struct pci *p)
{
	for (unsigned i = 0; i < p->nr_resources; i++) {
		struct pci_resource *r = &p->resources[i];

		if (r->is_64 && !r->bus && r->space == PCI_SPACE_MEMORY) {
			r->space = PCI_SPACE_HIGH;
			return true;
		}
	}
	return false;
}

static bool fits(struct pci *p, uint64_t start)
{
	return start < MMIO_END && measure(p, 0, PCI_SPACE_MEMORY, start) <= MMIO_END;
}

/* The start of the smallest hole that holds all; or the largest there can be. */
static uint64_t hole_for(struct pci *p, uint64_t least)
{
	uint64_t start = MMIO_DEFAULT_START;

	while (start > MMIO_LOWEST_START && (!fits(p, start) || (least && GIB(4) - start < least)))
		start -= MIB(256);
	return start;
}

/* Nothing of RAM has to move as long as 64-bit BARs can go above instead; then it does, if it may. */
static void place_hole(struct pci *p, struct memory_map *m, const struct config *c)
{
	uint64_t low_end = memory_map_low_end(m), start = hole_for(p, c->mmio_hole);

	while ((start < low_end || !fits(p, start)) && lift_one(p))
		start = hole_for(p, c->mmio_hole);
	if (start < low_end) {
		say("PCI needs the memory from %#x to %#x; RAM there moves above 4 GiB",
		    (uint32_t)start, (uint32_t)low_end);
		if (!c->relocate || !memory_map_relocate(m, (uint32_t)start)) {
			say("RAM stays where it is: %s",
			    c->relocate ? "the hypervisor refuses" : "relocate=0");
			start = align_up(memory_map_low_end(m), MIB(1));
		}
	}
	p->hole_start = start;
	p->hole_end = MMIO_END;
}

static uint64_t address_limit(void)
{
	struct cpuid_result r = cpuid(0x80000000);
	unsigned bits = 36;

	if (r.a >= 0x80000008)
		bits = cpuid(0x80000008).a & 0xff;
	return 1ull << MIN(bits, 52u);
}

static void place_behind_bridges(struct pci *p, unsigned above)
{
	for (unsigned i = 0; i < p->nr_resources; i++) {
		const struct pci_resource *r = &p->resources[i];

		/* A window that got nothing leaves nothing to those behind it. */
		if (r->child && r->bus == above && r->base)
			lay_out(p, r->child, r->space, r->base, r->base + r->size);
	}
}

void pci_place(struct pci *p, struct memory_map *m, const struct config *c)
{
	uint64_t align, end;

	sort(p);
	for (unsigned bus = p->nr_buses; bus-- > 1;) {
		add_window(p, bus, PCI_SPACE_IO, BRIDGE_IO_GRAIN, PCI_BRIDGE_IO);
		add_window(p, bus, PCI_SPACE_MEMORY, BRIDGE_MEMORY_GRAIN, PCI_BRIDGE_MEMORY);
	}
	place_hole(p, m, c);
	lay_out(p, 0, PCI_SPACE_IO, IO_BAR_START, IO_BAR_END);
	lay_out(p, 0, PCI_SPACE_MEMORY, p->hole_start, p->hole_end);
	align = largest_align(p, 0, PCI_SPACE_HIGH);
	p->high_start = p->high_end = align_up(memory_map_high_end(m), MAX(align, GIB(1)));
	end = lay_out(p, 0, PCI_SPACE_HIGH, p->high_start, address_limit());
	if (end > p->high_start)
		p->high_end = MIN(align_up(end, GIB(1)), address_limit());
	for (unsigned bus = 0; bus < p->nr_buses; bus++)
		place_behind_bridges(p, bus);
}
