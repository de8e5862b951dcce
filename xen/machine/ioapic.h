/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The IO-APICs: all lines masked at start; a line is routed to a vector of the boot CPU. And the old PICs, masked off. */
#ifndef MACHINE_IOAPIC_H
#define MACHINE_IOAPIC_H

#include "types.h"

/* After acpi_init() and apic_init(). */
void ioapic_init(void);
/* Routes an ISA interrupt (0-15) to the boot CPU and unmasks it. -ENOENT: no IO-APIC has that line. */
int must_check ioapic_route_isa(unsigned irq, uint8_t vector);
/* Global system interrupts that the IO-APICs have: all below this. */
unsigned ioapic_nr_gsis(void);

/* Moves the PICs away from the exceptions and masks all of their lines. By apic_init(). */
void pic_disable(void);

#endif
