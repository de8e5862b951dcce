/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tables tell of the machine, and who makes which. Each maker returns the address of what a BIOS or system looks for; it is below 4 GiB. */
#ifndef HVMLOADER_TABLES_H
#define HVMLOADER_TABLES_H

#include "bitmap.h"
#include "config.h"
#include "memory_map.h"
#include "pci_setup.h"
#include "space.h"

#define IOAPIC_ID   1
#define IOAPIC_PINS 48

/* Pins of the IO-APIC that PCI interrupts go to: 16 + (device * 4 + pin) mod 32. */
#define PCI_GSI(device, pin) (16u + (((device)*4u + (pin)) & 31u))

struct machine {
	const struct config *config;
	const struct memory_map *map;
	const struct pci *pci;
	bool hpet, com1, com2;
	uint8_t up[CONFIG_VCPUS_MAX]; /* vcpu N started when it was told to */
	/* Memory for tables that a system may use again, that it keeps over a sleep, and that it leaves alone. */
	struct space acpi, nvs, reserved;
};

/* APIC ids as Xen gives them. */
static inline uint8_t vcpu_apic_id(unsigned vcpu)
{
	return (uint8_t)(vcpu * 2);
}

uint32_t acpi_build(struct machine *m);      /* RSDP */
uint32_t smbios_build(struct machine *m);    /* entry point */
uint32_t mp_table_build(struct machine *m);  /* floating pointer */
uint32_t pir_table_build(struct machine *m); /* PCI interrupt routing */

#endif
