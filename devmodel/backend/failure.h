/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why something did not work, for the person who asked for it: one line with the object, the cause and the remedy. */
#ifndef BACKEND_FAILURE_H
#define BACKEND_FAILURE_H

#include <stdbool.h>

struct failure {
	char text[600];
};

/* Writes the line (the first one stays: what follows from a failure is none of its own). Always false. */
bool fail(struct failure *f, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
