/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VGA text mode, 80x25, as an output-only console. */
#ifndef MACHINE_VGA_H
#define MACHINE_VGA_H

#include "types.h"

/* False: the adapter is not in a colour text mode (or does not answer). Needs 0xb8000 mapped by the direct map. */
bool vga_init(void);
bool vga_present(void);
/* Nothing is written to it any more. */
void vga_release(void);
void vga_put(const char *s, size_t n);

#endif
