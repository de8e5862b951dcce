/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Results on the debug port, and memory; of both widths.
 */
#include "pc.h"

#define DEBUG_PORT 0xe9

static void say(const char *text)
{
	while (*text != 0)
		out8(DEBUG_PORT, (uint8_t)*text++);
}

static void say_number(uint32_t value)
{
	say("0x");
	for (int shift = 28; shift >= 0; shift -= 4)
		out8(DEBUG_PORT, (uint8_t) "0123456789abcdef"[value >> shift & 15]);
}

static void begin(const char *name, bool good)
{
	*(good ? &tally.passed : &tally.failed) += 1;
	say(good ? "PASS " : "FAIL ");
	say(tally.group);
	say("-");
	say(name);
}

void check(const char *name, bool good)
{
	begin(name, good);
	say(good ? "\n" : ": it is not so\n");
}

void equal(const char *name, uint32_t got, uint32_t wanted)
{
	begin(name, got == wanted);
	if (got != wanted) {
		say(": ");
		say_number(got);
		say(" instead of ");
		say_number(wanted);
	}
	say("\n");
}

void memory_copy(void *to, const void *from, uint32_t bytes)
{
	__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(bytes) : : "memory");
}

void memory_fill(void *to, uint8_t value, uint32_t bytes)
{
	__asm__ volatile("rep stosb" : "+D"(to), "+c"(bytes) : "a"(value) : "memory");
}

bool memory_same(const void *a, const void *b, uint32_t bytes)
{
	for (uint32_t i = 0; i < bytes; i++)
		if (((const uint8_t *)a)[i] != ((const uint8_t *)b)[i])
			return false;
	return true;
}
