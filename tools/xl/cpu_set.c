/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bits, and how they are written. */
#include "cpu_set.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool cpu_set_has(const struct cpu_set *s, unsigned cpu)
{
	return s->bits[cpu / 8] >> cpu % 8 & 1;
}

unsigned cpu_set_count(const struct cpu_set *s, unsigned nr_cpus)
{
	unsigned n = 0;

	for (unsigned i = 0; i < nr_cpus; i++)
		n += cpu_set_has(s, i);
	return n;
}

void cpu_set_print(const struct cpu_set *s, unsigned nr_cpus)
{
	bool any = false;

	for (unsigned i = 0; i < nr_cpus; i++) {
		unsigned from = i;

		if (!cpu_set_has(s, i))
			continue;
		while (i + 1 < nr_cpus && cpu_set_has(s, i + 1))
			i++;
		printf(from == i ? "%s%u" : "%s%u-%u", any ? "," : "", from, i);
		any = true;
	}
}

bool cpu_set_read(const char *text, struct cpu_set *s)
{
	memset(s, 0, sizeof(*s));
	if (!*text)
		return false;
	while (*text) {
		bool without = *text == '^';
		unsigned long from, to;
		char *end;

		text += without;
		if (strncmp(text, "all", 3) == 0) {
			memset(s, without ? 0 : 0xff, sizeof(*s));
			end = (char *)(uintptr_t)text + 3;
		} else {
			from = to = strtoul(text, &end, 10);
			if (end == text)
				return false;
			if (*end == '-')
				to = strtoul(end + 1, &end, 10);
			if (from > to || to >= CPU_SET_MAX)
				return false;
			for (; from <= to; from++)
				s->bits[from / 8] =
					(uint8_t)(without ? s->bits[from / 8] & ~(1u << from % 8)
				                          : s->bits[from / 8] | 1u << from % 8);
		}
		if (*end && *end != ',')
			return false;
		text = *end ? end + 1 : end;
	}
	return true;
}
