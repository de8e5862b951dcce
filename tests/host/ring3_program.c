/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A program for a device model's instance that the test plays. */
#include "ring3_program.h"

#include <stddef.h>
#include <string.h>

struct ring3_program ring3_program;

void ring3_program_make(void)
{
	static const uint8_t ident[7] = { 0x7f, 'E', 'L', 'F', 2, 1, 1 };
	struct ring3_program *p = &ring3_program;
	uint16_t type = 2, machine = 62, size = 56, count = 2;
	uint64_t entry = RING3_CODE + 4, offset = 64;

	memset(p, 0, sizeof(*p));
	memcpy(p->header, ident, sizeof(ident));
	memcpy(p->header + 16, &type, 2);
	memcpy(p->header + 18, &machine, 2);
	memcpy(p->header + 24, &entry, 8);
	memcpy(p->header + 32, &offset, 8);
	memcpy(p->header + 54, &size, 2);
	memcpy(p->header + 56, &count, 2);
	p->segment[0].type = p->segment[1].type = 1;
	p->segment[0].flags = 5;
	p->segment[0].offset = offsetof(struct ring3_program, bytes);
	p->segment[0].vaddr = RING3_CODE;
	p->segment[0].file_size = p->segment[0].memory_size = 16;
	p->segment[1].flags = 6;
	p->segment[1].offset = p->segment[0].offset + 16;
	p->segment[1].vaddr = RING3_DATA;
	p->segment[1].file_size = 16;
	p->segment[1].memory_size = 0x2000;
	memset(p->bytes, 0xc0, 16);
	memset(p->bytes + 16, 0xda, 16);
}
