// SPDX-License-Identifier: GPL-2.0-or-later
// What the test programs share: results, and words on standard output when something is held.
#pragma once
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAGE 4096

// Says PASS name or FAIL name: text; returns whether it holds.
#define check(holds, name, ...) report((holds), (name), "" __VA_ARGS__)

static inline int __attribute__((format(printf, 3, 4)))
report(int holds, const char *name, const char *format, ...)
{
	char text[256];
	int error = errno;
	va_list arguments;

	if (holds) {
		printf("PASS %s\n", name);
	} else {
		va_start(arguments, format);
		vsnprintf(text, sizeof(text), format, arguments);
		va_end(arguments);
		printf("FAIL %s: %s (errno %d, %s)\n", name, text, error, strerror(error));
	}
	fflush(stdout);
	return holds;
}

// What a test cannot go on without.
static inline void need(int holds, const char *name)
{
	if (!report(holds, name, "it failed"))
		exit(1);
}

// Waits a moment, where another domain is to do something that nothing tells of. Who waits forever is ended by the script.
static inline void look_again_later(void)
{
	usleep(20000);
}

// Tells the script that everything is held, and holds it until the process is killed.
static inline void __attribute__((noreturn)) hold(void)
{
	puts("HOLDING");
	fflush(stdout);
	for (;;)
		pause();
}
