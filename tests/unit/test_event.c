/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen/x86/event.c: every pair of SDM table 6-5. */
#include "unit.h"
#include "event.h"

/* B: benign, C: contributory, P: page fault, D: double fault; by vector 0-31. */
static const char classes[33] = "CBBBBBBBDBCCCCPBBBBBPCBBBBBBBBBB";

static char expected(char first, char second)
{
	if (first == 'C' && second == 'C')
		return 'D';
	if (first == 'P' && (second == 'C' || second == 'P'))
		return 'D';
	if (first == 'D' && (second == 'C' || second == 'P'))
		return 'T';
	return 'S';
}

static void table(void)
{
	for (unsigned a = 0; a < 32; a++) {
		for (unsigned b = 0; b < 32; b++) {
			struct event first = event_exception_code(a, 1),
				     second = event_exception_code(b, 2), out;
			bool triple = true;
			char want = expected(classes[a], classes[b]);

			second.cr2 = 0x1234;
			out = event_combine(&first, &second, &triple);
			CHECK_EQ(triple, want == 'T');
			if (want == 'T') {
				CHECK_EQ(out.type, EVENT_NONE);
			} else if (want == 'D') {
				CHECK_EQ(out.vector, X86_DF);
				CHECK_EQ(out.type, EVENT_EXCEPTION);
				CHECK(out.has_error);
				CHECK_EQ(out.error_code, 0);
			} else {
				CHECK_EQ(out.vector, b);
				CHECK_EQ(out.error_code, 2);
				CHECK_EQ(out.cr2, 0x1234);
			}
		}
	}
}

/* A fault while an interrupt, an NMI or INT n is delivered is simply delivered, whatever the vectors. */
static void first_is_no_exception(void)
{
	static const enum event_type types[] = { EVENT_NONE, EVENT_INTERRUPT, EVENT_NMI,
		                                 EVENT_SOFT_INTERRUPT, EVENT_SOFT_EXCEPTION };

	for (unsigned i = 0; i < ARRAY_LEN(types); i++) {
		struct event first = { .type = types[i], .vector = X86_GP };
		struct event second = event_page_fault(PFEC_WRITE, 0x5000), out;
		bool triple;

		out = event_combine(&first, &second, &triple);
		CHECK(!triple);
		CHECK_EQ(out.vector, X86_PF);
		CHECK_EQ(out.cr2, 0x5000);
		CHECK_EQ(out.error_code, PFEC_WRITE);
	}
}

UNIT_MAIN(UNIT(table), UNIT(first_is_no_exception))
