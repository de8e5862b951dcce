/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Environment hvm64: long mode. */
#include "layout.h"
	.text
	.code32
	.globl mode_enter
mode_enter:
	xor %ebp, %ebp
	mov $page_root, %eax
	mov %eax, %cr3
	mov %cr4, %eax
	or $0x20, %eax			/* CR4.PAE */
	mov %eax, %cr4
	mov $0xc0000080, %ecx
	rdmsr
	or $0x100, %eax			/* EFER.LME */
	wrmsr
	mov %cr0, %eax
	or $0x80010000, %eax		/* CR0.PG, CR0.WP */
	mov %eax, %cr0
	ljmp $SEL_CODE64, $1f
	.code64
1:	mov %esi, %esi
	mov %esp, %esp
	call *%rsi
2:	hlt
	jmp 2b

	/* VCPUOP_initialise in 64-bit mode starts here. */
	.globl ap_entry64
ap_entry64:
	cld
	mov ap_stack, %rsp
	lgdt gdt_pointer
	push $SEL_CODE64
	push $1f
	lretq
1:	mov $SEL_DATA, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %ss
	xor %ebp, %ebp
	call cpu_secondary
2:	hlt
	jmp 2b

	/* Identity map of 4 GiB by 2 MiB pages, user accessible. */
	.data
	.balign 4096
	.globl page_root, page_directories
page_root:
	.quad page_pdpt + 7
	.skip 4096 - 8
page_pdpt:
	.set i, 0
	.rept 4
	.quad page_directories + i * 4096 + 7
	.set i, i + 1
	.endr
	.balign 4096
page_directories:
	.set i, 0
	.rept 2048
	.quad i * 0x200000 + 0xe7	/* present, writable, user, accessed, dirty, large */
	.set i, i + 1
	.endr

	.section .rodata
	.globl env_name, env_paging
env_name:
	.asciz "hvm64"
	.balign 4
env_paging:
	.long 1
	.section .note.GNU-stack, "", @progbits
