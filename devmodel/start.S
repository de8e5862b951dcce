/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the hypervisor enters, each time with a fresh stack and the arguments in the registers of a C call; what C returns is the result. */
#include "devmodel_abi.h"

	.text
	.globl	devmodel_start
	.type	devmodel_start, @function
devmodel_start:
	sub	$8, %rsp
	call	devmodel_entry
	mov	%rax, %rdi
	mov	$DEVMODEL_CALL_NR_RETURN, %eax
	int	$DEVMODEL_CALL_VECTOR
	ud2
	.size	devmodel_start, . - devmodel_start

	.section .note.GNU-stack, "", @progbits
