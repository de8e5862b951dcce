/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The image's own function names, for call traces. The data is made by tools/symbols.sh after the first link; the first link itself has an empty table.
 */
#ifndef MACHINE_SYMBOLS_H
#define MACHINE_SYMBOLS_H

#include "types.h"

/* symbol_count functions: offsets from image_start, ascending; names one after the other, each ended by zero, in the same order. */
extern const uint32_t symbol_count;
extern const uint32_t symbol_offsets[];
extern const char symbol_names[];

/* The function that addr is in. NULL: none known. */
const char *symbol_find(uint64_t addr, uint64_t *offset, uint64_t *size);
/* Is it in the image's code? */
bool symbol_is_text(uint64_t addr);

#endif
