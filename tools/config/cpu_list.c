/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cpus=: ranges of CPUs, with ^ for those that are not meant. */
#include "guest_config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static void cpus_set(struct guest_config *g, unsigned from, unsigned to, bool on)
{
	for (unsigned cpu = from; cpu <= to; cpu++) {
		uint8_t bit = (uint8_t)(1u << cpu % 8);

		if (on)
			g->affinity[cpu / 8] |= bit;
		else
			g->affinity[cpu / 8] &= (uint8_t)~bit;
	}
}

/* Digits only, below CONFIG_CPUS. */
static bool cpu_read(const char **at, unsigned *cpu)
{
	if (!isdigit((unsigned char)**at))
		return false;
	for (*cpu = 0; isdigit((unsigned char)**at); (*at)++) {
		*cpu = *cpu * 10 + (unsigned)(**at - '0');
		if (*cpu >= CONFIG_CPUS)
			return false;
	}
	return true;
}

static bool range_parse(struct guest_config *g, const char *at)
{
	unsigned from, to;
	bool is_out = *at == '^';

	at += is_out;
	if (strcmp(at, "all") == 0) {
		cpus_set(g, 0, CONFIG_CPUS - 1, !is_out);
		return true;
	}
	if (!cpu_read(&at, &from))
		return false;
	to = from;
	if (*at == '-') {
		at++;
		if (!cpu_read(&at, &to) || to < from)
			return false;
	}
	if (*at)
		return false;
	cpus_set(g, from, to, !is_out);
	if (!is_out && (int)to > g->highest_cpu)
		g->highest_cpu = (int)to;
	return true;
}

bool cpu_list_parse(struct guest_config *g, const char *text)
{
	char *copy = strdup(text), *next = copy, *part;
	bool done = copy && *copy, is_first = true;

	while (done && (part = strsep(&next, ",")) != NULL) {
		part += strspn(part, " \t");
		part[strcspn(part, " \t")] = 0;
		if (is_first && *part == '^') /* all but this one */
			cpus_set(g, 0, CONFIG_CPUS - 1, true);
		is_first = false;
		done = range_parse(g, part);
	}
	free(copy);
	return done;
}
