/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CPU policies as the control tools see them: rows of CPUID leaves and MSRs (public arch-x86/xen.h, xen_cpuid_leaf_t and xen_msr_entry_t), in the order and with the subleaf
 * numbers that Xen 4.17's own library uses; and the two policies of this machine.
 */
#ifndef CORE_CPU_POLICY_H
#define CORE_CPU_POLICY_H

#include "cpuid.h"

#include <xen/xen.h>

/* What the machine has, and what guests may have at most and get when nobody says otherwise. Set at start-up, constant then. */
extern struct cpuid_policy cpu_policy_host, cpu_policy_guest;

/* More than any policy has. */
#define CPU_POLICY_LEAVES_MAX 128
#define CPU_POLICY_MSRS_MAX   2

/* Leaf i of the row, i from 0. False: there are no more. */
bool cpu_policy_leaf(const struct cpuid_policy *p, uint32_t i, struct xen_cpuid_leaf *out);
bool cpu_policy_msr(const struct cpuid_policy *p, uint32_t i, struct xen_msr_entry *out);
/* How many there are. */
uint32_t cpu_policy_nr_leaves(const struct cpuid_policy *p);
uint32_t cpu_policy_nr_msrs(const struct cpuid_policy *p);

/* Takes one leaf or MSR over as it is. -ERANGE: none that a policy has; -EINVAL: flags that do not exist. */
int must_check cpu_policy_leaf_set(struct cpuid_policy *p, const struct xen_cpuid_leaf *l);
int must_check cpu_policy_msr_set(struct cpuid_policy *p, const struct xen_msr_entry *m);

/*
 * From what the tools ask for to what a guest can have: features and sizes at most those of cpu_policy_guest, topology our own. -EINVAL: another vendor's CPU, or more leaves than there
 * are; *leaf says which.
 */
int must_check cpu_policy_limit(struct cpuid_policy *p, uint32_t *leaf);

#endif
