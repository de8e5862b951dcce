/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The world switch. The CPU itself exchanges segments, descriptor tables, control registers, RIP, RSP and RFLAGS by the VMCS (SDM 26.3.2, 27.5); the general
 * registers are here, the rest in vmx_run.c.
 *
 * IF stays clear on our side: with exits for external interrupts a pending one ends the guest whatever RFLAGS.IF was, and stays pending
 * (SDM 25.2). An exit brings us to vmx_exited with RSP as it was written to the VMCS and RFLAGS clear.
 */

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
	push	%rbp
	push	%rbx
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	push	%rdi

	mov	$HOST_RSP, %eax
	vmwrite	%rsp, %rax
	/* No instruction from here to the entry changes the flags. */
	test	%sil, %sil
	mov	0(%rdi), %rax
	mov	8(%rdi), %rcx
	mov	16(%rdi), %rdx
	mov	24(%rdi), %rbx
	mov	40(%rdi), %rbp
	mov	48(%rdi), %rsi
	mov	64(%rdi), %r8
	mov	72(%rdi), %r9
	mov	80(%rdi), %r10
	mov	88(%rdi), %r11
	mov	96(%rdi), %r12
	mov	104(%rdi), %r13
	mov	112(%rdi), %r14
	mov	120(%rdi), %r15
	mov	56(%rdi), %rdi
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
	mov	%rcx, 8(%rdi)
	mov	%rdx, 16(%rdi)
	mov	%rbx, 24(%rdi)
	mov	%rbp, 40(%rdi)
	mov	%rsi, 48(%rdi)
	mov	%r8, 64(%rdi)
	mov	%r9, 72(%rdi)
	mov	%r10, 80(%rdi)
	mov	%r11, 88(%rdi)
	mov	%r12, 96(%rdi)
	mov	%r13, 104(%rdi)
	mov	%r14, 112(%rdi)
	mov	%r15, 120(%rdi)
	pop	%rax
	mov	%rax, 56(%rdi)
	add	$8, %rsp
	xor	%esi, %esi

3:	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbx
	pop	%rbp
	jmp	vmx_leave
	.size vmx_enter, . - vmx_enter

	.section .note.GNU-stack, "", @progbits
