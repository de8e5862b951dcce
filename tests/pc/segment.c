/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Segments and rings without pages, as the first systems of protected mode had them: limits, kinds of segments, LDT, call gates, ring 3 with its map of ports, debug registers.
 */
#include "protected.h"

enum {
	SMALL = FIRST_FREE + 8, /* 4 KiB of data from BUFFER */
	DOWN = FIRST_FREE + 16, /* the same, all but its first 4 KiB */
	ABSENT = FIRST_FREE + 24,
	READ_ONLY = FIRST_FREE + 32,
	EXECUTE_ONLY = FIRST_FREE + 40,
	LDT = FIRST_FREE + 48,
	CALL_GATE = FIRST_FREE + 56,
	IN_LDT = 0x0c, /* LDT's second */
	BEYOND = 0xf00,
};

static uint64_t local_table[4];

/* ---- what is tried ---- */

static uint32_t read_small(uint32_t at)
{
	uint32_t value;

	__asm__ volatile("movw %w1, %%fs; movl %%fs:(%2), %0" : "=r"(value) : "r"(SMALL), "r"(at));
	return value;
}
static uint32_t read_down(uint32_t at)
{
	uint32_t value;

	__asm__ volatile("movw %w1, %%fs; movl %%fs:(%2), %0" : "=r"(value) : "r"(DOWN), "r"(at));
	return value;
}
static uint32_t write_by(uint32_t selector)
{
	__asm__ volatile("movw %w0, %%fs; movl $1, %%fs:0" : : "r"(selector) : "memory");
	return 0;
}
static uint32_t read_by(uint32_t selector)
{
	uint32_t value;

	__asm__ volatile("movw %w1, %%fs; movl %%fs:0, %0" : "=r"(value) : "r"(selector));
	return value;
}
static uint32_t load_stack(uint32_t selector)
{
	__asm__ volatile("movw %w0, %%ss" : : "r"(selector));
	return 0;
}
static uint32_t write_code(uint32_t address)
{
	__asm__ volatile("movb $0, %%cs:(%0)" : : "r"(address) : "memory");
	return 0;
}
static uint32_t limit_of(uint32_t selector)
{
	uint32_t limit = 0;

	__asm__ volatile("lsl %1, %0" : "=r"(limit) : "r"(selector));
	return limit;
}
static uint32_t rights_of(uint32_t selector)
{
	uint32_t rights = 0;

	__asm__ volatile("lar %1, %0" : "=r"(rights) : "r"(selector));
	return rights;
}
static uint32_t may_write(uint32_t selector)
{
	bool may;

	__asm__ volatile("verw %w1" : "=@ccz"(may) : "r"(selector));
	return may;
}

static void kinds(void)
{
	volatile uint32_t *buffer = (volatile uint32_t *)BUFFER;

	buffer[0] = 0x11111111;
	buffer[1023] = 0x22222222;
	buffer[1024] = 0x33333333;
	set_descriptor(gdt, SMALL, BUFFER, 0xfff, 0x93, 4);
	set_descriptor(gdt, DOWN, BUFFER, 0xfff, 0x97, 4);
	set_descriptor(gdt, ABSENT, BUFFER, 0xfff, 0x13, 4);
	set_descriptor(gdt, READ_ONLY, BUFFER, 0xfff, 0x91, 4);
	set_descriptor(gdt, EXECUTE_ONLY, BUFFER, 0xfff, 0x99, 4);
	must_work("limit-last", read_small, 0xffc, 0x22222222);
	must_trap("limit-over", read_small, 0xffd, 13, 0);
	must_work("down-first", read_down, 0x1000, 0x33333333);
	must_trap("down-below", read_down, 0xfff, 13, 0);
	must_trap("absent", read_by, ABSENT, 11, ABSENT);
	must_trap("absent-stack", load_stack, ABSENT, 12, ABSENT);
	must_trap("read-only-stack", load_stack, READ_ONLY, 13, READ_ONLY);
	must_work("read-only", read_by, READ_ONLY, 0x11111111);
	must_trap("read-only-write", write_by, READ_ONLY, 13, 0);
	must_trap("execute-only", read_by, EXECUTE_ONLY, 13, EXECUTE_ONLY);
	must_trap("beyond-table", read_by, BEYOND, 13, BEYOND);
	must_trap("null", read_by, 0, 13, 0);
	must_trap("code-write", write_code, BUFFER, 13, 0);
	must_work("lsl", limit_of, SMALL, 0xfff);
	must_work("lar", rights_of, READ_ONLY, 0x00409100);
	must_work("verw", may_write, SMALL, 1);
	must_work("verw-read-only", may_write, READ_ONLY, 0);
}

static uint32_t local(uint32_t selector)
{
	__asm__ volatile("lldt %w0" : : "r"(selector));
	return read_by(IN_LDT);
}

/* ---- ring 3 ---- */

static volatile uint32_t seen;
static void (*user_code)(void);

static void leave_ring_3(struct frame *frame)
{
	seen = frame->eax;
	__asm__ volatile("jmp from_ring_3");
}
static uint32_t in_ring_3(uint32_t unused)
{
	(void)unused;
	seen = 0;
	to_ring_3(user_code);
	return seen;
}
static void user_must_work(const char *name, void (*code)(void), uint32_t value)
{
	user_code = code;
	must_work(name, in_ring_3, 0, value);
}
static void user_must_trap(const char *name, void (*code)(void), uint32_t vector, uint32_t error)
{
	user_code = code;
	must_trap(name, in_ring_3, 0, vector, error);
	if (trapped.vector == vector)
		equal("ring-of-trap", trapped.cs & 3, 3);
}

static void user_says_cs(void)
{
	__asm__ volatile("movl %cs, %eax; int $0x41");
}
static void user_cli(void)
{
	__asm__ volatile("cli; int $0x41");
}
static void user_halt(void)
{
	__asm__ volatile("hlt; int $0x41");
}
static void user_port(void)
{
	__asm__ volatile("movw $0x3c6, %dx; movl $0, %eax; inb %dx, %al; int $0x41");
}
static void user_forbidden_port(void)
{
	__asm__ volatile("inb $0x60, %al; int $0x41");
}
static void user_port_half(void)
{
	__asm__ volatile("movw $0x3c6, %dx; inw %dx, %ax; int $0x41");
}
static void user_gate(void)
{
	__asm__ volatile("int $0x20; int $0x41");
}
static void user_kernel_segment(void)
{
	__asm__ volatile("movl %0, %%eax; movw %%ax, %%fs; int $0x41" : : "i"(DATA32));
}
static void user_call_gate(void)
{
	__asm__ volatile("pushl $0x1200; pushl $0x0034; lcall %0, $0; int $0x41"
	                 :
	                 : "i"(CALL_GATE | 3));
}
/* The gate's other side: two words were copied to ring 0's stack. */
__asm__(".text\n"
        "gate_target:\n\t"
        "movl 8(%esp), %eax\n\t"
        "addl 12(%esp), %eax\n\t"
        "movl %cs, %ecx\n\t"
        "shll $16, %ecx\n\t"
        "orl %ecx, %eax\n\t"
        "lret $8\n");
extern const uint8_t gate_target[];

static void rings(void)
{
	load_main_task();
	main_task.ports[0x3c6 / 8] &= ~(1u << 0x3c6 % 8);
	set_gate_ring(0x41, 3);
	set_handler(0x41, leave_ring_3);
	gdt[CALL_GATE / 8] = ((uint32_t)gate_target & 0xffff) | (uint64_t)CODE32 << 16 |
	                     2ull << 32 | 0xecull << 40 |
	                     (uint64_t)((uint32_t)gate_target >> 16) << 48;
	user_must_work("ring-3", user_says_cs, USER_CODE);
	user_must_trap("ring-3-cli", user_cli, 13, 0);
	user_must_trap("ring-3-halt", user_halt, 13, 0);
	user_must_work("ring-3-port", user_port, in8(0x3c6));
	user_must_trap("ring-3-port-forbidden", user_forbidden_port, 13, 0);
	user_must_trap("ring-3-port-half", user_port_half, 13, 0);
	user_must_trap("ring-3-gate", user_gate, 13, 0x20 * 8 + 2);
	user_must_trap("ring-3-segment", user_kernel_segment, 13, DATA32);
	user_must_work("call-gate", user_call_gate, CODE32 << 16 | 0x1234);
}

/* ---- debug registers ---- */

static uint32_t debug_hits, debug_status;
static volatile uint32_t watched;

static void debug_trap(struct frame *frame)
{
	uint32_t status;

	__asm__ volatile("movl %%dr6, %0" : "=r"(status));
	__asm__ volatile("movl %0, %%dr6" : : "r"(0));
	debug_hits++;
	debug_status |= status;
	frame->eflags |= 1u << 16; /* an instruction's breakpoint goes on with it */
	frame->eflags &= ~0x100u;
}
static __attribute__((noinline)) void breakpoint_here(void)
{
	__asm__ volatile("nop");
}

static void debugging(void)
{
	set_handler(1, debug_trap);
	__asm__ volatile("movl %0, %%dr0; movl %1, %%dr1" : : "r"(&watched), "r"(breakpoint_here));
	__asm__ volatile("movl %0, %%dr7" : : "r"(0x000d0702));
	watched = 5;
	equal("watchpoint", debug_hits, 1);
	equal("watchpoint-status", debug_status & 15, 1);
	debug_status = 0;
	__asm__ volatile("movl %0, %%dr7" : : "r"(0x00000708));
	breakpoint_here();
	equal("breakpoint", debug_hits, 2);
	equal("breakpoint-status", debug_status & 15, 2);
	debug_status = 0;
	__asm__ volatile("movl %0, %%dr7" : : "r"(0x400));
	__asm__ volatile("pushfl; orl $0x100, (%%esp); popfl; nop" : : : "memory");
	equal("step", debug_hits, 3);
	equal("step-status", debug_status >> 14 & 1, 1);
	set_handler(1, NULL);
}

void segment_tests(void)
{
	protected_start();
	kinds();
	set_descriptor(gdt, LDT, (uint32_t)local_table, sizeof(local_table) - 1, 0x82, 0);
	set_descriptor(local_table, IN_LDT & ~7, BUFFER + 0xffc, 3, 0x93, 4);
	must_work("ldt", local, LDT, 0x22222222);
	must_trap("ldt-beyond", read_by, 0x24, 13, 0x24);
	must_trap("ldt-wrong-kind", local, SMALL, 13, SMALL);
	rings();
	debugging();
	__asm__ volatile("lldt %w0; movw %w0, %%fs" : : "r"(0));
}
