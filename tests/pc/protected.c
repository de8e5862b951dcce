/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Protected mode's tables, and traps that tests wait for.
 */
#include "protected.h"

struct gate {
	uint16_t low, selector;
	uint8_t zero, access;
	uint16_t high;
};

extern const uint8_t protected_stubs[PROTECTED_STUBS][16];
extern const uint8_t guarded_end[];
extern uint32_t guarded_esp;
uint32_t guarded(uint32_t (*function)(uint32_t), uint32_t argument);

struct gate idt[PROTECTED_STUBS];
struct trapped trapped;
struct main_task main_task;
static void (*handlers[PROTECTED_STUBS])(struct frame *);

void protected_start(void)
{
	for (unsigned i = 0; i < PROTECTED_STUBS; i++) {
		uint32_t to = (uint32_t)protected_stubs[i];

		idt[i] = (struct gate){ (uint16_t)to, CODE32, 0, 0x8e, to >> 16 };
		handlers[i] = NULL;
	}
	memory_fill(&gdt[FIRST_FREE / 8], 0, 16 * 8);
	trapped.vector = NO_TRAP;
}

void set_handler(uint8_t vector, void (*handler)(struct frame *))
{
	handlers[vector] = handler;
}

void set_gate_ring(uint8_t vector, unsigned ring)
{
	idt[vector].access = 0x8e | ring << 5;
}

void set_task_gate(uint8_t vector, uint16_t selector)
{
	idt[vector] = (struct gate){ 0, selector, 0, 0x85, 0 };
}

/* modes.S comes here. A trap without a handler ends guarded(): the frame leads to its end, on its stack. */
void trap(struct frame *frame);
void trap(struct frame *frame)
{
	if (handlers[frame->vector] != NULL) {
		handlers[frame->vector](frame);
		return;
	}
	trapped = (struct trapped){ frame->vector, frame->error, 0, frame->eip, frame->cs };
	__asm__ volatile("movl %%cr2, %0" : "=r"(trapped.address));
	__asm__ volatile("movl %0, %%esp\n\t"
	                 "movw %w1, %%ds\n\t"
	                 "movw %w1, %%es\n\t"
	                 "movw %w1, %%fs\n\t"
	                 "movw %w1, %%gs\n\t"
	                 "jmp guarded_end"
	                 :
	                 : "r"(guarded_esp), "r"(DATA32));
	__builtin_unreachable();
}

uint32_t run_guarded(uint32_t (*function)(uint32_t), uint32_t argument)
{
	trapped.vector = NO_TRAP;
	return guarded(function, argument);
}

void must_trap(const char *name, uint32_t (*function)(uint32_t), uint32_t argument, uint32_t vector,
               uint32_t error)
{
	run_guarded(function, argument);
	if (trapped.vector != vector)
		equal(name, trapped.vector, vector);
	else
		equal(name, trapped.error, error);
}

void must_work(const char *name, uint32_t (*function)(uint32_t), uint32_t argument, uint32_t value)
{
	uint32_t got = run_guarded(function, argument);

	if (trapped.vector != NO_TRAP)
		equal(name, trapped.vector, NO_TRAP);
	else
		equal(name, got, value);
}

void set_descriptor(uint64_t *table, uint16_t selector, uint32_t base, uint32_t limit,
                    uint8_t access, uint8_t flags)
{
	table[selector / 8] = (limit & 0xffff) | (uint64_t)(base & 0xffffff) << 16 |
	                      (uint64_t)access << 40 | (uint64_t)(limit >> 16 & 15) << 48 |
	                      (uint64_t)flags << 52 | (uint64_t)(base >> 24) << 56;
}

void load_main_task(void)
{
	memory_fill(&main_task, 0, sizeof(main_task));
	main_task.tss.ss0 = DATA32;
	main_task.tss.esp0 = TASK_STACKS + 0x1000;
	main_task.tss.map_at = offsetof(struct main_task, ports);
	memory_fill(main_task.ports, 0xff, sizeof(main_task.ports));
	set_descriptor(gdt, MAIN_TASK, (uint32_t)&main_task, sizeof(main_task) - 1, 0x89, 0);
	__asm__ volatile("ltr %w0" : : "r"(MAIN_TASK));
}
