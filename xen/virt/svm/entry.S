/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The world switch. VMRUN itself exchanges CS, SS, DS, ES, GDTR, IDTR, the control registers, RIP, RSP, RAX and RFLAGS (APM 15.5.1);
 * VMLOAD and VMSAVE do FS, GS, TR, LDTR and the system-call MSRs; the rest is here.
 *
 * GIF is clear from CLGI to STGI: nothing can be delivered to us while half of the state is the guest's. RFLAGS.IF must be set at VMRUN, because with
 * V_INTR_MASKING it is the host's IF that lets a physical interrupt end the guest (APM 15.21.1). An interrupt or NMI that ended
 * it stays pending; the NMI is taken right after STGI, on the host's own TR and IST.
 */

/*
 * void svm_enter(struct vcpu *v, uint64_t guest_vmcb_pa, uint64_t host_vmcb_pa)
 * v starts with its struct guest_regs. Ends in svm_leave(v), which returns to our caller.
 */
	.text
	.globl svm_enter
	.type svm_enter, @function
	.balign 64
svm_enter:
	push	%rbp
	push	%rbx
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	push	%rdi
	push	%rdx

	mov	%rsi, %rax
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

	clgi
	sti
	vmload	%rax
	vmrun	%rax
	vmsave	%rax

	/* RAX and RSP are the host's again, and so our stack. */
	pop	%rax
	vmload	%rax
	pop	%rax
	mov	%rcx, 8(%rax)
	mov	%rdx, 16(%rax)
	mov	%rbx, 24(%rax)
	mov	%rbp, 40(%rax)
	mov	%rsi, 48(%rax)
	mov	%rdi, 56(%rax)
	mov	%rax, %rdi
	mov	%r8, 64(%rax)
	mov	%r9, 72(%rax)
	mov	%r10, 80(%rax)
	mov	%r11, 88(%rax)
	mov	%r12, 96(%rax)
	mov	%r13, 104(%rax)
	mov	%r14, 112(%rax)
	mov	%r15, 120(%rax)
	cli
	stgi

	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbx
	pop	%rbp
	jmp	svm_leave
	.size svm_enter, . - svm_enter

	.section .note.GNU-stack, "", @progbits
