/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parts of the making of ACPI tables. */
#ifndef HVMLOADER_ACPI_BUILD_H
#define HVMLOADER_ACPI_BUILD_H

#include "acpi_layout.h"
#include "tables.h"

/* Fills in the header of a table at gpa and, over all n bytes, its checksum. */
void acpi_finish(uint32_t gpa, const char *signature, uint8_t revision, uint32_t n);

uint32_t acpi_dsdt_build(struct machine *m);
uint32_t acpi_fadt_build(struct machine *m, uint32_t facs, uint32_t dsdt);
uint32_t acpi_madt_build(struct machine *m);
uint32_t acpi_srat_build(struct machine *m);
uint32_t acpi_ssdt_build(struct machine *m);

#endif
