/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Registers, out of Xen's record of a vcpu's hardware state. */
#include "registers.h"

#include <string.h>

#include <xen/hvm/save.h>

#define SEGMENT(name)                                                    \
	{                                                                \
		.selector = r->name##_sel, .limit = r->name##_limit,     \
		.attributes = r->name##_arbytes, .base = r->name##_base, \
	}

static void vcpu_fill(struct core_vcpu *v, const struct hvm_hw_cpu *r)
{
	*v = (struct core_vcpu){
		.rax = r->rax,
		.rbx = r->rbx,
		.rcx = r->rcx,
		.rdx = r->rdx,
		.rsi = r->rsi,
		.rdi = r->rdi,
		.rsp = r->rsp,
		.rbp = r->rbp,
		.r8 = r->r8,
		.r9 = r->r9,
		.r10 = r->r10,
		.r11 = r->r11,
		.r12 = r->r12,
		.r13 = r->r13,
		.r14 = r->r14,
		.r15 = r->r15,
		.rip = r->rip,
		.rflags = r->rflags,
		.cs = SEGMENT(cs),
		.ds = SEGMENT(ds),
		.es = SEGMENT(es),
		.fs = SEGMENT(fs),
		.gs = SEGMENT(gs),
		.ss = SEGMENT(ss),
		.tr = SEGMENT(tr),
		.ldt = SEGMENT(ldtr),
		.gdt = { .limit = r->gdtr_limit, .base = r->gdtr_base },
		.idt = { .limit = r->idtr_limit, .base = r->idtr_base },
		.cr0 = r->cr0,
		.cr2 = r->cr2,
		.cr3 = r->cr3,
		.cr4 = r->cr4,
		.kernel_gs_base = r->shadow_gs,
		.is_up = true,
	};
}

void registers_read(struct hypervisor *h, uint32_t domid, struct core_vcpu *vcpus, size_t nr)
{
	struct hvm_hw_cpu *buffer = hypervisor_buffer(h, sizeof(*buffer));

	memset(vcpus, 0, nr * sizeof(*vcpus));
	for (uint32_t i = 0; buffer && i < nr; i++) {
		struct xen_domctl op = { .cmd = XEN_DOMCTL_gethvmcontext_partial,
			                 .domain = (domid_t)domid };

		op.u.hvmcontext_partial.type = HVM_SAVE_CODE(CPU);
		op.u.hvmcontext_partial.instance = i;
		op.u.hvmcontext_partial.bufsz = sizeof(*buffer);
		set_xen_guest_handle(op.u.hvmcontext_partial.buffer, (uint8_t *)buffer);
		if (hypervisor_domctl(h, &op) == 0)
			vcpu_fill(&vcpus[i], buffer);
	}
	hypervisor_buffer_free(h, buffer, sizeof(*buffer));
}
