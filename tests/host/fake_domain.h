/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A running domain on the fake machine, for tests of what guests ask. */
#ifndef TESTS_FAKE_DOMAIN_H
#define TESTS_FAKE_DOMAIN_H

#include "domain.h"

/*
 * fake_core_init() with nr_cpus CPUs, and a domain with nr_vcpus vcpus up and pages of RAM from gfn 0. The first one made is privileged. vcpu 0 is
 * the current one of CPU 0, in flat unpaged 32-bit mode: linear addresses are guest physical ones.
 */
struct domain *fake_domain_machine(unsigned nr_cpus, unsigned nr_vcpus, uint64_t pages);
/* One more domain on the same machine. */
struct domain *fake_domain_add(unsigned nr_vcpus, uint64_t pages, bool privileged);
/* Host address of a guest page of d; aborts when there is none. */
void *fake_guest_page(struct domain *d, uint64_t gfn_number);
/* The cpuid_reader of that machine. */
struct cpuid_leaf fake_cpuid(uint32_t leaf, uint32_t subleaf);
/* Makes v the current vcpu of the calling thread's CPU. */
void fake_make_current(struct vcpu *v);

#endif
