/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The first domain as the owner of this machine: its memory, tables and devices. */
#ifndef BOOT_DOM0_LAYOUT_H
#define BOOT_DOM0_LAYOUT_H

#include "pvh_build.h"

/* Its pvh_config.machine is a struct dom0_machine (dom0_memory.h). */
extern const struct pvh_layout dom0_layout;

#endif
