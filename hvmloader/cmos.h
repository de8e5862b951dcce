/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bytes of the clock's battery-backed memory that BIOS and systems read. */
#ifndef HVMLOADER_CMOS_H
#define HVMLOADER_CMOS_H

#include "memory_map.h"

/* Sizes of memory, the boot order where the configuration has one, and how disks are divided into cylinders. */
void cmos_setup(const struct config *c, const struct memory_map *m);

#endif
