/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Environment hvm32pae: 32-bit protected mode with PAE paging. */
	.text
	.code32
	.globl mode_enter
mode_enter:
	xor %ebp, %ebp
	mov $page_pdpt, %eax
	mov %eax, %cr3
	mov %cr4, %eax
	or $0x20, %eax			/* CR4.PAE */
	mov %eax, %cr4
	mov %cr0, %eax
	or $0x80010000, %eax		/* CR0.PG, CR0.WP */
	mov %eax, %cr0
	call *%esi
1:	hlt
	jmp 1b

	/* Identity map of 4 GiB by 2 MiB pages, user accessible. */
	.data
	.balign 4096
	.globl page_root, page_directories
page_root:
page_pdpt:
	.set i, 0
	.rept 4
	.long page_directories + i * 4096 + 1, 0
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
	.asciz "hvm32pae"
	.balign 4
env_paging:
	.long 1
	.section .note.GNU-stack, "", @progbits
