/* SPDX-License-Identifier: GPL-2.0-or-later */
/* This machine's ACPI tables. */
#include "acpi.h"
#include "errno.h"
#include "log.h"
#include "paging.h"

struct acpi_info acpi;

static const void *map_firmware(void *arg, uint64_t phys, uint64_t size)
{
	return firmware_map(hpa(phys), size);
}

void acpi_init(uint64_t rsdp)
{
	int err = acpi_parse(map_firmware, NULL, rsdp, &acpi);

	if (err == -ENOENT)
		log_warning("ACPI: no tables: one CPU, no IO-APIC, no power-off");
	else if (err)
		log_warning("ACPI: the root tables at %#lx are broken", acpi.rsdp);
	else
		log_info(
			"ACPI: RSDP %#lx, %u tables, %u CPUs, %u IO-APICs, HPET %#lx, PM timer %#x",
			acpi.rsdp, acpi.nr_tables, acpi.nr_cpus, acpi.nr_ioapics, acpi.hpet_address,
			acpi.pm_timer_port);
	if (acpi.nr_cpus_dropped)
		log_warning("ACPI: %u CPUs beyond %u are not used", acpi.nr_cpus_dropped,
		            ACPI_MAX_CPUS);
}
