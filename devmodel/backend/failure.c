/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Failures in words. */
#include "failure.h"

#include <stdarg.h>
#include <stdio.h>

bool fail(struct failure *f, const char *format, ...)
{
	va_list list;

	if (!f->text[0]) {
		va_start(list, format);
		vsnprintf(f->text, sizeof(f->text), format, list);
		va_end(list);
	}
	return false;
}
