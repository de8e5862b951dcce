/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "types.h"
void start(uint32_t magic, uint64_t info) noreturn_fn;
void start(uint32_t magic, uint64_t info)
{
	for (const char *s = "Zazen: hello from 64-bit C\r\n"; *s; s++)
		__asm__ volatile("outb %0, %1" ::"a"(*s), "Nd"((uint16_t)0x3f8));
	for (;;)
		__asm__ volatile("cli; hlt");
}
