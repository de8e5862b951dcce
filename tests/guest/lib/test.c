/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs the tests and counts. */
#include "guest.h"

static const char *current;
static unsigned failures; /* of the current test; atomic */

void test_fail(const char *fmt, ...)
{
	char text[200];
	va_list ap;

	va_start(ap, fmt);
	print_v(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (atomic_add(&failures, 1) < 20)
		print("FAIL %s: %s\n", current, text);
}

void test_note(const char *fmt, ...)
{
	char text[200];
	va_list ap;

	va_start(ap, fmt);
	print_v(text, sizeof(text), fmt, ap);
	va_end(ap);
	print("NOTE %s: %s\n", current, text);
}

static const char *base_name(const char *file)
{
	const char *base = file;

	for (; *file; file++)
		if (*file == '/')
			base = file + 1;
	return base;
}

bool test_check(bool ok, const char *file, int line, const char *text)
{
	if (!ok)
		test_fail("%s:%d: %s", base_name(file), line, text);
	return ok;
}

bool test_check_equal(uint64_t a, uint64_t b, const char *file, int line, const char *text)
{
	if (a != b)
		test_fail("%s:%d: %s: got %lld (0x%llx), want %lld (0x%llx)", base_name(file), line,
		          text, (long long)a, (unsigned long long)a, (long long)b,
		          (unsigned long long)b);
	return a == b;
}

/* True when name is one of the words, separated by commas, of list. */
static bool listed(const char *list, const char *name)
{
	size_t n = strlen(name);

	while (*list) {
		if (!strncmp(list, name, n) && (list[n] == ',' || !list[n]))
			return true;
		while (*list && *list != ',')
			list++;
		if (*list)
			list++;
	}
	return false;
}

__attribute__((weak)) void guest_setup(void)
{
}

static void run_one(const struct test *t)
{
	struct exception e;

	current = t->name;
	failures = 0;
	e = exception_of((void (*)(void *))t->run, NULL);
	if (e.vector != NO_EXCEPTION)
		test_fail("exception %d, error 0x%lx, at 0x%lx, address 0x%lx", e.vector,
		          (unsigned long)e.error, (unsigned long)e.ip, (unsigned long)e.address);
}

void test_run_all(void)
{
	char only[64] = "", skip[256] = "";
	unsigned passed = 0, failed = 0;

	option_text("only", only, sizeof(only));
	option_text("skip", skip, sizeof(skip));
	current = "setup";
	guest_setup();
	for (unsigned i = 0; i < guest_test_count; i++) {
		const struct test *t = &guest_tests[i];

		if ((only[0] && !listed(only, t->name)) || listed(skip, t->name))
			continue;
		run_one(t);
		if (failures) {
			failed++;
		} else {
			passed++;
			print("PASS %s\n", t->name);
		}
	}
	print("END %u %u\n", passed, failed);
}
