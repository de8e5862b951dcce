/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What hvmloader has to say, a line at a time, to the debug port. */
#ifndef HVMLOADER_CONSOLE_H
#define HVMLOADER_CONSOLE_H

#include "types.h"

/* A line "hvmloader: TEXT", without the line end; cut at 200 characters. */
void say(const char *fmt, ...) printf_like(1, 2);
/* The same, and the guest ends as crashed. */
noreturn_fn void die(const char *fmt, ...) printf_like(1, 2);

#endif
