/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An option ROM of bochs's machines, from which the BIOS does not get the computer back. On the first disk stand the hypervisor's file, its modules and most of what a multiboot loader tells it
 * (mkstart.c). This reads them all to INFO, asks the BIOS for the map of memory, which only it knows, puts the hypervisor where it belongs, and jumps. The BIOS's wait for a key and GRUB, which
 * come later, take ten times as long, and with several CPUs fifty times.
 * Multiboot specification 0.6.96, 3.2 and 3.3; ATA-4, 9.5 (PIO data in). INFO comes from the command line.
 */
#define MAP         0x8000 /* entries of 24 bytes: their size (4), then what INT 15h gives (20) */
#define MAP_LENGTH  0x7ff0
#define MAP_FLAG    0x40
#define INFO_FLAGS  0
#define INFO_LENGTH 44
#define INFO_MAP    48
#define INFO_PIECES 88 /* ours: how many of PIECE sectors are to be read */
#define PIECE       128 /* sectors that one command reads */
#define ELF         (INFO + 4096)
#define ELF_ENTRY   24
#define ELF_PHOFF   28
#define ELF_PHNUM   44
#define PH_TYPE     0
#define PH_OFFSET   4
#define PH_PADDR    12
#define PH_FILESZ   16
#define PH_MEMSZ    20
#define PH_SIZE     32

	.code16
	.globl _start
_start:
	.word	0xaa55
	.byte	1 /* of 512 bytes */
	xorw	%ax, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movw	$0x7c00, %sp
	sti

	xorl	%ebx, %ebx
	movw	$MAP, %di
next:
	movl	$20, (%di)
	addw	$4, %di
	movl	$0xe820, %eax
	movl	$20, %ecx
	movl	$0x534d4150, %edx
	int	$0x15
	jc	stuck
	addw	$20, %di
	testl	%ebx, %ebx
	jnz	next
	subw	$MAP, %di
	movzwl	%di, %edi

	cli
	inb	$0x92, %al
	orb	$2, %al /* A20 */
	outb	%al, $0x92
	lgdtl	%cs:table - _start
	movl	$1, %eax
	movl	%eax, %cr0
	ljmpl	$8, $in_32

stuck:	hlt
	jmp	stuck

	.code32
in_32:
	movl	$16, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %fs
	movl	%eax, %gs
	movl	%eax, %ss
	movl	%edi, MAP_LENGTH

	movw	$0x3f6, %dx
	movb	$2, %al /* no interrupts */
	outb	%al, %dx
	cld
	movl	$INFO, %edi
	xorl	%ebx, %ebx
piece:
	movl	$0x1f2, %edx
	movb	$PIECE, %al
	outb	%al, %dx
	incl	%edx
	movl	%ebx, %eax
	outb	%al, %dx
	incl	%edx
	shrl	$8, %eax
	outb	%al, %dx
	incl	%edx
	shrl	$8, %eax
	outb	%al, %dx
	incl	%edx
	shrl	$8, %eax
	orb	$0xe0, %al /* LBA, drive 0 */
	outb	%al, %dx
	incl	%edx
	movb	$0x20, %al
	outb	%al, %dx
	movl	$PIECE, %esi
busy:
	inb	%dx, %al
	testb	$0x80, %al
	jnz	busy
	testb	$8, %al
	jz	busy
	movl	$256, %ecx
	movl	$0x1f0, %edx
	rep insw
	movl	$0x1f7, %edx
	decl	%esi
	jnz	busy
	addl	$PIECE, %ebx
	movl	INFO + INFO_PIECES, %eax /* came with the first */
	shll	$7, %eax
	cmpl	%eax, %ebx
	jb	piece

	movl	$INFO, %ebx
	movl	MAP_LENGTH, %edi
	orl	$MAP_FLAG, INFO_FLAGS(%ebx)
	movl	%edi, INFO_LENGTH(%ebx)
	movl	$MAP, INFO_MAP(%ebx)

	movl	ELF + ELF_PHOFF, %edx
	addl	$ELF, %edx
	movzwl	ELF + ELF_PHNUM, %ebp
segment:
	cmpl	$1, PH_TYPE(%edx)
	jne	no_load
	movl	PH_OFFSET(%edx), %esi
	addl	$ELF, %esi
	movl	PH_PADDR(%edx), %edi
	movl	PH_FILESZ(%edx), %ecx
	rep movsb
	movl	PH_MEMSZ(%edx), %ecx
	subl	PH_FILESZ(%edx), %ecx
	xorl	%eax, %eax
	rep stosb
no_load:
	addl	$PH_SIZE, %edx
	decl	%ebp
	jnz	segment

	movl	$0x2badb002, %eax
	jmp	*(ELF + ELF_ENTRY)

	.balign	8
descriptors:
	.quad	0, 0x00cf9a000000ffff, 0x00cf92000000ffff /* none; code, data: flat, 32 bits */
table:
	.word	table - descriptors - 1
	.long	descriptors

	.org	511
	.byte	0 /* so that the sum of all is 0: bochs.mk */
