/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The instructions that only this folder needs, as functions. */
#ifndef SVM_SVM_INSN_H
#define SVM_SVM_INSN_H

#include "virt_insn.h"

/* Stores the host's FS, GS, TR, LDTR and system-call MSRs in the VMCB at pa (APM 15.5.2). */
static inline void insn_vmsave(uint64_t pa)
{
	__asm__ volatile("vmsave %%rax" : : "a"(pa) : "memory");
}

#endif
