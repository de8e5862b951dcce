/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs the tests of one unit-test program. */
#include "../unit/unit.h"

jmp_buf unit_abort;
int unit_failures;
const char *unit_current;

/*
 * No leak check at the end: what the core allocates lives in the fake RAM, where tests count pages themselves, and a new fake machine drops the old one whole. The
 * checker also hangs or crashes now and then where it may not trace its own process.
 */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

int unit_run(const struct unit_test *tests, int n)
{
	for (int i = 0; i < n; i++) {
		unit_current = tests[i].name;
		if (setjmp(unit_abort) == 0) {
			tests[i].run();
			printf("ok %s\n", unit_current);
		}
		fflush(stdout);
	}
	return unit_failures > 100 ? 100 : unit_failures;
}
