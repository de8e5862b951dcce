/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ports by which the first domain switches the computer off or restarts it. Its last write is ours: the hypervisor ends the computer then, by the road that
 * SCHEDOP_shutdown takes. All other accesses go on to the hardware.
 */
#ifndef CORE_ACPI_POWER_H
#define CORE_ACPI_POWER_H

#include "types.h"

struct domain;

/*
 * Claims on d's port bus: the PM1 control registers, ACPI's reset register, the keyboard controller's command port, and the chipset's reset control at 0xcf9 unless
 * somebody owns it already (then the owner calls acpi_power_reset_control() for byte writes there, because 0xcf8 is one register of 4 bytes for it). Once, for the
 * first domain, while it is built; the traps of these ports must be on. Errors as iobus_claim().
 */
int must_check acpi_power_create(struct domain *d);

/* A byte is written to port 0xcf9: true when it restarts the computer, which this call then has asked for; else the hardware may have it. */
bool acpi_power_reset_control(struct domain *d, uint8_t value);

#endif
