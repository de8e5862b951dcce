/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events and exits as both kinds of CPU spell them (APM 15.20, SDM 24.8.3 and 24.9.2). Only xen/virt includes it. */
#ifndef VIRT_VIRT_EVENT_H
#define VIRT_VIRT_EVENT_H

#include "atomic.h"
#include "percpu.h"
#include "vcpu.h"

#define EVINFO_VECTOR      0xffu
#define EVINFO_TYPE(info)  ((info) >> 8 & 7)
#define EVINFO_INTERRUPT   0u
#define EVINFO_NMI         2u
#define EVINFO_EXCEPTION   3u
#define EVINFO_SOFT        4u /* INT n */
#define EVINFO_PRIVILEGED  5u /* VT-x: INT1 */
#define EVINFO_SOFT_EXC    6u /* VT-x: INT3, INTO */
#define EVINFO_ERROR_VALID (1u << 11)
#define EVINFO_NMI_UNBLOCKED \
	(1u << 12) /* VT-x, exits: IRET had ended the blocking of NMIs before it faulted */
#define EVINFO_VALID (1u << 31)

/* Exceptions that push an error code. */
#define EXCEPTIONS_WITH_ERROR                                                                      \
	(1u << X86_DF | 1u << X86_TS | 1u << X86_NP | 1u << X86_SS | 1u << X86_GP | 1u << X86_PF | \
	 1u << X86_AC)

static inline bool event_is_soft(const struct event *e)
{
	return e->type == EVENT_SOFT_INTERRUPT || e->type == EVENT_SOFT_EXCEPTION;
}

/* What the guest has not got, to be injected again; cr2 is the guest's now, which a page fault has set already. */
static inline struct event event_of_info(uint32_t info, uint32_t error_code, uint64_t cr2)
{
	unsigned type = EVINFO_TYPE(info);
	struct event e = {
		.type = type == EVINFO_NMI         ? EVENT_NMI
		        : type == EVINFO_EXCEPTION ? EVENT_EXCEPTION
		                                   : EVENT_INTERRUPT,
		.vector = info & EVINFO_VECTOR,
		.has_error = info & EVINFO_ERROR_VALID,
		.error_code = info & EVINFO_ERROR_VALID ? error_code : 0,
	};

	if (e.type == EVENT_EXCEPTION && e.vector == X86_PF)
		e.cr2 = cr2;
	return e;
}

/* Rules of an event to inject; types: bits of those that the CPU has. NULL: all hold, or there is none. */
static inline const char *event_info_check(uint32_t info, unsigned types)
{
	unsigned vector = info & EVINFO_VECTOR, type = EVINFO_TYPE(info);

	if (!(info & EVINFO_VALID))
		return NULL;
	if (!(types >> type & 1) || (info & 0x7ffff000))
		return "the event to inject has a reserved type or bit (APM 15.20, SDM 26.2.1.3)";
	if ((type == EVINFO_EXCEPTION && (vector == X86_NMI || vector > 31)) ||
	    (type == EVINFO_NMI && vector != X86_NMI))
		return "the event to inject has a vector that its type does not have (APM 15.20, SDM 26.2.1.3)";
	return NULL;
}

/* In struct vcpu_exit: "look at the instruction". */
#define GPR_DECODE     0xff
#define SEGMENT_DECODE 0xff

/* Rows of a backend's table of exits. CAUSE_INSN: an instruction was stopped before it ran, so its length may be known; CAUSE_NONE: nothing that we ask for. */
enum exit_cause { CAUSE_NONE, CAUSE_EVENT, CAUSE_INSN };
#define ROW_EVENT(k, d)                                          \
	{                                                        \
		.cause = CAUSE_EVENT, .kind = (k), .decode = (d) \
	}
#define ROW_INSN(k, d)                                          \
	{                                                       \
		.cause = CAUSE_INSN, .kind = (k), .decode = (d) \
	}

/* Work waits for this CPU: the guest is not entered after all. */
static inline void exit_refuse_entry(struct vcpu *v, struct percpu *pc)
{
	store_release(&pc->in_guest, false);
	v->exit.kind = EXIT_HOST_EVENT;
	v->exit.insn_len = 0;
}

#endif
