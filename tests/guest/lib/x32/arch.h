/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What differs in 32-bit mode: frames, gates, the task state segment, the hypercall's registers. */
#ifndef GUEST_ARCH_H
#define GUEST_ARCH_H

#include "types.h"
#include "layout.h"

typedef uint32_t ulong_t;
#define STACK_REGISTER "esp"
#define STACK_AX       "eax"

/* What trap_common builds; the processor pushes ip and what follows, sp and ss only from CPL 3. */
struct trap_frame {
	ulong_t rdi, rsi, rbp, rbx, rdx, rcx, rax;
	ulong_t vector, error, ip, cs, flags, sp, ss;
};

/* context_save's registers, in the order traps.S has them. */
struct context {
	ulong_t ip, sp, bx, bp, si, di, flags;
};

struct idt_gate {
	uint16_t offset_0, selector;
	uint16_t flags;
	uint16_t offset_16;
};

struct tss {
	uint32_t link;
	uint32_t sp0, ss0;
	uint32_t rest[22];
	uint16_t trap, iopb;
} packed_struct;

static inline void tss_set_stacks(struct tss *t, ulong_t trap, ulong_t fault)
{
	t->sp0 = trap;
	t->ss0 = SEL_DATA;
}

static inline void gate_set(struct idt_gate *g, ulong_t target, uint16_t selector, uint16_t flags)
{
	*g = (struct idt_gate){
		.offset_0 = (uint16_t)target,
		.selector = selector,
		.flags = flags,
		.offset_16 = (uint16_t)(target >> 16),
	};
}
#define KERNEL_CODE SEL_CODE32

/* All of EBX, ECX, EDX, ESI, EDI carry arguments (traps.S). */
long hypercall_via(ulong_t stub, ulong_t nr, ulong_t a, ulong_t b, ulong_t c, ulong_t d, ulong_t e);

#endif
