/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The first domain's ACPI tables: the machine's own, where they are, but for those that speak of what the hypervisor owns. A new RSDP and XSDT lead to them, and a
 * new MADT names the domain's vcpus beside the machine's IO-APICs and interrupt overrides. ACPI 6.4, 5.2.
 */
#ifndef BOOT_DOM0_ACPI_H
#define BOOT_DOM0_ACPI_H

#include "acpi.h"
#include "types.h"

#define DOM0_ACPI_SIZE 0x4000

/*
 * Writes into buffer (DOM0_ACPI_SIZE bytes that will be at guest address base) for nr_vcpus vcpus; root: the machine's XSDT or RSDT; map: as for acpi_parse(). hide:
 * further signatures to leave out, NULL at the end. 0; -EINVAL: the machine has no usable root table or no MADT; -ENOSPC.
 */
int must_check dom0_acpi_build(acpi_map map, void *arg, uint64_t root, uint32_t nr_vcpus,
                               const char *const *hide, uint8_t *buffer, uint64_t base);

#endif
