/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen/x86/msr.c */
#include <string.h>
#include "unit.h"
#include "msr.h"
#include "cpuid_features.h"

static struct cpuid_policy amd, intel;
static struct guest_msrs msrs;

static struct cpuid_leaf everything(uint32_t leaf, uint32_t subleaf)
{
	switch (leaf) {
	case 0: return (struct cpuid_leaf){ 0x20, 0x756e6547, 0x6c65746e, 0x49656e69 };
	case 0x80000000: return (struct cpuid_leaf){ 0x80000022, 0, 0, 0 };
	case 0x80000008: return (struct cpuid_leaf){ 0x3028, ~0u, 0, 0 };
	case 0xd: return (struct cpuid_leaf){ subleaf ? 15 : 0x2e7, 0, 0, 0 };
	default: return (struct cpuid_leaf){ ~0u, ~0u, ~0u, ~0u };
	}
}

static struct cpuid_leaf everything_amd(uint32_t leaf, uint32_t subleaf)
{
	struct cpuid_leaf l = everything(leaf, subleaf);

	if (leaf == 0)
		l = (struct cpuid_leaf){ 0x20, 0x68747541, 0x444d4163, 0x69746e65 };
	return l;
}

static void setup(void)
{
	struct cpuid_policy host;

	cpuid_read_host(everything, &host);
	host.arch_caps = ~0ull;
	cpuid_guest_default(&host, &intel);
	cpuid_read_host(everything_amd, &host);
	cpuid_guest_default(&host, &amd);
	guest_msrs_reset(&msrs, true);
}

static void clear_feature(struct cpuid_policy *p, unsigned feature)
{
	uint32_t *words[NR_CPUID_WORDS] = {
		[WORD_1D] = &p->basic[1].d,     [WORD_E1D] = &p->extended[1].d,
		[WORD_E1C] = &p->extended[1].c, [WORD_DA1] = &p->xstate[1].a,
		[WORD_7C0] = &p->feat[0].c,     [WORD_7D0] = &p->feat[0].d,
		[WORD_E8B] = &p->extended[8].b,
	};

	*words[feature / 32] &= ~(1u << (feature % 32));
	CHECK(!cpuid_has(p, feature));
}

static uint64_t reads(const struct cpuid_policy *p, uint32_t index)
{
	uint64_t value = 0xdead;

	CHECK_EQ(guest_msr_read(&msrs, p, index, &value), MSR_OK);
	return value;
}

static enum msr_result read_result(const struct cpuid_policy *p, uint32_t index)
{
	uint64_t value;

	return guest_msr_read(&msrs, p, index, &value);
}

static bool last_changed;
static enum msr_result writes(const struct cpuid_policy *p, uint32_t index, uint64_t value)
{
	last_changed = true;
	return guest_msr_write(&msrs, p, index, value, &last_changed);
}

static void elsewhere(void)
{
	static const uint32_t list[] = { MSR_TSC,           MSR_APIC_BASE,     MSR_TSC_ADJUST,
		                         MSR_SYSENTER_CS,   MSR_SYSENTER_ESP,  MSR_SYSENTER_EIP,
		                         MSR_TSC_DEADLINE,  MSR_X2APIC_FIRST,  0x830,
		                         MSR_X2APIC_LAST,   MSR_XEN_HYPERCALL, MSR_EFER,
		                         MSR_STAR,          MSR_LSTAR,         MSR_CSTAR,
		                         MSR_FMASK,         MSR_FS_BASE,       MSR_GS_BASE,
		                         MSR_KERNEL_GS_BASE };

	setup();
	for (size_t i = 0; i < ARRAY_LEN(list); i++) {
		CHECK_EQ(read_result(&amd, list[i]), MSR_ELSEWHERE);
		CHECK_EQ(writes(&intel, list[i], 0), MSR_ELSEWHERE);
	}
}

static void unknown(void)
{
	static const uint32_t list[] = { 0,          0x11,       0x34,       0xe7,       0x1da,
		                         0x1df,      0x1ff,      0x210,      0x251,      0x270,
		                         0x278,      0x300,      0x408,      0x6e1,      0x7ff,
		                         0x900,      0x3fffffff, 0x40000001, 0xc000007f, 0xc0000085,
		                         0xc0000104, 0xc0010117, 0xc0010142, 0xffffffff };

	setup();
	for (size_t i = 0; i < ARRAY_LEN(list); i++) {
		CHECK_EQ(read_result(&amd, list[i]), MSR_UNKNOWN);
		CHECK_EQ(writes(&amd, list[i], 0), MSR_UNKNOWN);
		CHECK(!last_changed);
	}
}

static void vendors(void)
{
	static const uint32_t intel_only[] = { MSR_PLATFORM_ID, MSR_FEATURE_CONTROL,
		                               MSR_MISC_ENABLE, MSR_MISC_FEATURES };
	static const uint32_t amd_only[] = {
		MSR_SYSCFG,         MSR_HWCR,        MSR_NB_CFG,          MSR_DE_CFG,
		MSR_INT_PENDING,    MSR_VM_CR,       MSR_TOP_MEM2,        MSR_IORR_BASE0,
		MSR_IORR_BASE0 + 4, MSR_K7_EVNTSEL0, MSR_K7_EVNTSEL0 + 7, MSR_LAST_BRANCH,
		MSR_LAST_BRANCH + 3
	};

	setup();
	for (size_t i = 0; i < ARRAY_LEN(intel_only); i++) {
		CHECK_EQ(read_result(&intel, intel_only[i]), MSR_OK);
		CHECK_EQ(read_result(&amd, intel_only[i]), MSR_GP);
	}
	for (size_t i = 0; i < ARRAY_LEN(amd_only); i++) {
		CHECK_EQ(read_result(&amd, amd_only[i]), MSR_OK);
		CHECK_EQ(read_result(&intel, amd_only[i]), MSR_GP);
	}
	CHECK_EQ(reads(&intel, MSR_FEATURE_CONTROL), 1);
	CHECK_EQ(writes(&intel, MSR_FEATURE_CONTROL, 1), MSR_GP);
	CHECK_EQ(writes(&intel, MSR_UCODE_WRITE, 0x1000), MSR_OK);
	CHECK_EQ(read_result(&intel, MSR_UCODE_WRITE), MSR_GP);
	CHECK_EQ(writes(&amd, MSR_PATCH_LOADER, 0x1000), MSR_OK);
	CHECK_EQ(writes(&intel, MSR_PATCH_LOADER, 0x1000), MSR_GP);
	CHECK_EQ(reads(&amd, MSR_DE_CFG), 2);
	CHECK_EQ(writes(&amd, MSR_DE_CFG, 0), MSR_OK);
	CHECK_EQ(reads(&amd, MSR_DE_CFG), 2);
}

static void mtrrs(void)
{
	setup();
	CHECK_EQ(reads(&amd, MSR_MTRR_CAP), 0x508);
	CHECK_EQ(writes(&amd, MSR_MTRR_CAP, 0x508), MSR_GP);
	CHECK_EQ(reads(&amd, MSR_MTRR_DEF_TYPE), 0);
	for (unsigned type = 0; type < 256; type++) {
		bool valid = type == 0 || type == 1 || type == 4 || type == 5 || type == 6;
		enum msr_result want = valid ? MSR_OK : MSR_GP;

		CHECK_EQ(writes(&amd, MSR_MTRR_DEF_TYPE, 0xc00 | type), want);
		CHECK_EQ(writes(&amd, MSR_MTRR_PHYSBASE0, 0x80000000 | type), want);
		for (unsigned n = 0; n < 8; n++)
			CHECK_EQ(writes(&amd, MSR_MTRR_FIX4K_C0 + n, (uint64_t)type << 8 * n),
			         want);
	}
	CHECK_EQ(writes(&amd, MSR_MTRR_DEF_TYPE, 0x206), MSR_GP);
	CHECK_EQ(writes(&amd, MSR_MTRR_DEF_TYPE, 0x1006), MSR_GP);
	CHECK_EQ(writes(&amd, MSR_MTRR_PHYSBASE0 + 14, 0x8080000106), MSR_GP);
	CHECK_EQ(writes(&amd, MSR_MTRR_PHYSBASE0 + 14, 0x8080000006), MSR_OK); /* 40 bits */
	CHECK_EQ(writes(&amd, MSR_MTRR_PHYSBASE0 + 14, 0x10080000006), MSR_GP);
	CHECK_EQ(writes(&amd, MSR_MTRR_PHYSBASE0 + 15, 0xff80000800), MSR_OK);
	CHECK_EQ(writes(&amd, MSR_MTRR_PHYSBASE0 + 15, 0xff80000400), MSR_GP);
	CHECK_EQ(writes(&amd, MSR_MTRR_PHYSBASE0 + 15, 0x1ff80000800), MSR_GP);
	CHECK_EQ(reads(&amd, MSR_MTRR_PHYSBASE0 + 14), 0x8080000006);
	CHECK_EQ(reads(&amd, MSR_MTRR_PHYSBASE0 + 15), 0xff80000800);
	CHECK(!last_changed);
	clear_feature(&amd, FEATURE_MTRR);
	CHECK_EQ(read_result(&amd, MSR_MTRR_CAP), MSR_GP);
	CHECK_EQ(read_result(&amd, MSR_MTRR_FIX64K), MSR_GP);
}

/* Each fixed range has its own place. */
static void mtrr_places(void)
{
	static const uint32_t fixed[11] = { 0x250, 0x258, 0x259, 0x268, 0x269, 0x26a,
		                            0x26b, 0x26c, 0x26d, 0x26e, 0x26f };

	setup();
	for (unsigned i = 0; i < 11; i++)
		CHECK_EQ(writes(&amd, fixed[i], i & 1 ? 0x0606060606060606 : 0x0505050505050505),
		         MSR_OK);
	for (unsigned i = 0; i < 11; i++)
		CHECK_EQ(msrs.mtrr_fixed[i], i & 1 ? 0x0606060606060606 : 0x0505050505050505);
	for (unsigned i = 0; i < 16; i++)
		CHECK_EQ(writes(&amd, 0x200 + i, (uint64_t)(i + 1) << 12), MSR_OK);
	for (unsigned i = 0; i < 16; i++)
		CHECK_EQ(msrs.mtrr_var[i], (uint64_t)(i + 1) << 12);
	guest_msrs_reset(&msrs, false);
	CHECK_EQ(reads(&amd, MSR_MTRR_DEF_TYPE), 0x806);
	CHECK_EQ(msrs.mtrr_fixed[3], 0);
}

static void pat(void)
{
	setup();
	CHECK_EQ(reads(&amd, MSR_PAT), 0x0007040600070406);
	for (unsigned type = 0; type < 256; type++) {
		bool valid = type <= 7 && type != 2 && type != 3;

		CHECK_EQ(writes(&amd, MSR_PAT, (uint64_t)type << 56 | type),
		         valid ? MSR_OK : MSR_GP);
	}
	CHECK_EQ(writes(&amd, MSR_PAT, 0x0407050600070106), MSR_OK);
	CHECK(last_changed);
	CHECK_EQ(writes(&amd, MSR_PAT, 0x0407050600070106), MSR_OK);
	CHECK(!last_changed);
	CHECK_EQ(reads(&amd, MSR_PAT), 0x0407050600070106);
}

static void machine_check(void)
{
	setup();
	CHECK_EQ(reads(&amd, MSR_MCG_CAP), 0x102);
	CHECK_EQ(writes(&amd, MSR_MCG_CAP, 0x102), MSR_GP);
	CHECK_EQ(reads(&amd, MSR_MCG_STATUS), 0);
	CHECK_EQ(writes(&amd, MSR_MCG_STATUS, 0), MSR_OK);
	CHECK_EQ(writes(&amd, MSR_MCG_STATUS, 8), MSR_GP);
	CHECK_EQ(writes(&amd, MSR_MCG_CTL, ~0ull), MSR_OK);
	for (unsigned i = 0; i < 8; i++) {
		CHECK_EQ(reads(&amd, MSR_MC0_CTL + i), 0);
		CHECK_EQ(writes(&amd, MSR_MC0_CTL + i, 0), MSR_OK);
		CHECK_EQ(writes(&amd, MSR_MC0_CTL + i, ~0ull), i % 4 ? MSR_GP : MSR_OK);
	}
}

static void speculation(void)
{
	setup();
	CHECK_EQ(writes(&intel, MSR_SPEC_CTRL, 7), MSR_OK);
	CHECK(last_changed);
	CHECK_EQ(reads(&intel, MSR_SPEC_CTRL), 7);
	CHECK_EQ(writes(&intel, MSR_SPEC_CTRL, 0x100), MSR_GP);
	CHECK_EQ(writes(&intel, MSR_PRED_CMD, 1), MSR_OK);
	CHECK(last_changed);
	CHECK_EQ(writes(&intel, MSR_PRED_CMD, 0), MSR_OK);
	CHECK(!last_changed);
	CHECK_EQ(writes(&intel, MSR_PRED_CMD, 2), MSR_GP);
	CHECK_EQ(read_result(&intel, MSR_PRED_CMD), MSR_GP);
	CHECK_EQ(writes(&intel, MSR_FLUSH_CMD, 1), MSR_OK);
	CHECK(last_changed);
	/* Nothing in the hardware would follow it: not by default, whatever the host has. */
	CHECK(!cpuid_has(&amd, FEATURE_VIRT_SSBD));
	CHECK_EQ(read_result(&amd, MSR_VIRT_SPEC_CTRL), MSR_GP);
	amd.extended[8].b |= 1u << FEATURE_VIRT_SSBD % 32;
	CHECK_EQ(writes(&amd, MSR_VIRT_SPEC_CTRL, 0xffff), MSR_OK);
	CHECK_EQ(reads(&amd, MSR_VIRT_SPEC_CTRL), 4);
	CHECK_EQ(reads(&intel, MSR_ARCH_CAPS) & 3, 3);
	CHECK_EQ(reads(&intel, MSR_ARCH_CAPS) >> 25, 0);
	CHECK_EQ(writes(&intel, MSR_ARCH_CAPS, 0), MSR_GP);
	clear_feature(&intel, FEATURE_SSBD);
	clear_feature(&intel, FEATURE_AMD_SSBD);
	CHECK_EQ(writes(&intel, MSR_SPEC_CTRL, 4), MSR_GP);
	clear_feature(&intel, FEATURE_ARCH_CAPS);
	CHECK_EQ(read_result(&intel, MSR_ARCH_CAPS), MSR_GP);
	clear_feature(&intel, FEATURE_IBRSB);
	CHECK_EQ(writes(&intel, MSR_SPEC_CTRL, 1), MSR_OK);
	clear_feature(&intel, FEATURE_AMD_IBRS);
	clear_feature(&intel, FEATURE_AMD_STIBP);
	clear_feature(&intel, FEATURE_PSFD);
	CHECK_EQ(writes(&intel, MSR_SPEC_CTRL, 1), MSR_GP);
	clear_feature(&intel, FEATURE_L1D_FLUSH);
	CHECK_EQ(writes(&intel, MSR_FLUSH_CMD, 1), MSR_GP);
}

static void others(void)
{
	setup();
	CHECK_EQ(writes(&intel, MSR_TSC_AUX, 0xffffffff), MSR_OK);
	CHECK(last_changed);
	CHECK_EQ(writes(&intel, MSR_TSC_AUX, 1ull << 32), MSR_GP);
	clear_feature(&intel, FEATURE_RDTSCP);
	CHECK_EQ(reads(&intel, MSR_TSC_AUX), 0xffffffff);
	clear_feature(&intel, FEATURE_RDPID);
	CHECK_EQ(read_result(&intel, MSR_TSC_AUX), MSR_GP);
	CHECK_EQ(writes(&intel, MSR_XSS, 0), MSR_OK);
	CHECK_EQ(writes(&intel, MSR_XSS, 0x100), MSR_GP);
	CHECK_EQ(reads(&intel, MSR_MISC_ENABLE), 0x1801);
	CHECK_EQ(writes(&intel, MSR_MISC_ENABLE, 0), MSR_OK);
	CHECK_EQ(reads(&intel, MSR_MISC_ENABLE), 0x1800);
	CHECK_EQ(writes(&intel, MSR_DEBUGCTL, 2), MSR_OK);
	CHECK(last_changed);
	CHECK_EQ(writes(&intel, MSR_DEBUGCTL, 4), MSR_GP);
	CHECK_EQ(reads(&amd, MSR_HWCR), 1 << 24);
	CHECK_EQ(writes(&amd, MSR_HWCR, ~0ull), MSR_OK);
	CHECK_EQ(reads(&amd, MSR_HWCR), 1 << 24 | 1 << 18 | 1 << 8 | 1 << 6 | 1 << 3);
	msrs.patch_level = 0x8001207;
	msrs.osvw_length = 4;
	CHECK_EQ(writes(&amd, MSR_BIOS_SIGN, 0), MSR_OK);
	CHECK_EQ(reads(&amd, MSR_BIOS_SIGN), 0x8001207);
	CHECK_EQ(writes(&amd, MSR_OSVW_ID_LENGTH, 9), MSR_OK);
	CHECK_EQ(reads(&amd, MSR_OSVW_ID_LENGTH), 4);
	CHECK_EQ(reads(&amd, MSR_OSVW_STATUS), 0);
	CHECK_EQ(reads(&amd, MSR_VM_CR), 0x18);
	CHECK_EQ(reads(&amd, MSR_PLATFORM_INFO), 0);
	CHECK_EQ(writes(&amd, MSR_PLATFORM_INFO, 0), MSR_GP);
	CHECK_EQ(writes(&intel, MSR_MISC_FEATURES, 0), MSR_OK);
	CHECK_EQ(writes(&intel, MSR_MISC_FEATURES, 1), MSR_GP);
}

static void saved(void)
{
	CHECK_EQ(save_size(guest_msrs_saved, 1), sizeof(struct guest_msrs));
}

UNIT_MAIN(UNIT(elsewhere), UNIT(unknown), UNIT(vendors), UNIT(mtrrs), UNIT(mtrr_places), UNIT(pat),
          UNIT(machine_check), UNIT(speculation), UNIT(others), UNIT(saved))
