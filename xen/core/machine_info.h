/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Facts about this computer that the core tells others or acts by: handed over once by start-up (xen/boot/machine_describe.c) before the first domain is
 * built, constant afterwards. All zero: nothing known.
 */
#ifndef CORE_MACHINE_INFO_H
#define CORE_MACHINE_INFO_H

#include "machine.h"

/* ACPI's registers for sleep and reset (ACPI 4.8.3); ports, 0: none. */
struct machine_power {
	uint16_t pm1a_control, pm1b_control;
	uint16_t reset_port;
	bool has_s5;
	uint8_t s5_type_a, s5_type_b; /* what S5 is in bits 12:10 of each control register */
	uint8_t reset_value;
};

/* The picture that the boot loader left. */
enum machine_screen_kind { SCREEN_NONE, SCREEN_TEXT, SCREEN_LINEAR };
struct machine_screen {
	enum machine_screen_kind kind;
	uint32_t columns, rows; /* text: characters, linear: pixels */
	uint64_t base;          /* linear */
	uint32_t pitch;         /* linear: bytes a line */
	uint8_t bits;           /* linear: bits a pixel */
};

/* A physical CPU, by our number. */
struct machine_cpu {
	uint32_t apic_id, acpi_id;
};

struct machine_info {
	struct machine_power power;
	struct machine_screen screen;
	bool is_efi;
	struct machine_cpu cpus[MAX_CPUS];
};
extern struct machine_info machine_info;

#endif
