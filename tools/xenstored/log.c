/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages of the daemon. */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <syslog.h>

#include "log.h"

static bool to_system;

void log_to_system(void)
{
	openlog("xenstored", LOG_PID, LOG_DAEMON);
	to_system = true;
}

void log_line(const char *format, ...)
{
	va_list arguments;
	char text[512];

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (to_system)
		syslog(LOG_NOTICE, "%s", text);
	else
		fprintf(stderr, "xenstored: %s\n", text);
}
