/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records of a vcpu's registers outside struct vcpu: MSRs, what the backend holds, the FPU area. */
#include "exit_handlers.h"
#include "save_records.h"

#include "string.h"

#define CR0_DEFINED                                                                                \
	(CR0_PE | CR0_MP | CR0_EM | CR0_TS | CR0_ET | CR0_NE | CR0_WP | CR0_AM | CR0_NW | CR0_CD | \
	 CR0_PG)
#define SEG_ATTR_RESERVED 0xf000
#define DR_HIGH           0xffffffff00000000ull

/* ---- MSRs ---- */

static const void *msrs_get(struct domain *d, uint32_t n, void *state)
{
	return domain_vcpu(d, n) ? &d->vcpus[n]->msrs : NULL;
}

static int msrs_put(struct restore *r, uint32_t n, const void *state)
{
	if (!guest_msrs_valid(state, &r->d->cpuid))
		return restore_refuse(r, "a value that the guest cannot have written");
	save_copy(guest_msrs_saved, &r->d->vcpus[n]->msrs, state);
	vcpu_msrs_apply(r->d->vcpus[n]);
	return 0;
}

const struct save_row save_msrs = {
	.name = "MSRs of vcpu",
	.version = 1,
	.is_complete = true,
	SAVE_STATE(struct guest_msrs, guest_msrs_saved),
	.limit = save_limit_vcpus,
	.get = msrs_get,
	.put = msrs_put,
};

/* ---- the backend's registers ---- */

#define HARDWARE(reg, field)                                     \
	{                                                        \
		reg, offsetof(struct vcpu_hardware_state, field) \
	}
const struct vcpu_hardware_row vcpu_hardware_rows[NR_HARDWARE_ROWS] = {
	HARDWARE(REG_EFER, efer),
	HARDWARE(REG_CR4, cr4),
	HARDWARE(REG_CR3, cr3),
	HARDWARE(REG_CR0, cr0),
	HARDWARE(REG_CR2, cr2),
	HARDWARE(REG_DR6, dr6),
	HARDWARE(REG_DR7, dr7),
	HARDWARE(REG_STAR, star),
	HARDWARE(REG_LSTAR, lstar),
	HARDWARE(REG_CSTAR, cstar),
	HARDWARE(REG_FMASK, fmask),
	HARDWARE(REG_KERNEL_GS_BASE, kernel_gs_base),
	HARDWARE(REG_SYSENTER_CS, sysenter_cs),
	HARDWARE(REG_SYSENTER_ESP, sysenter_esp),
	HARDWARE(REG_SYSENTER_EIP, sysenter_eip),
};

_Static_assert(sizeof(struct segment) == 16, "no padding");
static const struct save_field hardware_saved[] = {
	SAVE_ONE(SAVE_U64, 1, struct vcpu_hardware_state, cr0),
	SAVE_ONE(SAVE_U64, 1, struct vcpu_hardware_state, cr2),
	SAVE_ONE(SAVE_U64, 1, struct vcpu_hardware_state, cr3),
	SAVE_ONE(SAVE_U64, 1, struct vcpu_hardware_state, cr4),
	SAVE_ONE(SAVE_U64, 1, struct vcpu_hardware_state, efer),
	SAVE_ONE(SAVE_U64, 1, struct vcpu_hardware_state, dr6),
	SAVE_ONE(SAVE_U64, 1, struct vcpu_hardware_state, dr7),
	SAVE_ONE(SAVE_U64, 1, struct vcpu_hardware_state, star),
	SAVE_ONE(SAVE_U64, 1, struct vcpu_hardware_state, lstar),
	SAVE_ONE(SAVE_U64, 1, struct vcpu_hardware_state, cstar),
	SAVE_ONE(SAVE_U64, 1, struct vcpu_hardware_state, fmask),
	SAVE_ONE(SAVE_U64, 1, struct vcpu_hardware_state, kernel_gs_base),
	SAVE_ONE(SAVE_U64, 1, struct vcpu_hardware_state, sysenter_cs),
	SAVE_ONE(SAVE_U64, 1, struct vcpu_hardware_state, sysenter_esp),
	SAVE_ONE(SAVE_U64, 1, struct vcpu_hardware_state, sysenter_eip),
	SAVE_BLOB(1, struct vcpu_hardware_state, segment),
	SAVE_ONE(SAVE_U32, 1, struct vcpu_hardware_state, interrupt_shadow),
	SAVE_LAST,
};

static const void *hardware_get(struct domain *d, uint32_t n, void *state)
{
	struct vcpu_hardware_state *s = state;
	struct vcpu *v = domain_vcpu(d, n);

	if (!v)
		return NULL;
	for (unsigned i = 0; i < NR_HARDWARE_ROWS; i++) {
		const struct vcpu_hardware_row *row = &vcpu_hardware_rows[i];

		*(uint64_t *)((char *)s + row->offset) = virt->get_reg(v, row->reg);
	}
	for (unsigned i = 0; i < NR_SEGS; i++)
		virt->get_segment(v, i, &s->segment[i]);
	s->interrupt_shadow = virt->interrupt_shadow(v);
	return s;
}

/* APM 15.5.1 and SDM 26.3.1: what no CPU would be entered with. */
static const char *control_check(const struct cpuid_policy *p, const struct vcpu_hardware_state *s)
{
	bool paging = s->cr0 & CR0_PG, long_mode = s->efer & EFER_LMA;

	if ((s->cr0 & ~CR0_DEFINED) || (paging && !(s->cr0 & CR0_PE)) ||
	    ((s->cr0 & CR0_NW) && !(s->cr0 & CR0_CD)))
		return "CR0";
	if (s->cr4 & ~cpuid_cr4_valid(p))
		return "CR4 has bits that CPUID does not offer";
	if (s->efer & ~(cpuid_efer_valid(p) | EFER_LMA))
		return "EFER has bits that CPUID does not offer";
	if (long_mode != (paging && (s->efer & EFER_LME)))
		return "EFER.LMA does not follow from EFER.LME and CR0.PG";
	if (long_mode ? !(s->cr4 & CR4_PAE) : !!(s->cr4 & CR4_PCIDE))
		return "CR4 does not go with the mode";
	if (long_mode && s->cr3 >> cpuid_maxphyaddr(p))
		return "CR3 is too wide";
	return NULL;
}

static const char *others_check(const struct vcpu_hardware_state *s)
{
	const struct paging_mode mode = { .cr4 = s->cr4 };
	const uint64_t addresses[] = { s->lstar, s->cstar, s->kernel_gs_base, s->sysenter_esp,
		                       s->sysenter_eip };

	if ((s->dr6 | s->dr7) & DR_HIGH)
		return "DR6 or DR7";
	if (s->fmask >> 32 || s->sysenter_cs >> 16)
		return "FMASK or SYSENTER_CS";
	if (s->interrupt_shadow & ~(uint32_t)(SHADOW_STI_MOV_SS | SHADOW_NMI))
		return "no such interrupt shadow";
	for (unsigned i = 0; i < ARRAY_LEN(addresses); i++)
		if (!linear_is_canonical(&mode, addresses[i]))
			return "an MSR is not canonical";
	return NULL;
}

static const char *segments_check(const struct vcpu_hardware_state *s)
{
	const struct paging_mode mode = { .cr4 = s->cr4 };
	const struct segment *cs = &s->segment[SEG_CS];

	for (unsigned i = 0; i < NR_SEGS; i++)
		if ((s->segment[i].attr & SEG_ATTR_RESERVED) ||
		    !linear_is_canonical(&mode, s->segment[i].base))
			return "reserved bits or base of a segment";
	if ((s->efer & EFER_LMA) && (cs->attr & SEG_ATTR_L) && (cs->attr & SEG_ATTR_DB))
		return "CS has L and D";
	return NULL;
}

static int hardware_put(struct restore *r, uint32_t n, const void *state)
{
	const struct vcpu_hardware_state *s = state;
	struct vcpu *v = r->d->vcpus[n];
	const char *why = control_check(&r->d->cpuid, s);

	why = why ? why : others_check(s);
	why = why ? why : segments_check(s);
	if (why)
		return restore_refuse(r, why);
	for (unsigned i = 0; i < NR_HARDWARE_ROWS; i++) {
		const struct vcpu_hardware_row *row = &vcpu_hardware_rows[i];

		virt->set_reg(v, row->reg, *(const uint64_t *)((const char *)s + row->offset));
	}
	for (unsigned i = 0; i < NR_SEGS; i++)
		virt->set_segment(v, i, &s->segment[i]);
	virt->set_interrupt_shadow(v, s->interrupt_shadow);
	guest_walk_cache_reset(&v->walk);
	return 0;
}

const struct save_row save_hardware = {
	.name = "registers of vcpu",
	.version = 1,
	.is_complete = true,
	SAVE_STATE(struct vcpu_hardware_state, hardware_saved),
	.limit = save_limit_vcpus,
	.get = hardware_get,
	.put = hardware_put,
};

/* ---- FPU, SSE and extended state ---- */

#define MXCSR_DEFINED 0xffff /* with MM and DAZ: all 64-bit CPUs have it */

_Static_assert(sizeof(((struct fpu_state *)0)->area) == FPU_AREA_MAX, "no padding");
static const struct save_field fpu_saved[] = {
	SAVE_ONE(SAVE_U32, 1, struct fpu_state, size),
	SAVE_BLOB(1, struct fpu_state, area),
	SAVE_LAST,
};

/* Components that a guest with this policy can have put something into. */
static uint64_t components_valid(const struct cpuid_policy *p)
{
	return cpuid_xcr0_valid(p) | XSTATE_LEGACY;
}

static const void *fpu_get(struct domain *d, uint32_t n, void *state)
{
	struct fpu_state *s = state;
	struct vcpu *v = domain_vcpu(d, n);

	if (!v)
		return NULL;
	s->size = (uint32_t)MIN(machine_fpu_size(), (size_t)FPU_AREA_MAX);
	memcpy(&s->area, v->fpu_area, s->size);
	/* Some CPUs mark components that nobody used. */
	s->area.xstate_bv &= components_valid(&d->cpuid);
	return s;
}

static int fpu_put(struct restore *r, uint32_t n, const void *state)
{
	const struct fpu_state *s = state;

	if (s->size != machine_fpu_size() || s->size > FPU_AREA_MAX)
		return restore_refuse(r, "the CPUs here have another extended state");
	if (s->area.mxcsr & ~MXCSR_DEFINED)
		return restore_refuse(r, "reserved bits of MXCSR");
	if (s->area.xstate_bv & ~components_valid(&r->d->cpuid))
		return restore_refuse(r, "extended state that CPUID does not offer");
	for (unsigned i = 0; i < ARRAY_LEN(s->area.reserved); i++)
		if (s->area.reserved[i] || s->area.xcomp_bv)
			return restore_refuse(r, "reserved words of the XSAVE header");
	memcpy(r->d->vcpus[n]->fpu_area, &s->area, s->size);
	return 0;
}

const struct save_row save_fpu = {
	.name = "FPU of vcpu",
	.version = 1,
	.is_complete = true,
	SAVE_STATE(struct fpu_state, fpu_saved),
	.limit = save_limit_vcpus,
	.get = fpu_get,
	.put = fpu_put,
};
