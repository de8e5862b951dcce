/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PCI: writes the places down in the functions, switches their decoders on, and says which interrupt each is wired to. */
#include "pci_chips.h"
#include "pci_setup.h"

/* Windows that pass nothing on: base above limit. */
#define BRIDGE_IO_CLOSED     0x00f0u
#define BRIDGE_MEMORY_CLOSED 0x0000fff0u
#define BRIDGE_GRAIN_BITS    20

const struct pci_resource *pci_resource_of(const struct pci *p, pci_bdf f, unsigned offset)
{
	for (unsigned i = 0; i < p->nr_resources; i++)
		if (p->resources[i].function == f && p->resources[i].offset == offset)
			return &p->resources[i];
	return NULL;
}

static const struct pci_function *function_of(const struct pci *p, pci_bdf bdf)
{
	for (unsigned i = 0; i < p->nr_functions; i++)
		if (p->functions[i].bdf == bdf)
			return &p->functions[i];
	return NULL;
}

unsigned pci_root_pin(const struct pci *p, const struct pci_function *f, unsigned *device)
{
	unsigned pin = f->pin - 1u;

	*device = pci_device(f->bdf);
	for (unsigned bus = pci_bus(f->bdf); bus;) {
		pci_bdf bridge = p->parent[bus];

		pin = (pin + *device) & 3;
		*device = pci_device(bridge);
		bus = pci_bus(bridge);
	}
	return pin;
}

static void close_windows(const struct pci_function *f)
{
	pci_write16(f->bdf, PCI_BRIDGE_IO, BRIDGE_IO_CLOSED);
	pci_write32(f->bdf, PCI_BRIDGE_MEMORY, BRIDGE_MEMORY_CLOSED);
	pci_write32(f->bdf, PCI_BRIDGE_PREFETCH, BRIDGE_MEMORY_CLOSED);
}

static void write_window(const struct pci_resource *r)
{
	uint32_t base = (uint32_t)r->base, last = (uint32_t)(r->base + r->size - 1);

	if (r->space == PCI_SPACE_IO)
		pci_write16(r->function, r->offset,
		            (uint16_t)((base >> 8 & 0xf0) | (last & 0xf000)));
	else
		pci_write32(r->function, r->offset,
		            base >> BRIDGE_GRAIN_BITS << 4 | (last & 0xfff00000));
}

/* One that got no place keeps what it had: its decoder stays off. */
static void write_resource(const struct pci_resource *r)
{
	if (r->child) {
		if (r->base)
			write_window(r);
		return;
	}
	pci_write32(r->function, r->offset, (uint32_t)r->base);
	if (r->is_64)
		pci_write32(r->function, r->offset + 4u, (uint32_t)(r->base >> 32));
}

/* Decoders of spaces in which all that the function wants has a place. */
static uint16_t decoders(const struct pci *p, const struct pci_function *f)
{
	uint16_t on = f->bridge ? PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER : 0;
	uint16_t off = 0;

	/* Its legacy ports are no BAR; the BIOS takes for the display only one that decodes both spaces. */
	if (f->class == PCI_CLASS_VGA)
		on |= PCI_COMMAND_IO | PCI_COMMAND_MEMORY;

	for (unsigned i = 0; i < p->nr_resources; i++) {
		const struct pci_resource *r = &p->resources[i];
		uint16_t bit = r->space == PCI_SPACE_IO ? PCI_COMMAND_IO : PCI_COMMAND_MEMORY;

		if (r->function != f->bdf || r->child)
			continue;
		if (r->base)
			on |= bit;
		else
			off |= bit;
	}
	return on & (uint16_t)~off;
}

static void program_function(const struct pci *p, const struct pci_function *f)
{
	uint16_t command = pci_read16(f->bdf, PCI_COMMAND);
	unsigned device, pin;

	if (f->bridge)
		pci_write8(f->bdf, PCI_BRIDGE_CONTROL, 0);
	pci_write16(f->bdf, PCI_COMMAND, command | decoders(p, f));
	if (!f->pin)
		return;
	pin = pci_root_pin(p, f, &device);
	pci_write8(f->bdf, PCI_INTERRUPT_LINE, pci_link_irq[(device + pin) & 3]);
}

void pci_program(struct pci *p)
{
	for (unsigned i = 0; i < p->nr_functions; i++)
		if (p->functions[i].bridge)
			close_windows(&p->functions[i]);
	for (unsigned i = 0; i < p->nr_resources; i++)
		if (function_of(p, p->resources[i].function))
			write_resource(&p->resources[i]);
	for (unsigned i = 0; i < p->nr_functions; i++) {
		program_function(p, &p->functions[i]);
		pci_chip_setup(&p->functions[i]);
	}
}
