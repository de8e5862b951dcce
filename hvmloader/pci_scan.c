/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PCI: which functions there are, and what they want. PCI Local Bus Specification 3.0, chapter 6; PCI-to-PCI Bridge Architecture 1.2, chapter 3. */
#include "console.h"
#include "pci_setup.h"

#define BARS_NORMAL  6
#define BARS_BRIDGE  2
#define BAR_IO       1u
#define BAR_TYPE     6u
#define BAR_64       4u
#define BAR_PREFETCH 8u
#define IO_MASK      0xfffcu
#define MEMORY_MASK  0xfffffff0u
#define ROM_MASK     0xfffff800u

static void add_resource(struct pci *p, const struct pci_resource *r)
{
	if (p->nr_resources == PCI_RESOURCES_MAX)
		die("PCI: more than %u ranges are wanted", PCI_RESOURCES_MAX);
	p->resources[p->nr_resources++] = *r;
}

/* The bits that stay when ones are written; the register has its old value afterwards. */
static uint32_t register_mask(pci_bdf f, unsigned offset, uint32_t ones)
{
	uint32_t old = pci_read32(f, offset), mask;

	pci_write32(f, offset, ones);
	mask = pci_read32(f, offset);
	pci_write32(f, offset, old);
	return mask;
}

/* Returns how many registers it took. */
static unsigned scan_bar(struct pci *p, const struct pci_function *f, unsigned offset, bool last)
{
	uint32_t mask = register_mask(f->bdf, offset, ~0u);
	struct pci_resource r = { .function = f->bdf,
		                  .offset = (uint8_t)offset,
		                  .bus = (uint8_t)pci_bus(f->bdf) };
	uint64_t wide;

	if (!mask || mask == ~0u)
		return 1;
	if (mask & BAR_IO) {
		r.space = PCI_SPACE_IO;
		wide = mask & IO_MASK;
		r.size = wide & -wide;
	} else {
		r.space = PCI_SPACE_MEMORY;
		r.is_64 = (mask & BAR_TYPE) == BAR_64 && !last;
		wide = mask & MEMORY_MASK;
		if (r.is_64)
			wide |= (uint64_t)register_mask(f->bdf, offset + 4, ~0u) << 32;
		r.size = wide & -wide;
	}
	r.align = r.size;
	if (r.size)
		add_resource(p, &r);
	return r.is_64 ? 2 : 1;
}

static void scan_rom(struct pci *p, const struct pci_function *f, unsigned offset)
{
	uint32_t mask = register_mask(f->bdf, offset, ~PCI_ROM_ENABLE) & ROM_MASK;
	struct pci_resource r = { .function = f->bdf,
		                  .offset = (uint8_t)offset,
		                  .bus = (uint8_t)pci_bus(f->bdf),
		                  .space = PCI_SPACE_MEMORY };

	r.size = r.align = mask & -mask;
	if (r.size)
		add_resource(p, &r);
}

/* With its decoders off: sizing moves what it answers to. */
static void scan_resources(struct pci *p, const struct pci_function *f)
{
	uint16_t command = pci_read16(f->bdf, PCI_COMMAND);
	unsigned bars = f->bridge ? BARS_BRIDGE : BARS_NORMAL, n;

	pci_write16(f->bdf, PCI_COMMAND,
	            command & (uint16_t) ~(PCI_COMMAND_IO | PCI_COMMAND_MEMORY));
	for (unsigned i = 0; i < bars; i += n)
		n = scan_bar(p, f, PCI_BAR0 + i * 4, i == bars - 1);
	scan_rom(p, f, f->bridge ? PCI_BRIDGE_ROM : PCI_ROM);
	pci_write16(f->bdf, PCI_COMMAND, command);
}

static void scan_bridge(struct pci *p, struct pci_function *f)
{
	if (p->nr_buses == PCI_BUSES_MAX)
		die("PCI: more than %u buses", PCI_BUSES_MAX);
	f->secondary = (uint8_t)p->nr_buses++;
	p->parent[f->secondary] = f->bdf;
	/* Open down to all buses until it is known which are behind it. */
	pci_write8(f->bdf, PCI_BUS_NUMBERS, (uint8_t)pci_bus(f->bdf));
	pci_write8(f->bdf, PCI_BUS_NUMBERS + 1, f->secondary);
	pci_write8(f->bdf, PCI_BUS_NUMBERS + 2, 0xff);
}

static struct pci_function *scan_function(struct pci *p, pci_bdf bdf)
{
	struct pci_function *f = &p->functions[p->nr_functions];
	uint8_t type;

	if (pci_read16(bdf, PCI_VENDOR_ID) == 0xffff)
		return NULL;
	if (p->nr_functions == PCI_FUNCTIONS_MAX)
		die("PCI: more than %u functions", PCI_FUNCTIONS_MAX);
	p->nr_functions++;
	type = pci_read8(bdf, PCI_HEADER_TYPE) & 0x7f;
	*f = (struct pci_function){
		.bdf = bdf,
		.vendor = pci_read16(bdf, PCI_VENDOR_ID),
		.device = pci_read16(bdf, PCI_DEVICE_ID),
		.class = pci_read16(bdf, PCI_CLASS),
		.pin = type > 1 ? 0 : pci_read8(bdf, PCI_INTERRUPT_PIN),
		.bridge = type == 1,
	};
	if (f->pin > 4)
		f->pin = 0;
	if (type <= 1)
		scan_resources(p, f);
	return f;
}

/*
 * From devfn on, until the bus is at its end (256) or a bridge was found: then the bus behind it is scanned before the rest, so that the numbers of all buses behind a
 * bridge follow one another.
 */
static unsigned scan_bus(struct pci *p, unsigned bus, unsigned devfn)
{
	while (devfn < 256) {
		pci_bdf bdf = PCI_BDF(bus, devfn >> 3, devfn & 7);
		struct pci_function *f = scan_function(p, bdf);
		bool single = !(devfn & 7) && (!f || !(pci_read8(bdf, PCI_HEADER_TYPE) & 0x80));

		devfn += single ? 8 : 1;
		if (f && f->bridge) {
			scan_bridge(p, f);
			return devfn;
		}
	}
	return devfn;
}

void pci_scan(struct pci *p)
{
	unsigned next[PCI_BUSES_MAX] = { 0 };
	unsigned path[PCI_BUSES_MAX] = { 0 }, depth = 0;

	p->nr_functions = p->nr_resources = 0;
	p->nr_buses = 1;
	for (;;) {
		unsigned bus = path[depth], before = p->nr_buses;

		next[bus] = scan_bus(p, bus, next[bus]);
		if (p->nr_buses > before) {
			path[++depth] = before;
			continue;
		}
		if (!depth)
			return;
		pci_write8(p->parent[bus], PCI_BUS_NUMBERS + 2, (uint8_t)(p->nr_buses - 1));
		depth--;
	}
}
