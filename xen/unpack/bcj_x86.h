/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The filter that packers put before x86 code. */
#ifndef UNPACK_BCJ_X86_H
#define UNPACK_BCJ_X86_H

#include "types.h"

/* Undoes it in place. start: what the filter calls the address of the first byte. */
void bcj_x86_undo(uint8_t *code, size_t size, uint32_t start);

#endif
