/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hardware task switches (SDM volume 3, chapter 7): far calls and jumps to tasks, gates for interrupts and exceptions, the way back. VT-x leaves them to the hypervisor, AMD's
 * CPUs make them themselves. A task runs on the first CPU and touches nothing of the library, which knows CPUs by their task registers: it notes what it sees.
 */
#include "guest.h"

/* Descriptors of the library's table for CPUs that there are not. */
#define SEL_TASK    (SEL_TSS + 8 * 16)
#define SEL_HANDLER (SEL_TSS + 9 * 16)
#define SEL_SMALL   (SEL_TSS + 10 * 16)
#define SEL_CODE    (SEL_TSS + 11 * 16)
#define SEL_STACK   (SEL_TSS + 12 * 16)

#define VEC_TASK      0x42
#define VEC_USER_TASK 0x43

#define FLAG_NT (1u << 14)
#define FLAG_VM (1u << 17)

#define TYPE_FREE 0x89
#define TYPE_BUSY 0x8b

struct task_state {
	uint32_t link, stacks[6], cr3;
	uint32_t ip, flags, ax, cx, dx, bx, sp, bp, si, di;
	uint32_t es, cs, ss, ds, fs, gs, ldt;
	uint16_t trap, iopb;
} packed_struct;
_Static_assert(sizeof(struct task_state) == 0x68, "SDM 7.2.1");

struct small_task_state {
	uint16_t link, stacks[6];
	uint16_t ip, flags, ax, cx, dx, bx, sp, bp, si, di, es, cs, ss, ds, ldt;
} packed_struct;
_Static_assert(sizeof(struct small_task_state) == 0x2c, "SDM 7.6");

#define TEXT_OF(x) #x
#define STRING(x)  TEXT_OF(x)

extern uint8_t gdt[];
extern char task_plain[], task_with_error[], task_jumping[], task_small[], task_small_end[];

static struct task_state task, handler;
static struct small_task_state small;
static uint8_t task_stack[4096] __attribute__((aligned(16)));
static uint8_t handler_stack[4096] __attribute__((aligned(16)));

/* What POPA takes, and above it what the task began with. */
struct pushed {
	uint32_t di, si, bp, sp, bx, dx, cx, ax;
};

static struct seen {
	unsigned runs;
	uint16_t tr;
	uint32_t flags, cr0, cr3, error;
	uint8_t own_type, old_type;
	struct pushed regs;
} seen;

/* What the running task does once, besides noting. */
static void (*task_work)(void);

static struct task_state *main_task(void)
{
	return (struct task_state *)&cpus[0].tss;
}

static uint8_t *descriptor_type(uint16_t selector)
{
	return &gdt[selector + 5];
}

void task_note(struct pushed *regs, uint32_t error);
void task_note(struct pushed *regs, uint32_t error)
{
	seen.runs++;
	seen.tr = task_register();
	seen.flags = flags_read();
	seen.cr0 = cr0_read();
	seen.cr3 = cr3_read();
	seen.error = error;
	seen.own_type = *descriptor_type(seen.tr);
	seen.old_type = *descriptor_type(SEL_TSS);
	seen.regs = *regs;
	if (task_work)
		task_work();
}

/* After IRET the next call goes on behind it. */
__asm__(".text\n"
        "task_plain:\n\t"
        "pusha\n\t"
        "mov %esp, %eax\n\t"
        "push $0\n\t"
        "push %eax\n\t"
        "call task_note\n\t"
        "add $8, %esp\n\t"
        "popa\n\t"
        "iret\n\t"
        "jmp task_plain\n"
        "task_with_error:\n\t"
        "pusha\n\t"
        "mov %esp, %eax\n\t"
        "pushl 32(%esp)\n\t"
        "push %eax\n\t"
        "call task_note\n\t"
        "add $8, %esp\n\t"
        "popa\n\t"
        "add $4, %esp\n\t"
        "iret\n\t"
        "jmp task_with_error\n"
        "task_jumping:\n\t"
        "pusha\n\t"
        "mov %esp, %eax\n\t"
        "push $0\n\t"
        "push %eax\n\t"
        "call task_note\n\t"
        "add $8, %esp\n\t"
        "popa\n\t"
        "ljmp $" STRING(SEL_TSS) ", $0\n\t"
                                 "jmp task_jumping\n"
                                 ".code16\n"
                                 "task_small:\n\t"
                                 "push %ax\n\t"
                                 "inc %ax\n\t"
                                 "iret\n\t"
                                 "pop %ax\n\t"
                                 "inc %ax\n\t"
                                 "iret\n"
                                 "task_small_end:\n"
                                 ".code32\n");

static struct idt_gate *gate_of(uint8_t vector)
{
	struct {
		uint16_t limit;
		ulong_t base;
	} packed_struct idt;

	__asm__ volatile("sidt %0" : "=m"(idt));
	return (struct idt_gate *)idt.base + vector;
}

static void descriptor_set(uint16_t selector, const void *base, uint32_t limit, uint8_t rights)
{
	uint64_t b = (ulong_t)base;

	*(uint64_t *)(gdt + selector) =
		limit | (b & 0xffffff) << 16 | (uint64_t)rights << 40 | (b >> 24 & 0xff) << 56;
}

static void task_make(struct task_state *t, uint16_t selector, const char *code, uint8_t *stack)
{
	*t = (struct task_state){
		.cr3 = (uint32_t)cr3_read(),
		.ip = (uint32_t)code,
		.flags = 2,
		.ax = 0x11110000,
		.cx = 0x11110001,
		.dx = 0x11110002,
		.bx = 0x11110003,
		.sp = (uint32_t)(stack + 4096),
		.bp = 0x11110005,
		.si = 0x11110006,
		.di = 0x11110007,
		.es = SEL_DATA,
		.cs = SEL_CODE32,
		.ss = SEL_DATA,
		.ds = SEL_DATA,
		.iopb = sizeof(*t),
	};
	descriptor_set(selector, t, sizeof(*t) - 1, TYPE_FREE);
}

static struct idt_gate old_gate;

/* Everything as at first, and the vector (0: none) through a gate to this task. */
static void prepare(uint8_t vector, uint16_t selector, const char *code)
{
	seen = (struct seen){ 0 };
	task_work = NULL;
	task_make(&task, SEL_TASK, code, task_stack);
	task_make(&handler, SEL_HANDLER, task_with_error, handler_stack);
	main_task()->cr3 = (uint32_t)cr3_read();
	old_gate = *gate_of(vector);
	if (vector)
		gate_set(gate_of(vector), 0, selector, vector == VEC_USER_TASK ? 0xe500 : 0x8500);
}

static void finish(uint8_t vector)
{
	if (vector)
		*gate_of(vector) = old_gate;
	*descriptor_type(SEL_TSS) = TYPE_BUSY;
	cr0_write(cr0_read() & ~(ulong_t)CR0_TS);
	CHECK_EQ(task_register(), SEL_TSS);
	CHECK(!(flags_read() & FLAG_NT));
}

static void call_task(void *unused)
{
	__asm__ volatile("lcall %0, $0" : : "i"(SEL_TASK) : "memory", "cc");
}

static void jump_to_task(void *unused)
{
	__asm__ volatile("ljmp %0, $0" : : "i"(SEL_TASK) : "memory", "cc");
}

static void check_registers(const struct pushed *r)
{
	CHECK_EQ(r->ax, 0x11110000);
	CHECK_EQ(r->cx, 0x11110001);
	CHECK_EQ(r->dx, 0x11110002);
	CHECK_EQ(r->bx, 0x11110003);
	CHECK_EQ(r->sp, (uint32_t)(task_stack + sizeof(task_stack)));
	CHECK_EQ(r->bp, 0x11110005);
	CHECK_EQ(r->si, 0x11110006);
	CHECK_EQ(r->di, 0x11110007);
}

static void call_and_return(void)
{
	uint32_t cr3 = (uint32_t)cr3_read();

	prepare(0, 0, task_plain);
	call_task(NULL);
	CHECK_EQ(seen.runs, 1);
	CHECK_EQ(seen.tr, SEL_TASK);
	check_registers(&seen.regs);
	CHECK_EQ(task.link, SEL_TSS);
	CHECK(seen.flags & FLAG_NT);
	CHECK(seen.cr0 & CR0_TS);
	CHECK_EQ(seen.own_type, TYPE_BUSY);
	CHECK_EQ(seen.old_type, TYPE_BUSY);
	CHECK_EQ(*descriptor_type(SEL_TASK), TYPE_FREE);
	CHECK_EQ(*descriptor_type(SEL_TSS), TYPE_BUSY);
	CHECK_EQ(cr3_read(), cr3);
	/* It goes on behind its IRET, with the registers that it had. */
	CHECK(!(task.flags & FLAG_NT));
	call_task(NULL);
	CHECK_EQ(seen.runs, 2);
	check_registers(&seen.regs);
	finish(0);
}

static void jump_and_jump_back(void)
{
	prepare(0, 0, task_jumping);
	task.link = 0x77;
	jump_to_task(NULL);
	CHECK_EQ(seen.runs, 1);
	CHECK_EQ(seen.tr, SEL_TASK);
	CHECK_EQ(task.link, 0x77);
	CHECK(!(seen.flags & FLAG_NT));
	CHECK_EQ(seen.own_type, TYPE_BUSY);
	CHECK_EQ(seen.old_type, TYPE_FREE);
	CHECK_EQ(*descriptor_type(SEL_TASK), TYPE_FREE);
	CHECK_EQ(*descriptor_type(SEL_TSS), TYPE_BUSY);
	finish(0);
}

/* Many of them, with exits in between. */
static void many(void)
{
	prepare(0, 0, task_plain);
	for (unsigned i = 0; i < 1000; i++) {
		call_task(NULL);
		if (i % 16 == 0)
			(void)cpuid(0, 0);
	}
	CHECK_EQ(seen.runs, 1000);
	finish(0);
}

ASM_FUNCTION(interrupt, "int $" STRING(VEC_TASK))
ASM_FUNCTION(user_interrupt, "int $" STRING(VEC_USER_TASK))

static void interrupt_gate(void)
{
	prepare(VEC_TASK, SEL_TASK, task_plain);
	CHECK_NO_TRAP(interrupt, NULL);
	CHECK_EQ(seen.runs, 1);
	CHECK_EQ(seen.tr, SEL_TASK);
	CHECK_EQ(main_task()->cs, SEL_CODE32);
	CHECK_NO_TRAP(interrupt, NULL);
	CHECK_EQ(seen.runs, 2);
	finish(VEC_TASK);
}

/* From CPL 3 and back. */
static void user_gate(void)
{
	prepare(VEC_USER_TASK, SEL_TASK, task_plain);
	CHECK_EQ(exception_of_user(user_interrupt, NULL).vector, NO_EXCEPTION);
	CHECK_EQ(seen.runs, 1);
	CHECK_EQ(main_task()->cs, SEL_UCODE32);
	CHECK_EQ(main_task()->ss, SEL_UDATA);
	/* Not by a gate of DPL 0. */
	gate_set(gate_of(VEC_USER_TASK), 0, SEL_TASK, 0x8500);
	CHECK_EQ(exception_of_user(user_interrupt, NULL).vector, VEC_GP);
	CHECK_EQ(seen.runs, 1);
	finish(VEC_USER_TASK);
}

static uint32_t resume;

static void resume_main(void)
{
	main_task()->ip = resume;
}

/* The place of the fault, as the handler finds it in the task that it ends. */
static uint32_t load_bad_selector(void)
{
	uint32_t fault;

	__asm__ volatile("movl $1f, %0\n\t"
	                 "movl $2f, %1\n\t"
	                 "mov $0x1008, %%eax\n"
	                 "1:\tmov %%eax, %%fs\n"
	                 "2:"
	                 : "=r"(fault), "=m"(resume)
	                 :
	                 : "eax", "memory", "cc");
	return fault;
}

static void exception_gate(void)
{
	uint32_t fault;

	prepare(VEC_GP, SEL_HANDLER, task_plain);
	task_work = resume_main;
	handler.gs = SEL_DATA;
	fault = load_bad_selector();
	CHECK_EQ(seen.runs, 1);
	CHECK_EQ(seen.tr, SEL_HANDLER);
	CHECK_EQ(seen.error, 0x1008);
	CHECK_EQ(main_task()->ax, 0x1008);
	CHECK(fault + 1 < resume);
	finish(VEC_GP);
}

/* #GP's own gate is not there: its delivery faults, too. */
static void double_fault_gate(void)
{
	struct idt_gate gp = *gate_of(VEC_GP);

	prepare(VEC_DF, SEL_HANDLER, task_plain);
	task_work = resume_main;
	gate_set(gate_of(VEC_GP), 0, 0, 0);
	(void)load_bad_selector();
	*gate_of(VEC_GP) = gp;
	CHECK_EQ(seen.runs, 1);
	CHECK_EQ(seen.tr, SEL_HANDLER);
	CHECK_EQ(seen.error, 0);
	CHECK(seen.flags & FLAG_NT);
	finish(VEC_DF);
}

static void end_of_interrupt(void)
{
	lapic_eoi();
}

static void machine_interrupt_gate(void)
{
	prepare(VEC_TASK, SEL_TASK, task_plain);
	task_work = end_of_interrupt;
	for (unsigned i = 1; i <= 3; i++) {
		lapic_ipi(0, APIC_TO_SELF | VEC_TASK);
		irq_on();
		for (unsigned n = 0; n < 1000 && atomic_load(&seen.runs) < i; n++)
			pause();
		irq_off();
		CHECK_EQ(seen.runs, i);
		CHECK(!lapic_in_service(VEC_TASK));
	}
	finish(VEC_TASK);
}

/* A second one comes, too: IRET has ended their blocking. */
static void nmi_gate(void)
{
	prepare(VEC_NMI, SEL_TASK, task_plain);
	for (unsigned i = 1; i <= 3; i++) {
		lapic_ipi(lapic_id(), APIC_NMI);
		for (unsigned n = 0; n < 1000 && atomic_load(&seen.runs) < i; n++)
			pause();
		CHECK_EQ(seen.runs, i);
	}
	finish(VEC_NMI);
}

ASM_FUNCTION(call_oneself, "lcall $" STRING(SEL_TSS) ", $0")
ASM_FUNCTION(nested_iret, "pushf; orl $0x4000, (%%esp); popf; iret")

/* What is no task: the faults are the caller's. */
static void bad_tasks(void)
{
	struct exception e;

	prepare(0, 0, task_plain);
	e = exception_of(call_oneself, NULL); /* busy */
	CHECK_EQ(e.vector, VEC_GP);
	CHECK_EQ(e.error, SEL_TSS);
	*descriptor_type(SEL_TASK) = 0x09;
	e = exception_of(call_task, NULL);
	CHECK_EQ(e.vector, VEC_NP);
	CHECK_EQ(e.error, SEL_TASK);
	descriptor_set(SEL_TASK, &task, 0x66, TYPE_FREE);
	e = exception_of(call_task, NULL);
	CHECK_EQ(e.vector, VEC_TS);
	CHECK_EQ(e.error, SEL_TASK);
	/* IRET wants a busy one. */
	descriptor_set(SEL_TASK, &task, sizeof(task) - 1, TYPE_FREE);
	main_task()->link = SEL_TASK;
	e = exception_of(nested_iret, NULL);
	CHECK_EQ(e.vector, VEC_TS);
	CHECK_EQ(e.error, SEL_TASK);
	CHECK_EQ(seen.runs, 0);
	flags_write(flags_read() & ~(ulong_t)FLAG_NT);
	finish(0);
}

static uint32_t broken_ip;

static void mend_task(void)
{
	broken_ip = task.ip;
	task.ss = SEL_DATA;
	task_work = NULL;
}

/* The new task's stack is not present: a fault in its context, whose handler mends it. */
static void fault_in_the_new_task(void)
{
	prepare(VEC_SS, SEL_HANDLER, task_plain);
	task_work = mend_task;
	task.ss = SEL_ABSENT;
	call_task(NULL);
	CHECK_EQ(handler.link, SEL_TASK);
	CHECK_EQ(broken_ip, (uint32_t)task_plain);
	CHECK_EQ(seen.runs, 2);
	CHECK_EQ(seen.tr, SEL_TASK);
	finish(VEC_SS);
}

/* With another CR3, which is the same memory. */
static void address_space(void)
{
	uint64_t *root;
	uint32_t cr3 = (uint32_t)cr3_read();

	prepare(0, 0, task_plain);
	if (!env_paging)
		return;
	root = page_alloc();
	memcpy(root, (void *)cr3, 32);
	task.cr3 = (uint32_t)root;
	call_task(NULL);
	CHECK_EQ(seen.cr3, (uint32_t)root);
	CHECK_EQ(cr3_read(), cr3);
	finish(0);
}

static void call_small_task(void)
{
	__asm__ volatile("lcall %0, $0" : : "i"(SEL_SMALL) : "memory", "cc");
}

/* A task-state segment of the 80286. */
static void small_task(void)
{
	prepare(0, 0, task_plain);
	descriptor_set(SEL_CODE, task_small, (uint32_t)(task_small_end - task_small) - 1, 0x9a);
	descriptor_set(SEL_STACK, task_stack, sizeof(task_stack) - 1, 0x92);
	small = (struct small_task_state){
		.flags = 2,
		.ax = 0x1233,
		.sp = sizeof(task_stack),
		.cs = SEL_CODE,
		.ss = SEL_STACK,
		.ds = SEL_DATA,
	};
	descriptor_set(SEL_SMALL, &small, sizeof(small) - 1, 0x81);
	call_small_task();
	CHECK_EQ(*(uint16_t *)(task_stack + sizeof(task_stack) - 2), 0x1233);
	CHECK_EQ(small.ax, 0x1234);
	CHECK_EQ(small.sp, sizeof(task_stack) - 2);
	CHECK_EQ(small.link, SEL_TSS);
	CHECK_EQ(*descriptor_type(SEL_SMALL), 0x81);
	call_small_task();
	CHECK_EQ(small.ax, 0x1234);
	CHECK_EQ(small.sp, sizeof(task_stack));
	finish(0);
}

static struct task_state left;

/* The interrupted task is not to go on: the way back leads to the one that called it. */
static void leave_v86(void)
{
	left = task;
	handler.link = SEL_TSS;
}

/* Virtual-8086 mode: HLT is not allowed there. */
static void virtual_8086(void)
{
	uint8_t *code = (uint8_t *)TRAMPOLINE, old = *code;

	prepare(VEC_GP, SEL_HANDLER, task_plain);
	task_work = leave_v86;
	task.flags = FLAG_VM | 2;
	task.cs = TRAMPOLINE >> 4;
	task.ip = 0;
	task.ss = task.es = task.ds = task.fs = task.gs = 0x1000;
	task.sp = 0x100;
	*code = 0xf4;
	call_task(NULL);
	*code = old;
	CHECK_EQ(seen.runs, 1);
	CHECK_EQ(seen.tr, SEL_HANDLER);
	CHECK_EQ(left.cs, TRAMPOLINE >> 4);
	CHECK_EQ(left.ip, 0);
	CHECK_EQ(left.gs, 0x1000);
	CHECK(left.flags & FLAG_VM);
	CHECK_EQ(left.link, SEL_TSS);
	finish(VEC_GP);
}

GUEST_TESTS(TEST(call_and_return), TEST(jump_and_jump_back), TEST(many), TEST(interrupt_gate),
            TEST(user_gate), TEST(exception_gate), TEST(double_fault_gate),
            TEST(machine_interrupt_gate), TEST(nmi_gate), TEST(bad_tasks),
            TEST(fault_in_the_new_task), TEST(address_space), TEST(small_task), TEST(virtual_8086));
