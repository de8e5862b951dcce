/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the programs find each other. ZAZEN_LIB in the environment names another folder than /usr/lib/zazen, for a build that is not installed. */
#ifndef TOOLS_PATHS_H
#define TOOLS_PATHS_H

#include <stddef.h>

#define PATHS_RUN "/run/zazen"
#define PATHS_LOG "/var/log/zazen"

/* to: the file's path. */
void path_library(char *to, size_t size, const char *file);

#endif
