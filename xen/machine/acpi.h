/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What we want to know from the ACPI tables. Pure: memory comes through a callback; every length is checked; nothing in the tables is believed. ACPI 6.4. */
#ifndef MACHINE_ACPI_H
#define MACHINE_ACPI_H

#include "types.h"

#define ACPI_MAX_CPUS    256
#define ACPI_MAX_IOAPICS 16
#define ACPI_MAX_MCFG    8
#define ACPI_MAX_NMIS    16

/* A pointer to size bytes of physical memory, or NULL. Pointers stay valid while acpi_parse() runs. */
typedef const void *(*acpi_map)(void *arg, uint64_t phys, uint64_t size);

struct acpi_cpu {
	uint32_t apic_id, acpi_id;
};
struct acpi_ioapic {
	uint32_t id, address, gsi_base;
};
/* An ISA interrupt as it arrives at the IO-APICs. */
struct acpi_isa_irq {
	uint32_t gsi;
	bool active_low, level;
};
struct acpi_nmi {
	uint32_t acpi_id; /* 0xff or 0xffffffff: all */
	uint8_t lint;
	bool active_low, level;
};
/* Generic address: space 0 memory, 1 port, 2 PCI configuration. */
struct acpi_address {
	uint8_t space, width;
	uint64_t address;
};

struct acpi_info {
	uint64_t rsdp, root; /* where they lie; root: XSDT or RSDT */
	uint32_t nr_tables;
	bool has_madt, has_pic;
	uint64_t lapic_address;
	uint32_t nr_cpus, nr_ioapics, nr_nmis, nr_mcfg;
	uint32_t nr_cpus_dropped;            /* enabled ones beyond ACPI_MAX_CPUS */
	struct acpi_cpu cpus[ACPI_MAX_CPUS]; /* enabled ones */
	struct acpi_ioapic ioapics[ACPI_MAX_IOAPICS];
	struct acpi_isa_irq isa[16];
	struct acpi_nmi nmis[ACPI_MAX_NMIS];

	bool has_fadt;
	uint16_t pm_timer_port; /* 0: none */
	bool pm_timer_32bit;
	bool no_rtc, no_vga; /* IA-PC boot flags */
	uint32_t smi_command, acpi_enable;
	uint16_t pm1a_control, pm1b_control; /* ports; 0: none */
	bool has_s5;
	uint8_t s5_type_a, s5_type_b;
	bool has_reset;
	struct acpi_address reset;
	uint8_t reset_value;

	uint64_t hpet_address; /* 0: none */
	struct acpi_mcfg {
		uint64_t base;
		uint16_t segment;
		uint8_t first_bus, last_bus;
	} mcfg[ACPI_MAX_MCFG];
};

/*
 * rsdp 0: searched in the BIOS areas. 0; -ENOENT: no RSDP; -EINVAL: RSDP or root table is broken. Other tables that are broken are left out. *out is
 * usable in every case (ISA interrupts one to one).
 */
int must_check acpi_parse(acpi_map map, void *arg, uint64_t rsdp, struct acpi_info *out);

/* The machine's (set by acpi_init() in acpi_host.c). */
extern struct acpi_info acpi;
/* Reads the machine's tables and logs one line. rsdp 0: search. */
void acpi_init(uint64_t rsdp);

#endif
