# SPDX-License-Identifier: GPL-2.0-or-later
# A disk for hvmguest: its first sector, which a BIOS starts, tests drive, serial port, screen and keyboard; the second one is a text that it finds there.
	.code16
	.globl	_start
_start:
	ljmp	$0, $begin
begin:
	xor	%ax, %ax
	mov	%ax, %ds
	mov	%ax, %es
	mov	%ax, %ss
	mov	$0x7c00, %sp
	sti
	mov	%dl, drive
	mov	$0x0201, %ax		# read one sector, LBA 1 of cylinder 0, head 0
	mov	$0x0002, %cx
	call	disk
	mov	$0x7e00, %si
	call	print
	mov	$0x0301, %ax		# and write it to LBA 2
	mov	$0x0003, %cx
	call	disk
	mov	$written, %si
	call	print
	xor	%ax, %ax		# what key comes
	int	$0x16
	mov	%al, key
	mov	$pressed, %si
	call	print
	mov	$0x1f7, %dx		# the drive is ready, and is not there any more when it was taken away
	in	%dx, %al
	mov	%al, %bl
	mov	$0x10, %dx
	in	%dx, %ax
	cmp	$0x49d2, %ax
	jne	3f
	mov	$3, %ax			# disks and network interfaces
	out	%ax, %dx
	mov	$0x1f7, %dx
	in	%dx, %al
	not	%al
	and	%bl, %al
	and	$0x40, %al
	jz	3f
	mov	$unplugged, %si
	call	print
3:	mov	$36, %cx		# about two seconds, so that the screen can be looked at
	mov	$0, %ah
1:	push	%cx
	hlt
	pop	%cx
	loop	1b
	mov	$0xb004, %dx		# S5
	mov	$0x2000, %ax
	out	%ax, %dx
1:	hlt
	jmp	1b

disk:	mov	drive, %dl
	mov	$0, %dh
	mov	$0x7e00, %bx
	int	$0x13
	jc	1f
	ret
1:	mov	$failed, %si
	call	print
2:	hlt
	jmp	2b

# A text to COM1 and to the screen.
print:	lodsb
	test	%al, %al
	jz	2f
	mov	%al, %cl
	mov	$0x3fd, %dx
1:	in	%dx, %al
	test	$0x20, %al
	jz	1b
	mov	$0x3f8, %dx
	mov	%cl, %al
	out	%al, %dx
	mov	$0x0e, %ah
	mov	$7, %bx
	int	$0x10
	jmp	print
2:	ret

drive:	.byte	0
written: .asciz	"WRITTEN\r\n"
unplugged: .asciz	"UNPLUGGED\r\n"
failed:	.asciz	"FAILED\r\n"
pressed: .ascii	"KEY "
key:	.asciz	"?\r\n"
	.org	510
	.word	0xaa55
	.ascii	"SECTOR ONE READ\r\n\0"
	.org	1048576	# cylinders enough for a BIOS
