/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs for guests that are carried in the hypervisor's image (images.h). */
	.section .rodata, "a", @progbits

	.macro	image name, file
	.balign	4096
	.globl	image_\name, image_\name\()_size
image_\name:
	.incbin	"\file"
image_\name\()_end:
	.balign	8
image_\name\()_size:
	.quad	image_\name\()_end - image_\name
	.endm

	image	hvmloader, IMAGE_HVMLOADER
	image	devmodel, IMAGE_DEVMODEL

	.section .note.GNU-stack, "", @progbits
