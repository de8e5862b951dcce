/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen/core/cpu_policy.c: policies as rows of leaves, there and back, and what a guest may have of one. */
#include <string.h>

#include "cpu_policy.h"
#include "cpuid_features.h"
#include "errno.h"
#include "fake_domain.h"
#include "unit.h"

static bool is_intel;

/* With extended states, caches and a second feature leaf, which the machine of the other tests has not. */
static struct cpuid_leaf script(uint32_t leaf, uint32_t subleaf)
{
	struct cpuid_leaf l = fake_cpuid(leaf, subleaf);

	switch (leaf) {
	case 0:
		return is_intel ? (struct cpuid_leaf){ 0x16, 0x756e6547, 0x6c65746e, 0x49656e69 }
		                : (struct cpuid_leaf){ 0x10, l.b, l.c, l.d };
	case 1: l.c |= 0x1c000000 | 1u << 12; return l;
	case 4: return (struct cpuid_leaf){ subleaf < 2 ? 0x121 : 0, 0x1c0003f, 63, 0 };
	case 7: return (struct cpuid_leaf){ 1, 0x001c23a9 | 1u << 5, 0x8, 0 };
	case 0xd:
		if (subleaf == 0)
			return (struct cpuid_leaf){ 7, 832, 832, 0 };
		return (struct cpuid_leaf){ subleaf == 1   ? 1
			                    : subleaf == 2 ? 256
			                                   : 0,
			                    subleaf == 2 ? 576 : 0, 0, 0 };
	default: return l;
	}
}

static void start(bool intel)
{
	is_intel = intel;
	cpuid_read_host(script, &cpu_policy_host);
	cpuid_guest_default(&cpu_policy_host, &cpu_policy_guest);
}

static void there_and_back(void)
{
	for (unsigned intel = 0; intel < 2; intel++) {
		struct cpuid_policy p = { 0 };
		struct xen_cpuid_leaf l;
		struct xen_msr_entry m;
		uint32_t leaf, n;

		start(intel);
		for (n = 0; cpu_policy_leaf(&cpu_policy_guest, n, &l); n++)
			CHECK_EQ(cpu_policy_leaf_set(&p, &l), 0);
		CHECK_EQ(n, cpu_policy_nr_leaves(&cpu_policy_guest));
		CHECK(n > 20 && n <= CPU_POLICY_LEAVES_MAX);
		for (n = 0; cpu_policy_msr(&cpu_policy_guest, n, &m); n++)
			CHECK_EQ(cpu_policy_msr_set(&p, &m), 0);
		CHECK_EQ(n, cpu_policy_nr_msrs(&cpu_policy_guest));
		CHECK_EQ(cpu_policy_limit(&p, &leaf), 0);
		CHECK(!memcmp(&p, &cpu_policy_guest, sizeof(p)));
		CHECK(cpuid_has(&p, FEATURE_AVX));
		CHECK(cpuid_has(&p, FEATURE_HYPERVISOR));
	}
}

/* Each leaf once, in order; those with subleaves, and only those, have numbers. */
static void order(void)
{
	struct xen_cpuid_leaf l, before = { 0 };
	unsigned caches = 0, feats = 0, states = 0;

	start(true);
	for (uint32_t n = 0; cpu_policy_leaf(&cpu_policy_guest, n, &l); n++) {
		bool has_subleaves = l.leaf == 4 || l.leaf == 7 || l.leaf == 0xb || l.leaf == 0xd;

		CHECK(has_subleaves == (l.subleaf != XEN_CPUID_NO_SUBLEAF));
		CHECK(!n || l.leaf > before.leaf ||
		      (l.leaf == before.leaf && l.subleaf > before.subleaf));
		caches += l.leaf == 4;
		feats += l.leaf == 7;
		states += l.leaf == 0xd;
		before = l;
	}
	/* The end of the list of caches stands there, too. */
	CHECK_EQ(caches, 3);
	CHECK_EQ(feats, cpu_policy_guest.feat[0].a + 1);
	CHECK_EQ(states, 3);
	CHECK_EQ(before.leaf, cpu_policy_guest.max_extended);
}

/* Of the extended states all up to the highest, also those that the CPU does not have: Xen's library writes as many, into as much room as it got. */
static void states_with_holes(void)
{
	struct xen_cpuid_leaf l;
	unsigned states = 0;

	start(true);
	cpu_policy_guest.xstate[0].a = 0x2e7;
	for (uint32_t n = 0; cpu_policy_leaf(&cpu_policy_guest, n, &l); n++)
		if (l.leaf == 0xd)
			CHECK_EQ(l.subleaf, states++);
	CHECK_EQ(states, 10);
}

static void refuses(void)
{
	struct cpuid_policy p = { 0 };
	struct xen_cpuid_leaf l = { 0xe, XEN_CPUID_NO_SUBLEAF };
	struct xen_msr_entry m = { 0x10a, 1, 0 };
	static const struct {
		uint32_t leaf, subleaf;
	} bad[] = {
		{ 0xe, ~0u }, { 0x80000022, ~0u }, { 0, 0 },
		{ 1, 0 },     { 4, ~0u },          { 4, 6 },
		{ 7, 3 },     { 0xb, 2 },          { 0xd, 63 },
		{ 0xd, ~0u }, { 0x40000001, ~0u }, { 0x40000000, 0 },
		{ ~0u, 0 },   { 0x80000000, 0 },
	};

	for (unsigned i = 0; i < ARRAY_LEN(bad); i++) {
		l.leaf = bad[i].leaf;
		l.subleaf = bad[i].subleaf;
		CHECK_EQ(cpu_policy_leaf_set(&p, &l), -ERANGE);
	}
	CHECK_EQ(cpu_policy_msr_set(&p, &m), -EINVAL);
	m.flags = 0;
	CHECK_EQ(cpu_policy_msr_set(&p, &m), 0);
	m.idx = 0x8b;
	CHECK_EQ(cpu_policy_msr_set(&p, &m), -ERANGE);
}

static void limits(void)
{
	struct cpuid_policy p;
	uint32_t leaf;

	start(false);
	p = cpu_policy_guest;
	p.basic[1].c = p.basic[1].d = p.feat[0].b = p.extended[1].c = p.extended[1].d = ~0u;
	CHECK_EQ(cpu_policy_limit(&p, &leaf), 0);
	CHECK(!memcmp(&p, &cpu_policy_guest, sizeof(p)));
	/* Less is given as asked for, with what hangs on it. */
	p.basic[1].c &= ~(1u << 28);
	p.extended[8].a = 40;
	p.extended[2].a = 0x41414141;
	p.basic[1].c &= ~(1u << 31);
	p.max_basic = 0xb;
	CHECK_EQ(cpu_policy_limit(&p, &leaf), 0);
	CHECK(!cpuid_has(&p, FEATURE_AVX) && !cpuid_has(&p, FEATURE_AVX2));
	CHECK(cpuid_has(&p, FEATURE_HYPERVISOR));
	CHECK_EQ(p.xstate[0].a, 3);
	CHECK_EQ(cpuid_maxphyaddr(&p), 40);
	CHECK_EQ(p.extended[2].a, 0x41414141);
	CHECK_EQ(p.basic[0].a, 0xb);
	/* Wider than the machine: no. */
	p.extended[8].a = 60;
	CHECK_EQ(cpu_policy_limit(&p, &leaf), 0);
	CHECK_EQ(cpuid_maxphyaddr(&p), cpuid_maxphyaddr(&cpu_policy_guest));
	p.max_basic = 0x40;
	CHECK_EQ(cpu_policy_limit(&p, &leaf), -EINVAL);
	CHECK_EQ(leaf, 0);
	p = cpu_policy_guest;
	p.max_extended = 0x80000030;
	CHECK_EQ(cpu_policy_limit(&p, &leaf), -EINVAL);
	CHECK_EQ(leaf, 0x80000000);
	p = cpu_policy_guest;
	p.basic[0].b++;
	CHECK_EQ(cpu_policy_limit(&p, &leaf), -EINVAL);
}

UNIT_MAIN(UNIT(there_and_back), UNIT(order), UNIT(states_with_holes), UNIT(refuses), UNIT(limits))
