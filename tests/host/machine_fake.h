/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fake iron for host tests and fuzzers: it answers core/machine.h. RAM is an arena, CPUs are a number that the test sets (for each thread),
 * time stands still until the test moves it, and what the core asks of the machine is recorded.
 */
#ifndef TESTS_MACHINE_FAKE_H
#define TESTS_MACHINE_FAKE_H

#include <setjmp.h>

#include "machine.h"
#include "percpu.h"

#define FAKE_RAM_DEFAULT MIB(64)
#define FAKE_TSC_KHZ     2000000u
#define FAKE_FPU_SIZE    832

/*
 * A new machine: RAM of that size (0: the default), all zero, nr_cpus CPUs with zeroed percpu areas, this thread on CPU 0, time 0, nothing
 * recorded. May be called again: everything before is gone.
 */
void fake_machine_init(uint64_t ram_bytes, unsigned nr_cpus);
/* The same, but RAM of the same size keeps its bytes, as when a computer is reset: cheap enough to be done for each input of a fuzzer. */
void fake_machine_restart(uint64_t ram_bytes, unsigned nr_cpus);
uint64_t fake_ram_bytes(void);
/* The same, and the page allocator over that RAM (frame 0 is never given out). Pulls page_alloc.c in. */
void fake_memory_init(uint64_t ram_bytes, unsigned nr_cpus);
/* The same, and what start-up does for the core: timer queues and run queues of each CPU, the domain table. Pulls the core in. */
void fake_core_init(uint64_t ram_bytes, unsigned nr_cpus);
void fake_memory_restart(uint64_t ram_bytes, unsigned nr_cpus);
void fake_core_restart(uint64_t ram_bytes, unsigned nr_cpus);

/* The CPU that the calling thread plays. */
void fake_set_cpu(unsigned cpu);

/* Moves time (never back) and raises PENDING_TIMER on the CPUs whose timer is due. */
void fake_set_now(uint64_t ns);
void fake_advance(uint64_t ns);
/* Above 0: each look at the time takes so long, so that long operations have to give way. */
extern uint64_t fake_tick_ns;
/* What machine_arm_timer() was last told on that CPU; UINT64_MAX: none, or it has fired. */
uint64_t fake_timer_at(unsigned cpu);

/* Recorded since fake_machine_init(). */
struct fake_counts {
	unsigned kicks[MAX_CPUS], notified[MAX_CPUS];
	unsigned interrupts, last_interrupt; /* machine_take_interrupt() */
	unsigned idles, irq_windows, fpu_saves, fpu_loads, commands;
};
extern struct fake_counts fake_counts;
/* Called by machine_kick_cpu() (for another CPU), machine_idle() and machine_irq_window(), so that a test can play the other side. NULL: none. */
extern void (*fake_on_kick)(unsigned cpu);
extern void (*fake_on_idle)(void);
extern void (*fake_on_irq_window)(void);

/* Everything written to the console since the start or the last clear (the first 64 KiB of it). */
const char *fake_console_text(void);
void fake_console_clear(void);
/* Also copy console output to stderr: for looking into a failing test. */
extern bool fake_console_echo;

/* The registers that machine_fpu_*() move, and XCR0, of a CPU. */
extern uint8_t fake_fpu[MAX_CPUS][FAKE_FPU_SIZE];
extern uint64_t fake_xcr0[MAX_CPUS];

/* Ports: reads give fake_port[] (little endian bytes), writes change it; the last write is kept, with how many there were. */
extern uint8_t fake_port[65536 + 4];
extern struct fake_port_write {
	unsigned count;
	uint16_t port;
	unsigned size;
	uint32_t value;
} fake_port_write;

/* machine_random() is a fixed sequence from this. */
extern uint64_t fake_seed;

/*
 * How the machine ended. FAKE_END_OF(statement) runs it and tells: FAKE_END_NONE when it came to its end, else which of the functions that do
 * not return was called (the rest of the statement is not run). Outside of it such a call aborts the program.
 */
enum fake_end { FAKE_END_NONE, FAKE_END_BUG, FAKE_END_PANIC, FAKE_END_POWER_OFF, FAKE_END_REBOOT };
extern jmp_buf fake_end_jump;
extern bool fake_end_armed;
/* The text of the last bug(). */
extern char fake_bug_text[256];
#define FAKE_END_OF(statement)                                             \
	({                                                                 \
		fake_end_armed = true;                                     \
		enum fake_end end_ = (enum fake_end)setjmp(fake_end_jump); \
		if (end_ == FAKE_END_NONE) {                               \
			statement;                                         \
		}                                                          \
		fake_end_armed = false;                                    \
		end_;                                                      \
	})

#endif
