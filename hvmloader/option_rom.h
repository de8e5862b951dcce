/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Option ROMs. The BIOS takes them from a function's ROM BAR (PCI Firmware Specification 3.0, chapter 5). A chip that has such a BAR but no bytes of its own gets ours: RAM is put where
 * the BAR points to, so that reading it takes no exit.
 */
#ifndef HVMLOADER_OPTION_ROM_H
#define HVMLOADER_OPTION_ROM_H

#include "pci_setup.h"

/* After pci_program(). */
void option_rom_setup(const struct pci *p, struct memory_map *m, const struct config *c);
/* Is there, in n bytes, an image of x86 code for that function? For tests, too. */
bool option_rom_valid(const uint8_t *rom, uint32_t n, uint16_t vendor, uint16_t device);

#endif
