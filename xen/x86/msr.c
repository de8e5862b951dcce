/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MSRs that are memory and rules: a sorted table of rows. A row says where the value lies, who has the register, and what a write
 * must satisfy; reading and writing are then the same few lines for all of them.
 */
#include "msr.h"
#include "cpuid_features.h"
#include "string.h"

/* MTRRcap: 8 variable ranges, fixed ranges, write combining (SDM 12.11.1). */
#define MTRR_CAP_VALUE (8 | BIT(8) | BIT(10))
/* MTRRdefType: enabled, and its type */
#define MTRR_ENABLE  BIT(11)
#define MTRR_FIXED   BIT(10)
#define MTRR_TYPE_WB 6
#define PAT_RESET    0x0007040600070406ull
/* MCG_CAP: two banks, MCG_CTL is there */
#define MCG_CAP_VALUE            (2 | BIT(8))
#define MCG_BANKS                2
#define MISC_ENABLE_FAST_STRINGS BIT(0)
#define MISC_ENABLE_FIXED        (BIT(11) | BIT(12)) /* no BTS, no PEBS */
#define HWCR_TSC_FREQ_SEL        BIT(24)
#define HWCR_WRITABLE            (BIT(3) | BIT(6) | BIT(8) | BIT(18))
#define DE_CFG_LFENCE_SERIALISE  BIT(1)
#define VM_CR_SVM_LOCKED_OFF     (BIT(3) | BIT(4))

#define SPEC_CTRL_IBRS  BIT(0)
#define SPEC_CTRL_STIBP BIT(1)
#define SPEC_CTRL_SSBD  BIT(2)
#define SPEC_CTRL_PSFD  BIT(7)

enum row_kind {
	ROW_ELSEWHERE,
	ROW_FIELD,         /* read and written */
	ROW_FIXED_FIELD,   /* read; writes do nothing */
	ROW_CONSTANT,      /* read; a write is #GP */
	ROW_WRITE_DROPPED, /* read as a constant; writes do nothing */
	ROW_WRITE_ONLY,    /* a command: reading is #GP */
};

enum row_vendor { ANY_VENDOR, INTEL, AMD };

struct msr_row {
	uint32_t first, last;
	uint8_t kind;
	uint8_t vendor;
	bool learn;       /* the hardware must be told of a new value */
	uint16_t feature; /* 0: none needed */
	uint16_t field;   /* of struct guest_msrs; the registers of a row follow each other there */
	uint64_t constant;
	/* More than one feature decides. */
	bool (*present)(const struct cpuid_policy *p);
	/* May the guest write this? May change *value to what is stored. NULL: anything goes. */
	bool (*check)(const struct cpuid_policy *p, uint32_t index, uint64_t *value);
	/* What a read gives, when it is more than the field. */
	uint64_t (*view)(const struct cpuid_policy *p, uint64_t value);
};

/* Memory types that exist, as bits: UC WC WT WP WB (SDM 12.3), and UC- for PAT. */
static bool memory_type_valid(uint8_t type, bool pat)
{
	return type < 8 && ((pat ? 0xf3u : 0x73u) >> type & 1);
}

static bool memory_types_valid(uint64_t value, bool pat)
{
	for (unsigned i = 0; i < 8; i++)
		if (!memory_type_valid(value >> (8 * i) & 0xff, pat))
			return false;
	return true;
}

static bool check_pat(const struct cpuid_policy *p, uint32_t index, uint64_t *value)
{
	return memory_types_valid(*value, true);
}

static bool check_mtrr_fixed(const struct cpuid_policy *p, uint32_t index, uint64_t *value)
{
	return memory_types_valid(*value, false);
}

/* Bases at even, masks at odd numbers (SDM 12.11.2.3). */
static bool check_mtrr_variable(const struct cpuid_policy *p, uint32_t index, uint64_t *value)
{
	uint64_t address = (BIT(cpuid_maxphyaddr(p)) - 1) & PAGE_MASK;

	if (index & 1)
		return !(*value & ~(address | BIT(11)));
	return !(*value & ~(address | 0xff)) && memory_type_valid(*value & 0xff, false);
}

static bool check_mtrr_def_type(const struct cpuid_policy *p, uint32_t index, uint64_t *value)
{
	return !(*value & ~(MTRR_ENABLE | MTRR_FIXED | 0xff)) &&
	       memory_type_valid(*value & 0xff, false);
}

static bool check_misc_enable(const struct cpuid_policy *p, uint32_t index, uint64_t *value)
{
	/* Systems clear its limits at start: taken, and without effect. */
	*value = (*value & MISC_ENABLE_FAST_STRINGS) | MISC_ENABLE_FIXED;
	return true;
}

static bool check_mcg_status(const struct cpuid_policy *p, uint32_t index, uint64_t *value)
{
	return !(*value & ~7ull);
}

/* Bank registers in groups of four: CTL takes anything, the others only a zero (SDM 16.3.2). */
static bool check_mc_bank(const struct cpuid_policy *p, uint32_t index, uint64_t *value)
{
	return (index & 3) == 0 || *value == 0;
}

static bool check_zero(const struct cpuid_policy *p, uint32_t index, uint64_t *value)
{
	return *value == 0;
}

static bool check_32_bits(const struct cpuid_policy *p, uint32_t index, uint64_t *value)
{
	return *value >> 32 == 0;
}

static bool check_bit_0(const struct cpuid_policy *p, uint32_t index, uint64_t *value)
{
	return !(*value & ~1ull);
}

static bool check_debugctl(const struct cpuid_policy *p, uint32_t index, uint64_t *value)
{
	return !(*value & ~(BIT(0) | BIT(1)));
}

static bool check_spec_ctrl(const struct cpuid_policy *p, uint32_t index, uint64_t *value)
{
	bool ssbd = cpuid_has(p, FEATURE_SSBD) || cpuid_has(p, FEATURE_AMD_SSBD);
	uint64_t valid = SPEC_CTRL_IBRS | SPEC_CTRL_STIBP | (ssbd ? SPEC_CTRL_SSBD : 0);

	if (cpuid_has(p, FEATURE_PSFD))
		valid |= SPEC_CTRL_PSFD;
	return !(*value & ~valid);
}

static bool check_virt_spec_ctrl(const struct cpuid_policy *p, uint32_t index, uint64_t *value)
{
	/* Bits without a meaning are ignored, so that software needs no CPUID for each (AMD's paper on SSBD). */
	*value &= SPEC_CTRL_SSBD;
	return true;
}

static bool check_hwcr(const struct cpuid_policy *p, uint32_t index, uint64_t *value)
{
	*value &= HWCR_WRITABLE;
	return true;
}

static uint64_t view_hwcr(const struct cpuid_policy *p, uint64_t value)
{
	return value | (cpuid_has(p, FEATURE_ITSC) ? HWCR_TSC_FREQ_SEL : 0);
}

static uint64_t view_arch_caps(const struct cpuid_policy *p, uint64_t value)
{
	return p->arch_caps;
}

static bool has_spec_ctrl(const struct cpuid_policy *p)
{
	return cpuid_has(p, FEATURE_IBRSB) || cpuid_has(p, FEATURE_AMD_IBRS) ||
	       cpuid_has(p, FEATURE_AMD_STIBP) || cpuid_has(p, FEATURE_AMD_SSBD) ||
	       cpuid_has(p, FEATURE_PSFD);
}

static bool has_ibpb(const struct cpuid_policy *p)
{
	return cpuid_has(p, FEATURE_IBRSB) || cpuid_has(p, FEATURE_IBPB);
}

static bool has_tsc_aux(const struct cpuid_policy *p)
{
	return cpuid_has(p, FEATURE_RDTSCP) || cpuid_has(p, FEATURE_RDPID);
}

#define ONE(index)           .first = (index), .last = (index)
#define RANGE(index, n)      .first = (index), .last = (index) + (n)-1
#define FIELD(name)          .kind = ROW_FIELD, .field = offsetof(struct guest_msrs, name)
#define FIXED_FIELD(name)    .kind = ROW_FIXED_FIELD, .field = offsetof(struct guest_msrs, name)
#define CONSTANT(value)      .kind = ROW_CONSTANT, .constant = (value)
#define WRITE_DROPPED(value) .kind = ROW_WRITE_DROPPED, .constant = (value)
#define WRITE_ONLY           .kind = ROW_WRITE_ONLY
#define ELSEWHERE            .kind = ROW_ELSEWHERE

/* clang-format off */
static const struct msr_row rows[] = {
	{ ONE(MSR_TSC), ELSEWHERE },
	{ ONE(MSR_PLATFORM_ID), CONSTANT(0), .vendor = INTEL },
	{ ONE(MSR_APIC_BASE), ELSEWHERE },
	{ ONE(MSR_FEATURE_CONTROL), CONSTANT(1), .vendor = INTEL }, /* locked */
	{ ONE(MSR_TSC_ADJUST), ELSEWHERE },
	{ ONE(MSR_SPEC_CTRL), FIELD(spec_ctrl), .present = has_spec_ctrl, .check = check_spec_ctrl, .learn = true },
	{ ONE(MSR_PRED_CMD), WRITE_ONLY, .present = has_ibpb, .check = check_bit_0, .learn = true },
	{ ONE(MSR_UCODE_WRITE), WRITE_ONLY, .vendor = INTEL },
	{ ONE(MSR_BIOS_SIGN), FIXED_FIELD(patch_level) },
	{ ONE(MSR_PLATFORM_INFO), CONSTANT(0) },
	{ ONE(MSR_MTRR_CAP), CONSTANT(MTRR_CAP_VALUE), .feature = FEATURE_MTRR },
	{ ONE(MSR_ARCH_CAPS), CONSTANT(0), .feature = FEATURE_ARCH_CAPS, .view = view_arch_caps },
	{ ONE(MSR_FLUSH_CMD), WRITE_ONLY, .feature = FEATURE_L1D_FLUSH, .check = check_bit_0, .learn = true },
	{ ONE(MSR_MISC_FEATURES), WRITE_DROPPED(0), .vendor = INTEL, .check = check_zero },
	{ RANGE(MSR_SYSENTER_CS, 3), ELSEWHERE },
	{ ONE(MSR_MCG_CAP), CONSTANT(MCG_CAP_VALUE) },
	{ ONE(MSR_MCG_STATUS), FIELD(mcg_status), .check = check_mcg_status },
	{ ONE(MSR_MCG_CTL), FIELD(mcg_ctl) },
	{ ONE(MSR_MISC_ENABLE), FIELD(misc_enable), .vendor = INTEL, .check = check_misc_enable },
	{ ONE(MSR_DEBUGCTL), FIELD(debugctl), .check = check_debugctl, .learn = true },
	{ RANGE(MSR_LAST_BRANCH, 4), CONSTANT(0), .vendor = AMD },
	{ RANGE(MSR_MTRR_PHYSBASE0, 16), FIELD(mtrr_var), .feature = FEATURE_MTRR, .check = check_mtrr_variable },
	{ ONE(MSR_MTRR_FIX64K), FIELD(mtrr_fixed[0]), .feature = FEATURE_MTRR, .check = check_mtrr_fixed },
	{ RANGE(MSR_MTRR_FIX16K_8, 2), FIELD(mtrr_fixed[1]), .feature = FEATURE_MTRR, .check = check_mtrr_fixed },
	{ RANGE(MSR_MTRR_FIX4K_C0, 8), FIELD(mtrr_fixed[3]), .feature = FEATURE_MTRR, .check = check_mtrr_fixed },
	{ ONE(MSR_PAT), FIELD(pat), .feature = FEATURE_PAT, .check = check_pat, .learn = true },
	{ ONE(MSR_MTRR_DEF_TYPE), FIELD(mtrr_def_type), .feature = FEATURE_MTRR, .check = check_mtrr_def_type },
	{ RANGE(MSR_MC0_CTL, 4 * MCG_BANKS), WRITE_DROPPED(0), .check = check_mc_bank },
	{ ONE(MSR_TSC_DEADLINE), ELSEWHERE },
	{ .first = MSR_X2APIC_FIRST, .last = MSR_X2APIC_LAST, ELSEWHERE },
	{ ONE(MSR_XSS), FIELD(xss), .feature = FEATURE_XSAVES, .check = check_zero, .learn = true },
	{ ONE(MSR_XEN_HYPERCALL), ELSEWHERE },
	{ RANGE(MSR_EFER, 5), ELSEWHERE }, /* and STAR, LSTAR, CSTAR, FMASK */
	{ RANGE(MSR_FS_BASE, 3), ELSEWHERE }, /* and GS_BASE, KERNEL_GS_BASE */
	{ ONE(MSR_TSC_AUX), FIELD(tsc_aux), .present = has_tsc_aux, .check = check_32_bits, .learn = true },
	{ RANGE(MSR_K7_EVNTSEL0, 8), WRITE_DROPPED(0), .vendor = AMD }, /* no counters behind them */
	{ ONE(MSR_SYSCFG), WRITE_DROPPED(0), .vendor = AMD },
	{ ONE(MSR_HWCR), FIELD(hwcr), .vendor = AMD, .check = check_hwcr, .view = view_hwcr },
	{ RANGE(MSR_IORR_BASE0, 5), WRITE_DROPPED(0), .vendor = AMD }, /* and TOP_MEM */
	{ ONE(MSR_TOP_MEM2), WRITE_DROPPED(0), .vendor = AMD },
	{ ONE(MSR_NB_CFG), WRITE_DROPPED(0), .vendor = AMD },
	{ ONE(MSR_PATCH_LOADER), WRITE_ONLY, .vendor = AMD },
	{ ONE(MSR_INT_PENDING), WRITE_DROPPED(0), .vendor = AMD },
	{ ONE(MSR_VM_CR), WRITE_DROPPED(VM_CR_SVM_LOCKED_OFF), .vendor = AMD },
	{ ONE(MSR_VIRT_SPEC_CTRL), FIELD(virt_spec_ctrl), .feature = FEATURE_VIRT_SSBD,
	  .check = check_virt_spec_ctrl, .learn = true },
	{ ONE(MSR_OSVW_ID_LENGTH), FIXED_FIELD(osvw_length), .feature = FEATURE_OSVW },
	{ ONE(MSR_OSVW_STATUS), FIXED_FIELD(osvw_status), .feature = FEATURE_OSVW },
	{ ONE(MSR_DE_CFG), WRITE_DROPPED(DE_CFG_LFENCE_SERIALISE), .vendor = AMD },
};
/* clang-format on */

const struct save_field guest_msrs_saved[] = {
	SAVE_ONE(SAVE_U64, 1, struct guest_msrs, misc_enable),
	SAVE_ONE(SAVE_U64, 1, struct guest_msrs, mcg_status),
	SAVE_ONE(SAVE_U64, 1, struct guest_msrs, mcg_ctl),
	SAVE_ONE(SAVE_U64, 1, struct guest_msrs, mtrr_def_type),
	SAVE_ONE(SAVE_U64, 1, struct guest_msrs, pat),
	SAVE_ONE(SAVE_U64, 1, struct guest_msrs, spec_ctrl),
	SAVE_ONE(SAVE_U64, 1, struct guest_msrs, virt_spec_ctrl),
	SAVE_ONE(SAVE_U64, 1, struct guest_msrs, debugctl),
	SAVE_ONE(SAVE_U64, 1, struct guest_msrs, xss),
	SAVE_ONE(SAVE_U64, 1, struct guest_msrs, tsc_aux),
	SAVE_ARRAY(SAVE_U64, 1, struct guest_msrs, mtrr_fixed),
	SAVE_ARRAY(SAVE_U64, 1, struct guest_msrs, mtrr_var),
	SAVE_ONE(SAVE_U64, 1, struct guest_msrs, hwcr),
	SAVE_ONE(SAVE_U64, 1, struct guest_msrs, patch_level),
	SAVE_ONE(SAVE_U64, 1, struct guest_msrs, osvw_length),
	SAVE_ONE(SAVE_U64, 1, struct guest_msrs, osvw_status),
	SAVE_ONE(SAVE_U64, 1, struct guest_msrs, tsc_adjust),
	SAVE_LAST,
};

void guest_msrs_reset(struct guest_msrs *m, bool has_firmware)
{
	memset(m, 0, sizeof(*m));
	m->pat = PAT_RESET;
	m->misc_enable = MISC_ENABLE_FAST_STRINGS | MISC_ENABLE_FIXED;
	m->mcg_ctl = ~0ull;
	if (!has_firmware)
		m->mtrr_def_type = MTRR_ENABLE | MTRR_TYPE_WB;
}

static inline const struct msr_row *row_find(uint32_t index)
{
	const struct msr_row *row = rows;

	for (unsigned n = ARRAY_LEN(rows), half; n > 1; n -= half) {
		half = n / 2;
		if (index >= row[half].first)
			row += half;
	}
	return index >= row->first && index <= row->last ? row : NULL;
}

static inline bool row_present(const struct msr_row *row, const struct cpuid_policy *p)
{
	if (row->vendor != ANY_VENDOR && (row->vendor == AMD) != cpuid_vendor_is_amd(p))
		return false;
	if (row->feature && !cpuid_has(p, row->feature))
		return false;
	return !row->present || row->present(p);
}

/* MSR_OK with *row, or what the guest gets. */
static inline enum msr_result row_get(const struct cpuid_policy *p, uint32_t index,
                                      const struct msr_row **row)
{
	*row = row_find(index);
	if (!*row)
		return MSR_UNKNOWN;
	if ((*row)->kind == ROW_ELSEWHERE)
		return MSR_ELSEWHERE;
	return row_present(*row, p) ? MSR_OK : MSR_GP;
}

static size_t field_offset(const struct msr_row *row, uint32_t index)
{
	return row->field + (index - row->first) * sizeof(uint64_t);
}

enum msr_result guest_msr_read(const struct guest_msrs *m, const struct cpuid_policy *p,
                               uint32_t index, uint64_t *value)
{
	const struct msr_row *row;
	enum msr_result result = row_get(p, index, &row);

	if (result != MSR_OK)
		return result;
	if (row->kind == ROW_WRITE_ONLY)
		return MSR_GP;
	if (row->kind == ROW_FIELD || row->kind == ROW_FIXED_FIELD)
		*value = *(const uint64_t *)((const char *)m + field_offset(row, index));
	else
		*value = row->constant;
	if (row->view)
		*value = row->view(p, *value);
	return MSR_OK;
}

enum msr_result guest_msr_write(struct guest_msrs *m, const struct cpuid_policy *p, uint32_t index,
                                uint64_t value, bool *changed)
{
	const struct msr_row *row;
	enum msr_result result = row_get(p, index, &row);

	*changed = false;
	if (result != MSR_OK)
		return result;
	if (row->kind == ROW_CONSTANT || (row->check && !row->check(p, index, &value)))
		return MSR_GP;
	if (row->kind == ROW_FIELD) {
		uint64_t *field = (uint64_t *)((char *)m + field_offset(row, index));

		*changed = row->learn && *field != value;
		*field = value;
	} else if (row->kind == ROW_WRITE_ONLY) {
		*changed = row->learn && value;
	}
	return MSR_OK;
}

/* What the guest could have written itself; a register that it does not have is as after a reset. */
static bool field_valid(const struct msr_row *row, const struct cpuid_policy *p, uint32_t index,
                        uint64_t value, uint64_t at_reset)
{
	uint64_t stored = value;

	if (value == at_reset)
		return true;
	if (row->kind != ROW_FIELD || !row_present(row, p))
		return false;
	return !row->check || (row->check(p, index, &stored) && stored == value);
}

bool guest_msrs_valid(const struct guest_msrs *m, const struct cpuid_policy *p)
{
	struct guest_msrs reset;

	guest_msrs_reset(&reset, true);
	for (const struct msr_row *row = rows; row < rows + ARRAY_LEN(rows); row++) {
		if (row->kind != ROW_FIELD && row->kind != ROW_FIXED_FIELD)
			continue;
		for (uint32_t index = row->first; index <= row->last; index++) {
			size_t at = field_offset(row, index);

			if (!field_valid(row, p, index, *(const uint64_t *)((const char *)m + at),
			                 *(const uint64_t *)((const char *)&reset + at)))
				return false;
		}
	}
	return true;
}
