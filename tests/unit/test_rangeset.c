/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sets of ranges against a table of booleans. */
#include <stdlib.h>
#include <string.h>

#include "machine_fake.h"
#include "rangeset.h"
#include "unit.h"
#include <xen/errno.h>

#define N 64

static bool model[N];

static void check_all(const struct rangeset *s)
{
	for (unsigned i = 0; i < N; i++)
		CHECK_EQ(rangeset_has(s, i), model[i]);
	for (uint32_t i = 0; i < s->nr; i++) {
		CHECK(s->range[i].first <= s->range[i].last);
		CHECK(!i || s->range[i - 1].last + 1 < s->range[i].first);
	}
}

static void check_question(const struct rangeset *s, unsigned first, unsigned last)
{
	bool any = false, all = true;

	for (unsigned i = first; i <= last; i++) {
		any |= model[i];
		all &= model[i];
	}
	CHECK_EQ(rangeset_has_any(s, first, last), any);
	CHECK_EQ(rangeset_has_all(s, first, last), all);
}

static void random_changes(void)
{
	struct rangeset s = { .nr = 0 };

	fake_memory_init(MIB(64), 1);
	srand(1);
	memset(model, 0, sizeof(model));
	for (unsigned i = 0; i < 20000; i++) {
		unsigned first = (unsigned)rand() % N,
			 last = first + (unsigned)rand() % (N - first);
		bool add = rand() % 2;

		last = MIN(last, first + 6);
		CHECK_EQ(add ? rangeset_add(&s, first, last) : rangeset_remove(&s, first, last), 0);
		memset(model + first, add, last - first + 1);
		check_all(&s);
		check_question(&s, first, last);
	}
	rangeset_destroy(&s);
	CHECK_EQ(s.nr, 0);
}

static void borders(void)
{
	struct rangeset s = { .nr = 0 };

	fake_memory_init(MIB(64), 1);
	CHECK(!rangeset_has(&s, 0));
	CHECK_EQ(rangeset_add(&s, 5, 4), -XEN_EINVAL);
	CHECK_EQ(rangeset_remove(&s, 5, 4), -XEN_EINVAL);
	CHECK_EQ(rangeset_add(&s, UINT64_MAX, UINT64_MAX), 0);
	CHECK_EQ(rangeset_add(&s, 0, 0), 0);
	CHECK_EQ(s.nr, 2);
	CHECK_EQ(rangeset_add(&s, 1, UINT64_MAX - 1), 0);
	CHECK_EQ(s.nr, 1);
	CHECK(rangeset_has_all(&s, 0, UINT64_MAX));
	CHECK_EQ(rangeset_remove(&s, 1, UINT64_MAX - 1), 0);
	CHECK_EQ(s.nr, 2);
	CHECK(!rangeset_has_any(&s, 1, UINT64_MAX - 1));
	rangeset_destroy(&s);
}

static void too_many(void)
{
	struct rangeset s = { .nr = 0 };

	fake_memory_init(MIB(64), 1);
	for (uint64_t i = 0; i < RANGESET_MAX; i++)
		CHECK_EQ(rangeset_add(&s, 2 * i, 2 * i), 0);
	CHECK_EQ(rangeset_add(&s, 2 * RANGESET_MAX, 2 * RANGESET_MAX), -XEN_E2BIG);
	CHECK_EQ(s.nr, RANGESET_MAX);
	rangeset_destroy(&s);
}

UNIT_MAIN(UNIT(random_changes), UNIT(borders), UNIT(too_many))
