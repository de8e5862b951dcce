/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From what viewers send (X keysyms) to keys of a keyboard (Linux's KEY_ numbers). */
#ifndef VNC_KEYS_H
#define VNC_KEYS_H

#include <stdbool.h>
#include <stdint.h>

struct keymap;
/* NULL name: us. NULL: there is no such map. */
const struct keymap *keymap_find(const char *name);
/* The names that there are, divided by blanks. */
const char *keymap_names(void);
/* 0: no key of this keyboard makes it. */
uint16_t keymap_code(const struct keymap *m, uint32_t keysym);

#endif
