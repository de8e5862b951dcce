/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hypervisor's linear address space. Also read by the assembler and the linker script, so numbers only.
 *
 *   DIRECT_MAP_BASE + hpa   all RAM, read and write, never execute
 *   IO_MAP_BASE + hpa       device registers, uncached
 *   XEN_VIRT_BASE + XEN_LOAD_ADDRESS   the image, W^X by section
 */
#ifndef LAYOUT_H
#define LAYOUT_H

#define XEN_VIRT_BASE   0xffffffff80000000
#define DIRECT_MAP_BASE 0xffff800000000000
#define IO_MAP_BASE     0xffffa00000000000

/* Where the loader puts the image; paging_init() moves it to the upper end of low memory. */
#define XEN_LOAD_ADDRESS 0x200000

/* The boot page tables map this much from physical 0: directly, and one to one. */
#define BOOT_MAP_SIZE 0x100000000

/* Segment selectors of each CPU's GDT; the order suits SYSCALL/SYSRET. */
#define SELECTOR_CODE64 0x08
#define SELECTOR_DATA   0x10
#define SELECTOR_CODE32 0x18
/* 0x20 and 0x28: the TSS */
#define SELECTOR_USER_DATA 0x33
#define SELECTOR_USER_CODE 0x3b

/* Each CPU has its stacks and its struct cpu in one aligned area, so that the stack pointer tells where the rest is (cpu.c). */
#define CPU_AREA_SIZE   0x10000
#define CPU_AREA_STRUCT 0xe000

#endif
