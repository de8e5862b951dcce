/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the chips of the board want from its firmware beyond BARs. */
#ifndef HVMLOADER_PCI_CHIPS_H
#define HVMLOADER_PCI_CHIPS_H

#include "pci_setup.h"

/* Ports of the power management chip, as the tables tell them. */
#define PM_BASE   0xb000
#define PM_SIZE   0x40
#define GPE0_BASE 0xafe0
#define GPE0_SIZE 4

#define SCI_IRQ 9

/* Nothing for a function that is none of the board's. */
void pci_chip_setup(const struct pci_function *f);

#endif
