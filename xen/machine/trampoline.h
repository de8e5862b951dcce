/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How another CPU gets from its start-up IPI to C (xen/boot/trampoline.S). The code between trampoline_start and trampoline_end is copied to a free page below 640 KiB
 * and may stand at any 4 KiB border there; the variables lie inside of it and are set in the copy. One CPU uses it at a time.
 */
#ifndef MACHINE_TRAMPOLINE_H
#define MACHINE_TRAMPOLINE_H

#include "types.h"

extern uint8_t trampoline_start[], trampoline_end[];

/*
 * trampoline_cr3: page tables (below 4 GiB) that map the copy one to one, executable, and the hypervisor. The trampoline sets EFER.LME and EFER.NXE and CR4.PAE.
 * trampoline_stack: first RSP. trampoline_percpu: GS base. Then it jumps to smp_secondary_main().
 */
extern uint64_t trampoline_cr3, trampoline_stack, trampoline_percpu;

#endif
