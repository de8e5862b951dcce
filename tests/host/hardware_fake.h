/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fake machine's device side: IO-APIC pins, PCI configuration space, device memory. All of it is a record that tests read and set. fake_hardware_reset() brings the start
 * state: one IO-APIC of 24 pins, no devices.
 */
#ifndef TESTS_HARDWARE_FAKE_H
#define TESTS_HARDWARE_FAKE_H

#include "machine.h"

#define FAKE_GSIS        48
#define FAKE_PCI_DEVICES 4
#define FAKE_MMIO_BASE   0xf0000000u
#define FAKE_MMIO_SIZE   0x10000u

struct fake_gsi {
	bool ours; /* the hypervisor's own */
	bool routed, masked, level, active_low;
	unsigned cpu;
	uint8_t vector;
	unsigned routes, mask_writes;
};
struct fake_pci_device {
	uint32_t sbdf;
	bool present;
	uint8_t config[4096];
	uint8_t read_only[4096]; /* bits that writes do not change */
};

extern struct machine_ioapic fake_ioapics[2];
extern unsigned fake_nr_ioapics;
extern struct machine_mcfg fake_mcfg[2];
extern unsigned fake_nr_mcfg;
extern struct fake_gsi fake_gsis[FAKE_GSIS];
extern struct fake_pci_device fake_pci[FAKE_PCI_DEVICES];
extern uint8_t fake_mmio[FAKE_MMIO_SIZE];
/* Size of the last access to device memory beyond words of a table; addresses outside fake_mmio read as ones. */
extern unsigned fake_mmio_last_size;
extern unsigned fake_config_reads, fake_config_writes;

void fake_hardware_reset(void);
/* Device n present with the given id, no capabilities. */
struct fake_pci_device *fake_pci_add(unsigned n, uint32_t sbdf, uint32_t id);
void fake_pci_set(struct fake_pci_device *f, unsigned reg, unsigned size, uint32_t value);
uint32_t fake_pci_get(const struct fake_pci_device *f, unsigned reg, unsigned size);
/* A line becomes active: its interrupt comes on its CPU if the pin is not masked. True: it came. */
bool fake_gsi_fire(uint32_t gsi);
/* A device's message: address and data as it has them. False: no such vector. */
bool fake_msi_fire(uint64_t address, uint32_t data);

#endif
