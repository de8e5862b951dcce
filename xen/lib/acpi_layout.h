/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Layouts of the tables that guests are given: ACPI 5.0 chapter 5 (RSDP, FADT, FACS, MADT, SRAT), IA-PC HPET 1.0a section 3.2.4, Microsoft's WAET specification. */
#ifndef LIB_ACPI_LAYOUT_H
#define LIB_ACPI_LAYOUT_H

#include "types.h"

struct acpi_rsdp {
	char signature[8];
	uint8_t checksum; /* of the first 20 bytes */
	char oem[6];
	uint8_t revision;
	uint32_t rsdt, length;
	uint64_t xsdt;
	uint8_t checksum_all, reserved[3];
} packed_struct;
_Static_assert(sizeof(struct acpi_rsdp) == 36, "RSDP");
#define ACPI_RSDP_FIRST 20

struct acpi_header {
	char signature[4];
	uint32_t length;
	uint8_t revision, checksum;
	char oem[6], oem_table[8];
	uint32_t oem_revision;
	char creator[4];
	uint32_t creator_revision;
} packed_struct;
_Static_assert(sizeof(struct acpi_header) == 36, "table header");

struct acpi_gas {
	uint8_t space, bits, offset, access;
	uint64_t address;
} packed_struct;
#define ACPI_SPACE_MEMORY 0
#define ACPI_SPACE_IO     1

struct acpi_fadt {
	struct acpi_header h;
	uint32_t facs, dsdt;
	uint8_t reserved0, profile;
	uint16_t sci_irq;
	uint32_t smi_command;
	uint8_t acpi_enable, acpi_disable, s4bios, pstate;
	uint32_t pm1a_event, pm1b_event, pm1a_control, pm1b_control, pm2_control, pm_timer, gpe0,
		gpe1;
	uint8_t pm1_event_len, pm1_control_len, pm2_control_len, pm_timer_len, gpe0_len, gpe1_len,
		gpe1_base, cst;
	uint16_t c2_latency, c3_latency, flush_size, flush_stride;
	uint8_t duty_offset, duty_width, day_alarm, month_alarm, century;
	uint16_t boot_arch;
	uint8_t reserved1;
	uint32_t flags;
	struct acpi_gas reset;
	uint8_t reset_value;
	uint16_t arm_boot_arch;
	uint8_t minor_revision;
	uint64_t x_facs, x_dsdt;
	struct acpi_gas x_pm1a_event, x_pm1b_event, x_pm1a_control, x_pm1b_control, x_pm2_control,
		x_pm_timer, x_gpe0, x_gpe1;
	struct acpi_gas sleep_control, sleep_status; /* from ACPI 5.0 on */
} packed_struct;
#define ACPI_FADT_4 244 /* the length of ACPI 2.0c's to 4.0's */
_Static_assert(__builtin_offsetof(struct acpi_fadt, sleep_control) == ACPI_FADT_4, "FADT");
_Static_assert(sizeof(struct acpi_fadt) == 268, "FADT of ACPI 5.0");

struct acpi_facs {
	char signature[4];
	uint32_t length, hardware_signature, waking_vector, global_lock, flags;
	uint64_t x_waking_vector;
	uint8_t version, reserved[31];
} packed_struct;
_Static_assert(sizeof(struct acpi_facs) == 64, "FACS");

struct acpi_madt {
	struct acpi_header h;
	uint32_t lapic, flags;
} packed_struct;
struct acpi_madt_lapic {
	uint8_t type, length, processor, id;
	uint32_t flags;
} packed_struct;
struct acpi_madt_x2apic {
	uint8_t type, length;
	uint16_t reserved;
	uint32_t id, flags, processor;
} packed_struct;
struct acpi_madt_ioapic {
	uint8_t type, length, id, reserved;
	uint32_t address, gsi;
} packed_struct;
struct acpi_madt_override {
	uint8_t type, length, bus, irq;
	uint32_t gsi;
	uint16_t flags;
} packed_struct;
struct acpi_madt_nmi {
	uint8_t type, length, processor;
	uint16_t flags;
	uint8_t lint;
} packed_struct;

struct acpi_hpet {
	struct acpi_header h;
	uint32_t id;
	struct acpi_gas address;
	uint8_t number;
	uint16_t min_tick;
	uint8_t attributes;
} packed_struct;
_Static_assert(sizeof(struct acpi_hpet) == 56, "HPET");

struct acpi_waet {
	struct acpi_header h;
	uint32_t flags;
} packed_struct;

struct acpi_srat {
	struct acpi_header h;
	uint32_t reserved1;
	uint64_t reserved2;
} packed_struct;
struct acpi_srat_lapic {
	uint8_t type, length, node, id;
	uint32_t flags;
	uint8_t sapic, node_high[3];
	uint32_t clock_domain;
} packed_struct;
struct acpi_srat_memory {
	uint8_t type, length;
	uint32_t node;
	uint16_t reserved1;
	uint64_t base, size;
	uint32_t reserved2, flags;
	uint64_t reserved3;
} packed_struct;
_Static_assert(sizeof(struct acpi_srat_lapic) == 16, "SRAT");
_Static_assert(sizeof(struct acpi_srat_memory) == 40, "SRAT");

#endif
