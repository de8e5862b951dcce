/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The FADT: where the power management registers are, and what of the machine is fixed. ACPI 2.0c, 5.2.8. */
#include "acpi_build.h"
#include "iron.h"
#include "pci_chips.h"

#define BOOT_LEGACY 1u /* devices on the ISA bus */
#define BOOT_8042   2u

#define FLAG_WBINVD  (1u << 0)
#define FLAG_PROC_C1 (1u << 2)
/* Bits 4 and 5 are clear: both buttons are in the PM1 registers. Bit 6 is clear: so is the RTC's alarm. */
#define FLAG_TIMER_32 (1u << 8)
#define FLAG_RESET    (1u << 10)

#define RESET_PORT   0xcf9
#define RESET_HARD   6
#define CMOS_CENTURY 0x32
#define NO_C2        101 /* a latency of more than 100 us says: none */
#define NO_C3        1001

static struct acpi_gas port(uint32_t address, uint8_t bytes, uint8_t access)
{
	return (struct acpi_gas){ ACPI_SPACE_IO, (uint8_t)(bytes * 8), 0, access, address };
}

static void fill_power(struct acpi_fadt *t)
{
	t->pm1a_event = PM_BASE;
	t->pm1a_control = PM_BASE + 4;
	t->pm_timer = PM_BASE + 8;
	t->gpe0 = GPE0_BASE;
	t->pm1_event_len = 4;
	t->pm1_control_len = 2;
	t->pm_timer_len = 4;
	t->gpe0_len = GPE0_SIZE;
	t->x_pm1a_event = port(t->pm1a_event, t->pm1_event_len, 2);
	t->x_pm1a_control = port(t->pm1a_control, t->pm1_control_len, 2);
	t->x_pm_timer = port(t->pm_timer, t->pm_timer_len, 3);
	t->x_gpe0 = port(t->gpe0, t->gpe0_len, 1);
}

uint32_t acpi_fadt_build(struct machine *m, uint32_t facs, uint32_t dsdt)
{
	uint32_t gpa = space_take(&m->acpi, ACPI_FADT_4, 16);
	struct acpi_fadt *t = iron_memory(gpa);

	/* One address is enough, and two of FACS are a fault when both are used. */
	t->facs = facs;
	t->dsdt = dsdt;
	t->x_dsdt = dsdt;
	t->sci_irq = SCI_IRQ;
	fill_power(t);
	t->c2_latency = NO_C2;
	t->c3_latency = NO_C3;
	t->century = CMOS_CENTURY;
	t->boot_arch = BOOT_LEGACY | BOOT_8042;
	t->flags = FLAG_WBINVD | FLAG_PROC_C1 | FLAG_TIMER_32 | FLAG_RESET;
	t->reset = port(RESET_PORT, 1, 1);
	t->reset_value = RESET_HARD;
	acpi_finish(gpa, "FACP", 4, ACPI_FADT_4);
	return gpa;
}
