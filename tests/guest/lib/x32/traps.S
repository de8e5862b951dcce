/* SPDX-License-Identifier: GPL-2.0-or-later */
/* 32-bit: interrupt stubs, context save and restore, the way to CPL 3, hypercall stubs. */
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

trap_common:				/* builds struct trap_frame; user data segments serve the kernel as well */
	push %eax
	push %ecx
	push %edx
	push %ebx
	push %ebp
	push %esi
	push %edi
	cld
	mov %esp, %eax
	mov %esp, %ebx
	and $-16, %esp
	sub $12, %esp
	push %eax
	call trap_dispatch
	mov %ebx, %esp
	pop %edi
	pop %esi
	pop %ebp
	pop %ebx
	pop %edx
	pop %ecx
	pop %eax
	add $8, %esp
	iret

	.globl context_save, context_restore
context_save:				/* 0 now, 1 when context_restore comes back */
	mov 4(%esp), %edx
	mov (%esp), %eax
	mov %eax, 0(%edx)
	lea 4(%esp), %eax
	mov %eax, 4(%edx)
	mov %ebx, 8(%edx)
	mov %ebp, 12(%edx)
	mov %esi, 16(%edx)
	mov %edi, 20(%edx)
	pushf
	popl 24(%edx)
	xor %eax, %eax
	ret
context_restore:
	mov 4(%esp), %edx
	mov $SEL_DATA, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %ss
	mov 4(%edx), %esp
	mov 8(%edx), %ebx
	mov 12(%edx), %ebp
	mov 16(%edx), %esi
	mov 20(%edx), %edi
	mov 0(%edx), %ecx
	pushl 24(%edx)
	popf
	mov $1, %eax
	jmp *%ecx

	.globl user_enter		/* (function, argument, stack): never returns */
user_enter:
	mov 4(%esp), %ecx
	mov 8(%esp), %edx
	mov 12(%esp), %eax
	mov $SEL_UDATA, %ebx
	mov %ebx, %ds
	mov %ebx, %es
	push %ebx
	push %eax
	push $2
	push $SEL_UCODE32
	push $1f
	iret
1:	push %edx
	call *%ecx
	int $VECTOR_USER_EXIT

	.globl hypercall_via		/* (stub, number, five arguments) */
hypercall_via:
	push %ebx
	push %esi
	push %edi
	push %ebp
	mov 20(%esp), %ebp
	mov 24(%esp), %eax
	mov 28(%esp), %ebx
	mov 32(%esp), %ecx
	mov 36(%esp), %edx
	mov 40(%esp), %esi
	mov 44(%esp), %edi
	call *%ebp
	pop %ebp
	pop %edi
	pop %esi
	pop %ebx
	ret

	/* EAX: number, arguments in place. */
	.globl stub_vmmcall, stub_vmcall, stub_page
stub_vmmcall:
	vmmcall
	ret
stub_vmcall:
	vmcall
	ret
stub_page:
	push %eax
	shll $5, (%esp)
	addl $hypercall_page, (%esp)
	ret

	.section .note.GNU-stack, "", @progbits
