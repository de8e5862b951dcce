/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The crash dump: what happened, in words, and the end of this machine. */
#ifndef MACHINE_CRASH_H
#define MACHINE_CRASH_H

#include "traps.h"

/* f: where it happened; NULL: here. what: one line. Stops the other CPUs, dumps, then reboots or halts (noreboot). */
void crash(const struct trap_frame *f, const char *what) noreturn_fn;
/* Called by the NMI handler: true when the NMI was a crashing CPU's order to stop (does not return then, in fact). */
bool crash_nmi(struct trap_frame *f);

#endif
