/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs one instruction on this computer's CPU. */
#ifndef RUN_INSN_H
#define RUN_INSN_H

#include "registers.h"

/*
 * Loads regs (all but RSP, and RIP) and the arithmetic flags, runs the instruction, and stores all of them back.
 * It must be one that comes out behind itself. Not for several threads.
 */
void run_insn(const uint8_t *bytes, unsigned len, struct guest_regs *regs);

#endif
