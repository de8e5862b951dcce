/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A program for a device model's instance that the test plays: a page of code, and two of data of which 16 bytes are in the file. */
#ifndef RING3_PROGRAM_H
#define RING3_PROGRAM_H

#include <stdint.h>

#define RING3_CODE 0x400000ull
#define RING3_DATA 0x402000ull

extern struct ring3_program {
	uint8_t header[64];
	struct {
		uint32_t type, flags;
		uint64_t offset, vaddr, paddr, file_size, memory_size, align;
	} segment[2];
	uint8_t bytes[32];
} ring3_program;

/* Makes ring3_program a right one. Its entry is RING3_CODE + 4. */
void ring3_program_make(void);

#endif
