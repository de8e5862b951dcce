/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The processor's instructions as functions. */
#ifndef GUEST_CPU_H
#define GUEST_CPU_H

#include "types.h"
#include "arch.h"

struct cpuid_regs {
	uint32_t a, b, c, d;
};

static inline struct cpuid_regs cpuid(uint32_t leaf, uint32_t subleaf)
{
	struct cpuid_regs r;

	__asm__ volatile("cpuid"
	                 : "=a"(r.a), "=b"(r.b), "=c"(r.c), "=d"(r.d)
	                 : "0"(leaf), "2"(subleaf));
	return r;
}

static inline uint64_t rdmsr(uint32_t msr)
{
	uint32_t lo, hi;

	__asm__ volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr) : "memory");
	return lo | (uint64_t)hi << 32;
}

static inline void wrmsr(uint32_t msr, uint64_t v)
{
	__asm__ volatile("wrmsr"
	                 :
	                 : "c"(msr), "a"((uint32_t)v), "d"((uint32_t)(v >> 32))
	                 : "memory");
}

static inline uint64_t rdtsc(void)
{
	uint32_t lo, hi;

	__asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi) : : "memory");
	return lo | (uint64_t)hi << 32;
}

#define CR_ACCESSORS(n)                                                        \
	static inline ulong_t cr##n##_read(void)                               \
	{                                                                      \
		ulong_t v;                                                     \
		__asm__ volatile("mov %%cr" #n ", %0" : "=r"(v) : : "memory"); \
		return v;                                                      \
	}                                                                      \
	static inline void cr##n##_write(ulong_t v)                            \
	{                                                                      \
		__asm__ volatile("mov %0, %%cr" #n : : "r"(v) : "memory");     \
	}
CR_ACCESSORS(0)
CR_ACCESSORS(2)
CR_ACCESSORS(3)
CR_ACCESSORS(4)

#define DR_ACCESSORS(n)                                                        \
	static inline ulong_t dr##n##_read(void)                               \
	{                                                                      \
		ulong_t v;                                                     \
		__asm__ volatile("mov %%dr" #n ", %0" : "=r"(v) : : "memory"); \
		return v;                                                      \
	}                                                                      \
	static inline void dr##n##_write(ulong_t v)                            \
	{                                                                      \
		__asm__ volatile("mov %0, %%dr" #n : : "r"(v) : "memory");     \
	}
DR_ACCESSORS(0)
DR_ACCESSORS(1)
DR_ACCESSORS(2)
DR_ACCESSORS(3)
DR_ACCESSORS(6)
DR_ACCESSORS(7)

#define PORT_ACCESSORS(type, suffix, letter)                                                 \
	static inline type in##suffix(uint16_t port)                                         \
	{                                                                                    \
		type v;                                                                      \
		__asm__ volatile("in" #letter " %1, %0" : "=a"(v) : "Nd"(port) : "memory");  \
		return v;                                                                    \
	}                                                                                    \
	static inline void out##suffix(uint16_t port, type v)                                \
	{                                                                                    \
		__asm__ volatile("out" #letter " %0, %1" : : "a"(v), "Nd"(port) : "memory"); \
	}
PORT_ACCESSORS(uint8_t, 8, b)
PORT_ACCESSORS(uint16_t, 16, w)
PORT_ACCESSORS(uint32_t, 32, l)

static inline ulong_t flags_read(void)
{
	ulong_t f;

	__asm__ volatile("pushf; pop %0" : "=r"(f) : : "memory");
	return f;
}

static inline void flags_write(ulong_t f)
{
	__asm__ volatile("push %0; popf" : : "r"(f) : "memory", "cc");
}

static inline void irq_on(void)
{
	__asm__ volatile("sti" : : : "memory");
}

static inline void irq_off(void)
{
	__asm__ volatile("cli" : : : "memory");
}

/* Interrupts on, and asleep before the first can come. */
static inline void irq_wait(void)
{
	__asm__ volatile("sti; hlt" : : : "memory");
}

static inline void pause(void)
{
	__asm__ volatile("pause" : : : "memory");
}

static inline void invlpg(const void *p)
{
	__asm__ volatile("invlpg (%0)" : : "r"(p) : "memory");
}

static inline uint16_t task_register(void)
{
	uint16_t tr;

	__asm__ volatile("str %0" : "=r"(tr));
	return tr;
}

#define barrier() __asm__ volatile("" : : : "memory")

/* Atomic by the LOCK prefix or XCHG; all are full barriers. */
#define atomic_add(p, n)   __atomic_fetch_add(p, n, __ATOMIC_SEQ_CST)
#define atomic_xchg(p, v)  __atomic_exchange_n(p, v, __ATOMIC_SEQ_CST)
#define atomic_load(p)     __atomic_load_n(p, __ATOMIC_SEQ_CST)
#define atomic_store(p, v) __atomic_store_n(p, v, __ATOMIC_SEQ_CST)

static inline bool bit_test(const volatile void *bits, unsigned n)
{
	return ((const volatile uint32_t *)bits)[n / 32] >> (n % 32) & 1;
}
static inline void bit_set(volatile void *bits, unsigned n)
{
	__atomic_fetch_or((volatile uint32_t *)bits + n / 32, 1u << (n % 32), __ATOMIC_SEQ_CST);
}
static inline void bit_clear(volatile void *bits, unsigned n)
{
	__atomic_fetch_and((volatile uint32_t *)bits + n / 32, ~(1u << (n % 32)), __ATOMIC_SEQ_CST);
}

#define CR0_PE (1u << 0)
#define CR0_MP (1u << 1)
#define CR0_EM (1u << 2)
#define CR0_TS (1u << 3)
#define CR0_ET (1u << 4)
#define CR0_NE (1u << 5)
#define CR0_WP (1u << 16)
#define CR0_AM (1u << 18)
#define CR0_NW (1u << 29)
#define CR0_CD (1u << 30)
#define CR0_PG (1u << 31)

#define CR4_TSD        (1u << 2)
#define CR4_DE         (1u << 3)
#define CR4_PAE        (1u << 5)
#define CR4_PGE        (1u << 7)
#define CR4_PCE        (1u << 8)
#define CR4_OSFXSR     (1u << 9)
#define CR4_OSXMMEXCPT (1u << 10)
#define CR4_VMXE       (1u << 13)
#define CR4_OSXSAVE    (1u << 18)

#define FLAG_TF (1u << 8)
#define FLAG_IF (1u << 9)
#define FLAG_AC (1u << 18)

#define MSR_EFER  0xc0000080u
#define EFER_NXE  (1u << 11)
#define EFER_LMA  (1u << 10)
#define EFER_SVME (1u << 12)

enum {
	VEC_DE = 0,
	VEC_DB = 1,
	VEC_NMI = 2,
	VEC_BP = 3,
	VEC_OF = 4,
	VEC_BR = 5,
	VEC_UD = 6,
	VEC_NM = 7,
	VEC_DF = 8,
	VEC_TS = 10,
	VEC_NP = 11,
	VEC_SS = 12,
	VEC_GP = 13,
	VEC_PF = 14,
	VEC_MF = 16,
	VEC_AC = 17,
	VEC_XM = 19,
};

#endif
