/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Protected mode's tables and traps. Everything runs in ring 0 with flat segments unless a test says otherwise.
 */
#pragma once
#include "pc.h"

/* What an interrupt's entry leaves on the stack (modes.S). The last six only from another ring or from V86 mode. */
struct frame {
	uint32_t es, ds;
	uint32_t edi, esi, ebp, esp_unused, ebx, edx, ecx, eax;
	uint32_t vector, error, eip, cs, eflags;
	uint32_t esp, ss, v86_es, v86_ds, v86_fs, v86_gs;
};

/* Sets all gates to ring 0's stubs and forgets what tests had. */
void protected_start(void);
/* A vector's handler; NULL: a trap ends guarded() and is noted. */
void set_handler(uint8_t vector, void (*handler)(struct frame *frame));
/* A gate that code of that ring may call by INT. */
void set_gate_ring(uint8_t vector, unsigned ring);
/* A task gate. */
void set_task_gate(uint8_t vector, uint16_t selector);

/* The last trap that ended guarded(): its vector, error code and CR2. */
struct trapped {
	uint32_t vector, error, address, eip, cs;
};
extern struct trapped trapped;
#define NO_TRAP 0xffffffffu

/* The function's value, or a trap in `trapped`, whose vector is NO_TRAP when there was none. */
uint32_t run_guarded(uint32_t (*function)(uint32_t argument), uint32_t argument);
/* A check that it traps so. */
void must_trap(const char *name, uint32_t (*function)(uint32_t argument), uint32_t argument,
               uint32_t vector, uint32_t error);
void must_work(const char *name, uint32_t (*function)(uint32_t argument), uint32_t argument,
               uint32_t value);

/* ---- descriptors ---- */

extern uint64_t gdt[];

/* ACCESS: the byte with type, ring and present; FLAGS: G, D, L, AVL in the low four bits. */
void set_descriptor(uint64_t *table, uint16_t selector, uint32_t base, uint32_t limit,
                    uint8_t access, uint8_t flags);

/* ---- task state segments ---- */

struct tss {
	uint32_t back, esp0, ss0, esp1, ss1, esp2, ss2;
	uint32_t cr3, eip, eflags, eax, ecx, edx, ebx, esp, ebp, esi, edi;
	uint32_t es, cs, ss, ds, fs, gs, ldt;
	uint16_t trap, map_at;
};
#define TSS_LIMIT (sizeof(struct tss) - 1)

/* Loads TR with the main task, whose stack for ring 0 is its own. MAP: a map of 8 KiB of ports behind it allows what its bits leave clear. */
#define MAIN_TASK FIRST_FREE
struct main_task {
	struct tss tss;
	uint8_t redirection[32];
	uint8_t ports[128 + 1]; /* the first 1024; the rest is beyond the limit, so forbidden */
};
extern struct main_task main_task;
void load_main_task(void);

void to_ring_3(void (*function)(void));
void from_ring_3(void);
