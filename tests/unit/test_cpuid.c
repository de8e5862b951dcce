/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen/x86/cpuid.c and cpuid_policy.c: a scripted CPU of each vendor, and this computer's own. */
#include <string.h>
#include "unit.h"
#include "cpuid_features.h"
#include "errno.h"

#define AMD_B   0x68747541
#define INTEL_B 0x756e6547

static bool script_amd;
static uint32_t script_max_basic, script_max_extended, script_hide_1c;

/* Every feature there is, and marks in the leaves that must not show through. */
static struct cpuid_leaf script(uint32_t leaf, uint32_t subleaf)
{
	static const struct cpuid_leaf xstate[16] = {
		{ 0x2ff, 0xa88, 0xa88, 0 }, { 15, 0xa88, 0x1900, 0 }, { 256, 576, 0, 0 },
		{ 64, 960, 0, 0 },          { 64, 1024, 0, 0 },       { 64, 1088, 2, 0 },
		{ 512, 1152, 2, 0 },        { 1024, 1664, 2, 0 },     { 128, 0, 1, 0 },
		{ 8, 2688, 0, 0 },
	};
	struct cpuid_leaf all = { ~0u, ~0u, ~0u, ~0u }, none = { 0 };

	switch (leaf) {
	case 0:
		return script_amd ? (struct cpuid_leaf){ script_max_basic, AMD_B, 0x444d4163,
			                                 0x69746e65 }
		                  : (struct cpuid_leaf){ script_max_basic, INTEL_B, 0x6c65746e,
			                                 0x49656e69 };
	case 1: return (struct cpuid_leaf){ 0x800f12, 0x05100800, ~script_hide_1c, ~0u };
	case 4:
		if (script_amd || subleaf > 2)
			return none;
		return (struct cpuid_leaf){ 0x3c004120 | (subleaf + 1) << 5 | 1, 0x1c0003f, 63, 0 };
	case 7: return (struct cpuid_leaf){ subleaf ? ~0u : 2, ~0u, ~0u, ~0u };
	case 0xd: return subleaf < 16 ? xstate[subleaf] : none;
	case 0x80000000: return (struct cpuid_leaf){ script_max_extended, 0, 0, 0 };
	case 0x80000008: return (struct cpuid_leaf){ 0x00303934, ~0u, 0x7007, ~0u };
	case 0x8000001d:
		if (subleaf > 3)
			return none;
		return (struct cpuid_leaf){ 0x4121 | (subleaf + 1) << 5, 0x1c0003f, 63, 0 };
	default: return all;
	}
}

static struct cpuid_policy host, guest;
static struct cpuid_dynamic dyn;

static void setup(bool amd)
{
	script_amd = amd;
	script_max_basic = 0x16;
	script_max_extended = 0x80000022;
	script_hide_1c = 0;
	dyn = (struct cpuid_dynamic){
		.apic_id = 6, .x2apic_id = 6, .nr_vcpus = 4, .apic_enabled = true, .xcr0 = 1
	};
	cpuid_read_host(script, &host);
	cpuid_guest_default(&host, &guest);
}

static struct cpuid_leaf ask(uint32_t leaf, uint32_t subleaf)
{
	return cpuid_guest_answer(&guest, &dyn, leaf, subleaf);
}

static void check_zero(uint32_t leaf, uint32_t subleaf)
{
	struct cpuid_leaf l = ask(leaf, subleaf);

	CHECK_EQ(l.a | l.b | l.c | l.d, 0);
}

static void vendor_and_range(void)
{
	setup(true);
	CHECK(cpuid_vendor_is_amd(&guest));
	CHECK_EQ(ask(0, 0).a, 0xd);
	CHECK_EQ(ask(0, 0).b, AMD_B);
	CHECK_EQ(ask(0x80000000, 0).a, 0x80000021);
	check_zero(0xe, 0);
	check_zero(0x16, 0);
	check_zero(0x80000022, 0);
	check_zero(0xc0000000, 0);
	check_zero(0xffffffff, 0);
	setup(false);
	CHECK(!cpuid_vendor_is_amd(&guest));
	CHECK_EQ(ask(0x80000000, 0).a, 0x80000008);
	/* the last basic leaf, for this subleaf */
	CHECK_EQ(ask(0x16, 0).a, ask(0xd, 0).a);
	CHECK_EQ(ask(0x80000009, 2).a, 256);
	CHECK_EQ(ask(0x12345678, 2).b, 576);
}

static void hidden_and_forced(void)
{
	static const uint16_t hidden[] = { FEATURE_MONITOR, FEATURE_VMX,     FEATURE_SVM,
		                           FEATURE_DS,      FEATURE_DTES64,  FEATURE_TM,
		                           FEATURE_EIST,    FEATURE_PDCM,    FEATURE_EXTAPIC,
		                           FEATURE_LA57,    FEATURE_OSXSAVE, FEATURE_OSPKE };
	static const uint16_t shown[] = { FEATURE_X2APIC,  FEATURE_TSC_DEADLINE, FEATURE_HYPERVISOR,
		                          FEATURE_APIC,    FEATURE_MTRR,         FEATURE_PAT,
		                          FEATURE_NX,      FEATURE_LM,           FEATURE_RDTSCP,
		                          FEATURE_PAGE1GB, FEATURE_SMEP,         FEATURE_SMAP,
		                          FEATURE_UMIP,    FEATURE_FSGSBASE,     FEATURE_PCID,
		                          FEATURE_INVPCID, FEATURE_AVX512F,      FEATURE_PKU,
		                          FEATURE_RTM };

	for (int amd = 0; amd < 2; amd++) {
		setup(amd);
		for (size_t i = 0; i < ARRAY_LEN(hidden); i++)
			CHECK(!cpuid_has(&guest, hidden[i]));
		for (size_t i = 0; i < ARRAY_LEN(shown); i++)
			CHECK(cpuid_has(&guest, shown[i]));
		check_zero(5, 0);
		check_zero(6, 0);
		check_zero(0xa, 0);
		if (amd)
			check_zero(0x8000000a, 0);
		CHECK_EQ(ask(0x80000007, 0).d, 0x100);
		CHECK_EQ(ask(0x80000007, 0).a, 0);
	}
	/* what the host lacks, we do not invent */
	script_hide_1c = ~0u;
	cpuid_read_host(script, &host);
	cpuid_guest_default(&host, &guest);
	CHECK_EQ(ask(1, 0).c, 0x81200000);
}

static void without_xsave(void)
{
	static const uint16_t gone[] = { FEATURE_AVX,  FEATURE_FMA,         FEATURE_F16C,
		                         FEATURE_AVX2, FEATURE_AVX512F,     FEATURE_AVX512VL,
		                         FEATURE_PKU,  FEATURE_XSAVEOPT,    FEATURE_XSAVES,
		                         FEATURE_VAES, FEATURE_AVX512_VBMI, FEATURE_AVX_VNNI,
		                         FEATURE_FMA4, FEATURE_AVX512_BF16 };

	setup(true);
	script_hide_1c = 1u << 26;
	cpuid_read_host(script, &host);
	cpuid_guest_default(&host, &guest);
	for (size_t i = 0; i < ARRAY_LEN(gone); i++)
		CHECK(!cpuid_has(&guest, gone[i]));
	CHECK_EQ(cpuid_xcr0_valid(&guest), 0);
	check_zero(0xd, 0);
	check_zero(0xd, 2);
	CHECK_EQ(cpuid_cr4_valid(&guest) & (CR4_OSXSAVE | CR4_PKE), 0);
}

static void leaf_1(void)
{
	struct cpuid_leaf l;

	setup(true);
	l = ask(1, 0);
	CHECK_EQ(l.a, 0x800f12);
	CHECK_EQ(l.b >> 24, 6);
	CHECK_EQ(l.b >> 16 & 0xff, 8);
	CHECK_EQ(l.b >> 8 & 0xff, 8);
	CHECK(l.d >> 28 & 1);
	CHECK(l.d >> 9 & 1);
	CHECK(!(l.c >> 27 & 1));
	dyn.cr4 = CR4_OSXSAVE | CR4_PKE;
	dyn.apic_enabled = false;
	dyn.nr_vcpus = 1;
	l = ask(1, 0);
	CHECK(l.c >> 27 & 1);
	CHECK(!(l.d >> 9 & 1));
	CHECK(!(l.d >> 28 & 1));
	CHECK(ask(7, 0).c >> 4 & 1);
	CHECK(!(ask(0x80000001, 0).d >> 9 & 1));
	CHECK(!(ask(0x80000001, 0).c >> 1 & 1));
	check_zero(7, 3);
	CHECK_EQ(ask(7, 0).a, 1);
}

static void common_bits(void)
{
	setup(true);
	CHECK_EQ(ask(0x80000001, 0).d & CPUID_COMMON_1D_E1D, ask(1, 0).d & CPUID_COMMON_1D_E1D);
	setup(false);
	CHECK_EQ(ask(0x80000001, 0).d & CPUID_COMMON_1D_E1D, 0);
}

static void topology(void)
{
	setup(false);
	CHECK_EQ(ask(0xb, 0).a, 1);
	CHECK_EQ(ask(0xb, 0).b, 1);
	CHECK_EQ(ask(0xb, 0).c, 0x100);
	CHECK_EQ(ask(0xb, 0).d, 6);
	CHECK_EQ(ask(0xb, 1).a, 3); /* ids 0, 2, 4, 6 */
	CHECK_EQ(ask(0xb, 1).b, 4);
	CHECK_EQ(ask(0xb, 1).c, 0x201);
	CHECK_EQ(ask(0xb, 2).a, 0);
	CHECK_EQ(ask(0xb, 2).c, 2);
	CHECK_EQ(ask(0xb, 2).d, 6);
	CHECK_EQ(ask(4, 0).a >> 14 & 0xfff, 1);
	CHECK_EQ(ask(4, 2).a >> 14 & 0xfff, 7);
	CHECK_EQ(ask(4, 2).a >> 26, 3);
	check_zero(4, 3);
	check_zero(4, 100);
	CHECK_EQ(ask(0x80000008, 0).c, 0);
	dyn.nr_vcpus = 5;
	CHECK_EQ(ask(0xb, 1).a, 4);
	setup(true);
	check_zero(4, 0);
	CHECK_EQ(ask(0x80000008, 0).c, 3 << 12 | 3);
	CHECK_EQ(ask(0x8000001e, 0).a, 6);
	CHECK_EQ(ask(0x8000001e, 0).b, 3);
	CHECK_EQ(ask(0x8000001d, 0).a >> 14 & 0xfff, 1);
	CHECK_EQ(ask(0x8000001d, 3).a >> 14 & 0xfff, 7);
	CHECK(ask(0x80000001, 0).c >> 1 & 1);
	/* a package of its own: nobody shares its cache, and the package's number is the vcpu's */
	dyn.nr_vcpus = 1;
	CHECK_EQ(ask(0x80000008, 0).c, 1 << 12 | 0);
	CHECK_EQ(ask(0x8000001d, 3).a >> 14 & 0xfff, 1);
	CHECK_EQ(ask(0xb, 1).a, 1);
	CHECK_EQ(ask(0xb, 1).b, 1);
	dyn.nr_vcpus = 128;
	CHECK_EQ(ask(0x80000008, 0).c, 8 << 12 | 127);
	CHECK_EQ(ask(1, 0).b >> 16 & 0xff, 255);
}

static void address_widths(void)
{
	setup(true);
	CHECK_EQ(ask(0x80000008, 0).a, 0x3030); /* 52 bits, no more than 48 */
	CHECK_EQ(cpuid_maxphyaddr(&guest), 48);
	script_max_extended = 0x80000001;
	cpuid_read_host(script, &host);
	cpuid_guest_default(&host, &guest);
	CHECK_EQ(cpuid_maxphyaddr(&guest), 36);
	CHECK_EQ(ask(0x80000000, 0).a, 0x80000001);
	check_zero(0x80000008, 0);
}

static void xsave_leaves(void)
{
	setup(true);
	CHECK_EQ(cpuid_xcr0_valid(&guest), 0x2e7);
	CHECK_EQ(ask(0xd, 0).a, 0x2e7);
	CHECK_EQ(ask(0xd, 0).d, 0);
	CHECK_EQ(ask(0xd, 0).b, 576);
	CHECK_EQ(ask(0xd, 0).c, 2696);
	dyn.xcr0 = 7;
	CHECK_EQ(ask(0xd, 0).b, 832);
	dyn.xcr0 = 0x207;
	CHECK_EQ(ask(0xd, 0).b, 2696);
	CHECK_EQ(ask(0xd, 1).a, 15);
	CHECK_EQ(ask(0xd, 1).b, 840);
	CHECK_EQ(ask(0xd, 1).c, 0);
	dyn.xcr0 = 0x2e7;
	/* 576 + 256, then 64, 512, 1024 each aligned to 64, then 8 */
	CHECK_EQ(ask(0xd, 1).b, 832 + 64 + 512 + 1024 + 8);
	CHECK_EQ(ask(0xd, 2).a, 256);
	CHECK_EQ(ask(0xd, 2).b, 576);
	check_zero(0xd, 3); /* MPX */
	check_zero(0xd, 8); /* a supervisor state */
	check_zero(0xd, 16);
	check_zero(0xd, 63);
}

static void xcr0_rules(void)
{
	static const uint64_t good[] = { 1, 3, 7, 0xe7, 0x2e7, 0x201 };
	static const uint64_t bad[] = { 0,    2,    5,     0x23,           0x27, 0x67,
		                        0xe3, 0x1f, 0x407, 1ull << 62 | 1, 0x1b };

	setup(true);
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		CHECK_EQ(cpuid_xcr0_check(&guest, good[i]), 0);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		CHECK_EQ(cpuid_xcr0_check(&guest, bad[i]), -EINVAL);
}

static void control_registers(void)
{
	setup(false);
	CHECK_EQ(cpuid_cr4_valid(&guest), 0x770fff & ~(CR4_LA57 | CR4_SMXE | CR4_VMXE));
	CHECK_EQ(cpuid_efer_valid(&guest), EFER_SCE | EFER_LME | EFER_LMA | EFER_NXE | EFER_FFXSR);
	guest.extended[1].d = 0;
	guest.feat[0].b = guest.feat[0].c = 0;
	CHECK_EQ(cpuid_efer_valid(&guest), 0);
	CHECK_EQ(cpuid_cr4_valid(&guest) &
	                 (CR4_SMEP | CR4_SMAP | CR4_UMIP | CR4_FSGSBASE | CR4_PKE),
	         0);
}

static void old_hosts(void)
{
	setup(true);
	script_max_basic = 1;
	script_max_extended = 0;
	cpuid_read_host(script, &host);
	cpuid_guest_default(&host, &guest);
	CHECK_EQ(ask(0, 0).a, 0xb); /* leaf 0xb is ours */
	CHECK_EQ(ask(0xb, 1).d, 6);
	check_zero(7, 0);
	CHECK_EQ(ask(0x80000000, 0).a, 0x80000000);
	check_zero(0x80000001, 0);
	CHECK(!cpuid_has(&guest, FEATURE_LM));
	CHECK_EQ(cpuid_xcr0_valid(&guest), 0);
}

static struct cpuid_leaf real(uint32_t leaf, uint32_t subleaf)
{
	struct cpuid_leaf l;

	__asm__ volatile("cpuid"
	                 : "=a"(l.a), "=b"(l.b), "=c"(l.c), "=d"(l.d)
	                 : "a"(leaf), "c"(subleaf));
	return l;
}

/* On a real CPU: nothing appears that the host lacks, but what we emulate. */
static void this_computer(void)
{
	uint32_t ours_1c = 1u << 21 | 1u << 24 | 1u << 31;

	dyn = (struct cpuid_dynamic){ .nr_vcpus = 1, .apic_enabled = true, .xcr0 = 1 };
	cpuid_read_host(real, &host);
	cpuid_guest_default(&host, &guest);
	CHECK_EQ(ask(0, 0).b, real(0, 0).b);
	CHECK_EQ(ask(1, 0).c & ~real(1, 0).c & ~ours_1c, 0);
	CHECK_EQ(ask(1, 0).d & ~real(1, 0).d, 0);
	CHECK_EQ(ask(1, 0).a, real(1, 0).a);
	CHECK_EQ(ask(7, 0).b & ~real(7, 0).b, 0);
	CHECK_EQ(ask(7, 0).c & ~real(7, 0).c, 0);
	CHECK_EQ(ask(7, 0).d & ~real(7, 0).d, 0);
	CHECK_EQ(ask(0x80000001, 0).d & ~real(0x80000001, 0).d, 0);
	CHECK_EQ(ask(0x80000002, 0).a, real(0x80000002, 0).a);
	CHECK_EQ(ask(0xd, 0).a & ~real(0xd, 0).a, 0);
	for (uint32_t i = 2; i < 10; i++)
		if (ask(0xd, i).a)
			CHECK_EQ(ask(0xd, i).b, real(0xd, i).b);
}

UNIT_MAIN(UNIT(vendor_and_range), UNIT(hidden_and_forced), UNIT(without_xsave), UNIT(leaf_1),
          UNIT(common_bits), UNIT(topology), UNIT(address_widths), UNIT(xsave_leaves),
          UNIT(xcr0_rules), UNIT(control_registers), UNIT(old_hosts), UNIT(this_computer))
