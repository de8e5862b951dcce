/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VCPUOP_initialise: the registers that a guest gives for a new vcpu, public xen/hvm/hvm_vcpu.h. */
#include "domain.h"

#include "cpuid.h"
#include "errno.h"
#include "log.h"

#include <xen/hvm/hvm_vcpu.h>

/* What a context comes to: checked as a whole, then put in. */
struct start_state {
	struct guest_regs regs;
	uint64_t cr0, cr3, cr4, efer;
	struct segment cs, ds, ss, es, tr;
};

#define ATTR_TYPE_CODE     0x8
#define ATTR_TYPE_WRITABLE 0x2 /* of data; of code: readable */
#define ATTR_RESERVED      0xf000
#define TYPE_TSS16_BUSY    0x3
#define TYPE_TSS32_BUSY    0xb

static int refuse(struct vcpu *v, const char *why)
{
	log_guest(v->domain, LOG_DEBUG, "vcpu %u: context refused: %s", v->id, why);
	return -EINVAL;
}

static struct segment segment_of(uint32_t base, uint32_t limit, uint16_t attr)
{
	return (struct segment){ .base = base, .limit = limit, .attr = attr };
}

/* A code or data segment; DS and ES may be absent. */
static int segment_check(struct vcpu *v, enum segment_name name, const struct segment *s)
{
	unsigned type = s->attr & SEG_ATTR_TYPE;

	if (s->attr & ATTR_RESERVED)
		return refuse(v, "attribute bits 12 to 15 of a segment are not zero");
	if (!(s->attr & SEG_ATTR_P)) {
		if (name == SEG_DS || name == SEG_ES)
			return 0;
		return refuse(v, "CS, SS or TR is not present");
	}
	if (name == SEG_TR) {
		if (s->attr & SEG_ATTR_S || (type != TYPE_TSS16_BUSY && type != TYPE_TSS32_BUSY))
			return refuse(v, "TR is no busy TSS");
		return 0;
	}
	if (!(s->attr & SEG_ATTR_S))
		return refuse(v, "a system segment stands for code or data");
	if (name == SEG_CS && !(type & ATTR_TYPE_CODE))
		return refuse(v, "CS is no code segment");
	if (name == SEG_SS && (type & ATTR_TYPE_CODE || !(type & ATTR_TYPE_WRITABLE)))
		return refuse(v, "SS is not writable");
	if ((name == SEG_DS || name == SEG_ES) && type & ATTR_TYPE_CODE &&
	    !(type & ATTR_TYPE_WRITABLE))
		return refuse(v, "DS or ES is not readable");
	return 0;
}

static int segments_check(struct vcpu *v, const struct start_state *s)
{
	unsigned cpl = SEG_ATTR_DPL(s->cs.attr);
	int err = segment_check(v, SEG_CS, &s->cs);

	err = err ? err : segment_check(v, SEG_DS, &s->ds);
	err = err ? err : segment_check(v, SEG_SS, &s->ss);
	err = err ? err : segment_check(v, SEG_ES, &s->es);
	err = err ? err : segment_check(v, SEG_TR, &s->tr);
	if (err)
		return err;
	if (SEG_ATTR_DPL(s->ss.attr) != cpl)
		return refuse(v, "privilege levels of SS and CS differ");
	if ((s->ds.attr & SEG_ATTR_P && SEG_ATTR_DPL(s->ds.attr) < cpl) ||
	    (s->es.attr & SEG_ATTR_P && SEG_ATTR_DPL(s->es.attr) < cpl))
		return refuse(v, "DS or ES needs more privilege than CS has");
	return 0;
}

static int read_32(struct vcpu *v, const struct vcpu_hvm_x86_32 *c, struct start_state *s)
{
	uint64_t limit = c->cs_limit;
	int err;

	if (c->pad1 || c->pad2[0] || c->pad2[1] || c->pad2[2])
		return refuse(v, "padding is not zero");
	s->cs = segment_of(c->cs_base, c->cs_limit, c->cs_ar);
	s->ds = segment_of(c->ds_base, c->ds_limit, c->ds_ar);
	s->ss = segment_of(c->ss_base, c->ss_limit, c->ss_ar);
	s->es = segment_of(c->es_base, c->es_limit, c->es_ar);
	s->tr = segment_of(c->tr_base, c->tr_limit, c->tr_ar);
	err = segments_check(v, s);
	if (err)
		return err;
	if (c->cs_ar & SEG_ATTR_G)
		limit = (limit << 12 | 0xfff) & 0xffffffff;
	if (c->eip > limit)
		return refuse(v, "EIP is outside CS");
	if (c->efer & EFER_LMA && !(c->efer & EFER_LME))
		return refuse(v, "EFER.LMA without EFER.LME");
	s->regs = (struct guest_regs){
		.r = { [GPR_RAX] = c->eax,
		       [GPR_RCX] = c->ecx,
		       [GPR_RDX] = c->edx,
		       [GPR_RBX] = c->ebx,
		       [GPR_RSP] = c->esp,
		       [GPR_RBP] = c->ebp,
		       [GPR_RSI] = c->esi,
		       [GPR_RDI] = c->edi },
		.rip = c->eip,
		.rflags = c->eflags,
	};
	s->cr0 = c->cr0;
	s->cr3 = c->cr3;
	s->cr4 = c->cr4;
	s->efer = c->efer;
	return 0;
}

static int read_64(struct vcpu *v, const struct vcpu_hvm_x86_64 *c, struct start_state *s)
{
	const struct paging_mode mode = { .cr4 = c->cr4 };

	if (!linear_is_canonical(&mode, c->rip))
		return refuse(v, "RIP is not canonical");
	if (!(c->cr0 & CR0_PG))
		return refuse(v, "64-bit mode without CR0.PG");
	if (!(c->cr4 & CR4_PAE))
		return refuse(v, "64-bit mode without CR4.PAE");
	if (!(c->efer & EFER_LME))
		return refuse(v, "64-bit mode without EFER.LME");
	s->regs = (struct guest_regs){
		.r = { [GPR_RAX] = c->rax,
		       [GPR_RCX] = c->rcx,
		       [GPR_RDX] = c->rdx,
		       [GPR_RBX] = c->rbx,
		       [GPR_RSP] = c->rsp,
		       [GPR_RBP] = c->rbp,
		       [GPR_RSI] = c->rsi,
		       [GPR_RDI] = c->rdi },
		.rip = c->rip,
		.rflags = c->rflags,
	};
	s->cr0 = c->cr0;
	s->cr3 = c->cr3;
	s->cr4 = c->cr4;
	s->efer = c->efer;
	s->cs = segment_of(0, 0xffffffff, 0xa9b);
	s->ds = s->ss = s->es = segment_of(0, 0xffffffff, 0xc93);
	s->tr = segment_of(0, 0x67, 0x08b);
	return 0;
}

#define CR0_DEFINED                                                                                \
	(CR0_PE | CR0_MP | CR0_EM | CR0_TS | CR0_ET | CR0_NE | CR0_WP | CR0_AM | CR0_NW | CR0_CD | \
	 CR0_PG)

/* Both modes: what the CPU would refuse at entry is refused here, with what the guest may have by its CPUID. */
static int control_check(struct vcpu *v, struct start_state *s)
{
	const struct cpuid_policy *p = &v->domain->cpuid;

	if (s->cr0 & ~CR0_DEFINED || (s->cr0 & CR0_PG && !(s->cr0 & CR0_PE)) ||
	    (s->cr0 & CR0_NW && !(s->cr0 & CR0_CD)))
		return refuse(v, "CR0");
	if (s->cr4 & ~cpuid_cr4_valid(p))
		return refuse(v, "CR4 has bits that CPUID does not offer");
	if (s->efer & EFER_LME && s->cr0 & CR0_PG)
		s->efer |= EFER_LMA;
	if (s->efer & ~(cpuid_efer_valid(p) | EFER_LMA))
		return refuse(v, "EFER has bits that CPUID does not offer");
	if (s->efer & EFER_LMA && (!(s->cr4 & CR4_PAE) || !(s->cr0 & CR0_PG)))
		return refuse(v, "long mode without paging");
	s->cr0 |= CR0_ET;
	s->regs.rflags |= RFLAGS_MBS;
	return 0;
}

static void state_apply(struct vcpu *v, const struct start_state *s)
{
	vcpu_reset(v, false);
	v->regs = s->regs;
	virt->set_reg(v, REG_EFER, s->efer);
	virt->set_reg(v, REG_CR4, s->cr4);
	virt->set_reg(v, REG_CR3, s->cr3);
	virt->set_reg(v, REG_CR0, s->cr0);
	virt->set_segment(v, SEG_CS, &s->cs);
	virt->set_segment(v, SEG_DS, &s->ds);
	virt->set_segment(v, SEG_SS, &s->ss);
	virt->set_segment(v, SEG_ES, &s->es);
	virt->set_segment(v, SEG_TR, &s->tr);
	v->wait_for_sipi = false;
	v->is_initialised = true;
}

int vcpu_set_context(struct vcpu *v, const struct vcpu_hvm_context *ctx)
{
	struct start_state s = { .efer = 0 };
	int err;

	if (ctx->pad)
		return -EINVAL;
	switch (ctx->mode) {
	case VCPU_HVM_MODE_32B: err = read_32(v, &ctx->cpu_regs.x86_32, &s); break;
	case VCPU_HVM_MODE_64B: err = read_64(v, &ctx->cpu_regs.x86_64, &s); break;
	default: return -EINVAL;
	}
	if (!err)
		err = control_check(v, &s);
	if (!err)
		state_apply(v, &s);
	return err;
}
