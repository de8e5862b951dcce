/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A hardware task switch in progress: between exit_task.c and task_segments.c only. */
#ifndef CORE_TASK_SWITCH_H
#define CORE_TASK_SWITCH_H

#include "descriptor.h"
#include "vcpu.h"

/* How it came about: vcpu_exit.task.reason, the CPU's own numbers (SDM table 27-2). */
enum task_reason { TASK_CALL, TASK_IRET, TASK_JUMP, TASK_GATE };

struct task_switch {
	struct vcpu *v;
	enum task_reason reason;
	uint16_t
		external; /* bit 0 of error codes: the event that came by the gate was not the program's */
	struct segment gdt, from_tss, to_tss;
	const struct tss_form *from, *to;
	uint32_t word[TSS_WORDS]; /* of the new task */
	uint32_t cr3;
	bool traps;
	struct event fault; /* EVENT_NONE: what should have been read or written is no RAM */
};

/* Sets fault: an exception with this selector for its error code. False, always. */
static inline bool task_fails(struct task_switch *t, uint8_t vector, uint16_t selector)
{
	t->fault = event_exception_code(vector, (selector & ~3u) | t->external);
	return false;
}

/*
 * The descriptor of a selector in a table (GDT or LDT), and where it is. False: fault is set; a selector beyond the limit is one for this vector.
 */
bool must_check task_descriptor(struct task_switch *t, const struct segment *table,
                                uint16_t selector, uint8_t vector, uint64_t *at,
                                struct segment *out);
/* Bits of a descriptor's byte of rights become 1, and others 0. */
bool must_check task_descriptor_mark(struct task_switch *t, uint64_t at, const struct segment *s,
                                     uint8_t set, uint8_t clear);

/*
 * LDTR and the segments of the new task, whose CR3 and flags are loaded already. False: a fault in the new task's context, which has all selectors then.
 */
bool must_check task_segments_load(struct task_switch *t);

#endif
