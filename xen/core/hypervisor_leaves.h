/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CPUID leaves 0x40000000 and up, public xen/arch-x86/cpuid.h. */
#ifndef CORE_HYPERVISOR_LEAVES_H
#define CORE_HYPERVISOR_LEAVES_H

#include "cpuid.h"

struct vcpu;

/* The ABI version that we speak. */
#define XEN_ABI_MAJOR 4u
#define XEN_ABI_MINOR 17u

/* leaf is in 0x40000000 .. 0x4fffffff; what is not defined reads as zero. */
struct cpuid_leaf hypervisor_leaf(struct vcpu *v, uint32_t leaf, uint32_t subleaf);

#endif
