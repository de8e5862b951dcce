/* SPDX-License-Identifier: GPL-2.0-or-later */
/* 64-bit: interrupt stubs, context save and restore, the way to CPL 3, hypercall stubs. */
#include "layout.h"
	.text
	.balign 16
	.globl trap_stubs
trap_stubs:
	.set v, 0
	.rept 256
	.balign 16
	.if (v != 8) && (v != 17) && !((v >= 10) && (v <= 14))
	push $0
	.endif
	push $v
	jmp trap_common
	.set v, v + 1
	.endr

trap_common:				/* builds struct trap_frame */
	push %rax
	push %rcx
	push %rdx
	push %rbx
	push %rbp
	push %rsi
	push %rdi
	push %r8
	push %r9
	push %r10
	push %r11
	push %r12
	push %r13
	push %r14
	push %r15
	cld
	mov %rsp, %rdi
	mov %rsp, %rbx
	and $-16, %rsp
	call trap_dispatch
	mov %rbx, %rsp
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %r11
	pop %r10
	pop %r9
	pop %r8
	pop %rdi
	pop %rsi
	pop %rbp
	pop %rbx
	pop %rdx
	pop %rcx
	pop %rax
	add $16, %rsp
	iretq

	.globl context_save, context_restore
context_save:				/* 0 now, 1 when context_restore comes back */
	mov (%rsp), %rax
	mov %rax, 0(%rdi)
	lea 8(%rsp), %rax
	mov %rax, 8(%rdi)
	mov %rbx, 16(%rdi)
	mov %rbp, 24(%rdi)
	mov %r12, 32(%rdi)
	mov %r13, 40(%rdi)
	mov %r14, 48(%rdi)
	mov %r15, 56(%rdi)
	pushf
	popq 64(%rdi)
	xor %eax, %eax
	ret
context_restore:
	mov 8(%rdi), %rsp
	mov 16(%rdi), %rbx
	mov 24(%rdi), %rbp
	mov 32(%rdi), %r12
	mov 40(%rdi), %r13
	mov 48(%rdi), %r14
	mov 56(%rdi), %r15
	mov 0(%rdi), %rdx
	mov $SEL_DATA, %eax
	mov %eax, %ss
	mov $1, %eax
	pushq 64(%rdi)
	popf
	jmp *%rdx

	.globl user_enter		/* (function, argument, stack): never returns */
user_enter:
	mov %rdi, %rax
	mov %rsi, %rdi
	push $SEL_UDATA
	push %rdx
	push $2
	push $SEL_UCODE64
	push $1f
	iretq
1:	call *%rax
	int $VECTOR_USER_EXIT

	/* RAX: number, arguments in place. */
	.globl stub_vmmcall, stub_vmcall, stub_page
stub_vmmcall:
	vmmcall
	ret
stub_vmcall:
	vmcall
	ret
stub_page:
	push %rax
	shlq $5, (%rsp)
	addq $hypercall_page, (%rsp)
	ret

	.section .note.GNU-stack, "", @progbits
