/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CPUID exits: Xen's leaves, and what the ordinary leaves must say. */
#include "guest.h"

static void signature(void)
{
	struct cpuid_regs r = cpuid(xen_base, 0);

	CHECK_EQ(xen_base, 0x40000000);
	CHECK(r.a >= xen_base + 4 && r.a <= xen_base + XEN_CPUID_MAX_NUM_LEAVES);
}

static void version_leaf(void)
{
	struct cpuid_regs r = cpuid(xen_base + 1, 0);

	CHECK_EQ(r.a, version_op(XENVER_version, NULL));
	CHECK_EQ(r.b | r.c | r.d, 0);
}

static void hypercall_leaf(void)
{
	struct cpuid_regs r = cpuid(xen_base + 2, 0);

	CHECK_EQ(r.a, 1);
	CHECK_EQ(r.b, 0x40000000);
	CHECK_EQ(r.d, 0);
}

static void time_leaf(void)
{
	const volatile struct vcpu_time_info *t = &shared->vcpu_info[0].time;
	struct cpuid_regs r = cpuid(xen_base + 3, 0), s = cpuid(xen_base + 3, 1);
	uint64_t khz;

	/* kHz = 10^6 * 2^32 / (multiplier * 2^shift), of the clock the guest reads. */
	khz = (1000000ull << 32) / t->tsc_to_system_mul;
	khz = t->tsc_shift < 0 ? khz << -t->tsc_shift : khz >> t->tsc_shift;
	CHECK(r.c > khz - khz / 1000 && r.c < khz + khz / 1000);
	CHECK(r.b <= 3);
	CHECK(s.c != 0);
	CHECK(cpuid(xen_base + 3, 2).a != 0);
}

static void hvm_leaf(void)
{
	struct cpuid_regs r = cpuid(xen_base + 4, 0);

	CHECK(r.a & XEN_HVM_CPUID_VCPU_ID_PRESENT);
	CHECK_EQ(r.b, 0);
	if (r.a & XEN_HVM_CPUID_DOMID_PRESENT)
		CHECK_EQ(r.c, 0);
}

static void beyond_the_last(void)
{
	uint32_t last = cpuid(xen_base, 0).a;
	struct cpuid_regs r = cpuid(last + 1, 0);

	CHECK_EQ(r.a | r.b | r.c | r.d, 0);
	r = cpuid(xen_base + 0xff, 0);
	CHECK_EQ(r.a | r.b | r.c | r.d, 0);
}

static void vendor_and_hypervisor_bit(void)
{
	struct cpuid_regs r = cpuid(0, 0);

	CHECK(r.a >= 1 && r.a < 0x100);
	CHECK(r.b && r.c && r.d);
	CHECK(cpuid(1, 0).c >> 31);
}

static void apic_id_agrees(void)
{
	CHECK_EQ(cpuid(1, 0).b >> 24, lapic_id());
}

/* Bits that the hypervisor must not show: it does not virtualise them. */
static void hidden_features(void)
{
	struct cpuid_regs one = cpuid(1, 0);

	CHECK_EQ(one.c >> 3 & 1, 0); /* MONITOR */
	CHECK_EQ(one.c >> 5 & 1, 0); /* VMX */
	CHECK_EQ(one.c >> 6 & 1, 0); /* SMX */
	if (cpuid(0x80000000, 0).a >= 0x80000001)
		CHECK_EQ(cpuid(0x80000001, 0).c >> 2 & 1, 0); /* SVM */
}

static void wanted_features(void)
{
	struct cpuid_regs one = cpuid(1, 0), ext = cpuid(0x80000001, 0);

	CHECK(one.d & 1u << 0);  /* FPU */
	CHECK(one.d & 1u << 4);  /* TSC */
	CHECK(one.d & 1u << 5);  /* MSR */
	CHECK(one.d & 1u << 6);  /* PAE */
	CHECK(one.d & 1u << 9);  /* APIC */
	CHECK(one.d & 1u << 24); /* FXSR */
	CHECK(one.d & 1u << 25); /* SSE */
	CHECK(one.d & 1u << 26); /* SSE2 */
	CHECK(one.c & 1u << 21); /* x2APIC */
	CHECK(ext.d & 1u << 29); /* long mode */
	CHECK(ext.d & 1u << 20); /* NX */
}

/* OSXSAVE follows CR4, APIC follows APIC_BASE: both are read by kernels. */
static void osxsave_follows_cr4(void)
{
	uint32_t c = cpuid(1, 0).c;

	if (!(c & 1u << 26)) {
		CHECK_EQ(c >> 27 & 1, 0);
		return;
	}
	CHECK_EQ(cpuid(1, 0).c >> 27 & 1, 0);
	cr4_write(cr4_read() | CR4_OSXSAVE);
	CHECK_EQ(cpuid(1, 0).c >> 27 & 1, 1);
	cr4_write(cr4_read() & ~CR4_OSXSAVE);
	CHECK_EQ(cpuid(1, 0).c >> 27 & 1, 0);
}

static void upper_halves_are_clear(void)
{
	ulong_t a = (ulong_t)-1, b = (ulong_t)-1, c = 0, d = (ulong_t)-1;

	a = 1;
	__asm__ volatile("cpuid" : "+a"(a), "+b"(b), "+c"(c), "+d"(d));
	CHECK_EQ((uint64_t)a >> 32 | (uint64_t)b >> 32 | (uint64_t)c >> 32 | (uint64_t)d >> 32, 0);
}

static void brand_and_sizes(void)
{
	CHECK(cpuid(0x80000000, 0).a >= 0x80000008);
	CHECK((cpuid(0x80000008, 0).a & 0xff) >= 36);
	CHECK((cpuid(0x80000008, 0).a >> 8 & 0xff) >= 48);
}

/* A leaf that no processor has: zeroes here (AMD), or the last basic leaf's data (Intel). Never a fault. */
static void odd_leaves(void)
{
	static const uint32_t leaves[] = { 0x20000000, 0x3fffffff, 0x50000000,
		                           0x8fffffff, 0xc0000000, ~0u };

	for (unsigned i = 0; i < ARRAY_LEN(leaves); i++)
		cpuid(leaves[i], ~0u);
	CHECK_EQ(cpuid(xen_base, 0).b, XEN_CPUID_SIGNATURE_EBX);
}

static void user_cpuid(void *arg)
{
	*(uint32_t *)arg = cpuid(xen_base, 0).b;
}

static void from_user_mode(void)
{
	uint32_t b = 0;

	CHECK_EQ(exception_of_user(user_cpuid, &b).vector, NO_EXCEPTION);
	CHECK_EQ(b, XEN_CPUID_SIGNATURE_EBX);
}

GUEST_TESTS(TEST(signature), TEST(version_leaf), TEST(hypercall_leaf), TEST(time_leaf),
            TEST(hvm_leaf), TEST(beyond_the_last), TEST(vendor_and_hypervisor_bit),
            TEST(apic_id_agrees), TEST(hidden_features), TEST(wanted_features),
            TEST(osxsave_follows_cr4), TEST(upper_halves_are_clear), TEST(brand_and_sizes),
            TEST(odd_leaves), TEST(from_user_mode));
