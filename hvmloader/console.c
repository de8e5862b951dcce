/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What hvmloader has to say, a line at a time, to the debug port. */
#include "console.h"
#include "format.h"
#include "iron.h"

#define DEBUG_PORT 0xe9

static void put_text(const char *s)
{
	for (; *s; s++)
		port_out8(DEBUG_PORT, (uint8_t)*s);
}

static void say_v(const char *fmt, va_list ap)
{
	char line[201];

	format_v(line, sizeof(line), fmt, ap);
	put_text("hvmloader: ");
	put_text(line);
	put_text("\n");
}

void say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say_v(fmt, ap);
	va_end(ap);
}

void die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say_v(fmt, ap);
	va_end(ap);
	iron_crash();
}
