/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What traps.c hands over from ring 3. */
#ifndef MACHINE_USER_TRAP_H
#define MACHINE_USER_TRAP_H

#include "traps.h"

/* An exception or a call in ring 3: returns to go on there, or leaves it. */
void usermode_trap(struct trap_frame *f);
/* After an interrupt that came in ring 3 was handled: is its time over? */
void usermode_interrupted(struct trap_frame *f);

#endif
