/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen/core/hypervisor_leaves.c: what guests are told of us, by the public xen/arch-x86/cpuid.h. */
#include <string.h>

#include "fake_domain.h"
#include "hypervisor_leaves.h"
#include "machine_fake.h"
#include "unit.h"

#include <xen/arch-x86/cpuid.h>

#define FIRST XEN_CPUID_FIRST_LEAF

static bool is_zero(struct cpuid_leaf l)
{
	return !(l.a | l.b | l.c | l.d);
}

static void who_we_are(void)
{
	struct vcpu *v = fake_domain_machine(1, 1, 8)->vcpus[0];
	struct cpuid_leaf l = hypervisor_leaf(v, FIRST, 0);
	char name[13] = { 0 };

	memcpy(name, &l.b, 12);
	CHECK(!strcmp(name, "XenVMMXenVMM"));
	CHECK_EQ(l.a, FIRST + 4);
	CHECK_EQ(hypervisor_leaf(v, FIRST + 1, 0).a, 4 << 16 | 17);
}

/* One page, given through the MSR that the leaf names. */
static void hypercall_page(void)
{
	struct vcpu *v = fake_domain_machine(1, 1, 8)->vcpus[0];
	struct cpuid_leaf l = hypervisor_leaf(v, FIRST + 2, 0);

	CHECK_EQ(l.a, 1);
	CHECK_EQ(l.b, 0x40000000);
	CHECK_EQ(l.d, 0);
}

/* The factors turn the guest's counter into its time. */
static void time_leaves(void)
{
	struct vcpu *v = fake_domain_machine(1, 1, 8)->vcpus[0];
	struct cpuid_leaf l;

	v->tsc_offset = 0x123456789;
	CHECK_EQ(hypervisor_leaf(v, FIRST + 3, 0).c, FAKE_TSC_KHZ);
	CHECK_EQ(hypervisor_leaf(v, FIRST + 3, 2).a, FAKE_TSC_KHZ);
	l = hypervisor_leaf(v, FIRST + 3, 1);
	CHECK_EQ(l.a, 0x23456789);
	CHECK_EQ(l.b, 1);
	/* 2 GHz: half a nanosecond a tick. */
	CHECK_EQ((int8_t)l.d < 0 ? (uint64_t)l.c >> -(int8_t)l.d : (uint64_t)l.c << l.d,
	         1ull << 31);
	CHECK(is_zero(hypervisor_leaf(v, FIRST + 3, 3)));
}

static void ids(void)
{
	struct domain *d = fake_domain_machine(1, 2, 8);
	struct cpuid_leaf l = hypervisor_leaf(d->vcpus[1], FIRST + 4, 0);

	CHECK(l.a & XEN_HVM_CPUID_VCPU_ID_PRESENT);
	CHECK(l.a & XEN_HVM_CPUID_DOMID_PRESENT);
	CHECK_EQ(l.b, 1);
	CHECK_EQ(l.c, d->id);
	CHECK(is_zero(hypervisor_leaf(d->vcpus[1], FIRST + 4, 1)));
}

static void nothing_else(void)
{
	struct vcpu *v = fake_domain_machine(1, 1, 8)->vcpus[0];

	for (uint32_t leaf = FIRST + 5; leaf < FIRST + 0x200; leaf++)
		CHECK(is_zero(hypervisor_leaf(v, leaf, 0)));
	CHECK(is_zero(hypervisor_leaf(v, 0x4fffffff, 0)));
}

UNIT_MAIN(UNIT(who_we_are), UNIT(hypercall_page), UNIT(time_leaves), UNIT(ids), UNIT(nothing_else))
