/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What differs in 64-bit mode: frames, gates, the task state segment, the hypercall's registers. */
#ifndef GUEST_ARCH_H
#define GUEST_ARCH_H

#include "types.h"
#include "layout.h"

typedef uint64_t ulong_t;
#define STACK_REGISTER "rsp"
#define STACK_AX       "rax"

/* What trap_common builds; the processor pushes the last five. */
struct trap_frame {
	ulong_t r15, r14, r13, r12, r11, r10, r9, r8, rdi, rsi, rbp, rbx, rdx, rcx, rax;
	ulong_t vector, error, ip, cs, flags, sp, ss;
};

/* context_save's registers, in the order traps.S has them. */
struct context {
	ulong_t ip, sp, bx, bp, r12, r13, r14, r15, flags;
};

struct idt_gate {
	uint16_t offset_0, selector;
	uint16_t flags;
	uint16_t offset_16;
	uint32_t offset_32, reserved;
};

struct tss {
	uint32_t reserved0;
	uint64_t sp0, sp1, sp2, reserved1;
	uint64_t ist[7];
	uint64_t reserved2;
	uint16_t reserved3, iopb;
} packed_struct;

static inline void tss_set_stacks(struct tss *t, ulong_t trap, ulong_t fault)
{
	t->sp0 = trap;
	t->ist[0] = fault;
}

static inline void gate_set(struct idt_gate *g, ulong_t target, uint16_t selector, uint16_t flags)
{
	*g = (struct idt_gate){
		.offset_0 = (uint16_t)target,
		.selector = selector,
		.flags = flags,
		.offset_16 = (uint16_t)(target >> 16),
		.offset_32 = (uint32_t)(target >> 32),
	};
}
#define KERNEL_CODE SEL_CODE64

static inline long hypercall_via(ulong_t stub, ulong_t nr, ulong_t a, ulong_t b, ulong_t c,
                                 ulong_t d, ulong_t e)
{
	register ulong_t r10 __asm__("r10") = d;
	register ulong_t r8 __asm__("r8") = e;
	long ret;

	__asm__ volatile("call *%[stub]"
	                 : "=a"(ret), "+D"(a), "+S"(b), "+d"(c), "+r"(r10), "+r"(r8)
	                 : "0"(nr), [stub] "r"(stub)
	                 : "memory", "cc");
	return ret;
}

#endif
