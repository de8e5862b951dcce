/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A set of numbers (ports, frames, interrupts) as ranges in order: who may use what of the machine. */
#ifndef LIB_RANGESET_H
#define LIB_RANGESET_H

#include "types.h"

struct range {
	uint64_t first, last; /* both inside; first <= last */
};

/* All zeroes is the empty set. Ranges are sorted and do not touch. The owner says what protects it. */
struct rangeset {
	struct range *range; /* on the heap */
	uint32_t nr, room;
};

/* At most so many ranges in one set: a limit for what a tool can make us hold. */
#define RANGESET_MAX 4096

void rangeset_destroy(struct rangeset *s);
/* first <= last, else -EINVAL. -ENOMEM, -E2BIG: nothing changed. */
int must_check rangeset_add(struct rangeset *s, uint64_t first, uint64_t last);
int must_check rangeset_remove(struct rangeset *s, uint64_t first, uint64_t last);
bool rangeset_has(const struct rangeset *s, uint64_t n);
bool rangeset_has_all(const struct rangeset *s, uint64_t first, uint64_t last);
/* One of [first, last] is in the set. */
bool rangeset_has_any(const struct rangeset *s, uint64_t first, uint64_t last);

#endif
