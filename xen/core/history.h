/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The last exits of a vcpu, for people who ask why its guest ended. Written at each exit, so it costs a few instructions and no lock. */
#ifndef CORE_HISTORY_H
#define CORE_HISTORY_H

#include "domain_history.h"
#include "exit.h"

#define HISTORY_OF_RAISED \
	NR_EXIT_KINDS /* stands for a kind of exit: an exception that we gave the guest */

/* All by the CPU that runs the vcpu; others read while it is paused. */
struct exit_history {
	struct exit_past {
		uint64_t rip, rax;
		uint64_t words[2]; /* the first ones of the exit's own member */
		uint32_t count;
		uint32_t kind; /* enum exit_kind, HISTORY_OF_RAISED */
	} past[HISTORY_RECORDS];
	struct exit_past *newest; /* the place of the next follows it, the first the last */
};

static inline void history_init(struct exit_history *h)
{
	h->newest = h->past;
}

static inline struct exit_past *history_next(struct exit_history *h, struct exit_past *p)
{
	return p == &h->past[HISTORY_RECORDS - 1] ? h->past : p + 1;
}

/* What repeats at one place is counted: a loop that waits for a device does not wash away what came before it. */
static inline void history_note(struct exit_history *h, uint32_t kind, uint64_t rip, uint64_t rax,
                                uint64_t word_0, uint64_t word_1)
{
	struct exit_past *p = h->newest;

	if (p->kind != kind || p->rip != rip) {
		p = h->newest = history_next(h, p);
		p->kind = kind;
		p->rip = rip;
		p->count = 0;
	}
	p->count++;
	p->rax = rax;
	p->words[0] = word_0;
	p->words[1] = word_1;
}

#endif
