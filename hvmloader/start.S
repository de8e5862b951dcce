/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Entry from the domain builder as Xen's PVH start has it: flat 32-bit protected mode, paging off, EBX = address of struct hvm_start_info. And the two pieces of code
 * that run below 1 MiB: where another vcpu starts, and the way into the BIOS.
 */
#include "layout.h"

	.section .text.start, "ax"
	.code32
	.globl start
start:
	cli
	cld
	mov $stack_top, %esp
	lgdt gdt_pointer
	ljmp $SEL_CODE32, $1f
1:	mov $SEL_DATA32, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %fs
	mov %eax, %gs
	mov %eax, %ss
	/* No byte of the file says that .bss is zero. */
	mov $bss_start, %edi
	mov $bss_end, %ecx
	sub %edi, %ecx
	xor %eax, %eax
	rep stosb
	xor %ebp, %ebp
	push %ebx
	call hvmloader_main
1:	cli
	hlt
	jmp 1b

	/* SIPI: CS = TRAMPOLINE >> 4, IP = 0. */
	.section .rodata
	.globl trampoline_ap, trampoline_ap_end
	.code16
trampoline_ap:
	cli
	cld
	mov %cs, %ax
	mov %ax, %ds
	lgdtl (ap_gdt_pointer - trampoline_ap)
	mov %cr0, %eax
	or $1, %al
	mov %eax, %cr0
	ljmpl $SEL_CODE32, $ap_start
ap_gdt_pointer:
	.word gdt_end - gdt - 1
	.long gdt
trampoline_ap_end:

	/* Called at TRAMPOLINE in flat 32-bit mode. Real mode wants segments of 64 KiB first. */
	.globl trampoline_bios, trampoline_bios_end
	.code32
trampoline_bios:
	cli
	lidt (TRAMPOLINE + real_idt - trampoline_bios)
	ljmp $SEL_CODE16, $(bios_16 - trampoline_bios)
	.code16
bios_16:
	mov $SEL_DATA16, %ax
	mov %ax, %ds
	mov %ax, %es
	mov %ax, %fs
	mov %ax, %gs
	mov %ax, %ss
	mov %cr0, %eax
	and $0xfe, %al
	mov %eax, %cr0
	ljmp $(TRAMPOLINE >> 4), $(bios_real - trampoline_bios)
bios_real:
	xor %ax, %ax
	mov %ax, %ds
	mov %ax, %es
	mov %ax, %fs
	mov %ax, %gs
	mov %ax, %ss
	mov $0x7000, %sp
	xor %edx, %edx
	ljmp $0xf000, $0xfff0
	.balign 4
real_idt:
	.word 0x3ff
	.long 0
trampoline_bios_end:

	.text
	.code32
ap_start:
	mov $SEL_DATA32, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %fs
	mov %eax, %gs
	mov %eax, %ss
	mov $ap_stack_top, %esp
	xor %ebp, %ebp
	call ap_main
	/* It is sent INIT before the BIOS starts; nothing else wakes it here. */
1:	cli
	hlt
	jmp 1b

	/* Exceptions: those with an error code have it on the stack already. */
	.balign 16
	.globl trap_stubs
trap_stubs:
	.set vector, 0
	.rept 32
	.balign 16
	.if (vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21 || vector == 29 || vector == 30) == 0
	push $0
	.endif
	push $vector
	jmp trap_common
	.set vector, vector + 1
	.endr
trap_common:
	mov %esp, %eax
	push %eax
	call trap_report

	.data
	.balign 8
gdt:	.quad 0
	.quad 0x00cf9b000000ffff	/* code, 32 bits */
	.quad 0x00cf93000000ffff	/* data */
	.quad 0x00009b000000ffff + (TRAMPOLINE << 16)	/* code, 16 bits, from TRAMPOLINE */
	.quad 0x000093000000ffff	/* data of 64 KiB */
gdt_end:
	.balign 4
	.word 0
gdt_pointer:
	.word gdt_end - gdt - 1
	.long gdt

	.section .stack, "aw", @nobits
	.balign 16
	.skip AP_STACK_SIZE
ap_stack_top:
	.skip 16384
stack_top:

	.section .note.GNU-stack, "", @progbits
