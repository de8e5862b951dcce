/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest's registers as the core sees them, on top of the VMCB. FS, GS, TR, LDTR and the system-call MSRs are exchanged at each entry and exit
 * (entry.S), so between runs the VMCB holds everything.
 *
 * The VMCB differs from the guest's view in these places. EFER.SVME is always set. CR0.CD and CR0.NW are never set: an uncached guest would crawl and
 * its firmware forgets to clear them. CR0.NE is always set: where the guest has it clear, #MF comes to us, who play the wires of the old way. CR4.MCE is set when the host's is: a machine check must reach our handler whatever the guest thinks.
 * While the views differ, reads are intercepted; else the guest reads its registers without an exit.
 */
#include "svm.h"
#include "virt_insn.h"
#include "string.h"
#include "virt_state.h"

static const struct {
	uint16_t offset;
	uint16_t clean; /* group that a change makes dirty; 0: always reloaded */
} reg_rows[NR_VCPU_REGS] = {
	[REG_CR2] = { offsetof(struct vmcb, cr2), CLEAN_CR2 },
	[REG_CR3] = { offsetof(struct vmcb, cr3), CLEAN_CRX },
	[REG_DR6] = { offsetof(struct vmcb, dr6), CLEAN_DRX },
	[REG_DR7] = { offsetof(struct vmcb, dr7), CLEAN_DRX },
	[REG_STAR] = { offsetof(struct vmcb, star), 0 },
	[REG_LSTAR] = { offsetof(struct vmcb, lstar), 0 },
	[REG_CSTAR] = { offsetof(struct vmcb, cstar), 0 },
	[REG_FMASK] = { offsetof(struct vmcb, sfmask), 0 },
	[REG_KERNEL_GS_BASE] = { offsetof(struct vmcb, kernel_gs_base), 0 },
	[REG_SYSENTER_CS] = { offsetof(struct vmcb, sysenter_cs), 0 },
	[REG_SYSENTER_ESP] = { offsetof(struct vmcb, sysenter_esp), 0 },
	[REG_SYSENTER_EIP] = { offsetof(struct vmcb, sysenter_eip), 0 },
	[REG_PAT] = { offsetof(struct vmcb, g_pat), CLEAN_NP },
	[REG_DEBUGCTL] = { offsetof(struct vmcb, dbgctl), CLEAN_LBR },
};

static const struct {
	uint16_t offset;
	uint16_t clean;
} segment_rows[NR_SEGS] = {
	[SEG_ES] = { offsetof(struct vmcb, es), CLEAN_SEG },
	[SEG_CS] = { offsetof(struct vmcb, cs), CLEAN_SEG },
	[SEG_SS] = { offsetof(struct vmcb, ss), CLEAN_SEG },
	[SEG_DS] = { offsetof(struct vmcb, ds), CLEAN_SEG },
	[SEG_FS] = { offsetof(struct vmcb, fs), 0 },
	[SEG_GS] = { offsetof(struct vmcb, gs), 0 },
	[SEG_LDTR] = { offsetof(struct vmcb, ldtr), 0 },
	[SEG_TR] = { offsetof(struct vmcb, tr), 0 },
	[SEG_GDTR] = { offsetof(struct vmcb, gdtr), CLEAN_DT },
	[SEG_IDTR] = { offsetof(struct vmcb, idtr), CLEAN_DT },
};

static uint64_t *reg_at(struct vmcb *m, enum vcpu_reg r)
{
	return (uint64_t *)((char *)m + reg_rows[r].offset);
}

static struct segment *segment_at(struct vmcb *m, enum segment_name name)
{
	return (struct segment *)((char *)m + segment_rows[name].offset);
}

uint8_t svm_get_cpl(struct vcpu *v)
{
	struct svm_vcpu *s = v->virt;

	/* VMCB.CPL says nothing in real mode, and 3 in virtual-8086 mode on hardware only. */
	if (!(s->vmcb->cr0 & CR0_PE))
		return 0;
	return v->regs.rflags & RFLAGS_VM ? 3 : s->vmcb->cpl;
}

/* Of a vcpu that is loaded nowhere it lies in the saved state, which page walks for others do not ask for. */
static uint32_t guest_pkru(const struct svm_vcpu *s)
{
	if (!s->cpu || s->cpu->percpu != percpu())
		return 0;
	return insn_read_guest_pkru();
}

void svm_get_paging(struct vcpu *v, struct paging_mode *out)
{
	struct svm_vcpu *s = v->virt;
	const struct vmcb *m = s->vmcb;

	out->cr0 = m->cr0 ^ s->cr0_differs;
	out->cr3 = m->cr3;
	out->cr4 = m->cr4 & ~s->cr4_hidden;
	out->efer = m->efer & ~EFER_SVME;
	out->rflags = v->regs.rflags;
	out->cpl = svm_get_cpl(v);
	out->cs_attr_l = !!(m->cs.attr & SEG_ATTR_L);
	out->cs_attr_d = !!(m->cs.attr & SEG_ATTR_DB);
	out->pkru = unlikely(m->cr4 & CR4_PKE) ? guest_pkru(s) : 0;
}

uint64_t svm_get_reg(struct vcpu *v, enum vcpu_reg r)
{
	struct svm_vcpu *s = v->virt;
	struct vmcb *m = s->vmcb;

	switch (r) {
	case REG_CR0: return m->cr0 ^ s->cr0_differs;
	case REG_CR4: return m->cr4 & ~s->cr4_hidden;
	case REG_CR8: return m->int_ctl & VINTR_TPR;
	case REG_EFER: return m->efer & ~EFER_SVME;
	case REG_TSC_AUX: return s->tsc_aux;
	case REG_SPEC_CTRL: return s->spec_ctrl;
	default: return *reg_at(m, r);
	}
}

/* EFER.LMA follows from EFER.LME and CR0.PG. */
static void long_mode_update(struct svm_vcpu *s)
{
	struct vmcb *m = s->vmcb;

	if ((m->efer & EFER_LME) && (m->cr0 & CR0_PG))
		m->efer |= EFER_LMA;
	else
		m->efer &= ~EFER_LMA;
}

static void set_cr0(struct svm_vcpu *s, uint64_t value)
{
	struct vmcb *m = s->vmcb;
	uint64_t was = m->cr0;

	m->cr0 = (value & ~CR0_CACHE) | CR0_NE;
	if (s->cr0_differs != (value ^ m->cr0)) {
		s->cr0_differs = value ^ m->cr0;
		svm_intercept(s, ICEPT_CR, ICEPT_CR_READ(0), s->cr0_differs != 0);
		svm_intercept(s, ICEPT_EXCEPTION, 1u << X86_MF,
		              s->step || (s->cr0_differs & CR0_NE));
	}
	long_mode_update(s);
	if ((was ^ m->cr0) & CR0_FLUSH)
		s->attention |= ATTENTION_TLB;
}

static void set_cr4(struct svm_vcpu *s, uint64_t value)
{
	struct vmcb *m = s->vmcb;
	uint64_t was = m->cr4, hidden = svm_host.cr4_hidden & ~value;

	m->cr4 = value | hidden;
	if (s->cr4_hidden != hidden) {
		s->cr4_hidden = hidden;
		svm_intercept(s, ICEPT_CR, ICEPT_CR_READ(4), hidden != 0);
	}
	if ((was ^ m->cr4) & CR4_FLUSH)
		s->attention |= ATTENTION_TLB;
}

static void set_efer(struct svm_vcpu *s, uint64_t value)
{
	struct vmcb *m = s->vmcb;
	uint64_t was = m->efer;

	m->efer = value | EFER_SVME;
	long_mode_update(s);
	if ((was ^ m->efer) & EFER_FLUSH)
		s->attention |= ATTENTION_TLB;
}

/* MSRs and breakpoints are put into the CPU at the next entry: only there is it certain which CPU that is. */
static void set_tsc_aux(struct svm_vcpu *s, uint64_t value)
{
	s->tsc_aux = value;
	s->attention |= ATTENTION_CPU;
}

static void set_spec_ctrl(struct svm_vcpu *s, uint64_t value)
{
	s->spec_ctrl = value;
	s->vmcb->spec_ctrl = value;
	s->attention &= ~ATTENTION_SPEC_CTRL;
	if (value && !svm_has(SVM_SPEC_CTRL))
		s->attention |= ATTENTION_SPEC_CTRL;
}

/* DEBUGCTL is the guest's own only with LBR virtualisation; without it the value is kept and has no effect. */
static void set_debugctl(struct svm_vcpu *s, uint64_t value)
{
	s->vmcb->dbgctl = value;
	s->vmcb->lbr_ctl = value && svm_has(SVM_LBR_VIRT) ? LBR_VIRT : 0;
	s->vmcb->clean &= ~CLEAN_LBR;
}

void svm_set_reg(struct vcpu *v, enum vcpu_reg r, uint64_t value)
{
	struct svm_vcpu *s = v->virt;
	struct vmcb *m = s->vmcb;

	/* V_TPR is the one that no rule looks at, and the one that is written most. */
	if (r != REG_CR8)
		s->attention |= VMCB_CHECK_STATE;
	switch (r) {
	case REG_CR0: set_cr0(s, value); break;
	case REG_CR4: set_cr4(s, value); break;
	case REG_EFER: set_efer(s, value); break;
	case REG_TSC_AUX: set_tsc_aux(s, value); return;
	case REG_SPEC_CTRL: set_spec_ctrl(s, value); return;
	case REG_DEBUGCTL: set_debugctl(s, value); return;
	case REG_CR8:
		m->int_ctl = (m->int_ctl & ~VINTR_TPR) | (value & VINTR_TPR);
		s->vmcb->clean &= ~CLEAN_TPR;
		return;
	default:
		*reg_at(m, r) = value;
		s->vmcb->clean &= ~reg_rows[r].clean;
		if (r == REG_CR3)
			s->attention |= ATTENTION_TLB;
		if (r == REG_DR7)
			s->attention |= ATTENTION_CPU;
		return;
	}
	s->vmcb->clean &= ~CLEAN_CRX;
}

void svm_get_segment(struct vcpu *v, enum segment_name name, struct segment *out)
{
	struct svm_vcpu *s = v->virt;

	*out = *segment_at(s->vmcb, name);
	/* SYSRET and virtual-8086 mode leave SS.DPL and CPL apart on AMD; outside they are one. */
	if (name == SEG_SS)
		out->attr = (out->attr & ~0x60) | svm_get_cpl(v) << 5;
}

void svm_set_segment(struct vcpu *v, enum segment_name name, const struct segment *in)
{
	struct svm_vcpu *s = v->virt;

	*segment_at(s->vmcb, name) = *in;
	s->vmcb->clean &= ~segment_rows[name].clean;
	s->attention |= VMCB_CHECK_STATE;
	if (name == SEG_SS)
		s->vmcb->cpl = SEG_ATTR_DPL(in->attr);
}

bool svm_breakpoints_wanted(const struct svm_vcpu *s)
{
	return !s->breakpoints_live && (s->vmcb->dr7 & DR7_ENABLED);
}

static void breakpoints_mark(struct svm_vcpu *s, bool live)
{
	s->breakpoints_live = live;
	svm_intercept(s, ICEPT_DR, ~0u, !live);
}

void svm_breakpoints_load(struct vcpu *v)
{
	struct svm_vcpu *s = v->virt;

	if (s->breakpoints_live)
		return;
	insn_load_breakpoints(v->dr);
	breakpoints_mark(s, true);
}

void svm_breakpoints_unload(struct vcpu *v)
{
	struct svm_vcpu *s = v->virt;

	if (!s->breakpoints_live)
		return;
	insn_save_breakpoints(v->dr);
	breakpoints_mark(s, false);
}

void svm_state_reset(struct vcpu *v)
{
	struct svm_vcpu *s = v->virt;
	struct vmcb *m = s->vmcb;

	m->es = m->ss = m->ds = m->fs = m->gs = segment_reset_data;
	m->cs = segment_reset_code;
	m->ldtr = segment_reset_ldt;
	m->tr = segment_reset_tss;
	m->gdtr = m->idtr = (struct segment){ .limit = 0xffff };
	m->cpl = 0;
	m->cr2 = m->cr3 = 0;
	m->dr6 = DR6_RESET;
	m->dr7 = DR7_RESET;
	m->star = m->lstar = m->cstar = m->sfmask = m->kernel_gs_base = 0;
	m->sysenter_cs = m->sysenter_esp = m->sysenter_eip = 0;
	m->g_pat = PAT_RESET;
	m->int_ctl = VINTR_MASKING;
	v->regs.rip = 0xfff0;
	v->regs.rflags = RFLAGS_MBS;

	breakpoints_mark(s, false);
	memset(v->dr, 0, sizeof(v->dr));
	set_efer(s, 0);
	set_cr0(s, CR0_ET | CR0_CACHE);
	set_cr4(s, 0);
	set_tsc_aux(s, 0);
	set_spec_ctrl(s, 0);
	set_debugctl(s, 0);
	s->attention |= ATTENTION_TLB | ATTENTION_CPU | VMCB_CHECK_ALL;
	m->clean = 0;
}
