/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * To ring 3 and back, like a function call. Every way back leads through an interrupt gate, so the CPU itself takes the stack of the TSS: the very place where
 * usermode_enter() left its caller's registers.
 */
#include "layout.h"

	.text

/* void usermode_enter(uint64_t cr3, const uint64_t args[6], uint64_t entry, uint64_t stack, void *rsp0) */
	.globl	usermode_enter
	.type	usermode_enter, @function
usermode_enter:
	push	%rbp
	push	%rbx
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	mov	%rsp, (%r8)
	mov	%rdi, %cr3
	push	$SELECTOR_USER_DATA
	push	%rcx
	push	$0x202			/* IF; nothing else */
	push	$SELECTOR_USER_CODE
	push	%rdx
	mov	%rsi, %rax
	mov	0(%rax), %rdi
	mov	8(%rax), %rsi
	mov	16(%rax), %rdx
	mov	24(%rax), %rcx
	mov	32(%rax), %r8
	mov	40(%rax), %r9
	xor	%eax, %eax
	xor	%ebx, %ebx
	xor	%ebp, %ebp
	xor	%r10d, %r10d
	xor	%r11d, %r11d
	xor	%r12d, %r12d
	xor	%r13d, %r13d
	xor	%r14d, %r14d
	xor	%r15d, %r15d
	iretq
	.size	usermode_enter, . - usermode_enter

/* void usermode_leave(uint64_t cr3, uint64_t rsp0): back to usermode_enter()'s caller; the stack in between is dropped. */
	.globl	usermode_leave
	.type	usermode_leave, @function
usermode_leave:
	mov	%rdi, %cr3
	mov	%rsi, %rsp
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbx
	pop	%rbp
	ret
	.size	usermode_leave, . - usermode_leave

	.section .note.GNU-stack, "", @progbits
