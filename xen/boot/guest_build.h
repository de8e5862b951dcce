/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guests that start without a control domain. A boot module whose name ends in .cfg describes one (guest_config.h); the files that it names are other boot modules. A module's
 * name is the last part of the first word that the loader gives with it.
 */
#ifndef BOOT_GUEST_BUILD_H
#define BOOT_GUEST_BUILD_H

#include "boot_info.h"
#include "cpuid.h"

/* Do the modules describe guests, instead of being those of a first domain? */
bool guests_are_described(const struct boot_info *info);
/* Builds all of them and starts them. How many run; what is wrong with the others has been said. */
unsigned guests_start(const struct boot_info *info, const struct cpuid_policy *cpuid);

#endif
