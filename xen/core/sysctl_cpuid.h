/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Feature words in the order of the ABI. */
#ifndef CORE_SYSCTL_CPUID_H
#define CORE_SYSCTL_CPUID_H

#include "cpuid.h"

#define FEATURESET_WORDS 19u

/* Word n of a policy, numbered as in public arch-x86/cpufeatureset.h; 0 beyond. */
uint32_t featureset_word(const struct cpuid_policy *p, unsigned n);

#endif
