/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where another CPU starts (SDM 9.4.4): real mode, at the page that the start-up IPI names. trampoline.h in xen/machine says who fills in what: the bytes
 * from trampoline_start to trampoline_end are copied to such a page, and the three variables in the copy are set for one CPU at a time.
 */
#include "layout.h"

#define PHYS(symbol) ((symbol) - XEN_VIRT_BASE)
#define HERE(symbol) ((symbol) - trampoline_start)

	.section .rodata, "a", @progbits
	.balign 16
	.globl trampoline_start, trampoline_end
	.globl trampoline_stack, trampoline_cr3, trampoline_percpu
	.code16
trampoline_start:
	cli
	cld
	movw %cs, %ax
	movw %ax, %ds
	movzwl %ax, %ebx
	shll $4, %ebx /* where the copy lies */
	leal HERE(gdt)(%ebx), %eax
	movl %eax, HERE(gdt_pointer) + 2
	leal HERE(entry32)(%ebx), %eax
	movl %eax, HERE(far32)
	leal HERE(entry64)(%ebx), %eax
	movl %eax, HERE(far64)
	lgdtl HERE(gdt_pointer)
	movl %cr0, %eax
	orl $1, %eax
	movl %eax, %cr0
	ljmpl *HERE(far32)

	.code32
entry32:
	movl $SELECTOR_DATA, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %ss
	movl %ebx, %edi
	movl $0x80000001, %eax
	cpuid
	movl %edx, %esi
	movl %edi, %ebx
	movl %cr4, %eax
	orl $0x20, %eax
	movl %eax, %cr4
	movl HERE(trampoline_cr3)(%ebx), %eax
	movl %eax, %cr3
	movl $0xc0000080, %ecx
	rdmsr
	orl $0x100, %eax
	btl $20, %esi
	jnc 1f
	orl $0x800, %eax
1:	wrmsr
	/* INIT leaves the caches off (CD, NW); cleared together with the rest. */
	movl $0x80010011, %eax
	movl %eax, %cr0
	ljmpl *HERE(far64)(%ebx)

	.code64
entry64:
	movq HERE(trampoline_stack)(%rbx), %rsp
	movq HERE(trampoline_percpu)(%rbx), %rsi
	movabsq $trampoline_leave, %rax
	jmp *%rax

	.balign 8
gdt:	.quad 0
	.quad 0x00af9b000000ffff /* SELECTOR_CODE64 */
	.quad 0x00cf93000000ffff /* SELECTOR_DATA */
	.quad 0x00cf9b000000ffff /* SELECTOR_CODE32 */
gdt_pointer:
	.short . - gdt - 1
	.long 0
	.balign 4
far32:	.long 0
	.short SELECTOR_CODE32
	.balign 4
far64:	.long 0
	.short SELECTOR_CODE64
	.balign 8
trampoline_stack:
	.quad 0
trampoline_cr3:
	.quad 0
trampoline_percpu:
	.quad 0
trampoline_end:

	.text
	.code64
/* At the linked address: RSI struct percpu. */
trampoline_leave:
	xorl %eax, %eax
	movl %eax, %fs
	movl %eax, %gs
	movl %esi, %eax
	movq %rsi, %rdx
	shrq $32, %rdx
	movl $0xc0000101, %ecx
	wrmsr
	xorl %ebp, %ebp
	pushq $0
	call smp_secondary_main
1:	hlt
	jmp 1b

	.section .note.GNU-stack, "", @progbits
