/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The whole unit-test framework. A test is a void function that CHECKs; UNIT_MAIN lists them. Each prints
 * "ok NAME" or "FAIL NAME: file:line: text"; the program exits with the number of failures (at most 100).
 */
#ifndef UNIT_H
#define UNIT_H

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

struct unit_test {
	const char *name;
	void (*run)(void);
};

extern jmp_buf unit_abort;
extern int unit_failures;
extern const char *unit_current;

/* Leaves the test at once when cond is false. */
#define CHECK(cond)                                                                              \
	do {                                                                                     \
		if (!(cond)) {                                                                   \
			printf("FAIL %s: %s:%d: %s\n", unit_current, __FILE__, __LINE__, #cond); \
			unit_failures++;                                                         \
			longjmp(unit_abort, 1);                                                  \
		}                                                                                \
	} while (0)

/* Compares integers and shows both. */
#define CHECK_EQ(a, b)                                                                           \
	do {                                                                                     \
		long long a_ = (long long)(a), b_ = (long long)(b);                              \
		if (a_ != b_) {                                                                  \
			printf("FAIL %s: %s:%d: %s = %lld (%#llx), expected %lld (%#llx)\n",     \
			       unit_current, __FILE__, __LINE__, #a, a_, (unsigned long long)a_, \
			       b_, (unsigned long long)b_);                                      \
			unit_failures++;                                                         \
			longjmp(unit_abort, 1);                                                  \
		}                                                                                \
	} while (0)

int unit_run(const struct unit_test *tests, int n);

#define UNIT(fn)        \
	{               \
#fn, fn \
	}
#define UNIT_MAIN(...)                                                           \
	int main(void)                                                           \
	{                                                                        \
		static const struct unit_test tests[] = { __VA_ARGS__ };         \
		return unit_run(tests, (int)(sizeof(tests) / sizeof(tests[0]))); \
	}

#endif
