/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The settings of PCI functions over a sleep, in which most of them lose theirs: a PC's BIOS writes them again before it hands over to the guest, and here the board does. */
#ifndef DEVMODEL_SETTINGS_H
#define DEVMODEL_SETTINGS_H

#include "pci_function.h"

#define SETTINGS_FUNCTIONS 16

/* Notes what guests change of each function of the bus; of one beyond SETTINGS_FUNCTIONS nothing. */
void settings_note(const struct pci_bus *bus);
/* Puts back what was noted, where a function has it no more: base addresses are claimed and devices told, as if it had been written. */
void settings_put_back(struct pci_bus *bus);

#endif
