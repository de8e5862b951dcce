/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The world switch. The CPU itself exchanges segments, descriptor tables, control registers, RIP, RSP and RFLAGS by the VMCS (SDM 26.3.2, 27.5); the general
 * registers are here, the rest in vmx_run.c.
 *
 * IF stays clear on our side: with exits for external interrupts a pending one ends the guest whatever RFLAGS.IF was, and stays pending
 * (SDM 25.2). An exit brings us to vmx_exited with RSP as it was written to the VMCS and RFLAGS clear.
 */
#include "virt_entry.inc"

#define HOST_RSP 0x6c14

/*
 * void vmx_enter(struct vcpu *v, bool is_launched)
 * v starts with its struct guest_regs. Ends in vmx_leave(v, refused), which returns to our caller.
 */
	.text
	.globl vmx_enter
	.type vmx_enter, @function
	.balign 64
vmx_enter:
	HOST_PUSH
	push	%rdi

	mov	$HOST_RSP, %eax
	vmwrite	%rsp, %rax
	/* No instruction from here to the entry changes the flags. */
	test	%sil, %sil
	mov	0(%rdi), %rax
	GUEST_LOAD
	jz	1f
	vmresume
	jmp	2f
1:	vmlaunch
	/* Still here: VMfail. The guest's registers are in v as they were. */
2:	pop	%rdi
	mov	$1, %esi
	jmp	3f

	.globl vmx_exited
	.type vmx_exited, @function
vmx_exited:
	push	%rdi
	mov	8(%rsp), %rdi
	mov	%rax, 0(%rdi)
	GUEST_SAVE rdi
	pop	%rax
	mov	%rax, 56(%rdi)
	add	$8, %rsp
	xor	%esi, %esi

3:	HOST_POP
	jmp	vmx_leave
	.size vmx_enter, . - vmx_enter

	.section .note.GNU-stack, "", @progbits
