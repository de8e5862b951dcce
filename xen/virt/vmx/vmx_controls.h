/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which of VT-x's controls this CPU has and which are in use. The capability MSRs decide (SDM appendix A.2 to A.5); a table says what we ask for and what happens
 * without it. Pure.
 */
#ifndef VMX_VMX_CONTROLS_H
#define VMX_VMX_CONTROLS_H

#include "registers.h"

enum vmx_control_group { VMX_PIN, VMX_PROC, VMX_PROC2, VMX_EXIT, VMX_ENTRY, VMX_NR_GROUPS };

/* IA32_VMX_BASIC, SDM appendix A.1 */
#define VMX_BASIC_REVISION(b) ((uint32_t)(b)&0x7fffffffu)
#define VMX_BASIC_IO_INFO     BIT(54) /* exits by INS and OUTS come with instruction information */
#define VMX_BASIC_TRUE        BIT(55) /* the TRUE MSRs are there */

struct vmx_controls {
	uint32_t value[VMX_NR_GROUPS]; /* in each guest's VMCS at first */
	/* Bits that CPU allows to be 1, must be 1. */
	uint32_t allowed1[VMX_NR_GROUPS], allowed0[VMX_NR_GROUPS];
};

/*
 * Fills out from the MSRs, which read gives. NULL: a guest can run; else the first thing that is missing (or cannot be switched off), in words.
 */
const char *vmx_controls_choose(uint64_t (*read)(uint32_t msr), struct vmx_controls *out);

/* Is a control in use, or (for those that guests have for a while only) there? Bits of one group. */
static inline bool vmx_control_on(const struct vmx_controls *c, enum vmx_control_group g,
                                  uint32_t bit)
{
	return c->value[g] & bit;
}

/* The text " ; with a, b; without c" of what may be missing; returns its length. */
size_t vmx_controls_describe(const struct vmx_controls *c, char *buf, size_t size);

#endif
