/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A guest's description for the control domain of the emulated machine: the person's, in which some keys have other values. */
#ifndef APPLIANCE_DESCRIPTION_H
#define APPLIANCE_DESCRIPTION_H

#include <stdbool.h>
#include <stddef.h>

#define DESCRIPTION_LINES 8

struct description_line {
	const char *key;
	char *value; /* as it stands behind the = */
};

/* The text of the file, in which the lines of these keys have become comments, and new ones stand at the end; allocated. NULL: it cannot be read or understood. Other lines keep their numbers. */
char *description_make(const char *path, const struct description_line *lines, size_t nr);
/* KEY=VALUE: is it of one of these keys? */
bool description_has(const struct description_line *lines, size_t nr, const char *word);

#endif
