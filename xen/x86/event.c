/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How two events combine. */
#include "event.h"

/* SDM table 6-4 */
enum event_class { BENIGN, CONTRIBUTORY, PAGE_FAULT, DOUBLE_FAULT };

static enum event_class event_class(const struct event *e)
{
	static const uint8_t classes[32] = {
		[X86_DE] = CONTRIBUTORY, [X86_TS] = CONTRIBUTORY, [X86_NP] = CONTRIBUTORY,
		[X86_SS] = CONTRIBUTORY, [X86_GP] = CONTRIBUTORY, [X86_CP] = CONTRIBUTORY,
		[X86_PF] = PAGE_FAULT,   [X86_VE] = PAGE_FAULT,   [X86_DF] = DOUBLE_FAULT,
	};

	/* INT n, INT3, INTO, NMI and interrupts are benign whatever their vector. */
	if (e->type != EVENT_EXCEPTION || e->vector >= ARRAY_LEN(classes))
		return BENIGN;
	return classes[e->vector];
}

struct event event_combine(const struct event *first, const struct event *second,
                           bool *triple_fault)
{
	enum event_class a = event_class(first), b = event_class(second);

	*triple_fault = false;
	if (a == BENIGN || b == BENIGN || b == DOUBLE_FAULT)
		return *second;
	if (a == DOUBLE_FAULT) {
		*triple_fault = true;
		return (struct event){ .type = EVENT_NONE };
	}
	if (a == CONTRIBUTORY && b == PAGE_FAULT)
		return *second;
	return event_exception_code(X86_DF, 0);
}
