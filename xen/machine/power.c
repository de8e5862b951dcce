/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Off by ACPI's S5; restart by ACPI's reset register, the keyboard controller, the chipset, or a triple fault. */
#include "power.h"

#include "acpi.h"
#include "clock.h"
#include "cpu.h"
#include "cpu_insn.h"
#include "log.h"
#include "machine.h"
#include "paging.h"
#include "smp.h"
#include "uart.h"

#define PM1_SCI_ENABLED  0x0001
#define PM1_SLEEP_TYPE   0x1c00
#define PM1_SLEEP_ENABLE 0x2000

#define EMULATOR_PM1_CONTROL 0x604

void power_halt(void)
{
	irq_disable();
	for (;;)
		cpu_halt();
}

/* The machine is in legacy mode until somebody asks for ACPI mode (ACPI 4.8.2.5). */
static void enter_acpi_mode(void)
{
	if (!acpi.smi_command || !acpi.acpi_enable || (in16(acpi.pm1a_control) & PM1_SCI_ENABLED))
		return;
	out8((uint16_t)acpi.smi_command, (uint8_t)acpi.acpi_enable);
	for (unsigned ms = 0; ms < 300; ms++) {
		if (in16(acpi.pm1a_control) & PM1_SCI_ENABLED)
			return;
		clock_delay_us(1000);
	}
}

static void sleep(uint16_t control, uint8_t type)
{
	uint16_t v = in16(control) & (uint16_t) ~(PM1_SLEEP_TYPE | PM1_SLEEP_ENABLE);

	v |= (uint16_t)(type << 10);
	out16(control, v);
	out16(control, v | PM1_SLEEP_ENABLE);
}

void machine_power_off(void)
{
	irq_disable();
	smp_stop_others();
	uart_drain();
	if (acpi.has_s5 && acpi.pm1a_control) {
		enter_acpi_mode();
		sleep(acpi.pm1a_control, acpi.s5_type_a);
		if (acpi.pm1b_control)
			sleep(acpi.pm1b_control, acpi.s5_type_b);
		clock_delay_us(100000);
	}
	/* emulated PCs without tables */
	if (cpu_features.emulated)
		out16(EMULATOR_PM1_CONTROL, PM1_SLEEP_ENABLE);
	log_error("the machine cannot be switched off: halted");
	power_halt();
}

/* ---- restart ---- */

static void reset_acpi(void)
{
	if (!acpi.has_reset)
		return;
	if (acpi.reset.space == 0 && acpi.reset.address < BIT(46))
		*(volatile uint8_t *)io_map(hpa(acpi.reset.address), 1) = acpi.reset_value;
	else if (acpi.reset.space == 1 && acpi.reset.address <= 0xffff)
		out8((uint16_t)acpi.reset.address, acpi.reset_value);
}

#define KEYBOARD_COMMAND      0x64
#define KEYBOARD_BUSY         0x02
#define KEYBOARD_PULSE_RESET  0xfe
#define CHIPSET_RESET         0xcf9
#define CHIPSET_RESET_PREPARE 0x02
#define CHIPSET_RESET_FULL    0x0e

static void reset_keyboard(void)
{
	for (unsigned i = 0; i < 10000 && (in8(KEYBOARD_COMMAND) & KEYBOARD_BUSY); i++)
		cpu_relax();
	out8(KEYBOARD_COMMAND, KEYBOARD_PULSE_RESET);
}

static void reset_chipset(void)
{
	out8(CHIPSET_RESET, CHIPSET_RESET_PREPARE);
	clock_delay_us(50);
	out8(CHIPSET_RESET, CHIPSET_RESET_FULL);
}

static void reset_triple_fault(void)
{
	struct {
		uint16_t limit;
		uint64_t base;
	} packed_struct none = { 0, 0 };

	__asm__ volatile("lidt %0; int3" ::"m"(none));
}

void machine_reboot(void)
{
	static void (*const ways[])(void) = { reset_acpi, reset_keyboard, reset_chipset,
		                              reset_triple_fault };

	irq_disable();
	smp_stop_others();
	uart_drain();
	for (unsigned i = 0; i < ARRAY_LEN(ways); i++) {
		ways[i]();
		clock_delay_us(50000);
	}
	power_halt();
}
