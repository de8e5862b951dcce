/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The PCI interrupt routing table ($PIR), for systems that use the PIC and no ACPI. Microsoft's PCI IRQ Routing Table Specification 1.0. */
#include "iron.h"
#include "string.h"
#include "tables.h"

struct pir_link {
	uint8_t link; /* the router's register */
	uint16_t irqs;
} packed_struct;
struct pir_slot {
	uint8_t bus, devfn;
	struct pir_link pins[4];
	uint8_t slot, reserved;
} packed_struct;
struct pir_table {
	char signature[4];
	uint16_t version, size;
	uint8_t router_bus, router_devfn;
	uint16_t exclusive;
	uint16_t vendor, device;
	uint32_t miniport;
	uint8_t reserved[11], checksum;
} packed_struct;
_Static_assert(sizeof(struct pir_slot) == 16, "slot");
_Static_assert(sizeof(struct pir_table) == 32, "header");

#define PIRQRCA     0x60
#define ROUTER      PCI_BDF(0, 1, 0)
#define PCI_DEVICES 32

uint32_t pir_table_build(struct machine *m)
{
	uint32_t n = sizeof(struct pir_table) + PCI_DEVICES * sizeof(struct pir_slot);
	uint32_t gpa = space_take(&m->reserved, n, 16);
	struct pir_table *t = iron_memory(gpa);
	struct pir_slot *s = (void *)(t + 1);
	uint16_t irqs = 0;

	for (unsigned link = 0; link < 4; link++)
		irqs |= (uint16_t)(1u << pci_link_irq[link]);
	memcpy(t->signature, "$PIR", 4);
	t->version = 0x100;
	t->size = (uint16_t)n;
	t->router_devfn = (uint8_t)ROUTER;
	t->vendor = 0x8086;
	t->device = 0x7000;
	for (unsigned device = 0; device < PCI_DEVICES; device++, s++) {
		s->devfn = (uint8_t)(device << 3);
		s->slot = device < 2 ? 0 : (uint8_t)(device - 1);
		for (unsigned pin = 0; pin < 4; pin++)
			s->pins[pin] = (struct pir_link){ (uint8_t)(PIRQRCA + ((device + pin) & 3)),
				                          irqs };
	}
	checksum_set(gpa, n, offsetof(struct pir_table, checksum));
	return gpa;
}
