/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exceptions and interrupts of the machine: the IDT and who gets what. */
#ifndef MACHINE_TRAPS_H
#define MACHINE_TRAPS_H

#include "devmodel_abi.h"
#include "machine.h"

/* What traps.S leaves on the stack, lowest address first. */
struct trap_frame {
	uint64_t r15, r14, r13, r12, r11, r10, r9, r8, rbp, rdi, rsi, rdx, rcx, rbx, rax;
	uint64_t vector, error_code;
	uint64_t rip, cs, rflags, rsp, ss;
};

/* Interrupt vectors by purpose. Device vectors lie between. */
enum irq_vector {
	VECTOR_FIRST_DEVICE = 0x30,
	VECTOR_LAST_DEVICE = 0xef,
	VECTOR_TIMER = 0xf0,
	VECTOR_KICK = 0xf1,
	VECTOR_NOTIFY = MACHINE_NOTIFY_VECTOR,
	VECTOR_USER_CALL =
		DEVMODEL_CALL_VECTOR, /* ring 3 asks for something; no interrupt has it */
	VECTOR_APIC_ERROR = 0xfe,
	VECTOR_SPURIOUS = 0xff,
};

/* fn runs in the interrupt with interrupts off; it may raise pending work and must not take locks that others hold with work to do. EOI comes after it. */
typedef void (*irq_handler)(uint8_t vector);
/* A vector has one handler; bug() when it is taken. Vectors of the PICs (0x20-0x2f) and without handler are counted and dropped. */
void trap_set_irq(uint8_t vector, irq_handler fn);

/* Builds the IDT (once) and loads it. */
void traps_init(void);
void traps_load(void);

/* From traps.S. */
void trap_dispatch(struct trap_frame *f);

/* MSRs that may be missing: false after a #GP (value is then 0). */
bool must_check msr_read_safe(uint32_t index, uint64_t *value);
bool must_check msr_write_safe(uint32_t index, uint64_t value);

#endif
