/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The CPU's ordinary instructions, as functions: what both backends need, or one of them. Only xen/virt includes it. */
#ifndef VIRT_VIRT_INSN_H
#define VIRT_VIRT_INSN_H

#include "cpuid.h"

static inline uint64_t insn_rdmsr(uint32_t index)
{
	uint32_t low, high;

	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(index));
	return (uint64_t)high << 32 | low;
}
static inline void insn_wrmsr(uint32_t index, uint64_t value)
{
	__asm__ volatile("wrmsr"
	                 :
	                 : "c"(index), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
	                 : "memory");
}
static inline struct cpuid_leaf insn_cpuid(uint32_t leaf, uint32_t subleaf)
{
	struct cpuid_leaf r;

	__asm__ volatile("cpuid"
	                 : "=a"(r.a), "=b"(r.b), "=c"(r.c), "=d"(r.d)
	                 : "a"(leaf), "c"(subleaf));
	return r;
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
static inline uint64_t insn_read_cr4(void)
{
	uint64_t value;

	__asm__ volatile("mov %%cr4, %0" : "=r"(value));
	return value;
}
static inline void insn_write_cr4(uint64_t value)
{
	__asm__ volatile("mov %0, %%cr4" : : "r"(value) : "memory");
}
/*
 * The PKRU of the guest that is loaded here: its extended state is in the CPU, but PKRU can only be read with CR4.PKE set. Our own pages are supervisor pages,
 * which it does not concern.
 */
static inline uint32_t insn_read_guest_pkru(void)
{
	uint64_t cr4 = insn_read_cr4();
	uint32_t low, high;

	insn_write_cr4(cr4 | CR4_PKE);
	__asm__ volatile("rdpkru" : "=a"(low), "=d"(high) : "c"(0));
	insn_write_cr4(cr4);
	return low;
}
/* DR0 to DR3. */
static inline void insn_load_breakpoints(const uint64_t dr[4])
{
	__asm__ volatile("mov %0, %%dr0" : : "r"(dr[0]));
	__asm__ volatile("mov %0, %%dr1" : : "r"(dr[1]));
	__asm__ volatile("mov %0, %%dr2" : : "r"(dr[2]));
	__asm__ volatile("mov %0, %%dr3" : : "r"(dr[3]));
}
static inline void insn_save_breakpoints(uint64_t dr[4])
{
	__asm__ volatile("mov %%dr0, %0" : "=r"(dr[0]));
	__asm__ volatile("mov %%dr1, %0" : "=r"(dr[1]));
	__asm__ volatile("mov %%dr2, %0" : "=r"(dr[2]));
	__asm__ volatile("mov %%dr3, %0" : "=r"(dr[3]));
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
