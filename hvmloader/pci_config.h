/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PCI configuration space by mechanism #1. PCI Local Bus Specification 3.0, sections 3.2.2.3.2 and 6.1. */
#ifndef HVMLOADER_PCI_CONFIG_H
#define HVMLOADER_PCI_CONFIG_H

#include "types.h"

#define PCI_VENDOR_ID       0x00
#define PCI_DEVICE_ID       0x02
#define PCI_COMMAND         0x04
#define PCI_COMMAND_IO      0x0001
#define PCI_COMMAND_MEMORY  0x0002
#define PCI_COMMAND_MASTER  0x0004
#define PCI_CLASS           0x0a /* base and sub class */
#define PCI_HEADER_TYPE     0x0e
#define PCI_BAR0            0x10
#define PCI_ROM             0x30
#define PCI_ROM_ENABLE      1u
#define PCI_INTERRUPT_LINE  0x3c
#define PCI_INTERRUPT_PIN   0x3d
#define PCI_BUS_NUMBERS     0x18 /* primary, secondary, subordinate */
#define PCI_BRIDGE_IO       0x1c /* base, limit: bits 15 to 12 of addresses */
#define PCI_BRIDGE_MEMORY   0x20 /* base, limit: bits 31 to 20 */
#define PCI_BRIDGE_PREFETCH 0x24
#define PCI_BRIDGE_ROM      0x38
#define PCI_BRIDGE_CONTROL  0x3e

#define PCI_CLASS_VGA    0x0300
#define PCI_CLASS_BRIDGE 0x0604

/* A function: bus, device, function in 16 bits. */
typedef uint16_t pci_bdf;
#define PCI_BDF(bus, device, function) ((pci_bdf)((bus) << 8 | (device) << 3 | (function)))
static inline unsigned pci_bus(pci_bdf f)
{
	return f >> 8;
}
static inline unsigned pci_device(pci_bdf f)
{
	return f >> 3 & 31;
}

/* offset naturally aligned, below 256; nobody there reads as ones */
uint8_t pci_read8(pci_bdf f, unsigned offset);
uint16_t pci_read16(pci_bdf f, unsigned offset);
uint32_t pci_read32(pci_bdf f, unsigned offset);
void pci_write8(pci_bdf f, unsigned offset, uint8_t value);
void pci_write16(pci_bdf f, unsigned offset, uint16_t value);
void pci_write32(pci_bdf f, unsigned offset, uint32_t value);

#endif
