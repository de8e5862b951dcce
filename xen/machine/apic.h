/* SPDX-License-Identifier: GPL-2.0-or-later */
/* This CPU's local APIC: interrupts of its own, its timer, messages to others. SDM 10, APM 16. */
#ifndef MACHINE_APIC_H
#define MACHINE_APIC_H

#include "types.h"

/* Boot CPU, once: chooses xAPIC or x2APIC, installs the handlers. After acpi_init(). */
void apic_init(void);
/* Each CPU: enabled, LVTs set, timer masked. apic_init() has done it for the boot CPU. */
void apic_cpu_init(void);
/* After clock_init(): measures the timer's rate where there is no TSC deadline. */
void apic_timer_init(void);

uint32_t apic_id(void);
bool apic_is_x2apic(void);
void apic_eoi(void);
/* Fixed interrupt to one CPU by APIC id. */
void apic_send(uint32_t apic_id, uint8_t vector);
void apic_send_nmi_others(void);
void apic_send_init(uint32_t apic_id);
void apic_send_startup(uint32_t apic_id, uint8_t page);

#endif
