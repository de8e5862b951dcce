/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Entries of all 256 vectors, MSR accesses that may fault, and CPU 0's stacks. */
#include "layout.h"

	.text

/* One 16-byte stub a vector: a zero where the CPU pushes no error code, the vector, and on to the common part. */
	.balign	16
	.globl	trap_stubs
trap_stubs:
	vector = 0
	.rept	256
	.balign	16
	/* 8, 10-14, 17, 21, 29, 30 have an error code */
	.if !(vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21 || vector == 29 || vector == 30)
	push	$0
	.endif
	push	$vector
	jmp	trap_common
	vector = vector + 1
	.endr

	.type	trap_common, @function
trap_common:
	cld
	push	%rax
	push	%rbx
	push	%rcx
	push	%rdx
	push	%rsi
	push	%rdi
	push	%rbp
	push	%r8
	push	%r9
	push	%r10
	push	%r11
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	/*
	 * GS is ours but after ring 3, which may have loaded anything; what strikes at any instruction may come before that was put right.
	 * CS is at 144(%rsp), the vector at 120.
	 */
	testb	$3, 144(%rsp)
	jnz	1f
	mov	120(%rsp), %eax
	cmp	$2, %eax
	je	1f
	cmp	$8, %eax
	je	1f
	cmp	$18, %eax
	jne	2f
1:	mov	%rsp, %rax
	and	$-CPU_AREA_SIZE, %rax
	add	$CPU_AREA_STRUCT, %rax
	mov	%rax, %rdx
	shr	$32, %rdx
	mov	$0xc0000101, %ecx	/* GS base */
	wrmsr
2:	mov	%rsp, %rdi
	mov	%rsp, %rbx
	and	$-16, %rsp
	call	trap_dispatch
	mov	%rbx, %rsp
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%r11
	pop	%r10
	pop	%r9
	pop	%r8
	pop	%rbp
	pop	%rdi
	pop	%rsi
	pop	%rdx
	pop	%rcx
	pop	%rbx
	pop	%rax
	add	$16, %rsp
	iretq
	.size	trap_common, . - trap_common

/* bool msr_read_safe(uint32_t index, uint64_t *value) */
	.globl	msr_read_safe
	.type	msr_read_safe, @function
msr_read_safe:
	mov	%edi, %ecx
msr_read_insn:
	rdmsr
	shl	$32, %rdx
	or	%rdx, %rax
	mov	%rax, (%rsi)
	mov	$1, %eax
	ret
msr_read_fixup:
	movq	$0, (%rsi)
	xor	%eax, %eax
	ret
	.size	msr_read_safe, . - msr_read_safe

/* bool msr_write_safe(uint32_t index, uint64_t value) */
	.globl	msr_write_safe
	.type	msr_write_safe, @function
msr_write_safe:
	mov	%edi, %ecx
	mov	%esi, %eax
	mov	%rsi, %rdx
	shr	$32, %rdx
msr_write_insn:
	wrmsr
	mov	$1, %eax
	ret
msr_write_fixup:
	xor	%eax, %eax
	ret
	.size	msr_write_safe, . - msr_write_safe

/* void cpu_load_segments(const void *gdtr): CS, the data segments and TR from a new GDT; GS base is lost. */
	.globl	cpu_load_segments
	.type	cpu_load_segments, @function
cpu_load_segments:
	lgdt	(%rdi)
	mov	$SELECTOR_DATA, %eax
	mov	%eax, %ss
	mov	%eax, %ds
	mov	%eax, %es
	xor	%eax, %eax
	mov	%eax, %fs
	mov	%eax, %gs
	pop	%rax
	push	$SELECTOR_CODE64
	push	%rax
	lretq
	.size	cpu_load_segments, . - cpu_load_segments

	.section .rodata
/* Where a #GP is expected, and where to go on then (traps.c); ends with zero. */
	.balign	8
	.globl	trap_fixups
trap_fixups:
	.quad	msr_read_insn, msr_read_fixup
	.quad	msr_write_insn, msr_write_fixup
	.quad	0, 0

	.bss
/* struct cpu_area (cpu.c): first the guard page and the stack. */
	.balign	CPU_AREA_SIZE
	.globl	cpu0_area, cpu0_stack_guard, cpu0_stack_top
cpu0_area:
cpu0_stack_guard:
	.skip	4096 + 16384
cpu0_stack_top:
	.skip	65536 - 4096 - 16384

	.section .note.GNU-stack, "", @progbits
