/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Carries files into hvmloader's image. The build gives the paths. */

.macro carry name, path
	.balign 16
	.globl firmware_\name, firmware_\name\()_end
firmware_\name:
	.incbin "\path"
firmware_\name\()_end:
.endm

	.section .firmware, "a"
	carry bios, FIRMWARE_BIOS
	carry vga, FIRMWARE_VGA
	carry e1000, FIRMWARE_E1000
	carry dsdt, FIRMWARE_DSDT

	.section .note.GNU-stack, "", @progbits
