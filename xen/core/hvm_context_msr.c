/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Xen's records MTRR, TSC_ADJUST and CPU_MSR: a vcpu's model-specific registers. */
#include "hvm_context.h"

#include "exit_handlers.h"
#include "string.h"

#include <xen/hvm/save.h>

static int msrs_load(struct vcpu *v, const struct guest_msrs *m)
{
	if (!guest_msrs_valid(m, &v->domain->cpuid))
		return -EINVAL;
	v->msrs = *m;
	vcpu_msrs_apply(v);
	return 0;
}

/* ---- MTRR ---- */

_Static_assert(sizeof(((struct hvm_hw_mtrr *)0)->msr_mtrr_var) ==
                       sizeof(((struct guest_msrs *)0)->mtrr_var),
               "the same ranges");
_Static_assert(sizeof(((struct hvm_hw_mtrr *)0)->msr_mtrr_fixed) ==
                       sizeof(((struct guest_msrs *)0)->mtrr_fixed),
               "the same ranges");

static uint32_t mtrr_save(struct vcpu *v, void *record)
{
	struct hvm_hw_mtrr *r = record;
	uint64_t cap = 0;

	if (guest_msr_read(&v->msrs, &v->domain->cpuid, MSR_MTRR_CAP, &cap) != MSR_OK)
		cap = 0;
	r->msr_pat_cr = v->msrs.pat;
	memcpy(r->msr_mtrr_var, v->msrs.mtrr_var, sizeof(r->msr_mtrr_var));
	memcpy(r->msr_mtrr_fixed, v->msrs.mtrr_fixed, sizeof(r->msr_mtrr_fixed));
	r->msr_mtrr_cap = cap;
	r->msr_mtrr_def_type = v->msrs.mtrr_def_type;
	return sizeof(*r);
}

/* The number of ranges is the same everywhere: cap is not looked at. */
static int mtrr_load(struct vcpu *v, const void *record, uint32_t length)
{
	const struct hvm_hw_mtrr *r = record;
	struct guest_msrs m = v->msrs;

	m.pat = r->msr_pat_cr;
	memcpy(m.mtrr_var, r->msr_mtrr_var, sizeof(m.mtrr_var));
	memcpy(m.mtrr_fixed, r->msr_mtrr_fixed, sizeof(m.mtrr_fixed));
	m.mtrr_def_type = r->msr_mtrr_def_type;
	return msrs_load(v, &m);
}

const struct hvm_record hvm_record_mtrr = {
	.type = HVM_SAVE_CODE(MTRR),
	.name = "MTRR",
	.size = sizeof(struct hvm_hw_mtrr),
	.min_size = sizeof(struct hvm_hw_mtrr),
	.save = mtrr_save,
	.load = mtrr_load,
};

/* ---- TSC_ADJUST: the offset itself is in the counter already ---- */

static uint32_t adjust_save(struct vcpu *v, void *record)
{
	((struct hvm_tsc_adjust *)record)->tsc_adjust = v->msrs.tsc_adjust;
	return sizeof(struct hvm_tsc_adjust);
}

static int adjust_load(struct vcpu *v, const void *record, uint32_t length)
{
	v->msrs.tsc_adjust = ((const struct hvm_tsc_adjust *)record)->tsc_adjust;
	return 0;
}

const struct hvm_record hvm_record_tsc_adjust = {
	.type = HVM_SAVE_CODE(TSC_ADJUST),
	.name = "TSC_ADJUST",
	.size = sizeof(struct hvm_tsc_adjust),
	.min_size = sizeof(struct hvm_tsc_adjust),
	.save = adjust_save,
	.load = adjust_load,
};

/* ---- CPU_MSR: those that no other record has ---- */

static const uint32_t listed[] = {
	MSR_SPEC_CTRL, MSR_MCG_STATUS, MSR_MCG_CTL,        MSR_MISC_ENABLE,
	MSR_DEBUGCTL,  MSR_XSS,        MSR_VIRT_SPEC_CTRL, MSR_HWCR,
};

#define MSR_FRONT offsetof(struct hvm_msr, msr)
#define MSR_SIZE  sizeof(struct hvm_one_msr)

static struct hvm_one_msr *entry_at(const void *record, uint32_t i)
{
	return (struct hvm_one_msr *)((uintptr_t)record + MSR_FRONT + i * MSR_SIZE);
}

/* Only what is not as at power-on. */
static uint32_t msr_save(struct vcpu *v, void *record)
{
	const struct cpuid_policy *p = &v->domain->cpuid;
	struct guest_msrs reset;
	uint32_t n = 0;

	guest_msrs_reset(&reset, false);
	for (unsigned i = 0; i < ARRAY_LEN(listed); i++) {
		uint64_t value, before;

		if (guest_msr_read(&v->msrs, p, listed[i], &value) != MSR_OK ||
		    guest_msr_read(&reset, p, listed[i], &before) != MSR_OK || value == before)
			continue;
		entry_at(record, n)->index = listed[i];
		entry_at(record, n++)->val = value;
	}
	((struct hvm_msr *)record)->count = n;
	return n ? (uint32_t)(MSR_FRONT + n * MSR_SIZE) : 0;
}

static bool is_listed(uint32_t index)
{
	for (unsigned i = 0; i < ARRAY_LEN(listed); i++)
		if (listed[i] == index)
			return true;
	return false;
}

static int msr_load(struct vcpu *v, const void *record, uint32_t length)
{
	uint32_t count = ((const struct hvm_msr *)record)->count;
	struct guest_msrs m = v->msrs;
	bool changed;

	if (count != (length - MSR_FRONT) / MSR_SIZE || (length - MSR_FRONT) % MSR_SIZE)
		return -EINVAL;
	for (uint32_t i = 0; i < count; i++) {
		const struct hvm_one_msr *e = entry_at(record, i);

		if (e->_rsvd || !is_listed(e->index) ||
		    guest_msr_write(&m, &v->domain->cpuid, e->index, e->val, &changed) != MSR_OK)
			return -EINVAL;
	}
	return msrs_load(v, &m);
}

const struct hvm_record hvm_record_msr = {
	.type = CPU_MSR_CODE,
	.name = "CPU_MSR",
	.size = MSR_FRONT + ARRAY_LEN(listed) * MSR_SIZE,
	.min_size = MSR_FRONT,
	.save = msr_save,
	.load = msr_load,
};
