/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The boot sector of the disk that the guest works on. Real Xen's BIOS starts from it, as IDE comes before AHCI there: it goes on with the second disk's. */
	.code16
	.globl _start
_start:
	cld
	xor %ax, %ax
	mov %ax, %ds
	mov %ax, %es
	mov %ax, %ss
	mov $0x7c00, %sp
	mov $0x7c00, %si
	mov $0x600, %di
	mov $256, %cx
	rep movsw
	ljmp $0, $0x600 + (away - _start)
away:
	mov $0x0201, %ax /* one sector, the first */
	mov $0x7c00, %bx
	mov $1, %cx
	mov $0x81, %dx
	int $0x13
stop:
	jc stop
	ljmp $0, $0x7c00
	.org 510
	.byte 0x55, 0xaa
