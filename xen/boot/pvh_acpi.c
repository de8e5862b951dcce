// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The ACPI tables of a PVH domain (ACPI 6.4, 5.2): enough to find the CPUs and to learn what a PC has that this guest has not. No IO-APIC, no sleep states;
 * the fixed registers are named because hardware-reduced mode is off, but nobody answers there: a guest ends itself by hypercall.
 */
#include "pvh_map.h"
#include "pvh_tables.h"
#include "string.h"

#define FADT_WBINVD          (1u << 0)
#define FADT_NO_POWER_BUTTON (1u << 4)
#define FADT_NO_SLEEP_BUTTON (1u << 5)
#define FADT_NO_FIXED_RTC    (1u << 6)
#define BOOT_NO_VGA          (1u << 2)
#define BOOT_NO_CMOS_RTC     (1u << 5)
#define PM1A_EVENT_PORT      0xb000
#define PM1A_CONTROL_PORT    0xb004

/* Definition block with nothing in it: Scope (\_SB) {} */
static const uint8_t dsdt_aml[] = { 0x10, 0x06, '\\', '_', 'S', 'B', '_' };

static uint64_t dsdt_write(struct acpi_tables *t)
{
	void *h = acpi_table_begin(t, "DSDT", 2, sizeof(struct acpi_header));

	memcpy(acpi_tables_add(t, sizeof(dsdt_aml)), dsdt_aml, sizeof(dsdt_aml));
	return acpi_table_finish(t, h);
}

/* No table like the others: no checksum. */
static uint64_t facs_write(struct acpi_tables *t)
{
	struct acpi_facs *f;

	(void)acpi_tables_add(t, (uint32_t)(align_up(t->end, 64) - t->end));
	f = acpi_tables_add(t, sizeof(*f));
	memcpy(f->signature, "FACS", 4);
	f->length = sizeof(*f);
	f->version = 2;
	return t->base + t->end - sizeof(*f);
}

static uint64_t fadt_write(struct acpi_tables *t, uint64_t facs, uint64_t dsdt)
{
	struct acpi_fadt *f = acpi_table_begin(t, "FACP", 5, sizeof(*f));

	f->facs = (uint32_t)facs;
	f->dsdt = (uint32_t)dsdt;
	f->x_dsdt = dsdt;
	f->sci_irq = 9;
	f->pm1a_event = PM1A_EVENT_PORT;
	f->pm1_event_len = 4;
	f->pm1a_control = PM1A_CONTROL_PORT;
	f->pm1_control_len = 2;
	f->x_pm1a_event = (struct acpi_gas){ ACPI_SPACE_IO, 32, 0, 2, PM1A_EVENT_PORT };
	f->x_pm1a_control = (struct acpi_gas){ ACPI_SPACE_IO, 16, 0, 2, PM1A_CONTROL_PORT };
	f->c2_latency = f->c3_latency = 0xffff; /* no such states */
	f->boot_arch = BOOT_NO_VGA | BOOT_NO_CMOS_RTC;
	f->flags = FADT_WBINVD | FADT_NO_POWER_BUTTON | FADT_NO_SLEEP_BUTTON | FADT_NO_FIXED_RTC;
	return acpi_table_finish(t, f);
}

static uint64_t xsdt_write(struct acpi_tables *t, uint64_t fadt, uint64_t madt)
{
	void *h = acpi_table_begin(t, "XSDT", 1, sizeof(struct acpi_header));

	memcpy(acpi_tables_add(t, sizeof(fadt)), &fadt, sizeof(fadt));
	memcpy(acpi_tables_add(t, sizeof(madt)), &madt, sizeof(madt));
	return acpi_table_finish(t, h);
}

uint32_t pvh_acpi_make(uint8_t *bytes, uint64_t base, uint32_t nr_vcpus)
{
	uint64_t facs, dsdt, fadt, madt;
	struct acpi_tables t;

	acpi_tables_init(&t, bytes, PVH_ACPI_SIZE, base);
	facs = facs_write(&t);
	dsdt = dsdt_write(&t);
	fadt = fadt_write(&t, facs, dsdt);
	madt = acpi_table_finish(&t, acpi_madt_begin(&t, nr_vcpus));
	acpi_tables_rsdp(&t, xsdt_write(&t, fadt, madt));
	return t.is_full ? 0 : t.end;
}
