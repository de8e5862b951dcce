/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CPU features by name. */
#ifndef CONFIG_CPUID_NAMES_H
#define CONFIG_CPUID_NAMES_H

#include <stdbool.h>
#include <stdint.h>

struct cpuid_feature {
	const char *name;
	uint32_t leaf, subleaf;
	uint8_t reg, bit; /* reg: EAX, EBX, ECX, EDX */
};

const struct cpuid_feature *cpuid_feature_find(const char *name); /* NULL: there is none */
/* A word of xl's that is no feature: a family, a number of cores and the like. */
bool cpuid_is_number(const char *name);

#endif
