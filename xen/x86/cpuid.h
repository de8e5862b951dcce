/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CPUID policy: what the host has, what a guest may see. Pure: leaves in, leaves out. */
#ifndef X86_CPUID_H
#define X86_CPUID_H

#include "registers.h"

struct cpuid_leaf {
	uint32_t a, b, c, d;
};

#define CPUID_BASIC_MAX    0x20 /* basic leaves kept */
#define CPUID_EXTENDED_MAX 0x22
#define CPUID_CACHE_MAX    6 /* subleaves of 4 and 0x8000001d */
#define CPUID_FEAT_MAX     3 /* subleaves of 7 */
#define CPUID_XSTATE_MAX   16
#define CPUID_TOPO_MAX     2

/* All leaves that a guest can ask for but the hypervisor's own (0x400000xx, see hypervisor_leaves.h in core). */
struct cpuid_policy {
	uint32_t max_basic, max_extended;
	struct cpuid_leaf basic[CPUID_BASIC_MAX + 1];
	struct cpuid_leaf extended[CPUID_EXTENDED_MAX + 1];
	struct cpuid_leaf cache[CPUID_CACHE_MAX];
	struct cpuid_leaf feat[CPUID_FEAT_MAX];
	struct cpuid_leaf xstate[CPUID_XSTATE_MAX];
	struct cpuid_leaf topo[CPUID_TOPO_MAX];
	uint32_t xstate_size[16];   /* bytes of each XSAVE component and */
	uint32_t xstate_offset[16]; /* where it lies in the standard format */
	uint64_t
		arch_caps; /* MSR 0x10a: the host's is put in by who can read MSRs, before cpuid_guest_default() */
};

/* Runs the CPUID instruction: given in, so that tests can script a CPU. */
typedef struct cpuid_leaf (*cpuid_reader)(uint32_t leaf, uint32_t subleaf);

/* Reads the whole of what the host offers. */
void cpuid_read_host(cpuid_reader read, struct cpuid_policy *out);

/* What we can give guests at most on this host: unknown features masked away, hypervisor bit set, no SVM/VMX, no MONITOR, ... */
void cpuid_guest_default(const struct cpuid_policy *host, struct cpuid_policy *out);

/*
 * From a policy that somebody asks for to one that a guest can have: of features, leaves and address bits only what max has too; what follows from them anew; the CPU's name as asked for. Topology and
 * caches are max's.
 */
void cpuid_guest_limit(const struct cpuid_policy *max, struct cpuid_policy *p);

/* State of a vcpu that leaks into CPUID answers. */
struct cpuid_dynamic {
	uint32_t apic_id, x2apic_id;
	uint32_t nr_vcpus; /* of its package */
	bool apic_enabled; /* APIC_BASE.EN: leaf 1 EDX[9] */
	uint64_t cr4, xcr0, xss;
};

/*
 * The answer for a guest, with the out-of-range rules of the policy's vendor (Intel: the last basic leaf; AMD: zeroes),
 * OSXSAVE/OSPKE from CR4, APIC ids, xsave sizes from XCR0. Not for 0x40000000-0x4fffffff.
 */
struct cpuid_leaf cpuid_guest_answer(const struct cpuid_policy *p, const struct cpuid_dynamic *dyn,
                                     uint32_t leaf, uint32_t subleaf);

/* CR4 bits, EFER bits and XCR0 bits that a guest with this policy may set; anything else is #GP. */
uint64_t cpuid_cr4_valid(const struct cpuid_policy *p);
uint64_t cpuid_efer_valid(const struct cpuid_policy *p);
uint64_t cpuid_xcr0_valid(const struct cpuid_policy *p);
/* 0, or -EINVAL: XCR0 combination rules of SDM 13.3 */
int must_check cpuid_xcr0_check(const struct cpuid_policy *p, uint64_t xcr0);
unsigned cpuid_maxphyaddr(const struct cpuid_policy *p);
bool cpuid_vendor_is_amd(const struct cpuid_policy *p); /* AMD or Hygon: VMMCALL is native */

/* One bit of one leaf, by name in cpuid_features.h. */
#define CPUID_FEATURE(word, bit) ((word)*32 + (bit))
enum cpuid_word {
	WORD_1D,
	WORD_1C,
	WORD_E1D,
	WORD_E1C,
	WORD_DA1,
	WORD_7B0,
	WORD_7C0,
	WORD_7D0,
	WORD_E7D,
	WORD_E8B,
	WORD_7A1,
	WORD_E21A,
	NR_CPUID_WORDS
};
bool cpuid_has(const struct cpuid_policy *p, unsigned feature);

#endif
