/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the PVH entry, or from SIPI, to C. mode_enter (one per environment) goes to the final mode. */
#include "layout.h"

	.section .note.xen, "a", @note
	.balign 4
	.long 4, 4, 18			/* name size, value size, XEN_ELFNOTE_PHYS32_ENTRY */
	.asciz "Xen"
	.long guest_entry

	.text
	.code32
	.globl guest_entry
guest_entry:
	mov %eax, entry_state + 0	/* struct entry_state, boot.h */
	mov %ebx, entry_state + 4
	mov %cr0, %eax
	mov %eax, entry_state + 8
	mov %cr4, %eax
	mov %eax, entry_state + 12
	mov %cs, %eax
	mov %eax, entry_state + 20
	mov %ds, %eax
	mov %eax, entry_state + 24
	mov %es, %eax
	mov %eax, entry_state + 28
	mov %ss, %eax
	mov %eax, entry_state + 32
	str %eax
	mov %eax, entry_state + 36
	mov $boot_stack_top, %esp
	pushf
	popl entry_state + 16
	cld
	mov $guest_boot, %esi
	jmp common32

	/* ESP: stack, ESI: C function. Flat 32-bit segments of any kind are loaded. */
common32:
	lgdt gdt_pointer
	ljmp $SEL_CODE32, $1f
1:	mov $SEL_DATA, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %ss
	xor %eax, %eax
	mov %eax, %fs
	mov %eax, %gs
	jmp mode_enter

	/* VCPUOP_initialise starts here with flat 32-bit segments; ap_stack is ours while ap_busy. */
	.globl ap_entry32
ap_entry32:
	cld
	mov ap_stack, %esp
	mov $cpu_secondary, %esi
	jmp common32

	/* Copied to TRAMPOLINE; SIPI enters with CS = TRAMPOLINE >> 4, IP = 0. */
	.globl trampoline_start, trampoline_end
	.code16
trampoline_start:
	cli
	mov %cs, %ax
	mov %ax, %ds
	lgdtl (trampoline_gdt - trampoline_start)
	mov %cr0, %eax
	or $1, %al
	mov %eax, %cr0
	ljmpl $SEL_CODE32, $(TRAMPOLINE + trampoline_32 - trampoline_start)
trampoline_gdt:
	.word gdt_end - gdt - 1
	.long gdt
	.code32
trampoline_32:
	mov $SEL_DATA, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %ss
	mov $ap_entry32, %eax
	jmp *%eax
trampoline_end:

	.data
	.balign 16
	.globl gdt, gdt_pointer
gdt:	.quad 0
	.quad 0x00cf9b000000ffff	/* code, 32 bits */
	.quad 0x00cf93000000ffff	/* data */
	.quad 0x00af9b000000ffff	/* code, 64 bits */
	.quad 0x00cffb000000ffff	/* user code, 32 bits */
	.quad 0x00cff3000000ffff	/* user data */
	.quad 0x00affb000000ffff	/* user code, 64 bits */
	.quad 0x00009b000000ffff	/* code, 16 bits */
	.quad 0x000093000000ffff	/* data, 16 bits */
	.quad 0x00cf13000000ffff	/* data, not present */
	.skip MAX_CPUS * 16		/* task state segments, filled by cpu_init */
gdt_end:
	.balign 4
	.word 0
gdt_pointer:
	.word gdt_end - gdt - 1
	.long gdt, 0

	.globl entry_state
	.balign 8
entry_state:
	.skip 64

	.bss
	.balign 16
	.skip STACK_SIZE
	.globl boot_stack_top
boot_stack_top:

	.section .note.GNU-stack, "", @progbits
