/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen/core/exit_task.c and task_segments.c: hardware task switches that VT-x leaves to us. SDM volume 3, chapter 7. */
#include <string.h>

#include "descriptor.h"
#include "exit_handlers.h"
#include "fake_domain.h"
#include "machine_fake.h"
#include "options.h"
#include "unit.h"
#include "virt_script.h"

enum { CALL, IRET, JUMP, GATE };

/* Where things lie; page 0 is the code's. */
#define GDT   0x2000u
#define LDT   0x2800u
#define OLD   0x3000u /* the task-state segments */
#define NEW   0x3100u
#define SMALL 0x3200u
#define STACK 0x5000u

/* Selectors */
#define CODE       0x08u
#define DATA       0x10u
#define USER_CODE  0x1bu
#define USER_DATA  0x23u
#define OLD_TASK   0x28u
#define NEW_TASK   0x30u
#define SMALL_TASK 0x38u
#define LOCAL      0x40u
#define ABSENT     0x48u
#define READ_ONLY  0x50u
#define GDT_BYTES  0x58u

static struct domain *d;
static struct vcpu *v;

static void *at(uint32_t address)
{
	return (uint8_t *)fake_guest_page(d, address / PAGE_SIZE) + address % PAGE_SIZE;
}

static void put32(uint32_t address, uint32_t value)
{
	memcpy(at(address), &value, 4);
}

static uint32_t get32(uint32_t address)
{
	uint32_t value;

	memcpy(&value, at(address), 4);
	return value;
}

static uint16_t get16(uint32_t address)
{
	return (uint16_t)get32(address);
}

static void put16(uint32_t address, uint16_t value)
{
	memcpy(at(address), &value, 2);
}

/* rights: the byte of them, and the flags of the upper half above. */
static void descriptor(uint32_t table, uint16_t selector, uint32_t base, uint32_t limit,
                       uint16_t rights)
{
	uint32_t low = (base & 0xffff) << 16 | (limit & 0xffff);
	uint32_t high = (base & 0xff000000) | (limit & 0xf0000) | (rights & 0xf00u) << 12 |
	                (rights & 0xffu) << 8 | (base >> 16 & 0xff);

	put32(table + (selector & ~7u), low);
	put32(table + (selector & ~7u) + 4, high);
}

static uint8_t rights(uint16_t selector)
{
	return *(uint8_t *)at(GDT + (selector & ~7u) + 5);
}

static void tables_make(void)
{
	descriptor(GDT, CODE, 0, 0xfffff, 0xc9a);
	descriptor(GDT, DATA, 0, 0xfffff, 0xc92);
	descriptor(GDT, USER_CODE, 0, 0xfffff, 0xcfa);
	descriptor(GDT, USER_DATA, 0, 0xfffff, 0xcf2);
	descriptor(GDT, OLD_TASK, OLD, 0x67, 0x08b);
	descriptor(GDT, NEW_TASK, NEW, 0x67, 0x089);
	descriptor(GDT, SMALL_TASK, SMALL, 0x2b, 0x081);
	descriptor(GDT, LOCAL, LDT, 0x0f, 0x082);
	descriptor(GDT, ABSENT, 0, 0xfffff, 0xc12);
	descriptor(GDT, READ_ONLY, 0, 0xfffff, 0xc90);
	descriptor(LDT, 8, 0x1000, 0xfff, 0x492);
}

static void new_task_make(void)
{
	static const uint32_t row[] = { 0x1234, RFLAGS_IF, 10,   11,   12,   13, STACK, 15, 16,
		                        17,     DATA,      CODE, DATA, DATA, 0,  DATA,  0 };

	for (unsigned i = 0; i < ARRAY_LEN(row); i++)
		put32(NEW + 0x20 + 4 * i, row[i]);
	put32(NEW + 0x1c, 0x7000);
}

static void small_task_make(void)
{
	static const uint16_t row[] = { 0x1234, RFLAGS_IF, 10,   11,   12,   13,   STACK, 15,
		                        16,     17,        DATA, CODE, DATA, DATA, LOCAL };

	for (unsigned i = 0; i < ARRAY_LEN(row); i++)
		put16(SMALL + 0x0e + 2 * i, row[i]);
}

static void start(void)
{
	struct segment gdt = { .limit = GDT_BYTES - 1, .base = GDT };
	struct segment tss = { .selector = OLD_TASK, .attr = 0x8b, .limit = 0x67, .base = OLD };

	d = fake_domain_machine(1, 1, 64);
	v = d->vcpus[0];
	tables_make();
	new_task_make();
	small_task_make();
	virt->set_segment(v, SEG_GDTR, &gdt);
	virt->set_segment(v, SEG_TR, &tss);
	v->regs.rip = 0x1000;
	v->regs.rflags = RFLAGS_MBS | RFLAGS_CF;
	for (unsigned i = 0; i < 8; i++)
		v->regs.r[i] = 0x100 + i;
	virt->set_reg(v, REG_DR7, 0x7ff);
}

static void switch_to(uint16_t selector, unsigned reason, uint8_t insn_len)
{
	v->exit = (struct vcpu_exit){ .kind = EXIT_TASK_SWITCH,
		                      .insn_len = insn_len,
		                      .task = { .selector = selector, .reason = (uint8_t)reason } };
	exit_dispatch(v);
}

static struct segment segment(enum segment_name name)
{
	struct segment s;

	virt->get_segment(v, name, &s);
	return s;
}

static void expect_fault(uint8_t vector, uint32_t code)
{
	CHECK_EQ(v->event.type, EVENT_EXCEPTION);
	CHECK_EQ(v->event.vector, vector);
	CHECK(v->event.has_error);
	CHECK_EQ(v->event.error_code, code);
}

/* A fault before the switch: the old task goes on. */
static void expect_stayed(uint8_t vector, uint32_t code)
{
	expect_fault(vector, code);
	CHECK_EQ(v->regs.rip, 0x1000);
	CHECK_EQ(segment(SEG_TR).selector, OLD_TASK);
	CHECK_EQ(rights(OLD_TASK), 0x8b);
}

static void call(void)
{
	uint16_t cs;

	start();
	cs = segment(SEG_CS).selector;
	switch_to(NEW_TASK, CALL, 7);
	CHECK_EQ(v->event.type, EVENT_NONE);
	/* the old task's registers, behind the instruction */
	CHECK_EQ(get32(OLD + 0x20), 0x1007);
	CHECK_EQ(get32(OLD + 0x24), RFLAGS_MBS | RFLAGS_CF);
	for (unsigned i = 0; i < 8; i++)
		CHECK_EQ(get32(OLD + 0x28 + 4 * i), 0x100 + i);
	CHECK_EQ(get16(OLD + 0x4c), cs);
	/* the new one's */
	CHECK_EQ(v->regs.rip, 0x1234);
	CHECK_EQ(v->regs.rflags, RFLAGS_MBS | RFLAGS_IF | RFLAGS_NT);
	CHECK_EQ(v->regs.r[GPR_RAX], 10);
	CHECK_EQ(v->regs.r[GPR_RSP], STACK);
	CHECK_EQ(v->regs.r[GPR_RDI], 17);
	CHECK_EQ(segment(SEG_CS).selector, CODE);
	CHECK_EQ(segment(SEG_CS).attr, 0xc9b);
	CHECK_EQ(segment(SEG_CS).limit, 0xffffffff);
	CHECK_EQ(segment(SEG_FS).attr & SEG_ATTR_P, 0);
	CHECK_EQ(segment(SEG_GS).selector, DATA);
	CHECK_EQ(segment(SEG_TR).selector, NEW_TASK);
	CHECK_EQ(segment(SEG_TR).attr, 0x8b);
	CHECK_EQ(segment(SEG_TR).base, NEW);
	/* the way back, both busy, segments accessed */
	CHECK_EQ(get16(NEW), OLD_TASK);
	CHECK_EQ(rights(OLD_TASK), 0x8b);
	CHECK_EQ(rights(NEW_TASK), 0x8b);
	CHECK_EQ(rights(CODE), 0x9b);
	CHECK_EQ(rights(DATA), 0x93);
	/* and what a switch does besides */
	CHECK(virt->get_reg(v, REG_CR0) & CR0_TS);
	CHECK_EQ(virt->get_reg(v, REG_DR7), 0x7ff & ~0x155);
	/* there is no paging, so its CR3 is not loaded */
	CHECK_EQ(virt->get_reg(v, REG_CR3), 0);
}

static void jump_and_return(void)
{
	start();
	put16(NEW, 0x77);
	switch_to(NEW_TASK, JUMP, 7);
	CHECK_EQ(segment(SEG_TR).selector, NEW_TASK);
	CHECK_EQ(rights(OLD_TASK), 0x89);
	CHECK_EQ(rights(NEW_TASK), 0x8b);
	CHECK_EQ(get16(NEW), 0x77);
	CHECK(!(v->regs.rflags & RFLAGS_NT));
	/* back by IRET: only to a busy one */
	v->regs.rflags |= RFLAGS_NT;
	switch_to(OLD_TASK, IRET, 1);
	expect_fault(X86_TS, OLD_TASK);
	CHECK_EQ(v->regs.rip, 0x1234);
	v->event.type = EVENT_NONE;
	descriptor(GDT, OLD_TASK, OLD, 0x67, 0x08b);
	script_of(v)->shadow = SHADOW_NMI | SHADOW_STI_MOV_SS;
	put32(OLD + 0x4c, CODE);
	put32(OLD + 0x50, DATA);
	for (unsigned i = 0; i < 5; i++)
		put32(OLD + (i ? 0x50 : 0x48) + 4 * i, 0);
	put32(OLD + 0x50, DATA);
	switch_to(OLD_TASK, IRET, 1);
	CHECK_EQ(v->event.type, EVENT_NONE);
	CHECK_EQ(v->regs.rip, 0x1007);
	CHECK_EQ(v->regs.rflags, RFLAGS_MBS | RFLAGS_CF);
	CHECK_EQ(get32(NEW + 0x24) & RFLAGS_NT, 0);
	CHECK_EQ(get32(NEW + 0x20), 0x1235);
	CHECK_EQ(rights(NEW_TASK), 0x89);
	CHECK_EQ(rights(OLD_TASK), 0x8b);
	CHECK_EQ(script_of(v)->shadow, 0);
}

/* IRET of a task whose link is itself: what it has saved is what it loads. */
static void return_to_oneself(void)
{
	start();
	switch_to(NEW_TASK, JUMP, 7);
	v->regs.r[GPR_RAX] = 77;
	switch_to(NEW_TASK, IRET, 1);
	CHECK_EQ(v->event.type, EVENT_NONE);
	CHECK_EQ(v->regs.r[GPR_RAX], 77);
	CHECK_EQ(v->regs.rip, 0x1235);
}

/* An exception by a gate: it is delivered with the switch, and its error code is on the new stack. */
static void exception_gate(void)
{
	start();
	v->event = event_exception_code(X86_GP, 0x55);
	v->exit = (struct vcpu_exit){ .kind = EXIT_TASK_SWITCH,
		                      .task = { NEW_TASK, GATE, true, 0x55 } };
	exit_dispatch(v);
	CHECK_EQ(v->event.type, EVENT_NONE);
	CHECK_EQ(v->regs.r[GPR_RSP], STACK - 4);
	CHECK_EQ(get32(STACK - 4), 0x55);
	CHECK_EQ(get32(OLD + 0x20), 0x1000);
	CHECK_EQ(get32(OLD + 0x24), RFLAGS_MBS | RFLAGS_CF | RFLAGS_RF);
	CHECK(v->regs.rflags & RFLAGS_NT);
}

static void nmi_gate(void)
{
	start();
	v->event = (struct event){ .type = EVENT_NMI, .vector = X86_NMI };
	switch_to(NEW_TASK, GATE, 0);
	CHECK_EQ(v->event.type, EVENT_NONE);
	CHECK_EQ(script_of(v)->shadow, SHADOW_NMI);
	CHECK_EQ(get32(OLD + 0x24), RFLAGS_MBS | RFLAGS_CF);
}

/* INT n: the next instruction is saved, and faults are the program's own. */
static void interrupt_gate(void)
{
	start();
	switch_to(NEW_TASK, GATE, 2);
	CHECK_EQ(get32(OLD + 0x20), 0x1002);
	start();
	put32(NEW + 0x4c, ABSENT);
	switch_to(NEW_TASK, GATE, 2);
	expect_fault(X86_TS, ABSENT);
	/* and for the machine's, which is lost when its delivery faults */
	start();
	put32(NEW + 0x4c, ABSENT);
	v->event = (struct event){ .type = EVENT_INTERRUPT, .vector = 0x41 };
	switch_to(NEW_TASK, GATE, 0);
	expect_fault(X86_TS, ABSENT | 1);
	/* a fault in the delivery of a page fault is a double fault */
	start();
	put32(NEW + 0x4c, ABSENT);
	v->event = event_page_fault(2, 0x9000);
	switch_to(NEW_TASK, GATE, 0);
	CHECK_EQ(v->event.vector, X86_DF);
}

static void bad_targets(void)
{
	start();
	switch_to(OLD_TASK, JUMP, 7); /* busy */
	expect_stayed(X86_GP, OLD_TASK);
	start();
	switch_to(DATA, CALL, 7);
	expect_stayed(X86_GP, DATA);
	start();
	switch_to(GDT_BYTES, CALL, 7);
	expect_stayed(X86_GP, GDT_BYTES);
	start();
	switch_to(NEW_TASK | 4, CALL, 7);
	expect_stayed(X86_GP, NEW_TASK | 4);
	start();
	switch_to(0, IRET, 1);
	expect_stayed(X86_TS, 0);
	start();
	descriptor(GDT, NEW_TASK, NEW, 0x67, 0x009);
	switch_to(NEW_TASK, CALL, 7);
	expect_stayed(X86_NP, NEW_TASK);
	start();
	descriptor(GDT, NEW_TASK, NEW, 0x66, 0x089);
	switch_to(NEW_TASK, CALL, 7);
	expect_stayed(X86_TS, NEW_TASK);
	/* the old one cannot be saved */
	start();
	script_of(v)->segment[SEG_TR].limit = 0x66;
	switch_to(NEW_TASK, CALL, 7);
	expect_fault(X86_TS, OLD_TASK);
}

/* Segments that the new task must not have: its own fault, with all selectors there. */
static void bad_segments(void)
{
	static const struct {
		uint8_t offset; /* in the TSS */
		uint8_t vector;
		uint16_t selector, code;
	} rows[] = {
		{ 0x60, X86_TS, DATA, DATA },
		{ 0x60, X86_TS, LOCAL | 4, LOCAL | 4 },
		{ 0x4c, X86_TS, 0, 0 },
		{ 0x4c, X86_TS, DATA, DATA },
		{ 0x4c, X86_TS, CODE | 3, CODE },
		{ 0x4c, X86_TS, GDT_BYTES, GDT_BYTES },
		{ 0x50, X86_TS, 0, 0 },
		{ 0x50, X86_TS, CODE, CODE },
		{ 0x50, X86_TS, DATA | 3, DATA },
		{ 0x50, X86_TS, USER_DATA, USER_DATA & ~3 },
		{ 0x50, X86_SS, ABSENT, ABSENT },
		{ 0x50, X86_TS, READ_ONLY, READ_ONLY },
		{ 0x54, X86_NP, ABSENT, ABSENT },
		{ 0x48, X86_TS, DATA | 3, DATA },
		{ 0x5c, X86_TS, OLD_TASK, OLD_TASK },
		{ 0x58, X86_TS, 8 | 4, 8 | 4 },
		{ 0x58, X86_TS, GDT_BYTES, GDT_BYTES },
	};

	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		start();
		put32(NEW + rows[i].offset, rows[i].selector);
		switch_to(NEW_TASK, CALL, 7);
		expect_fault(rows[i].vector, rows[i].code);
		CHECK_EQ(v->regs.rip, 0x1234);
		CHECK_EQ(segment(SEG_TR).selector, NEW_TASK);
		CHECK_EQ(segment(SEG_GS).selector, rows[i].offset == 0x5c ? OLD_TASK : DATA);
		/* from where the fault can be delivered: CS and SS of one privilege */
		CHECK_EQ(segment(SEG_CS).attr & 0x89b, 0x89b);
		CHECK_EQ(SEG_ATTR_DPL(segment(SEG_CS).attr), SEG_ATTR_DPL(segment(SEG_SS).attr));
		CHECK_EQ(segment(SEG_SS).attr & 0x93, 0x93);
	}
}

static void privilege_and_local_table(void)
{
	start();
	put32(NEW + 0x60, LOCAL);
	put32(NEW + 0x4c, USER_CODE);
	put32(NEW + 0x50, USER_DATA);
	put32(NEW + 0x48, 0);
	put32(NEW + 0x54, USER_DATA);
	put32(NEW + 0x5c, 0);
	switch_to(NEW_TASK, CALL, 7);
	CHECK_EQ(v->event.type, EVENT_NONE);
	CHECK_EQ(virt->get_cpl(v), 3);
	CHECK_EQ(segment(SEG_LDTR).base, LDT);
	CHECK_EQ(segment(SEG_LDTR).attr, 0x82);
	/* a segment of the local table, at its privilege */
	start();
	put32(NEW + 0x60, LOCAL);
	put32(NEW + 0x58, 8 | 4);
	switch_to(NEW_TASK, CALL, 7);
	CHECK_EQ(v->event.type, EVENT_NONE);
	CHECK_EQ(segment(SEG_FS).base, 0x1000);
	CHECK_EQ(segment(SEG_FS).limit, 0xfff);
	CHECK_EQ(*((uint8_t *)at(LDT + 8 + 5)), 0x93);
}

static void virtual_8086(void)
{
	start();
	put32(NEW + 0x24, RFLAGS_VM | RFLAGS_IF);
	for (unsigned i = 0; i < 6; i++)
		put32(NEW + 0x48 + 4 * i, 0x100 + i);
	switch_to(NEW_TASK, CALL, 7);
	CHECK_EQ(v->event.type, EVENT_NONE);
	CHECK_EQ(v->regs.rflags, RFLAGS_MBS | RFLAGS_VM | RFLAGS_IF | RFLAGS_NT);
	CHECK_EQ(segment(SEG_CS).selector, 0x101);
	CHECK_EQ(segment(SEG_CS).base, 0x1010);
	CHECK_EQ(segment(SEG_GS).attr, 0xf3);
	CHECK_EQ(segment(SEG_GS).limit, 0xffff);
}

static void sixteen_bits(void)
{
	start();
	switch_to(SMALL_TASK, CALL, 5);
	CHECK_EQ(v->event.type, EVENT_NONE);
	CHECK_EQ(v->regs.rip, 0x1234);
	CHECK_EQ(v->regs.r[GPR_RAX], 0xffff000a);
	CHECK_EQ(segment(SEG_LDTR).selector, LOCAL);
	CHECK_EQ(segment(SEG_FS).selector, 0);
	CHECK_EQ(segment(SEG_DS).selector, DATA);
	CHECK_EQ(segment(SEG_TR).attr, 0x83);
	CHECK_EQ(get16(SMALL), OLD_TASK);
	/* and from there */
	v->regs.r[GPR_RAX] = 0x12345678;
	put16(SMALL + 0x2a, 0x4444);
	v->event = event_exception_code(X86_NP, 0x18);
	v->exit = (struct vcpu_exit){ .kind = EXIT_TASK_SWITCH,
		                      .task = { NEW_TASK, GATE, true, 0x18 } };
	exit_dispatch(v);
	CHECK_EQ(v->event.type, EVENT_NONE);
	CHECK_EQ(get16(SMALL + 0x12), 0x5678);
	CHECK_EQ(get16(SMALL + 0x2a), 0x4444);
	CHECK_EQ(get16(NEW), SMALL_TASK);
	CHECK_EQ(get32(STACK - 4), 0x18);
}

/* A stack of 16 bits wraps; one that is full faults in the new task. */
static void error_code_stacks(void)
{
	start();
	descriptor(GDT, DATA, 0x10000, 0xffff, 0x092);
	put32(NEW + 0x38, 0x5550002);
	v->event = event_exception_code(X86_GP, 0x55);
	v->exit = (struct vcpu_exit){ .kind = EXIT_TASK_SWITCH,
		                      .task = { NEW_TASK, GATE, true, 0x55 } };
	put32(0x1fffc, 0);
	exit_dispatch(v);
	CHECK_EQ(v->event.vector, X86_DF); /* 0xfffe is the last word's place: two bytes too few */
	start();
	descriptor(GDT, DATA, 0x10000, 0xffff, 0x092);
	put32(NEW + 0x38, 0x5550000);
	v->event = event_exception_code(X86_GP, 0x55);
	v->exit = (struct vcpu_exit){ .kind = EXIT_TASK_SWITCH,
		                      .task = { NEW_TASK, GATE, true, 0x55 } };
	exit_dispatch(v);
	CHECK_EQ(v->event.type, EVENT_NONE);
	CHECK_EQ(v->regs.r[GPR_RSP], 0x555fffc);
	CHECK_EQ(get32(0x1fffc), 0x55);
}

static void debug_trap(void)
{
	start();
	put32(NEW + 0x64, 1);
	virt->set_reg(v, REG_DR6, 0xffff0ff0);
	switch_to(NEW_TASK, CALL, 7);
	CHECK_EQ(v->event.type, EVENT_EXCEPTION);
	CHECK_EQ(v->event.vector, X86_DB);
	CHECK_EQ(virt->get_reg(v, REG_DR6), 0xffff8ff0);
	CHECK_EQ(v->regs.rip, 0x1234);
}

/* Page tables: the old task is saved and the new one read under the old CR3; segments are read under the new one. */
static void address_spaces(void)
{
	start();
	/* two directories of 4 MiB pages: all to itself */
	put32(0x6000, 0x83);
	put32(0x7000, 0x83);
	virt->set_reg(v, REG_CR4, CR4_PSE);
	virt->set_reg(v, REG_CR3, 0x6000);
	virt->set_reg(v, REG_CR0, virt->get_reg(v, REG_CR0) | CR0_PG);
	guest_walk_cache_reset(&v->walk);
	switch_to(NEW_TASK, CALL, 7);
	CHECK_EQ(v->event.type, EVENT_NONE);
	CHECK_EQ(virt->get_reg(v, REG_CR3), 0x7000);
	CHECK_EQ(segment(SEG_CS).selector, CODE);

	/* the tables are the supervisor's: no matter who asked */
	start();
	put32(0x6000, 0x83);
	put32(0x7000, 0x83);
	virt->set_reg(v, REG_CR4, CR4_PSE);
	virt->set_reg(v, REG_CR3, 0x6000);
	virt->set_reg(v, REG_CR0, virt->get_reg(v, REG_CR0) | CR0_PG);
	script_set_cpl(v, 3);
	guest_walk_cache_reset(&v->walk);
	switch_to(NEW_TASK, GATE, 2);
	CHECK_EQ(v->event.type, EVENT_NONE);
	CHECK_EQ(virt->get_cpl(v), 0);

	/* nothing is mapped: the new task's own page fault */
	start();
	put32(0x6000, 0x83);
	put32(0x7000, 0);
	virt->set_reg(v, REG_CR4, CR4_PSE);
	virt->set_reg(v, REG_CR3, 0x6000);
	virt->set_reg(v, REG_CR0, virt->get_reg(v, REG_CR0) | CR0_PG);
	guest_walk_cache_reset(&v->walk);
	switch_to(NEW_TASK, CALL, 7);
	CHECK_EQ(v->event.vector, X86_PF);
	CHECK_EQ(v->event.cr2, GDT + CODE);
	CHECK_EQ(v->regs.rip, 0x1234);
}

static void not_in_ram(void)
{
	start();
	descriptor(GDT, NEW_TASK, 0xf0000000, 0x67, 0x089);
	switch_to(NEW_TASK, CALL, 7);
	CHECK(d->is_shut_down);
	CHECK(strstr(fake_console_text(),
	             "task switch to selector 0x30: its tables are not in RAM"));
}

/* Modes in which a CPU makes none. */
static void other_modes(void)
{
	start();
	virt->set_reg(v, REG_CR0, CR0_ET);
	switch_to(NEW_TASK, CALL, 7);
	expect_stayed(X86_GP, NEW_TASK);
	start();
	script_set_long_mode(v, 0x6000);
	guest_walk_cache_reset(&v->walk);
	switch_to(NEW_TASK, CALL, 7);
	expect_fault(X86_GP, NEW_TASK);
}

UNIT_MAIN(UNIT(call), UNIT(jump_and_return), UNIT(return_to_oneself), UNIT(exception_gate),
          UNIT(nmi_gate), UNIT(interrupt_gate), UNIT(bad_targets), UNIT(bad_segments),
          UNIT(privilege_and_local_table), UNIT(virtual_8086), UNIT(sixteen_bits),
          UNIT(error_code_stacks), UNIT(debug_trap), UNIT(address_spaces), UNIT(not_in_ram),
          UNIT(other_modes))
