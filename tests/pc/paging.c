/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pages of 4 KiB and 4 MiB: faults and their reasons, write protection, what the CPU notes, changed pages.
 */
#include "protected.h"

#define PRESENT   1u
#define WRITE     2u
#define USER      4u
#define ACCESSED  0x20u
#define DIRTY     0x40u
#define LARGE     0x80u
#define CR0_PAGES 0x80000000u
#define CR0_WP    0x10000u

#define directory ((volatile uint32_t *)PAGES)
#define low_table ((volatile uint32_t *)(PAGES + 0x1000))
#define table     ((volatile uint32_t *)(PAGES + 0x2000))
#define FRAME_A   FAR_MEMORY
#define FRAME_B   (FAR_MEMORY + 0x1000)
/* Pages that only this test has. */
#define PAGE     0x40000000u
#define BIG_PAGE 0x80000000u

static void flush(uint32_t page)
{
	__asm__ volatile("invlpg (%0)" : : "r"(page) : "memory");
}

static void map(uint32_t entry)
{
	table[0] = entry;
	flush(PAGE);
}

static void set_cr0(uint32_t bits, bool on)
{
	uint32_t cr0;

	__asm__ volatile("movl %%cr0, %0" : "=r"(cr0));
	__asm__ volatile("movl %0, %%cr0" : : "r"(on ? cr0 | bits : cr0 & ~bits) : "memory");
}

static uint32_t read_at(uint32_t address)
{
	return *(volatile uint32_t *)address;
}
static uint32_t write_at(uint32_t address)
{
	*(volatile uint32_t *)address = 0x44444444;
	return *(volatile uint32_t *)address;
}

static void leave_ring_3(struct frame *frame)
{
	(void)frame;
	__asm__ volatile("jmp from_ring_3");
}
static void user_reads(void)
{
	__asm__ volatile("movl %0, %%eax; int $0x41" : : "m"(*(volatile uint32_t *)PAGE));
}
static void user_writes(void)
{
	__asm__ volatile("movl $1, %0; int $0x41" : "=m"(*(volatile uint32_t *)PAGE));
}
static uint32_t user_read(uint32_t unused)
{
	(void)unused;
	to_ring_3(user_reads);
	return 0;
}
static uint32_t user_write(uint32_t unused)
{
	(void)unused;
	to_ring_3(user_writes);
	return 0;
}

static void start(void)
{
	memory_fill((void *)PAGES, 0, 0x3000);
	for (unsigned i = 0; i < 1024; i++)
		low_table[i] = i << 12 | PRESENT | WRITE | USER;
	directory[0] = (PAGES + 0x1000) | PRESENT | WRITE | USER;
	directory[PAGE >> 22] = (PAGES + 0x2000) | PRESENT | WRITE | USER;
	*(volatile uint32_t *)FRAME_A = 0xaaaaaaaa;
	*(volatile uint32_t *)FRAME_B = 0xbbbbbbbb;
	__asm__ volatile("movl %0, %%cr3" : : "r"(PAGES));
	__asm__ volatile("movl %%cr4, %%eax; orl $0x10, %%eax; movl %%eax, %%cr4" : : : "eax");
	set_cr0(CR0_PAGES | CR0_WP, true);
}

static void faults(void)
{
	must_trap("absent-read", read_at, PAGE + 8, 14, 0);
	equal("absent-address", trapped.address, PAGE + 8);
	must_trap("absent-write", write_at, PAGE, 14, 2);
	must_trap("absent-table", read_at, 0xc0000000, 14, 0);
	map(FRAME_A | PRESENT);
	must_work("read", read_at, PAGE, 0xaaaaaaaa);
	equal("accessed", table[0] & (ACCESSED | DIRTY), ACCESSED);
	must_trap("read-only", write_at, PAGE, 14, 3);
	set_cr0(CR0_WP, false);
	must_work("read-only-not-kept", write_at, PAGE, 0x44444444);
	set_cr0(CR0_WP, true);
	equal("dirty", table[0] & DIRTY, DIRTY);
	must_trap("supervisor", user_read, 0, 14, 5);
	map(FRAME_A | PRESENT | USER);
	must_work("user", user_read, 0, 0);
	must_trap("user-read-only", user_write, 0, 14, 7);
	map(FRAME_B | PRESENT | WRITE);
	must_work("changed", read_at, PAGE, 0xbbbbbbbb);
	must_work("write", write_at, PAGE + 4, 0x44444444);
	equal("written", *(volatile uint32_t *)(FRAME_B + 4), 0x44444444);
}

static void large(void)
{
	directory[BIG_PAGE >> 22] = PRESENT | WRITE | LARGE;
	must_work("large", read_at, BIG_PAGE + FRAME_B, 0xbbbbbbbb);
	equal("large-accessed", directory[BIG_PAGE >> 22] & (ACCESSED | DIRTY), ACCESSED);
	must_work("large-write", write_at, BIG_PAGE + FRAME_A + 16, 0x44444444);
	equal("large-dirty", directory[BIG_PAGE >> 22] & DIRTY, DIRTY);
	equal("large-written", read_at(FRAME_A + 16), 0x44444444);
}

void paging_tests(void)
{
	protected_start();
	load_main_task();
	set_gate_ring(0x41, 3);
	set_handler(0x41, leave_ring_3);
	start();
	faults();
	large();
	set_cr0(CR0_PAGES | CR0_WP, false);
}
