/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hands over to the core what it wants to know of this computer (core/machine_info.h). */
#ifndef BOOT_MACHINE_DESCRIBE_H
#define BOOT_MACHINE_DESCRIBE_H

#include "boot_info.h"

/* Once, when ACPI's tables are read and all CPUs are up. */
void machine_describe(const struct boot_info *boot);

#endif
