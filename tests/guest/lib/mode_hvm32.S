/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Environment hvm32: 32-bit protected mode without paging. */
	.text
	.code32
	.globl mode_enter
mode_enter:
	xor %ebp, %ebp
	call *%esi
1:	hlt
	jmp 1b

	.section .rodata
	.globl env_name, env_paging
env_name:
	.asciz "hvm32"
	.balign 4
env_paging:
	.long 0
	.section .note.GNU-stack, "", @progbits
