/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ACPI tables as they are written one after the other into a buffer (ACPI 6.4, 5.2): what the tables of guests and of the first domain share. */
#ifndef BOOT_PVH_TABLES_H
#define BOOT_PVH_TABLES_H

#include "acpi_layout.h"

/* bytes[n] will be at guest address base + n. What does not fit sets is_full and is dropped. */
struct acpi_tables {
	uint8_t *bytes;
	uint32_t size, end;
	uint64_t base;
	bool is_full;
};

/* An RSDP stands first; its place is left free until acpi_tables_rsdp(). */
void acpi_tables_init(struct acpi_tables *t, uint8_t *bytes, uint32_t size, uint64_t base);
/* n zero bytes at the end; never NULL: when the buffer is full, a scratch of 512 bytes. */
void *acpi_tables_add(struct acpi_tables *t, uint32_t n);
/* A table of size bytes, its header filled, aligned to 64. size at most 512. */
void *acpi_table_begin(struct acpi_tables *t, const char *signature, uint8_t revision,
                       uint32_t size);
/* Length and checksum of a table that ends here. Returns its guest address. */
uint64_t acpi_table_finish(struct acpi_tables *t, void *table);
/* A MADT with the local APICs of vcpus 0 to nr_vcpus - 1; others may add entries before they finish it. */
struct acpi_madt *acpi_madt_begin(struct acpi_tables *t, uint32_t nr_vcpus);
void acpi_tables_rsdp(struct acpi_tables *t, uint64_t xsdt);

/* pvh_acpi.c: all tables of a guest, RSDP first, in PVH_ACPI_SIZE bytes that will lie at base. How many of them are used; 0: too many vcpus. */
uint32_t must_check pvh_acpi_make(uint8_t *bytes, uint64_t base, uint32_t nr_vcpus);

#endif
