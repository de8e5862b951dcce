/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The MSRs that need no more than memory and rules: a sorted table of rows (first, last, readable, writable, reserved bits, policy bit).
 * Those with side effects elsewhere (EFER, APIC, TSC, hypercall page, segment bases) are listed as "elsewhere" and dispatched by core.
 */
#ifndef X86_MSR_H
#define X86_MSR_H

#include "cpuid.h"
#include "save.h"

struct guest_msrs {
	uint64_t misc_enable, mcg_status, mcg_ctl, mtrr_def_type, pat, spec_ctrl, virt_spec_ctrl,
		debugctl, xss, tsc_aux;
	uint64_t mtrr_fixed[11];
	uint64_t mtrr_var[16]; /* base, mask pairs: 8 ranges */
	uint64_t hwcr, patch_level, osvw_length, osvw_status, tsc_adjust;
};
extern const struct save_field guest_msrs_saved[];

enum msr_result {
	MSR_OK,
	MSR_GP,        /* the guest's #GP */
	MSR_ELSEWHERE, /* core's table answers */
	MSR_UNKNOWN,   /* #GP, and one log line an MSR and domain */
};

/* Power-on values; MTRR default type is write back and enabled when no firmware will run (PVH). */
void guest_msrs_reset(struct guest_msrs *m, bool has_firmware);
/* Values from elsewhere (a saved guest): may a guest with this policy have them all? */
bool must_check guest_msrs_valid(const struct guest_msrs *m, const struct cpuid_policy *p);
enum msr_result guest_msr_read(const struct guest_msrs *m, const struct cpuid_policy *p,
                               uint32_t index, uint64_t *value);
/*
 * *changed tells the caller that a value the hardware must learn was written (PAT, SPEC_CTRL, VIRT_SPEC_CTRL, TSC_AUX, DEBUGCTL, XSS), or a
 * command it must be given (PRED_CMD, FLUSH_CMD). An MSR that the policy does not have is MSR_GP.
 */
enum msr_result guest_msr_write(struct guest_msrs *m, const struct cpuid_policy *p, uint32_t index,
                                uint64_t value, bool *changed);

#endif
