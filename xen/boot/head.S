/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The first instructions: from a Multiboot loader (1 or 2; 32-bit protected mode, paging off, EAX magic, EBX information) to start() in
 * 64-bit mode at the linked address. The page tables made here map the first 4 GiB (BOOT_MAP_SIZE) one to one and at DIRECT_MAP_BASE, and the first
 * GiB at XEN_VIRT_BASE. paging_init() replaces them and moves the image away.
 */
#include "layout.h"

#define PHYS(symbol) ((symbol) - XEN_VIRT_BASE)

#define MULTIBOOT1_MAGIC 0x1badb002
#define MULTIBOOT1_FLAGS 0x00000003 /* modules on page borders; memory map wanted */
#define MULTIBOOT2_MAGIC 0xe85250d6

#define PAGE_LARGE_RW 0xe3 /* present, writable, accessed, dirty, 2 MiB */
#define PAGE_TABLE_RW 0x23 /* present, writable, accessed */

#define COM1 0x3f8

	.section .text.head, "ax", @progbits
	.code32
	.globl image_entry
image_entry:
	jmp entry32

	.balign 8
multiboot2_header:
	.long MULTIBOOT2_MAGIC, 0, multiboot2_end - multiboot2_header
	.long -(MULTIBOOT2_MAGIC + 0 + (multiboot2_end - multiboot2_header))
	/* Information wanted: command line, modules, memory map */
	.balign 8
1:	.short 1, 0
	.long 2f - 1b
	.long 1, 3, 6
2:	/* and, where there are such things: EFI memory map, both kinds of RSDP, the screen */
	.balign 8
1:	.short 1, 1
	.long 2f - 1b
	.long 17, 14, 15, 8
2:	/* modules on page borders */
	.balign 8
	.short 6, 1
	.long 8
	/* the end */
	.balign 8
	.short 0, 0
	.long 8
multiboot2_end:

	.balign 4
multiboot1_header:
	.long MULTIBOOT1_MAGIC, MULTIBOOT1_FLAGS, -(MULTIBOOT1_MAGIC + MULTIBOOT1_FLAGS)

entry32:
	cld
	cli
	movl $PHYS(cpu0_stack_top), %esp
	movl %eax, %edi /* kept through the next calls, as the first two arguments of start() */
	movl %ebx, %esi

	/* CPUID exists when EFLAGS.ID can be changed, long mode when leaf 0x80000001 says so. */
	pushfl
	popl %eax
	movl %eax, %ecx
	xorl $0x200000, %eax
	pushl %eax
	popfl
	pushfl
	popl %eax
	xorl %ecx, %eax
	testl $0x200000, %eax
	jz no_long_mode
	movl $0x80000000, %eax
	cpuid
	cmpl $0x80000001, %eax
	jb no_long_mode
	movl $0x80000001, %eax
	cpuid
	btl $29, %edx
	jnc no_long_mode

	call build_tables
	movl $PHYS(boot_pml4), %eax
	movl %eax, %cr3
	call enable_long_mode
	lgdt PHYS(boot_gdt_pointer)
	ljmp $SELECTOR_CODE64, $PHYS(entry64_low)

/* Fills the tables; uses EAX, ECX. */
build_tables:
	movl $PAGE_LARGE_RW, %eax
	xorl %ecx, %ecx
1:	movl %eax, PHYS(boot_pd)(, %ecx, 8)
	addl $0x200000, %eax
	incl %ecx
	cmpl $(4 * 512), %ecx
	jb 1b
	movl $(PHYS(boot_pd) + PAGE_TABLE_RW), %eax
	xorl %ecx, %ecx
1:	movl %eax, PHYS(boot_pdpt_low)(, %ecx, 8)
	addl $0x1000, %eax
	incl %ecx
	cmpl $4, %ecx
	jb 1b
	movl $(PHYS(boot_pd) + PAGE_TABLE_RW), PHYS(boot_pdpt_image) + 8 * 510
	movl $(PHYS(boot_pdpt_low) + PAGE_TABLE_RW), PHYS(boot_pml4)
	movl $(PHYS(boot_pdpt_low) + PAGE_TABLE_RW), PHYS(boot_pml4) + 8 * 256
	movl $(PHYS(boot_pdpt_image) + PAGE_TABLE_RW), PHYS(boot_pml4) + 8 * 511
	ret

/* With CR3 set: PAE, EFER.LME (and NXE if the CPU has it: EDX is leaf 0x80000001's), paging. Uses EAX, ECX, EDX. */
enable_long_mode:
	movl %cr4, %eax
	orl $0x20, %eax
	movl %eax, %cr4
	pushl %edx
	movl $0xc0000080, %ecx
	rdmsr
	popl %ecx
	orl $0x100, %eax
	btl $20, %ecx
	jnc 1f
	orl $0x800, %eax
1:	movl $0xc0000080, %ecx
	wrmsr
	movl %cr0, %eax
	orl $0x80010001, %eax
	movl %eax, %cr0
	ret

/* Says so on the serial port and on the text screen, and stops. */
no_long_mode:
	movl $PHYS(text_no_long_mode), %esi
	movl $0xb8000, %edi
	movw $(COM1 + 3), %dx
	movb $0x83, %al
	outb %al, %dx
	movw $COM1, %dx
	movb $1, %al /* 115200 */
	outb %al, %dx
	incw %dx
	xorb %al, %al
	outb %al, %dx
	movw $(COM1 + 3), %dx
	movb $0x03, %al
	outb %al, %dx
1:	lodsb
	testb %al, %al
	jz 4f
	movb $0x0f, %ah
	movw %ax, (%edi)
	addl $2, %edi
	movb %al, %bl
	movl $100000, %ecx /* a port that is not there never gets ready */
2:	movw $(COM1 + 5), %dx
	inb %dx, %al
	testb $0x20, %al
	jnz 3f
	loop 2b
3:	movw $COM1, %dx
	movb %bl, %al
	outb %al, %dx
	jmp 1b
4:	hlt
	jmp 4b

	.code64
entry64_low:
	movabsq $entry64, %rax
	jmp *%rax
entry64:
	movl $SELECTOR_DATA, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %ss
	xorl %eax, %eax
	movl %eax, %fs
	movl %eax, %gs
	lldt %ax
	lgdt boot_gdt_pointer64(%rip)
	leaq cpu0_stack_top(%rip), %rsp
	xorl %ebp, %ebp /* where call traces end */
	movl %edi, %edi
	movl %esi, %esi
	pushq $0
	call start
1:	hlt
	jmp 1b

	.section .rodata, "a", @progbits
text_no_long_mode:
	.asciz "Zazen: this CPU has no 64-bit mode\r\n"

	.balign 8
boot_gdt:
	.quad 0
	.quad 0x00af9b000000ffff /* SELECTOR_CODE64 */
	.quad 0x00cf93000000ffff /* SELECTOR_DATA */
	.quad 0x00cf9b000000ffff /* SELECTOR_CODE32 */
boot_gdt_end:
	.balign 4
	.short 0
boot_gdt_pointer:
	.short boot_gdt_end - boot_gdt - 1
	.long PHYS(boot_gdt)
	.balign 8
	.short 0, 0, 0
boot_gdt_pointer64:
	.short boot_gdt_end - boot_gdt - 1
	.quad boot_gdt

	.section .bss.page_aligned, "aw", @nobits
	.balign 4096
	.globl boot_pml4
boot_pml4:
	.skip 4096
boot_pdpt_low:
	.skip 4096
boot_pdpt_image:
	.skip 4096
boot_pd:
	.skip 4 * 4096

	.section .note.GNU-stack, "", @progbits
