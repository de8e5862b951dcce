/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * V86 mode with a small monitor, as memory managers and multitaskers of DOS have it: the BIOS runs in it, with ports that trap and ports that do not, and with the interrupts of the board.
 */
#include "protected.h"

#define VM       0x20000u
#define FLAG_IF  0x200u
#define FLAG_VIF 0x80000u
#define CR4_VME  1u
/* Where the controllers' interrupts go meanwhile, clear of the exceptions. */
#define IRQ_BASE 0x50

struct v86_begin {
	uint32_t ip, flags;
};
void to_v86(const struct v86_begin *begin);
extern const uint8_t v86_start[], v86_vme_start[];

static uint32_t said[8]; /* by INT 0xfe: BX, by AL */
static uint32_t traps, interrupts, ports, software[256];
static uint8_t written_port;

/* ---- the guest's stack ---- */

static void push(struct frame *frame, uint16_t value)
{
	frame->esp = (frame->esp & 0xffff0000) | ((frame->esp - 2) & 0xffff);
	*(volatile uint16_t *)((frame->ss << 4) + (frame->esp & 0xffff)) = value;
}

static uint16_t pop(struct frame *frame)
{
	uint16_t value = *(volatile uint16_t *)((frame->ss << 4) + (frame->esp & 0xffff));

	frame->esp = (frame->esp & 0xffff0000) | ((frame->esp + 2) & 0xffff);
	return value;
}

static void reflect(struct frame *frame, uint8_t vector)
{
	volatile uint16_t *to = (volatile uint16_t *)(uint32_t){ 4u * vector };

	__asm__("" : "+r"(to));
	push(frame, (uint16_t)frame->eflags);
	push(frame, (uint16_t)frame->cs);
	push(frame, (uint16_t)frame->eip);
	frame->eip = to[0];
	frame->cs = to[1];
	frame->eflags &= ~(FLAG_IF | 0x100);
}

/* ---- the monitor ---- */

static void software_interrupt(struct frame *frame, uint8_t vector)
{
	software[vector]++;
	if (vector == 0xff)
		__asm__ volatile("jmp from_v86");
	if (vector == 0xfe)
		said[frame->eax & 7] = 0x10000 | (frame->ebx & 0xffff);
	else
		reflect(frame, vector);
}

static void take_flags(struct frame *frame, uint16_t flags)
{
	frame->eflags = (frame->eflags & 0xffff3000) | (flags & 0x0fff) | 2;
}

/* IN or OUT of a byte, a word or, after a prefix, 32 bits. The palette's mask is answered by the monitor itself. */
static void port_access(struct frame *frame, uint8_t opcode, uint16_t port, bool prefix)
{
	bool out = (opcode & 2) != 0, byte = (opcode & 1) == 0;

	ports++;
	if (out && byte) {
		written_port = (uint8_t)frame->eax;
		out8(port, written_port);
	} else if (out && prefix) {
		out32(port, frame->eax);
	} else if (out) {
		out16(port, (uint16_t)frame->eax);
	} else if (byte) {
		frame->eax = (frame->eax & ~0xffu) | (port == 0x3c6 ? 0x77 : in8(port));
	} else {
		frame->eax = prefix ? in32(port) : (frame->eax & ~0xffffu) | in16(port);
	}
}

/* The instructions that trap as the guest has no right to them. */
static void privileged(struct frame *frame)
{
	const volatile uint8_t *code =
		(const volatile uint8_t *)((frame->cs << 4) + (frame->eip & 0xffff));
	bool prefix = code[0] == 0x66;

	if (!(frame->eflags & VM)) {
		set_handler(13, NULL);
		return;
	}
	traps++;
	code += prefix;
	frame->eip += 1 + prefix;
	switch (code[0]) {
	case 0x9c: push(frame, (uint16_t)(frame->eflags | 0x3000)); return;
	case 0x9d: take_flags(frame, pop(frame)); return;
	case 0xfa: frame->eflags &= ~FLAG_IF; return;
	case 0xfb: frame->eflags |= FLAG_IF; return;
	case 0xcd:
		frame->eip++;
		software_interrupt(frame, code[1]);
		return;
	case 0xcf:
		frame->eip = pop(frame);
		frame->cs = pop(frame);
		take_flags(frame, pop(frame));
		return;
	case 0xe4 ... 0xe7:
		frame->eip++;
		port_access(frame, code[0], code[1], prefix);
		return;
	case 0xec ... 0xef: port_access(frame, code[0], (uint16_t)frame->edx, prefix); return;
	case 0xf4: __asm__ volatile("sti; hlt; cli"); return;
	default: equal("instruction", code[0] | code[1] << 8, 0); __asm__ volatile("jmp from_v86");
	}
}

static void board_interrupt(struct frame *frame)
{
	uint8_t irq = frame->vector - IRQ_BASE;

	interrupts++;
	if (frame->eflags & VM) {
		reflect(frame, irq < 8 ? 8 + irq : 0x70 + irq - 8);
		return;
	}
	/* In the monitor, which waits for one at a HLT: it comes again when the guest runs. */
	out8(0x20, 0x20);
}

/* ---- the controllers ---- */

static void move_interrupts(uint8_t first, uint8_t second)
{
	uint8_t mask = in8(0x21), mask2 = in8(0xa1);

	out8(0x20, 0x11);
	out8(0xa0, 0x11);
	out8(0x21, first);
	out8(0xa1, second);
	out8(0x21, 4);
	out8(0xa1, 2);
	out8(0x21, 1);
	out8(0xa1, 1);
	out8(0x21, mask);
	out8(0xa1, mask2);
}

static uint32_t run(uint32_t begin)
{
	to_v86((const struct v86_begin *)begin);
	return 1;
}

static void with_monitor(void)
{
	struct v86_begin begin = { (uint32_t)v86_start, VM | FLAG_IF | 2 };

	memory_fill(main_task.ports, 0, sizeof(main_task.ports) - 1);
	main_task.ports[0x80 / 8] |= 1u << 0x80 % 8;
	main_task.ports[0x3c6 / 8] |= 1u << 0x3c6 % 8;
	memory_fill(main_task.redirection, 0xff, sizeof(main_task.redirection));
	for (unsigned i = 0; i < 16; i++)
		set_handler(IRQ_BASE + i, board_interrupt);
	set_handler(13, privileged);
	move_interrupts(IRQ_BASE, IRQ_BASE + 8);
	must_work("runs", run, (uint32_t)&begin, 1);
	move_interrupts(8, 0x70);
	equal("screen", said[1] >> 16, 1);
	equal("flags", said[2] & 0x3200, 0x3200);
	equal("flags-cli", said[3] & 0x0200, 0);
	equal("port-out", written_port, 0x99);
	equal("port-in", said[4] & 0xff, 0x77);
	equal("drive", said[5] >> 16, 1);
	equal("drive-record", said[6] & 0xffff, 0xaa55);
	equal("tick", said[7] >> 16, 1);
	check("interrupts", interrupts > 0);
	check("traps", traps > 20 && software[0x10] == 1 && software[0x13] == 2);
}

/* With the extensions of the Pentium, interrupts and flags need no monitor. */
static void with_extensions(void)
{
	struct v86_begin begin = { (uint32_t)v86_vme_start, VM | FLAG_IF | FLAG_VIF | 2 };
	uint8_t mask = in8(0x21), mask2 = in8(0xa1);
	uint32_t eax = 1, ebx, ecx, edx;

	__asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "=c"(ecx), "=d"(edx));
	if (!(edx & 2))
		return;
	out8(0x21, 0xff);
	out8(0xa1, 0xff);
	memory_fill(said, 0, sizeof(said));
	traps = 0;
	software[0x10] = 0;
	main_task.redirection[0x10 / 8] &= ~(1u << 0x10 % 8);
	set_handler(13, privileged);
	__asm__ volatile("movl %%cr4, %%eax; orl %0, %%eax; movl %%eax, %%cr4"
	                 :
	                 : "i"(CR4_VME)
	                 : "eax");
	must_work("extensions-run", run, (uint32_t)&begin, 1);
	__asm__ volatile("movl %%cr4, %%eax; andl %0, %%eax; movl %%eax, %%cr4"
	                 :
	                 : "i"(~CR4_VME)
	                 : "eax");
	equal("extensions-direct", software[0x10], 0);
	equal("extensions-flags", said[2] & 0x0200, 0x0200);
	equal("extensions-cli", said[3] & 0x0200, 0);
	out8(0x21, mask);
	out8(0xa1, mask2);
}

void v86_tests(void)
{
	protected_start();
	load_main_task();
	with_monitor();
	with_extensions();
}
