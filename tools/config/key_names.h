/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The names of all keys of xl's, whether they are served or not. */
#ifndef CONFIG_KEY_NAMES_H
#define CONFIG_KEY_NAMES_H

#include <stdbool.h>
#include <stddef.h>

bool key_is_known(const char *name);
/* The known one that is not far from name; NULL: none is. */
const char *key_nearest(const char *name);
/* The same among other names, none of which is longer than 40 letters. */
const char *name_nearest(const char *name, const char *const *names, size_t nr);

#endif
