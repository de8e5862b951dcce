/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The instructions that only this folder needs, as functions. Those that can fail say so: SDM 30.2. */
#ifndef VMX_VMX_INSN_H
#define VMX_VMX_INSN_H

#include "virt_insn.h"

/* False: VMfail. */
static inline bool must_check insn_vmxon(uint64_t region_pa)
{
	bool ok;

	__asm__ volatile("vmxon %1" : "=@cca"(ok) : "m"(region_pa) : "memory");
	return ok;
}
static inline void insn_vmxoff(void)
{
	__asm__ volatile("vmxoff" : : : "cc", "memory");
}
static inline bool must_check insn_vmclear(uint64_t vmcs_pa)
{
	bool ok;

	__asm__ volatile("vmclear %1" : "=@cca"(ok) : "m"(vmcs_pa) : "memory");
	return ok;
}
static inline bool must_check insn_vmptrld(uint64_t vmcs_pa)
{
	bool ok;

	__asm__ volatile("vmptrld %1" : "=@cca"(ok) : "m"(vmcs_pa) : "memory");
	return ok;
}

#endif
