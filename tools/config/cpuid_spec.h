/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cpuid=: features that a guest is shown or not, in both of xl's forms: "host,tm=0,avx=0", and ['0x1:ecx=xxx0...,edx=...', ...]. */
#ifndef CONFIG_CPUID_SPEC_H
#define CONFIG_CPUID_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CPUID_LEAVES     24
#define CPUID_NO_SUBLEAF 0xffffffffu

struct cpuid_change {
	uint32_t leaf, subleaf;    /* subleaf CPUID_NO_SUBLEAF: the leaf has none */
	uint32_t set[4], clear[4]; /* EAX, EBX, ECX, EDX; what stands in neither stays as it is */
};

struct cpuid_changes {
	struct cpuid_change rows[CPUID_LEAVES];
	size_t nr;
};

/* One element, added to what is there. False: why has the reason. */
bool cpuid_parse_names(struct cpuid_changes *c, const char *text, char *why, size_t size);
bool cpuid_parse_leaf(struct cpuid_changes *c, const char *text, char *why, size_t size);
/* One row in the second form; to has CPUID_TEXT bytes. */
#define CPUID_TEXT 200
void cpuid_print(char to[CPUID_TEXT], const struct cpuid_change *c);

#endif
