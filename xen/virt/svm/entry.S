/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The world switch. VMRUN itself exchanges CS, SS, DS, ES, GDTR, IDTR, the control registers, RIP, RSP, RAX and RFLAGS (APM 15.5.1);
 * VMLOAD and VMSAVE do FS, GS, TR, LDTR and the system-call MSRs; the rest is here.
 *
 * GIF is clear from CLGI to STGI: nothing can be delivered to us while half of the state is the guest's. RFLAGS.IF must be set at VMRUN, because with
 * V_INTR_MASKING it is the host's IF that lets a physical interrupt end the guest (APM 15.21.1). An interrupt or NMI that ended
 * it stays pending; the NMI is taken right after STGI, on the host's own TR and IST.
 */
#include "virt_entry.inc"

/*
 * void svm_enter(struct vcpu *v, uint64_t guest_vmcb_pa, uint64_t host_vmcb_pa)
 * v starts with its struct guest_regs. Ends in svm_leave(v), which returns to our caller.
 */
	.text
	.globl svm_enter
	.type svm_enter, @function
	.balign 64
svm_enter:
	HOST_PUSH
	push	%rdi
	push	%rdx

	mov	%rsi, %rax
	GUEST_LOAD

	clgi
	sti
	vmload	%rax
	vmrun	%rax
	vmsave	%rax

	/* RAX and RSP are the host's again, and so our stack. */
	pop	%rax
	vmload	%rax
	pop	%rax
	GUEST_SAVE rax
	mov	%rdi, 56(%rax)
	mov	%rax, %rdi
	cli
	stgi

	HOST_POP
	jmp	svm_leave
	.size svm_enter, . - svm_enter

	.section .note.GNU-stack, "", @progbits
