// SPDX-License-Identifier: GPL-2.0-or-later
/* CPUID: the domain's policy, and the hypervisor's own leaves. */
#include "exit_handlers.h"
#include "domain.h"
#include "hypervisor_leaves.h"

static struct cpuid_leaf cpuid_answer(struct vcpu *v, uint32_t leaf, uint32_t subleaf)
{
	struct cpuid_dynamic dyn = {
		.apic_id = v->lapic.id,
		.x2apic_id = v->id * 2,
		.nr_vcpus = v->domain->package_vcpus,
		.apic_enabled = v->lapic.base_msr & BIT(11),
		.cr4 = virt->get_reg(v, REG_CR4),
		.xcr0 = v->xcr0,
		.xss = v->msrs.xss,
	};

	return cpuid_guest_answer(&v->domain->cpuid, &dyn, leaf, subleaf);
}

enum exit_next exit_cpuid(struct vcpu *v)
{
	uint32_t leaf = (uint32_t)v->regs.r[GPR_RAX], subleaf = (uint32_t)v->regs.r[GPR_RCX];
	struct cpuid_leaf l;

	if (leaf >> 28 == 4)
		l = hypervisor_leaf(v, leaf, subleaf);
	else
		l = cpuid_answer(v, leaf, subleaf);
	v->regs.r[GPR_RAX] = l.a;
	v->regs.r[GPR_RBX] = l.b;
	v->regs.r[GPR_RCX] = l.c;
	v->regs.r[GPR_RDX] = l.d;
	return NEXT_INSN;
}
