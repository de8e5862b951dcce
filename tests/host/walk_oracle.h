/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A second page walker, for comparison: slow, written format by format from the manuals' figures. */
#ifndef WALK_ORACLE_H
#define WALK_ORACLE_H

#include "guest_walk.h"

/* A little guest memory: pages at frame 0 on. Frames from writable on cannot be written. */
struct oracle_memory {
	struct walk_memory memory; /* for guest_walk() */
	uint8_t *bytes;
	unsigned pages, writable;
};

void oracle_memory_init(struct oracle_memory *m, uint8_t *bytes, unsigned pages, unsigned writable);

/* What guest_walk() should do. marks: where accessed and dirty bits would be set, and the entries with them. */
struct oracle_answer {
	bool ok;
	uint64_t gpa;
	unsigned page_shift, fault_code;
	bool writable, user;
	unsigned nr_marks;
	struct {
		uint64_t address, value;
		unsigned size;
	} marks[5];
};

void oracle_walk(const struct paging_mode *mode, const struct oracle_memory *m, uint64_t linear,
                 unsigned access, unsigned maxphyaddr, struct oracle_answer *out);

/* True when guest_walk() and the oracle agree, also about what is in memory afterwards. Prints the difference. */
bool oracle_agrees(const struct paging_mode *mode, struct oracle_memory *m, uint64_t linear,
                   unsigned access, unsigned maxphyaddr);

#endif
