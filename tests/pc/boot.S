/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The boot record, which brings the rest in by the BIOS, and what real mode's C cannot say: calls of the BIOS, interrupts, single steps.
 */
#include "layout.h"

	.section .boot, "ax"
	.code16
	.globl _start
_start:
	ljmp	$0, $1f
1:	xorw	%ax, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movl	$BOOT_SECTOR, %esp
	sti
	cld
	movb	%dl, boot_drive
	movw	$packet, %si
	movb	$0x42, %ah
	int	$0x13
	jc	2f
	movb	boot_drive, %dl
	movw	$packet_2, %si
	movb	$0x42, %ah
	int	$0x13
	jc	2f
	movl	$bss_start, %edi
	movl	$bss_end, %ecx
	subl	%edi, %ecx
	xorl	%eax, %eax
	rep stosb
	calll	pc_main
2:	movw	$0xe9, %dx
	movb	$'!', %al
	outb	%al, %dx
3:	hlt
	jmp	3b
	.align	4
	/* Disk address packets: what follows this sector comes to PROGRAM, and what follows that to PROTECTED. */
packet:	.byte	16, 0
	.word	program_sectors
	.word	PROGRAM, 0
	.quad	1
packet_2:
	.byte	16, 0
	.word	protected_sectors
	.word	PROTECTED, 0
	.long	protected_from, 0
	.globl boot_drive
boot_drive:
	.byte	0
	.org	510
	.word	0xaa55

	.text
	.code16
/* void bios(uint8_t vector %al, struct bios *registers %edx): a software interrupt with all registers; see pc.h for the structure. */
	.globl bios
bios:
	pushal
	movb	%al, 1f + 1
	movl	%edx, bios_registers
	pushw	28(%edx)
	pushw	30(%edx)
	pushl	(%edx)
	pushl	12(%edx)
	movl	4(%edx), %ebx
	movl	8(%edx), %ecx
	movl	16(%edx), %esi
	movl	20(%edx), %edi
	movl	24(%edx), %ebp
	popl	%edx
	popl	%eax
	popw	%es
	popw	%ds
	jmp	1f
1:	int	$0
	pushfl
	pushw	%ds
	pushw	%es
	pushl	%edx
	pushw	$0
	popw	%ds
	movl	bios_registers, %edx
	movl	%eax, (%edx)
	movl	%ebx, 4(%edx)
	movl	%ecx, 8(%edx)
	movl	%esi, 16(%edx)
	movl	%edi, 20(%edx)
	movl	%ebp, 24(%edx)
	popl	12(%edx)
	popw	30(%edx)
	popw	28(%edx)
	popl	32(%edx)
	pushw	$0
	popw	%es
	cld
	popal
	retl

/* An interrupt of real mode comes here by its stub. What it stopped may have another stack segment (the BIOS has), and C wants 0. */
common:
	pushal
	pushw	%ds
	pushw	%es
	xorl	%edx, %edx
	movw	%sp, %bx
	movzwl	%ss:36(%bx), %eax
	movw	%ss, %dx
	movw	%dx, %cs:stopped_ss
	movl	%esp, %cs:stopped_esp
	shll	$4, %edx
	movzwl	%bx, %ebx
	leal	38(%ebx, %edx), %edx
	xorw	%cx, %cx
	movw	%cx, %ds
	movw	%cx, %es
	movw	%cx, %ss
	movl	$IRQ_STACK, %esp
	cld
	calll	interrupt
	movw	stopped_ss, %ss
	movl	stopped_esp, %esp
	popw	%es
	popw	%ds
	popal
	addw	$2, %sp
	iretw

	.align	8
	.set	vector, 0
	.globl stubs
stubs:
	.rept	STUBS
	pushw	$vector
	jmp	common
	.align	8
	.set	vector, vector + 1
	.endr

/* uint32_t divide(uint32_t by %eax): 100000 by it, as 16 bits. */
	.globl divide
divide:
	pushl	%ebx
	movw	%ax, %bx
	movw	$1, %dx
	movw	$0x86a0, %ax
	divw	%bx
	.globl divide_next
divide_next:
	movzwl	%ax, %eax
	popl	%ebx
	retl

/* void single_steps(void): three instructions with the trap flag. */
	.globl single_steps
single_steps:
	pushfl
	pushfl
	orl	$0x100, (%esp)
	popfl
	nop
	nop
	popfl
	retl

/* void bound_it(int16_t value %ax): BOUND against -5 to 5. */
	.globl bound_it
bound_it:
	boundw	%ax, limits
	.globl bound_next
bound_next:
	retl

/* void overflow(void): INTO with the overflow flag. */
	.globl overflow
overflow:
	movb	$0x7f, %al
	incb	%al
	into
	retl

/* void fpu_fault(uint32_t number %eax): 1 / 0 with the exception unmasked, and an instruction that waits for it. */
	.globl fpu_fault
fpu_fault:
	fninit
	pushw	$0x37b
	fldcw	(%esp)
	addw	$2, %sp
	fld1
	fldz
	fdivrp
	fwait
	nop
	fnclex
	fninit
	retl

	.align	4
limits:	.word	-5, 5
bios_registers:
	.long	0
stopped_esp:
	.long	0
stopped_ss:
	.word	0

	.section .note.GNU-stack, "", @progbits
