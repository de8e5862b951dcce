/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From real mode to protected mode and back; tables of descriptors; the entries of interrupts and exceptions of 32 bits; a task's and V86's start.
 */
#include "layout.h"

	.text
	.code16
/* void in_protected_mode(void (*function)(void) %eax) */
	.globl in_protected_mode
in_protected_mode:
	pushal
	cli
	movl	%eax, %ebx
	lgdtl	gdt_register
	movl	%cr0, %eax
	orb	$1, %al
	movl	%eax, %cr0
	ljmpl	$CODE32, $1f
	.code32
1:	movw	$DATA32, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movw	%ax, %fs
	movw	%ax, %gs
	lidt	idt_register
	call	*%ebx
	lgdt	gdt_register
	movw	$DATA16, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movw	%ax, %fs
	movw	%ax, %gs
	ljmp	$CODE16, $2f
	.code16
2:	lidtl	real_idt_register
	movl	%cr0, %eax
	andb	$0xfe, %al
	movl	%eax, %cr0
	ljmp	$0, $3f
3:	xorw	%ax, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movw	%ax, %fs
	movw	%ax, %gs
	sti
	popal
	retl

/* uint32_t read_large(uint32_t address %eax): in real mode, by a segment with the limit of protected mode. */
	.globl read_large
read_large:
	pushl	%ebx
	cli
	lgdtl	gdt_register
	movl	%eax, %ebx
	movl	%cr0, %eax
	orb	$1, %al
	movl	%eax, %cr0
	jmp	1f
1:	movw	$DATA32, %cx
	movw	%cx, %gs
	andb	$0xfe, %al
	movl	%eax, %cr0
	jmp	2f
2:	movl	%gs:(%ebx), %eax
	sti
	popl	%ebx
	retl

/* The BIOS's mouse driver calls it far, with four words. */
	.globl mouse_call
mouse_call:
	pushw	%bp
	movw	%sp, %bp
	pushw	%ds
	pushw	%ax
	xorw	%ax, %ax
	movw	%ax, %ds
	movw	6(%bp), %ax
	movw	%ax, mouse_words
	movw	8(%bp), %ax
	movw	%ax, mouse_words + 2
	movw	10(%bp), %ax
	movw	%ax, mouse_words + 4
	movw	12(%bp), %ax
	movw	%ax, mouse_words + 6
	incw	mouse_calls
	popw	%ax
	popw	%ds
	popw	%bp
	lretw

/* What runs in V86 mode: calls of the BIOS, flags, ports, a tick; INT 0xfe says BX to the monitor under the number in AL, INT 0xff ends it. */
	.macro	say number
	movb	$\number, %al
	int	$0xfe
	.endm
	.globl v86_start, v86_vme_start
v86_start:
	movw	$0x0e56, %ax
	movw	$7, %bx
	int	$0x10
	say	1
	pushfw
	popw	%bx
	say	2
	cli
	pushfw
	popw	%bx
	sti
	say	3
	movb	$0x99, %al
	outb	%al, $0x80
	movw	$0x3c6, %dx
	inb	%dx, %al
	movb	%al, %bl
	say	4
	xorw	%ax, %ax
	movw	%ax, %ds
	movb	$0x08, %ah
	movb	boot_drive, %dl
	int	$0x13
	movb	%dh, %bl
	say	5
	xorw	%ax, %ax
	movw	%ax, %ds
	movw	$BUFFER >> 4, %ax
	movw	%ax, %es
	xorw	%bx, %bx
	movw	$0x0201, %ax
	movw	$1, %cx
	movb	$0, %dh
	movb	boot_drive, %dl
	int	$0x13
	movw	%es:510, %bx
	say	6
	movw	$0x40, %ax
	movw	%ax, %es
	movw	%es:0x6c, %bx
1:	cmpw	%bx, %es:0x6c
	je	1b
	say	7
	int	$0xff

v86_vme_start:
	movw	$0x0e57, %ax
	movw	$7, %bx
	int	$0x10
	pushfw
	popw	%bx
	say	2
	cli
	pushfw
	popw	%bx
	sti
	say	3
	int	$0xff

	.code32
/* The interrupts of protected mode: a frame like struct frame of protected.h. */
	.align	16
	.set	vector, 0
	.globl protected_stubs
protected_stubs:
	.rept	PROTECTED_STUBS
	.if	(vector == 8) || (vector >= 10 && vector <= 14) || (vector == 17)
	nop
	nop
	.else
	pushl	$0
	.endif
	pushl	$vector
	jmp	protected_common
	.align	16
	.set	vector, vector + 1
	.endr

protected_common:
	pushal
	pushl	%ds
	pushl	%es
	movw	$DATA32, %ax
	movw	%ax, %ds
	movw	%ax, %es
	cld
	movl	%esp, %eax
	call	trap
	popl	%es
	popl	%ds
	popal
	addl	$8, %esp
	iret

/* uint32_t guarded(uint32_t (*function)(uint32_t) %eax, uint32_t argument %edx): what it returns; a trap ends it early. */
	.globl guarded
guarded:
	pushl	%ebx
	pushl	%esi
	pushl	%edi
	pushl	%ebp
	movl	%esp, guarded_esp
	movl	%eax, %ecx
	movl	%edx, %eax
	call	*%ecx
	.globl guarded_end
guarded_end:
	popl	%ebp
	popl	%edi
	popl	%esi
	popl	%ebx
	ret

/* void to_ring_3(void (*function)(void) %eax): until it does INT 0x41. */
	.globl to_ring_3
to_ring_3:
	pushal
	movl	%esp, ring_0_esp
	pushl	$USER_DATA
	pushl	$TASK_STACKS + 0x8000
	pushfl
	pushl	$USER_CODE
	pushl	%eax
	movw	$USER_DATA, %ax
	movw	%ax, %ds
	movw	%ax, %es
	iret
	.globl from_ring_3
from_ring_3:
	movw	$DATA32, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movl	ring_0_esp, %esp
	popal
	ret

/* void to_v86(const struct v86_begin *%eax): IRET into it, until the monitor goes to from_v86. */
	.globl to_v86
to_v86:
	pushal
	movl	%esp, ring_0_esp
	movl	(%eax), %edx
	movl	4(%eax), %ecx
	pushl	$0
	pushl	$0
	pushl	$0
	pushl	$0
	pushl	$V86_STACK >> 4
	pushl	$0x100
	pushl	%ecx
	pushl	$0
	pushl	%edx
	iret
	.globl from_v86
from_v86:
	movw	$DATA32, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %fs
	movw	%ax, %gs
	movl	ring_0_esp, %esp
	popal
	ret

/* A task's code: says that it runs and goes back as its caller wants. */
	.globl task_iret, task_jump
task_iret:
	incl	task_runs
	movl	%esp, task_esp
	pushfl
	popl	task_flags
	str	task_self
	iret
	jmp	task_iret
task_jump:
	incl	task_runs
	str	task_self
	ljmp	*task_back
	jmp	task_jump
/* The double fault's: what was running goes on at the end of guarded(). */
	.globl task_fault
task_fault:
	popl	%eax
	movl	%eax, task_error
	incl	task_runs
	str	task_self
	movl	guarded_esp, %eax
	movl	%eax, main_task + 56 /* its ESP and EIP */
	movl	$guarded_end, main_task + 32
	iret
	jmp	task_fault

/* uint32_t far_task(uint32_t selector %eax, uint32_t call %edx): JMP or CALL to a TSS or a task gate. */
	.globl far_task
far_task:
	movl	$0, far_pointer
	movw	%ax, far_pointer + 4
	testl	%edx, %edx
	jz	1f
	lcall	*far_pointer
	ret
1:	ljmp	*far_pointer
	ret

	.data
	.align	8
	.globl	gdt
gdt:	.quad	0
	.quad	0x00cf9b000000ffff /* CODE32 */
	.quad	0x00cf93000000ffff /* DATA32 */
	.quad	0x00009b000000ffff /* CODE16 */
	.quad	0x000093000000ffff /* DATA16 */
	.quad	0x00cffb000000ffff /* USER_CODE */
	.quad	0x00cff3000000ffff /* USER_DATA */
	.fill	16, 8, 0
gdt_end:
gdt_register:
	.word	gdt_end - gdt - 1
	.long	gdt
real_idt_register:
	.word	0x3ff
	.long	0
	.globl	idt_register
idt_register:
	.word	PROTECTED_STUBS * 8 - 1
	.long	idt
	.align	4
guarded_esp:
	.long	0
	.globl	guarded_esp, ring_0_esp, task_runs, task_esp, task_flags, task_self, task_back, task_error
ring_0_esp:
	.long	0
task_runs:
	.long	0
task_esp:
	.long	0
task_flags:
	.long	0
task_self:
	.long	0
task_error:
	.long	0
task_back:
	.long	0
	.word	0
	.align	4
far_pointer:
	.long	0
	.word	0

	.section .note.GNU-stack, "", @progbits
