/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CPUID policies: reading what the host has, and deriving what a guest may see. Three tables say it: what we allow when
 * the host has it, what we give always because we emulate it, and what goes when another feature is not there.
 */
#include "cpuid_features.h"
#include "string.h"

#define EXTENDED 0x80000000u
/* The highest leaves that guests get: what lies above describes power, frequencies, tracing and enclaves. */
#define GUEST_MAX_BASIC          0xdu
#define GUEST_MAX_EXTENDED_AMD   0x80000021u
#define GUEST_MAX_EXTENDED_INTEL 0x80000008u
/* Four levels of nested tables reach as far. */
#define GUEST_MAX_PHYS_BITS 48u
#define XSTATES_ALLOWED     0x2e7u /* x87, SSE, AVX, AVX-512 (three), PKRU */
/* What says "not affected", and what tells how to flush: RDCL_NO to TAA_NO, SBDR_SSDP_NO to PSDP_NO, FB_CLEAR, RRSBA, BHI_NO, PBRSB_NO */
#define ARCH_CAPS_ALLOWED 0x11ae17full

/* clang-format off */
static const uint16_t allowed[] = {
	FEATURE_FPU, FEATURE_VME, FEATURE_DE, FEATURE_PSE, FEATURE_TSC, FEATURE_MSR, FEATURE_PAE,
	FEATURE_MCE, FEATURE_CX8, FEATURE_APIC, FEATURE_SEP, FEATURE_MTRR, FEATURE_PGE,
	FEATURE_MCA, FEATURE_CMOV, FEATURE_PAT, FEATURE_PSE36, FEATURE_CLFLUSH, FEATURE_MMX,
	FEATURE_FXSR, FEATURE_SSE, FEATURE_SSE2, FEATURE_SSE3, FEATURE_PCLMULQDQ, FEATURE_SSSE3,
	FEATURE_FMA, FEATURE_CX16, FEATURE_PCID, FEATURE_SSE4_1, FEATURE_SSE4_2, FEATURE_MOVBE,
	FEATURE_POPCNT, FEATURE_AESNI, FEATURE_XSAVE, FEATURE_AVX, FEATURE_F16C, FEATURE_RDRAND,
	FEATURE_SYSCALL, FEATURE_NX, FEATURE_MMXEXT, FEATURE_FFXSR, FEATURE_PAGE1GB,
	FEATURE_RDTSCP, FEATURE_LM, FEATURE_LAHF_LM, FEATURE_CR8_LEGACY, FEATURE_ABM,
	FEATURE_SSE4A, FEATURE_MISALIGNSSE, FEATURE_3DNOWPREFETCH, FEATURE_OSVW, FEATURE_XOP,
	FEATURE_FMA4, FEATURE_TBM, FEATURE_TOPOEXT, FEATURE_XSAVEOPT, FEATURE_XSAVEC,
	FEATURE_XGETBV1, FEATURE_XSAVES, FEATURE_FSGSBASE, FEATURE_TSC_ADJUST, FEATURE_BMI1,
	FEATURE_HLE, FEATURE_AVX2, FEATURE_FDP_EXCP_ONLY, FEATURE_SMEP, FEATURE_BMI2,
	FEATURE_ERMS, FEATURE_INVPCID, FEATURE_RTM, FEATURE_NO_FPU_SEL, FEATURE_AVX512F,
	FEATURE_AVX512DQ, FEATURE_RDSEED, FEATURE_ADX, FEATURE_SMAP, FEATURE_AVX512_IFMA,
	FEATURE_CLFLUSHOPT, FEATURE_CLWB, FEATURE_AVX512PF, FEATURE_AVX512ER, FEATURE_AVX512CD,
	FEATURE_SHA, FEATURE_AVX512BW, FEATURE_AVX512VL, FEATURE_AVX512_VBMI, FEATURE_UMIP,
	FEATURE_PKU, FEATURE_AVX512_VBMI2, FEATURE_GFNI, FEATURE_VAES, FEATURE_VPCLMULQDQ,
	FEATURE_AVX512_VNNI, FEATURE_AVX512_BITALG, FEATURE_AVX512_POPCNT, FEATURE_RDPID,
	FEATURE_CLDEMOTE, FEATURE_MOVDIRI, FEATURE_MOVDIR64B, FEATURE_AVX512_4VNNIW,
	FEATURE_AVX512_4FMAPS, FEATURE_FSRM, FEATURE_AVX512_VP2INTERSECT, FEATURE_MD_CLEAR,
	FEATURE_SERIALIZE, FEATURE_AVX512_FP16, FEATURE_IBRSB, FEATURE_STIBP, FEATURE_L1D_FLUSH,
	FEATURE_ARCH_CAPS, FEATURE_SSBD, FEATURE_AVX_VNNI, FEATURE_AVX512_BF16, FEATURE_FZRM,
	FEATURE_FSRS, FEATURE_FSRCS, FEATURE_ITSC, FEATURE_CLZERO, FEATURE_RSTR_FP_ERR_PTRS,
	FEATURE_WBNOINVD, FEATURE_IBPB, FEATURE_AMD_IBRS, FEATURE_AMD_STIBP, FEATURE_IBRS_ALWAYS,
	FEATURE_STIBP_ALWAYS, FEATURE_IBRS_FAST, FEATURE_IBRS_SAME_MODE, FEATURE_NO_LMSL,
	FEATURE_AMD_SSBD, FEATURE_SSB_NO, FEATURE_PSFD, FEATURE_BTC_NO,
	FEATURE_IBPB_RET, FEATURE_NO_NEST_BP, FEATURE_LFENCE_DISPATCH, FEATURE_NSCB,
};
/* clang-format on */

/* Ours, whatever the host has. */
static const uint16_t emulated[] = { FEATURE_APIC, FEATURE_X2APIC, FEATURE_TSC_DEADLINE,
	                             FEATURE_HYPERVISOR };

/* In an order that lets one pass do: what a row takes away stands as needed only in later rows. */
static const struct {
	uint16_t feature, needs;
} dependencies[] = {
	{ FEATURE_AVX, FEATURE_XSAVE },
	{ FEATURE_PKU, FEATURE_XSAVE },
	{ FEATURE_XSAVEOPT, FEATURE_XSAVE },
	{ FEATURE_XSAVEC, FEATURE_XSAVE },
	{ FEATURE_XGETBV1, FEATURE_XSAVE },
	{ FEATURE_XSAVES, FEATURE_XSAVEC },
	{ FEATURE_FMA, FEATURE_AVX },
	{ FEATURE_F16C, FEATURE_AVX },
	{ FEATURE_AVX2, FEATURE_AVX },
	{ FEATURE_XOP, FEATURE_AVX },
	{ FEATURE_FMA4, FEATURE_AVX },
	{ FEATURE_VAES, FEATURE_AVX },
	{ FEATURE_VPCLMULQDQ, FEATURE_AVX },
	{ FEATURE_AVX_VNNI, FEATURE_AVX2 },
	{ FEATURE_AVX512F, FEATURE_AVX2 },
	{ FEATURE_AVX512DQ, FEATURE_AVX512F },
	{ FEATURE_AVX512_IFMA, FEATURE_AVX512F },
	{ FEATURE_AVX512PF, FEATURE_AVX512F },
	{ FEATURE_AVX512ER, FEATURE_AVX512F },
	{ FEATURE_AVX512CD, FEATURE_AVX512F },
	{ FEATURE_AVX512BW, FEATURE_AVX512F },
	{ FEATURE_AVX512VL, FEATURE_AVX512F },
	{ FEATURE_AVX512_VBMI, FEATURE_AVX512BW },
	{ FEATURE_AVX512_VBMI2, FEATURE_AVX512BW },
	{ FEATURE_AVX512_VNNI, FEATURE_AVX512F },
	{ FEATURE_AVX512_BITALG, FEATURE_AVX512BW },
	{ FEATURE_AVX512_POPCNT, FEATURE_AVX512F },
	{ FEATURE_AVX512_4VNNIW, FEATURE_AVX512F },
	{ FEATURE_AVX512_4FMAPS, FEATURE_AVX512F },
	{ FEATURE_AVX512_VP2INTERSECT, FEATURE_AVX512F },
	{ FEATURE_AVX512_FP16, FEATURE_AVX512BW },
	{ FEATURE_AVX512_BF16, FEATURE_AVX512BW },
	{ FEATURE_PCID, FEATURE_LM },
	{ FEATURE_INVPCID, FEATURE_PCID },
	{ FEATURE_PAGE1GB, FEATURE_LM },
	{ FEATURE_LAHF_LM, FEATURE_LM },
	{ FEATURE_FSGSBASE, FEATURE_LM },
	{ FEATURE_FFXSR, FEATURE_FXSR },
};

#define AT(array, index, reg)                                                        \
	offsetof(struct cpuid_policy, array) + (index) * sizeof(struct cpuid_leaf) + \
		offsetof(struct cpuid_leaf, reg)
static const uint16_t word_offsets[NR_CPUID_WORDS] = {
	[WORD_1D] = AT(basic, 1, d),     [WORD_1C] = AT(basic, 1, c),
	[WORD_E1D] = AT(extended, 1, d), [WORD_E1C] = AT(extended, 1, c),
	[WORD_DA1] = AT(xstate, 1, a),   [WORD_7B0] = AT(feat, 0, b),
	[WORD_7C0] = AT(feat, 0, c),     [WORD_7D0] = AT(feat, 0, d),
	[WORD_E7D] = AT(extended, 7, d), [WORD_E8B] = AT(extended, 8, b),
	[WORD_7A1] = AT(feat, 1, a),     [WORD_E21A] = AT(extended, 0x21, a),
};

static uint32_t *policy_word(struct cpuid_policy *p, enum cpuid_word word)
{
	return (uint32_t *)((char *)p + word_offsets[word]);
}

bool cpuid_has(const struct cpuid_policy *p, unsigned feature)
{
	const uint32_t *word = (const uint32_t *)((const char *)p + word_offsets[feature / 32]);

	return *word >> (feature % 32) & 1;
}

static void feature_set(struct cpuid_policy *p, unsigned feature)
{
	*policy_word(p, feature / 32) |= 1u << (feature % 32);
}

static void feature_clear(struct cpuid_policy *p, unsigned feature)
{
	*policy_word(p, feature / 32) &= ~(1u << (feature % 32));
}

bool cpuid_vendor_is_amd(const struct cpuid_policy *p)
{
	/* EBX of "AuthenticAMD" and of "HygonGenuine" */
	return p->basic[0].b == 0x68747541 || p->basic[0].b == 0x6f677948;
}

unsigned cpuid_maxphyaddr(const struct cpuid_policy *p)
{
	return p->max_extended >= (EXTENDED | 8) ? p->extended[8].a & 0xff : 36;
}

static void read_subleaves(cpuid_reader read, uint32_t leaf, struct cpuid_leaf *out, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		out[i] = read(leaf, i);
}

static void read_xstate(cpuid_reader read, struct cpuid_policy *out)
{
	read_subleaves(read, 0xd, out->xstate, CPUID_XSTATE_MAX);
	for (unsigned i = 2; i < CPUID_XSTATE_MAX; i++) {
		out->xstate_size[i] = out->xstate[i].a;
		out->xstate_offset[i] = out->xstate[i].b;
	}
}

void cpuid_read_host(cpuid_reader read, struct cpuid_policy *out)
{
	uint32_t max;

	memset(out, 0, sizeof(*out));
	max = out->max_basic = read(0, 0).a;
	for (uint32_t leaf = 0; leaf <= MIN(max, (uint32_t)CPUID_BASIC_MAX); leaf++)
		if (leaf != 4 && leaf != 7 && leaf != 0xb && leaf != 0xd)
			out->basic[leaf] = read(leaf, 0);
	if (max >= 7)
		read_subleaves(read, 7, out->feat, MIN(read(7, 0).a, CPUID_FEAT_MAX - 1u) + 1);
	if (max >= 0xb)
		read_subleaves(read, 0xb, out->topo, CPUID_TOPO_MAX);
	if (max >= 0xd && cpuid_has(out, FEATURE_XSAVE))
		read_xstate(read, out);

	max = read(EXTENDED, 0).a;
	if (max < EXTENDED || max > (EXTENDED | 0xffff))
		max = EXTENDED;
	out->max_extended = max;
	for (uint32_t leaf = EXTENDED; leaf <= MIN(max, EXTENDED | CPUID_EXTENDED_MAX); leaf++)
		out->extended[leaf - EXTENDED] = read(leaf, 0);
	if (!cpuid_vendor_is_amd(out) && out->max_basic >= 4)
		read_subleaves(read, 4, out->cache, CPUID_CACHE_MAX);
	else if (max >= (EXTENDED | 0x1d) && cpuid_has(out, FEATURE_TOPOEXT))
		read_subleaves(read, EXTENDED | 0x1d, out->cache, CPUID_CACHE_MAX);
}

static void features_default(const struct cpuid_policy *host, struct cpuid_policy *out)
{
	uint32_t common;

	for (unsigned word = 0; word < NR_CPUID_WORDS; word++)
		*policy_word(out, word) = 0;
	for (unsigned i = 0; i < ARRAY_LEN(allowed); i++)
		if (cpuid_has(host, allowed[i]))
			feature_set(out, allowed[i]);
	for (unsigned i = 0; i < ARRAY_LEN(emulated); i++)
		feature_set(out, emulated[i]);
	if ((host->xstate[0].a & 4) == 0)
		feature_clear(out, FEATURE_AVX);
	if ((host->xstate[0].a & 0xe0) != 0xe0)
		feature_clear(out, FEATURE_AVX512F);
	if ((host->xstate[0].a & 0x200) == 0)
		feature_clear(out, FEATURE_PKU);
	for (unsigned i = 0; i < ARRAY_LEN(dependencies); i++)
		if (!cpuid_has(out, dependencies[i].needs))
			feature_clear(out, dependencies[i].feature);
	common = cpuid_vendor_is_amd(host) ? *policy_word(out, WORD_1D) & CPUID_COMMON_1D_E1D : 0;
	*policy_word(out, WORD_E1D) |= common;
}

static void leaf_clear(struct cpuid_leaf *leaf)
{
	*leaf = (struct cpuid_leaf){ 0 };
}

/* Leaves that describe what guests do not have, or that the answer computes from the vcpu. */
static void leaves_default(struct cpuid_policy *out)
{
	static const uint8_t no_basic[] = { 3, 4, 5, 6, 7, 8, 9, 0xa, 0xb, 0xc, 0xd };
	static const uint8_t no_extended[] = { 9,    0xa,  0xb,  0xc,  0xd,  0xe,  0xf,  0x10,
		                               0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18,
		                               0x1b, 0x1c, 0x1d, 0x1e, 0x1f, 0x20, 0x22 };
	unsigned bits;

	for (unsigned i = 0; i < ARRAY_LEN(no_basic); i++)
		leaf_clear(&out->basic[no_basic[i]]);
	for (unsigned i = GUEST_MAX_BASIC + 1; i <= CPUID_BASIC_MAX; i++)
		leaf_clear(&out->basic[i]);
	for (unsigned i = 0; i < ARRAY_LEN(no_extended); i++)
		leaf_clear(&out->extended[no_extended[i]]);
	memset(out->topo, 0, sizeof(out->topo));
	out->basic[1].b &= 0xffff; /* brand, CLFLUSH size */
	bits = MIN(cpuid_maxphyaddr(out), GUEST_MAX_PHYS_BITS);
	out->extended[1].b &= 0xf0000000; /* package type */
	out->extended[7] = (struct cpuid_leaf){ .d = out->extended[7].d };
	out->extended[8] = (struct cpuid_leaf){ .a = bits | 48 << 8, .b = out->extended[8].b };
	out->extended[0x21] = (struct cpuid_leaf){ .a = out->extended[0x21].a };
	out->feat[0].a = out->feat[1].a ? 1 : 0;
	out->feat[1] = (struct cpuid_leaf){ .a = out->feat[1].a };
	leaf_clear(&out->feat[2]);
}

static void xstate_default(struct cpuid_policy *out)
{
	uint32_t mask = XSTATES_ALLOWED & out->xstate[0].a;

	if (!cpuid_has(out, FEATURE_XSAVE))
		mask = 0;
	if (!cpuid_has(out, FEATURE_AVX))
		mask &= ~4u;
	if (!cpuid_has(out, FEATURE_AVX512F))
		mask &= ~0xe0u;
	if (!cpuid_has(out, FEATURE_PKU))
		mask &= ~0x200u;
	out->xstate[0] = (struct cpuid_leaf){ .a = mask };
	out->xstate[1] = (struct cpuid_leaf){ .a = out->xstate[1].a };
	for (unsigned i = 2; i < CPUID_XSTATE_MAX; i++) {
		if (mask >> i & 1) {
			out->xstate[i].c &=
				2; /* aligned in the compacted format; not a supervisor state */
			out->xstate[i].d = 0;
			continue;
		}
		leaf_clear(&out->xstate[i]);
		out->xstate_size[i] = out->xstate_offset[i] = 0;
	}
}

void cpuid_guest_default(const struct cpuid_policy *host, struct cpuid_policy *out)
{
	uint32_t max_extended =
		cpuid_vendor_is_amd(host) ? GUEST_MAX_EXTENDED_AMD : GUEST_MAX_EXTENDED_INTEL;

	*out = *host;
	features_default(host, out);
	/* Leaf 0xb is ours and always there; 0xd only where the host has it. */
	out->max_basic = MAX(MIN(host->max_basic, GUEST_MAX_BASIC), 0xbu);
	out->max_extended = MIN(host->max_extended, max_extended);
	leaves_default(out);
	xstate_default(out);
	out->arch_caps =
		cpuid_has(out, FEATURE_ARCH_CAPS) ? host->arch_caps & ARCH_CAPS_ALLOWED : 0;
	out->basic[0].a = out->max_basic;
	out->extended[0].a = out->max_extended;
}

static void features_limit(const struct cpuid_policy *max, struct cpuid_policy *p)
{
	for (unsigned word = 0; word < NR_CPUID_WORDS; word++)
		*policy_word(p, word) &= *policy_word((struct cpuid_policy *)max, word);
	for (unsigned i = 0; i < ARRAY_LEN(dependencies); i++)
		if (!cpuid_has(p, dependencies[i].needs))
			feature_clear(p, dependencies[i].feature);
	/* What we emulate is there: its exits come whatever CPUID says. */
	for (unsigned i = 0; i < ARRAY_LEN(emulated); i++)
		if (emulated[i] != FEATURE_X2APIC && emulated[i] != FEATURE_TSC_DEADLINE)
			feature_set(p, emulated[i]);
}

void cpuid_guest_limit(const struct cpuid_policy *max, struct cpuid_policy *p)
{
	struct cpuid_policy asked = *p;
	unsigned bits = asked.extended[8].a & 0xff;

	*p = *max;
	for (unsigned word = 0; word < NR_CPUID_WORDS; word++)
		*policy_word(p, word) = *policy_word(&asked, word);
	features_limit(max, p);
	p->max_basic = MIN(asked.max_basic, max->max_basic);
	p->max_extended = MIN(asked.max_extended, max->max_extended);
	p->basic[0].a = p->max_basic;
	p->extended[0].a = p->max_extended;
	p->basic[1].a = asked.basic[1].a;
	for (unsigned i = 2; i <= 4; i++)
		p->extended[i] = asked.extended[i];
	if (bits >= 36 && bits < cpuid_maxphyaddr(max))
		p->extended[8].a = (p->extended[8].a & ~0xffu) | bits;
	p->feat[0].a = MIN(asked.feat[0].a, max->feat[0].a);
	p->arch_caps = cpuid_has(p, FEATURE_ARCH_CAPS) ? asked.arch_caps & max->arch_caps : 0;
	xstate_default(p);
}

uint64_t cpuid_cr4_valid(const struct cpuid_policy *p)
{
	static const struct {
		uint32_t bits;
		uint16_t feature;
	} rows[] = {
		{ CR4_VME | CR4_PVI, FEATURE_VME },
		{ CR4_TSD, FEATURE_TSC },
		{ CR4_DE, FEATURE_DE },
		{ CR4_PSE, FEATURE_PSE },
		{ CR4_PAE, FEATURE_PAE },
		{ CR4_MCE, FEATURE_MCE },
		{ CR4_PGE, FEATURE_PGE },
		{ CR4_OSFXSR, FEATURE_FXSR },
		{ CR4_OSXMMEXCPT, FEATURE_SSE },
		{ CR4_UMIP, FEATURE_UMIP },
		{ CR4_LA57, FEATURE_LA57 },
		{ CR4_FSGSBASE, FEATURE_FSGSBASE },
		{ CR4_PCIDE, FEATURE_PCID },
		{ CR4_OSXSAVE, FEATURE_XSAVE },
		{ CR4_SMEP, FEATURE_SMEP },
		{ CR4_SMAP, FEATURE_SMAP },
		{ CR4_PKE, FEATURE_PKU },
	};
	uint64_t valid = CR4_PCE;

	for (unsigned i = 0; i < ARRAY_LEN(rows); i++)
		if (cpuid_has(p, rows[i].feature))
			valid |= rows[i].bits;
	return valid;
}

uint64_t cpuid_efer_valid(const struct cpuid_policy *p)
{
	return (cpuid_has(p, FEATURE_SYSCALL) ? EFER_SCE : 0) |
	       (cpuid_has(p, FEATURE_LM) ? EFER_LME | EFER_LMA : 0) |
	       (cpuid_has(p, FEATURE_NX) ? EFER_NXE : 0) |
	       (cpuid_has(p, FEATURE_FFXSR) ? EFER_FFXSR : 0);
}
