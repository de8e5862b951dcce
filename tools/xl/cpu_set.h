/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CPUs of the machine as xl's users write them: 0-3,^2, or all. */
#ifndef XL_CPU_SET_H
#define XL_CPU_SET_H

#include <stdbool.h>
#include <stdint.h>

#define CPU_SET_MAX 1024u

struct cpu_set {
	uint8_t bits[CPU_SET_MAX / 8]; /* as hypercalls have them */
};

bool cpu_set_has(const struct cpu_set *s, unsigned cpu);
unsigned cpu_set_count(const struct cpu_set *s, unsigned nr_cpus);
/* On standard output: ranges, like 0-3,7. */
void cpu_set_print(const struct cpu_set *s, unsigned nr_cpus);
/* False: not understood. */
bool cpu_set_read(const char *text, struct cpu_set *s);

#endif
