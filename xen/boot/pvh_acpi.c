// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The ACPI tables of a PVH domain (ACPI 6.4, 5.2): enough to find the CPUs and to learn what a PC has that this guest has not. No IO-APIC, no sleep states;
 * the fixed registers are named because hardware-reduced mode is off, but nobody answers there: a guest ends itself by hypercall.
 */
#include "pvh_map.h"
#include "pvh_tables.h"
#include "string.h"

struct acpi_gas {
	uint8_t space, width, offset, access;
	uint64_t address;
} packed_struct;

struct acpi_fadt {
	struct acpi_header header;
	uint32_t facs, dsdt;
	uint8_t reserved0, profile;
	uint16_t sci;
	uint32_t smi_command;
	uint8_t acpi_enable, acpi_disable, s4bios, pstate;
	uint32_t pm1a_event, pm1b_event, pm1a_control, pm1b_control, pm2_control, pm_timer;
	uint32_t gpe0, gpe1;
	uint8_t pm1_event_length, pm1_control_length, pm2_control_length, pm_timer_length;
	uint8_t gpe0_length, gpe1_length, gpe1_base, cstate_control;
	uint16_t c2_latency, c3_latency, flush_size, flush_stride;
	uint8_t duty_offset, duty_width, day_alarm, month_alarm, century;
	uint16_t boot_flags;
	uint8_t reserved1;
	uint32_t flags;
	struct acpi_gas reset;
	uint8_t reset_value;
	uint16_t arm_flags;
	uint8_t minor_revision;
	uint64_t x_facs, x_dsdt;
	struct acpi_gas x_pm1a_event, x_pm1b_event, x_pm1a_control, x_pm1b_control, x_pm2_control;
	struct acpi_gas x_pm_timer, x_gpe0, x_gpe1, sleep_control, sleep_status;
} packed_struct;
_Static_assert(sizeof(struct acpi_fadt) == 268, "revision 5");

struct acpi_facs {
	char signature[4];
	uint32_t length, hardware_signature, waking_vector, lock, flags;
	uint64_t x_waking_vector;
	uint8_t version, reserved[31];
} packed_struct;
_Static_assert(sizeof(struct acpi_facs) == 64, "ACPI 5.2.10");

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
	f->sci = 9;
	f->pm1a_event = PM1A_EVENT_PORT;
	f->pm1_event_length = 4;
	f->pm1a_control = PM1A_CONTROL_PORT;
	f->pm1_control_length = 2;
	f->x_pm1a_event = (struct acpi_gas){ 1, 32, 0, 2, PM1A_EVENT_PORT };
	f->x_pm1a_control = (struct acpi_gas){ 1, 16, 0, 2, PM1A_CONTROL_PORT };
	f->c2_latency = f->c3_latency = 0xffff; /* no such states */
	f->boot_flags = BOOT_NO_VGA | BOOT_NO_CMOS_RTC;
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
