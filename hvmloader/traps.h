/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exceptions of hvmloader itself: a line in words instead of a triple fault. */
#ifndef HVMLOADER_TRAPS_H
#define HVMLOADER_TRAPS_H

#include "types.h"

#define TRAP_VECTORS 32

/* For this vcpu; the others use the same table. */
void traps_init(void);

/* start.S: where the vectors begin, TRAP_STUB_SIZE bytes each. */
#define TRAP_STUB_SIZE 16
extern const uint8_t trap_stubs[];

/* What a stub pushes. */
struct trap_frame {
	uint32_t vector, error, eip, cs, eflags;
};
noreturn_fn void trap_report(const struct trap_frame *f);

#endif
