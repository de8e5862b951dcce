/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The CPU's own tasks: called, jumped to, by gates, by interrupts, and as the way out of a double fault; and what it refuses.
 */
#include "protected.h"

enum {
	OTHER = FIRST_FREE + 8,   /* a task that returns */
	JUMPED = FIRST_FREE + 16, /* a task that jumps back */
	RESCUE = FIRST_FREE + 24, /* the double fault's */
	GATE = FIRST_FREE + 32,   /* a task gate to OTHER */
	SHORT = FIRST_FREE + 40,  /* a TSS that is too small */
	ABSENT = FIRST_FREE + 48,
};

extern uint32_t task_runs, task_esp, task_flags, task_self, task_error;
extern struct {
	uint32_t offset;
	uint16_t selector;
} __attribute__((packed)) task_back;
extern const uint8_t task_iret[], task_jump[], task_fault[];
extern uint8_t idt_entries[] __asm__("idt");
void far_task(uint32_t selector, uint32_t call);

static struct tss other, jumped, rescue;

static void make(struct tss *tss, uint16_t selector, const uint8_t *code, uint32_t stack)
{
	memory_fill(tss, 0, sizeof(*tss));
	tss->eip = (uint32_t)code;
	tss->eflags = 2;
	tss->esp = tss->esp0 = stack;
	tss->ss = tss->ss0 = tss->ds = tss->es = tss->fs = tss->gs = DATA32;
	tss->cs = CODE32;
	tss->map_at = sizeof(*tss);
	set_descriptor(gdt, selector, (uint32_t)tss, TSS_LIMIT, 0x89, 0);
}

static uint8_t kind_of(uint16_t selector)
{
	return gdt[selector / 8] >> 40 & 0x1f;
}

static uint32_t call(uint32_t selector)
{
	far_task(selector, 1);
	return task_runs;
}
static uint32_t jump(uint32_t selector)
{
	far_task(selector, 0);
	return task_runs;
}
static uint32_t interrupt_30(uint32_t unused)
{
	(void)unused;
	__asm__ volatile("int $0x30");
	return task_runs;
}
static uint32_t task_switched(void)
{
	uint32_t cr0;

	__asm__ volatile("movl %%cr0, %0" : "=r"(cr0));
	return cr0 >> 3 & 1;
}
static uint32_t load_task(uint32_t selector)
{
	__asm__ volatile("ltr %w0" : : "r"(selector));
	return 0;
}

static void called(void)
{
	task_runs = 0;
	__asm__ volatile("clts");
	must_work("call", call, OTHER, 1);
	equal("call-stack", task_esp, TASK_STACKS + 0x3000);
	equal("call-nested", task_flags & 0x4000, 0x4000);
	equal("call-register", task_self & 0xffff, OTHER);
	equal("call-back-link", other.back & 0xffff, MAIN_TASK);
	equal("call-switched", task_switched(), 1);
	equal("call-free-again", kind_of(OTHER), 9);
	equal("call-still-busy", kind_of(MAIN_TASK), 11);
	equal("call-not-nested", other.eflags & 0x4000, 0);
	must_work("call-again", call, OTHER, 2);
	must_work("call-by-gate", call, GATE, 3);
	must_work("interrupt", interrupt_30, 0, 4);
	equal("interrupt-register", task_self & 0xffff, OTHER);
}

static void jumped_to(void)
{
	task_runs = 0;
	task_back.selector = MAIN_TASK;
	must_work("jump", jump, JUMPED, 1);
	equal("jump-register", task_self & 0xffff, JUMPED);
	equal("jump-no-link", jumped.back & 0xffff, 0);
	equal("jump-free", kind_of(JUMPED), 9);
	equal("jump-busy", kind_of(MAIN_TASK), 11);
	must_work("jump-again", jump, JUMPED, 2);
}

static void refused(void)
{
	must_trap("busy", jump, MAIN_TASK, 13, MAIN_TASK);
	must_trap("too-small", jump, SHORT, 10, SHORT);
	must_trap("absent", jump, ABSENT, 11, ABSENT);
	must_trap("load-busy", load_task, MAIN_TASK, 13, MAIN_TASK);
	must_trap("return-without-task", call, 0, 13, 0);
}

/* A fault whose handler is not there is a double fault; its task can do what it wants, as it has a stack of its own. */
static uint32_t fault_twice(uint32_t selector)
{
	__asm__ volatile("movw %w0, %%fs" : : "r"(selector));
	return 0;
}

static void double_fault(void)
{
	uint8_t access = idt_entries[13 * 8 + 5];

	task_runs = 0;
	task_error = 0xffff;
	idt_entries[13 * 8 + 5] = 0;
	set_task_gate(8, RESCUE);
	run_guarded(fault_twice, 0xfff8);
	idt_entries[13 * 8 + 5] = access;
	equal("double-fault", task_runs, 1);
	equal("double-fault-error", task_error, 0);
	equal("double-fault-register", task_self & 0xffff, RESCUE);
}

void task_tests(void)
{
	protected_start();
	load_main_task();
	make(&other, OTHER, task_iret, TASK_STACKS + 0x3000);
	make(&jumped, JUMPED, task_jump, TASK_STACKS + 0x4000);
	make(&rescue, RESCUE, task_fault, TASK_STACKS + 0x5000);
	set_descriptor(gdt, SHORT, (uint32_t)&other, 50, 0x89, 0);
	set_descriptor(gdt, ABSENT, (uint32_t)&other, TSS_LIMIT, 0x09, 0);
	gdt[GATE / 8] = (uint64_t)OTHER << 16 | 0x85ull << 40;
	set_task_gate(0x30, OTHER);
	called();
	jumped_to();
	refused();
	double_fault();
	__asm__ volatile("clts");
}
