/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Off and restart. Serves machine_power_off() and machine_reboot() (core/machine.h). */
#ifndef MACHINE_POWER_H
#define MACHINE_POWER_H

#include "types.h"

/* Stops this CPU for good, interrupts off. */
void power_halt(void) noreturn_fn;

#endif
