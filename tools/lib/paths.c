/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Paths. */
#include "paths.h"

#include <stdio.h>
#include <stdlib.h>

void path_library(char *to, size_t size, const char *file)
{
	const char *folder = getenv("ZAZEN_LIB");

	snprintf(to, size, "%s/%s", folder && *folder ? folder : "/usr/lib/zazen", file);
}
