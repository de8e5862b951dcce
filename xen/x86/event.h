/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events on their way into a guest: exceptions, interrupts, NMIs, and how two of them combine. */
#ifndef X86_EVENT_H
#define X86_EVENT_H

#include "registers.h"

enum event_type {
	EVENT_NONE,
	EVENT_INTERRUPT,
	EVENT_NMI,
	EVENT_EXCEPTION,
	EVENT_SOFT_INTERRUPT,
	EVENT_SOFT_EXCEPTION
};

struct event {
	enum event_type type;
	uint8_t vector;
	uint8_t insn_len; /* of INT n, INT3, INTO; 0: none */
	bool has_error;
	uint32_t error_code;
	uint64_t cr2; /* for #PF: given to the guest's CR2 on delivery */
};

static inline struct event event_exception(uint8_t vector)
{
	return (struct event){ .type = EVENT_EXCEPTION, .vector = vector };
}
static inline struct event event_exception_code(uint8_t vector, uint32_t code)
{
	return (struct event){
		.type = EVENT_EXCEPTION, .vector = vector, .has_error = true, .error_code = code
	};
}
static inline struct event event_page_fault(uint32_t code, uint64_t cr2)
{
	return (struct event){ .type = EVENT_EXCEPTION,
		               .vector = X86_PF,
		               .has_error = true,
		               .error_code = code,
		               .cr2 = cr2 };
}

/*
 * A second exception while the first is being delivered (SDM 6.15, table 6-5): what the CPU would deliver: the second,
 * #DF, or EVENT_NONE with *triple_fault set.
 */
struct event event_combine(const struct event *first, const struct event *second,
                           bool *triple_fault);

#endif
