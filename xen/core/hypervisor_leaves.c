// SPDX-License-Identifier: GPL-2.0-or-later
/* What we tell guests of ourselves: one function a leaf. */
#include "hypervisor_leaves.h"
#include "domain.h"

#include <xen/arch-x86/cpuid.h>

typedef struct cpuid_leaf (*leaf_fn)(struct vcpu *v, uint32_t subleaf);

static struct cpuid_leaf leaf_version(struct vcpu *v, uint32_t subleaf)
{
	return (struct cpuid_leaf){ .a = XEN_ABI_MAJOR << 16 | XEN_ABI_MINOR };
}

/* One hypercall page, given by MSR. */
static struct cpuid_leaf leaf_hypercall_page(struct vcpu *v, uint32_t subleaf)
{
	return (struct cpuid_leaf){ .a = 1,
		                    .b = MSR_XEN_HYPERCALL,
		                    .c = XEN_CPUID_FEAT1_MMU_PT_UPDATE_PRESERVE_AD };
}

static struct cpuid_leaf leaf_time(struct vcpu *v, uint32_t subleaf)
{
	uint32_t khz = machine_tsc_khz(), mul;
	int8_t shift;

	switch (subleaf) {
	case 0:
		return (struct cpuid_leaf){
			.a = (machine_tsc_reliable() ? 2 : 0) |
			     (v->domain->settings.tsc_mode == TSC_ALWAYS_EMULATE),
			.b = v->domain->settings.tsc_mode,
			.c = khz,
			.d = v->domain->settings.tsc_incarnation,
		};
	case 1:
		machine_tsc_scale(&mul, &shift);
		return (struct cpuid_leaf){ .a = (uint32_t)v->tsc_offset,
			                    .b = v->tsc_offset >> 32,
			                    .c = mul,
			                    .d = (uint8_t)shift };
	case 2: return (struct cpuid_leaf){ .a = khz };
	default: return (struct cpuid_leaf){ 0 };
	}
}

/*
 * The upcall vector a vcpu (HVMOP_set_evtchn_upcall_vector) is served but not offered: it ends with an EOI, which is an exit more an event than the callback vector
 * costs that kernels take without it.
 */
static struct cpuid_leaf leaf_hvm(struct vcpu *v, uint32_t subleaf)
{
	if (subleaf)
		return (struct cpuid_leaf){ 0 };
	return (struct cpuid_leaf){ .a = XEN_HVM_CPUID_VCPU_ID_PRESENT |
		                         XEN_HVM_CPUID_DOMID_PRESENT,
		                    .b = v->id,
		                    .c = v->domain->id };
}

static const leaf_fn leaves[] = { NULL, leaf_version, leaf_hypercall_page, leaf_time, leaf_hvm };

struct cpuid_leaf hypervisor_leaf(struct vcpu *v, uint32_t leaf, uint32_t subleaf)
{
	uint32_t i = leaf - XEN_CPUID_FIRST_LEAF;

	if (i == 0)
		return (struct cpuid_leaf){ XEN_CPUID_FIRST_LEAF + ARRAY_LEN(leaves) - 1,
			                    XEN_CPUID_SIGNATURE_EBX, XEN_CPUID_SIGNATURE_ECX,
			                    XEN_CPUID_SIGNATURE_EDX };
	return i < ARRAY_LEN(leaves) ? leaves[i](v, subleaf) : (struct cpuid_leaf){ 0 };
}
