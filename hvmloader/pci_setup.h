/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PCI: which functions there are, how much of each address space they want, where they get it, and which interrupt they are wired to. In the order of calls:
 * pci_scan() looks, pci_place() decides (and moves RAM if the hole below 4 GiB must grow), pci_program() writes it all down in the functions.
 */
#ifndef HVMLOADER_PCI_SETUP_H
#define HVMLOADER_PCI_SETUP_H

#include "memory_map.h"
#include "pci_config.h"

#define PCI_FUNCTIONS_MAX 128
#define PCI_RESOURCES_MAX 512
#define PCI_BUSES_MAX     32

/* PCI link A to D: the ISA interrupt that it goes to when there is no IO-APIC. */
extern const uint8_t pci_link_irq[4];

enum pci_space { PCI_SPACE_IO, PCI_SPACE_MEMORY, PCI_SPACE_HIGH };

/* A range that somebody on a bus wants: a BAR, a ROM, or what a bridge passes on. */
struct pci_resource {
	uint64_t size, align, base; /* base 0: it got none */
	pci_bdf function;
	uint8_t offset; /* of the register */
	uint8_t bus;    /* on which it is */
	uint8_t child;  /* a bridge's: the bus behind it; else 0 */
	uint8_t space;  /* enum pci_space */
	bool is_64;
};

struct pci_function {
	pci_bdf bdf;
	uint16_t vendor, device, class;
	uint8_t pin;       /* 0: no interrupt */
	bool bridge;       /* to another PCI bus */
	uint8_t secondary; /* a bridge's */
};

struct pci {
	struct pci_function functions[PCI_FUNCTIONS_MAX];
	struct pci_resource resources[PCI_RESOURCES_MAX];
	unsigned nr_functions, nr_resources, nr_buses;
	pci_bdf parent[PCI_BUSES_MAX]; /* the bridge to each bus but the first */
	uint64_t hole_start, hole_end; /* memory below 4 GiB that is PCI's */
	uint64_t high_start, high_end; /* above RAM; equal: none */
};

void pci_scan(struct pci *p);
void pci_place(struct pci *p, struct memory_map *m, const struct config *c);
void pci_program(struct pci *p);

/* The resource of a register, NULL: it has none. */
const struct pci_resource *pci_resource_of(const struct pci *p, pci_bdf f, unsigned offset);
/* The function's pin 0 to 3 (A to D) at the first bus's device: through bridges each device number turns it. */
unsigned pci_root_pin(const struct pci *p, const struct pci_function *f, unsigned *device);

#endif
