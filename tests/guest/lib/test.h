/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The test framework. A micro-VM is GUEST_TESTS: functions that CHECK. A CHECK that fails prints
 * "FAIL name: text" and the test goes on; a test none of whose CHECKs failed prints "PASS name". An
 * exception nobody expected fails its test and leaves it. The last line is "END passed failed".
 * On the command line only=NAME runs one test, skip=NAME,NAME leaves some out.
 */
#ifndef GUEST_TEST_H
#define GUEST_TEST_H

#include "types.h"

struct test {
	const char *name;
	void (*run)(void);
};

extern const struct test guest_tests[];
extern const unsigned guest_test_count;

#define TEST(fn)        \
	{               \
#fn, fn \
	}
#define GUEST_TESTS(...)                                   \
	const struct test guest_tests[] = { __VA_ARGS__ }; \
	const unsigned guest_test_count = ARRAY_LEN(guest_tests)

/* Run before the first test unless the micro-VM defines one of its own (weak in test.c). */
void guest_setup(void);

void test_run_all(void);

/* Records a failure of the test that runs now; any CPU may call it. */
void test_fail(const char *fmt, ...) printf_like(1, 2);

/* Says why a part of a test was left out, once: "NOTE name: text". */
void test_note(const char *fmt, ...) printf_like(1, 2);

bool test_check(bool ok, const char *file, int line, const char *text);
bool test_check_equal(uint64_t a, uint64_t b, const char *file, int line, const char *text);

/* Both return whether it held, for tests that cannot go on. */
#define CHECK(cond) test_check(!!(cond), __FILE__, __LINE__, #cond)
#define CHECK_EQ(a, b)                                                                       \
	test_check_equal((uint64_t)(int64_t)(a), (uint64_t)(int64_t)(b), __FILE__, __LINE__, \
	                 #a " == " #b)

#endif
