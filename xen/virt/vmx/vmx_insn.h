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

static inline uint64_t insn_read_cr0(void)
{
	uint64_t value;

	__asm__ volatile("mov %%cr0, %0" : "=r"(value));
	return value;
}
static inline void insn_write_cr0(uint64_t value)
{
	__asm__ volatile("mov %0, %%cr0" : : "r"(value) : "memory");
}
static inline uint64_t insn_read_cr3(void)
{
	uint64_t value;

	__asm__ volatile("mov %%cr3, %0" : "=r"(value));
	return value;
}
static inline uint64_t insn_read_dr6(void)
{
	uint64_t value;

	__asm__ volatile("mov %%dr6, %0" : "=r"(value));
	return value;
}
static inline void insn_write_dr6(uint64_t value)
{
	__asm__ volatile("mov %0, %%dr6" : : "r"(value));
}

/* Bases of the descriptor tables. */
struct insn_table {
	uint16_t limit;
	uint64_t base;
} packed_struct;
static inline struct insn_table insn_sgdt(void)
{
	struct insn_table t;

	__asm__ volatile("sgdt %0" : "=m"(t));
	return t;
}
static inline struct insn_table insn_sidt(void)
{
	struct insn_table t;

	__asm__ volatile("sidt %0" : "=m"(t));
	return t;
}
static inline uint16_t insn_str(void)
{
	uint16_t selector;

	__asm__ volatile("str %0" : "=r"(selector));
	return selector;
}
#define INSN_READ_SELECTOR(segment)                                           \
	({                                                                    \
		uint16_t selector_;                                           \
		__asm__ volatile("mov %%" #segment ", %0" : "=r"(selector_)); \
		selector_;                                                    \
	})

#endif
