/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PCI configuration space by mechanism #1. */
#include "iron.h"
#include "pci_config.h"

#define ADDRESS_PORT 0xcf8
#define DATA_PORT    0xcfc
#define ENABLE       0x80000000u

static uint16_t place(pci_bdf f, unsigned offset)
{
	port_out32(ADDRESS_PORT, ENABLE | (uint32_t)f << 8 | (offset & 0xfc));
	return (uint16_t)(DATA_PORT + (offset & 3));
}

uint8_t pci_read8(pci_bdf f, unsigned offset)
{
	return port_in8(place(f, offset));
}

uint16_t pci_read16(pci_bdf f, unsigned offset)
{
	return port_in16(place(f, offset));
}

uint32_t pci_read32(pci_bdf f, unsigned offset)
{
	return port_in32(place(f, offset));
}

void pci_write8(pci_bdf f, unsigned offset, uint8_t value)
{
	port_out8(place(f, offset), value);
}

void pci_write16(pci_bdf f, unsigned offset, uint16_t value)
{
	port_out16(place(f, offset), value);
}

void pci_write32(pci_bdf f, unsigned offset, uint32_t value)
{
	port_out32(place(f, offset), value);
}
