/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest's registers as the core sees them, on top of the VMCS. What the VMCS does not hold is in struct vmx_vcpu or, while the vcpu is loaded, in the CPU.
 *
 * Of CR0 the guest owns TS, of CR4 PGE: it changes them without an exit, and they are read from the VMCS. All other bits it sees in the shadows, which are what
 * it wrote; s->cr0 and s->cr4 hold the same. The VMCS differs from them in these places. CR0.NE and CR4.VMXE are always set (VT-x wants them). CR0.CD and CR0.NW are never
 * set: an uncached guest would crawl and its firmware forgets to clear them. CR4.MCE is set when the host's is: a machine check must reach our handler whatever
 * the guest thinks.
 */
#include "vmx.h"
#include "vmx_insn.h"
#include "descriptor.h"
#include "guest_memory.h"
#include "string.h"
#include "virt_state.h"

#define CR0_OWN CR0_TS
#define CR4_OWN CR4_PGE
/* DEBUGCTL: last branch records, and single step on branches */
#define DEBUGCTL_USED 3ull

/* Registers that are a field of the VMCS and nothing else. */
static const uint16_t reg_fields[NR_VCPU_REGS] = {
	[REG_CR3] = GUEST_CR3,
	[REG_DR7] = GUEST_DR7,
	[REG_SYSENTER_CS] = GUEST_SYSENTER_CS,
	[REG_SYSENTER_ESP] = GUEST_SYSENTER_ESP,
	[REG_SYSENTER_EIP] = GUEST_SYSENTER_EIP,
};

/* In s->lazy. */
static const uint8_t reg_lazy[NR_VCPU_REGS] = {
	[REG_STAR] = LAZY_STAR,   [REG_LSTAR] = LAZY_LSTAR,     [REG_CSTAR] = LAZY_CSTAR,
	[REG_FMASK] = LAZY_FMASK, [REG_TSC_AUX] = LAZY_TSC_AUX,
};
static const uint32_t lazy_msrs[NR_LAZY_MSRS] = {
	[LAZY_STAR] = MSR_STAR,   [LAZY_LSTAR] = MSR_LSTAR,     [LAZY_CSTAR] = MSR_CSTAR,
	[LAZY_FMASK] = MSR_FMASK, [LAZY_TSC_AUX] = MSR_TSC_AUX,
};

static uint64_t cr0_get(const struct vmx_vcpu *s)
{
	return (s->cr0 & ~CR0_OWN) | (vmcs_read(GUEST_CR0) & CR0_OWN);
}

static uint64_t cr4_get(const struct vmx_vcpu *s)
{
	return (s->cr4 & ~CR4_OWN) | (vmcs_read(GUEST_CR4) & CR4_OWN);
}

static uint8_t cpl_get(struct vcpu *v)
{
	struct vmx_vcpu *s = v->virt;

	if (!(s->cr0 & CR0_PE))
		return 0;
	return v->regs.rflags & RFLAGS_VM ? 3 : SEG_ATTR_DPL(vmcs_read(vmcs_rights(SEG_SS)));
}

uint8_t vmx_get_cpl(struct vcpu *v)
{
	struct vmx_vcpu *s = v->virt;
	VMX_HOLD(s);

	return cpl_get(v);
}

void vmx_get_paging(struct vcpu *v, struct paging_mode *out)
{
	struct vmx_vcpu *s = v->virt;
	VMX_HOLD(s);
	uint16_t cs = attr_of_rights((uint32_t)vmcs_read(vmcs_rights(SEG_CS)));

	out->cr0 = cr0_get(s);
	out->cr3 = vmcs_read(GUEST_CR3);
	out->cr4 = cr4_get(s);
	out->efer = s->efer;
	out->rflags = v->regs.rflags;
	out->cpl = cpl_get(v);
	out->cs_attr_l = !!(cs & SEG_ATTR_L);
	out->cs_attr_d = !!(cs & SEG_ATTR_DB);
	out->pkru = unlikely((s->cr4 & CR4_PKE) && vmx_is_here(s)) ? insn_read_guest_pkru() : 0;
}

/* Those that need the VMCS. */
static uint64_t reg_read(struct vmx_vcpu *s, enum vcpu_reg r)
{
	VMX_HOLD(s);

	return r == REG_CR0   ? cr0_get(s)
	       : r == REG_CR4 ? cr4_get(s)
	                      : vmcs_read((enum vmcs_field)reg_fields[r]);
}

uint64_t vmx_get_reg(struct vcpu *v, enum vcpu_reg r)
{
	struct vmx_vcpu *s = v->virt;

	switch (r) {
	case REG_CR2: return s->cr2;
	case REG_CR8: return s->virtual_apic[VIRTUAL_APIC_TPR] >> 4;
	case REG_EFER: return s->efer;
	case REG_DR6: return s->breakpoints_live ? insn_read_dr6() : s->dr6;
	case REG_STAR:
	case REG_LSTAR:
	case REG_CSTAR:
	case REG_FMASK:
	case REG_TSC_AUX: return s->lazy[reg_lazy[r]];
	case REG_KERNEL_GS_BASE:
		return vmx_is_here(s) ? insn_rdmsr(MSR_KERNEL_GS_BASE) : s->kernel_gs_base;
	case REG_PAT: return s->pat;
	case REG_DEBUGCTL: return s->debugctl;
	case REG_SPEC_CTRL: return s->spec_ctrl;
	default: return reg_read(s, r);
	}
}

/* A 64-bit guest's task register is that of a 64-bit TSS, whatever it was before (SDM 26.3.1.2). */
static void long_mode_update(struct vmx_vcpu *s)
{
	bool was = s->efer & EFER_LMA, is = (s->efer & EFER_LME) && (s->cr0 & CR0_PG);
	uint64_t tr;

	s->efer = is ? s->efer | EFER_LMA : s->efer & ~EFER_LMA;
	s->entry_controls =
		is ? s->entry_controls | ENTRY_LONG_MODE : s->entry_controls & ~ENTRY_LONG_MODE;
	vmcs_write(VMCS_ENTRY_CONTROLS, s->entry_controls);
	if (s->entry_controls & ENTRY_LOAD_EFER)
		vmcs_write(GUEST_EFER, s->efer);
	else
		vmx_area_set(s, MSR_EFER, s->efer, vmx_host.efer);
	if (is && !was) {
		tr = vmcs_read(vmcs_rights(SEG_TR));
		vmcs_write(vmcs_rights(SEG_TR), tr | TYPE_TSS_32 | TYPE_BUSY);
	}
}

static void set_cr0(struct vmx_vcpu *s, uint64_t value)
{
	uint64_t was = s->cr0;

	s->cr0 = value;
	vmcs_write(VMCS_CR0_SHADOW, value);
	vmcs_write(GUEST_CR0, (value & ~CR0_CACHE) | vmx_host.cr0_hidden);
	/* x87 errors the old way: #MF comes to us, who play its wires */
	if ((was ^ value) & CR0_NE)
		vmcs_write(VMCS_EXCEPTION_BITMAP,
		           VMX_EXCEPTIONS | (value & CR0_NE ? 0 : 1u << X86_MF));
	long_mode_update(s);
	if ((was ^ value) & CR0_FLUSH)
		s->attention |= ATTENTION_TLB;
}

static void set_cr4(struct vmx_vcpu *s, uint64_t value)
{
	uint64_t was = cr4_get(s);

	s->cr4 = value;
	vmcs_write(VMCS_CR4_SHADOW, value);
	vmcs_write(GUEST_CR4, value | vmx_host.cr4_hidden);
	if ((was ^ value) & CR4_FLUSH)
		s->attention |= ATTENTION_TLB;
}

static void set_efer(struct vmx_vcpu *s, uint64_t value)
{
	uint64_t was = s->efer;

	s->efer = value;
	long_mode_update(s);
	if ((was ^ s->efer) & EFER_FLUSH)
		s->attention |= ATTENTION_TLB;
}

static void set_pat(struct vmx_vcpu *s, uint64_t value)
{
	s->pat = value;
	if (s->entry_controls & ENTRY_LOAD_PAT)
		vmcs_write(GUEST_PAT, value);
	else
		vmx_area_set(s, MSR_PAT, value, vmx_host.pat);
}

/* The host's own is 0. */
static void set_spec_ctrl(struct vmx_vcpu *s, uint64_t value)
{
	s->spec_ctrl = value;
	if (value)
		vmx_area_set(s, MSR_SPEC_CTRL, value, 0);
	else
		vmx_area_remove(s, MSR_SPEC_CTRL);
}

static void set_debugctl(struct vmx_vcpu *s, uint64_t value)
{
	s->debugctl = value;
	vmcs_write(GUEST_DEBUGCTL, value & DEBUGCTL_USED);
}

static void set_dr6(struct vmx_vcpu *s, uint64_t value)
{
	if (s->breakpoints_live)
		insn_write_dr6(value);
	else
		s->dr6 = value;
}

static void set_kernel_gs_base(struct vmx_vcpu *s, uint64_t value)
{
	s->kernel_gs_base = canonical(value);
	if (vmx_is_here(s))
		vmx_swapgs_load(s);
}

/* They are put into the CPU at the next entry: only there is it certain which CPU that is. */
static void set_lazy(struct vmx_vcpu *s, enum vcpu_reg r, uint64_t value)
{
	if (r == REG_LSTAR || r == REG_CSTAR)
		value = canonical(value);
	if (r == REG_FMASK || r == REG_TSC_AUX)
		value = (uint32_t)value;
	s->lazy[reg_lazy[r]] = value;
	s->attention |= ATTENTION_CPU;
}

/* A threshold above the TPR is no threshold: the window has come (SDM 26.2.1.1). */
static void set_cr8(struct vmx_vcpu *s, uint64_t value)
{
	s->virtual_apic[VIRTUAL_APIC_TPR] = (uint8_t)(value << 4);
	if (s->tpr_threshold <= (value & 15))
		return;
	VMX_HOLD(s);
	vmx_tpr_threshold(s, value & 15);
}

static void set_field(struct vmx_vcpu *s, enum vcpu_reg r, uint64_t value)
{
	if (r == REG_SYSENTER_ESP || r == REG_SYSENTER_EIP)
		value = canonical(value);
	vmcs_write((enum vmcs_field)reg_fields[r], value);
	if (r == REG_CR3)
		s->attention |= ATTENTION_TLB | ATTENTION_PDPTE;
	if (r == REG_DR7)
		s->attention |= ATTENTION_CPU;
}

static void reg_write(struct vmx_vcpu *s, enum vcpu_reg r, uint64_t value)
{
	VMX_HOLD(s);

	s->attention |= ATTENTION_CHECK;
	switch (r) {
	case REG_CR0: set_cr0(s, value); break;
	case REG_CR4: set_cr4(s, value); break;
	case REG_EFER: set_efer(s, value); break;
	case REG_PAT: set_pat(s, value); break;
	case REG_SPEC_CTRL: set_spec_ctrl(s, value); break;
	case REG_DEBUGCTL: set_debugctl(s, value); break;
	default: set_field(s, r, value); break;
	}
	if (r == REG_CR0 || r == REG_CR4 || r == REG_EFER)
		s->attention |= ATTENTION_PDPTE;
}

void vmx_set_reg(struct vcpu *v, enum vcpu_reg r, uint64_t value)
{
	struct vmx_vcpu *s = v->virt;

	switch (r) {
	case REG_CR2: s->cr2 = value; break;
	case REG_CR8: set_cr8(s, value); break;
	case REG_DR6: set_dr6(s, value); break;
	case REG_KERNEL_GS_BASE: set_kernel_gs_base(s, value); break;
	case REG_STAR:
	case REG_LSTAR:
	case REG_CSTAR:
	case REG_FMASK:
	case REG_TSC_AUX: set_lazy(s, r, value); break;
	default: reg_write(s, r, value); break;
	}
}

static bool is_table(enum segment_name name)
{
	return name == SEG_GDTR || name == SEG_IDTR;
}

void vmx_get_segment(struct vcpu *v, enum segment_name name, struct segment *out)
{
	struct vmx_vcpu *s = v->virt;
	VMX_HOLD(s);
	uint32_t rights;

	*out = (struct segment){ .base = vmcs_read(vmcs_base(name)),
		                 .limit = (uint32_t)vmcs_read(vmcs_limit(name)) };
	if (!is_table(name)) {
		rights = (uint32_t)vmcs_read(vmcs_rights(name));
		out->selector = (uint16_t)vmcs_read(vmcs_selector(name));
		out->attr = attr_of_rights(rights);
		if (rights & RIGHTS_UNUSABLE)
			out->attr &= ~SEG_ATTR_P;
	}
}

static void segment_write(struct vmx_vcpu *s, enum segment_name name, const struct segment *in)
{
	struct segment t = *in;
	bool is_usable = virt_segment_settle(name, s->efer & EFER_LMA, &t);

	if (!is_table(name)) {
		vmcs_write(vmcs_selector(name), t.selector);
		vmcs_write(vmcs_rights(name),
		           rights_of_attr(t.attr) | (is_usable ? 0 : RIGHTS_UNUSABLE));
	}
	vmcs_write(vmcs_base(name), t.base);
	vmcs_write(vmcs_limit(name), t.limit);
	s->attention |= ATTENTION_CHECK;
}

void vmx_set_segment(struct vcpu *v, enum segment_name name, const struct segment *in)
{
	struct vmx_vcpu *s = v->virt;
	VMX_HOLD(s);

	segment_write(s, name, in);
}

/*
 * With EPT the CPU takes them from the VMCS at each entry (SDM 26.3.2.4) and reads them from memory only when the guest itself moves to a control register. An
 * entry with reserved bits is one that is not there: the entry would be refused for it, while AMD's CPUs notice it at the walk.
 */
#define PDPTE_FLAGS_RESERVED 0x1e6ull
void vmx_pdptes_load(struct vcpu *v)
{
	struct vmx_vcpu *s = v->virt;
	uint64_t pdptes[4], reserved;

	if (!(s->cr0 & CR0_PG) || !(s->cr4 & CR4_PAE) || (s->efer & EFER_LMA))
		return;
	reserved = PDPTE_FLAGS_RESERVED | ~((1ull << vmx_host.limits.physical_bits) - 1);
	if (guest_read_gpa(v->domain, pdptes, gpa(vmcs_read(GUEST_CR3) & 0xffffffe0),
	                   sizeof(pdptes)))
		memset(pdptes, 0, sizeof(pdptes));
	for (unsigned i = 0; i < 4; i++) {
		if (!(pdptes[i] & PTE_P) || (pdptes[i] & reserved))
			pdptes[i] = 0;
		vmcs_write((enum vmcs_field)(GUEST_PDPTE0 + 2 * i), pdptes[i]);
	}
}

bool vmx_breakpoints_wanted(void)
{
	return vmcs_read(GUEST_DR7) & DR7_ENABLED;
}

static void breakpoints_mark(struct vmx_vcpu *s, bool live)
{
	s->breakpoints_live = live;
	vmx_proc_control(s, PROC_DR, !live);
}

void vmx_breakpoints_load(struct vcpu *v)
{
	struct vmx_vcpu *s = v->virt;

	if (s->breakpoints_live)
		return;
	insn_load_breakpoints(v->dr);
	insn_write_dr6(s->dr6);
	breakpoints_mark(s, true);
}

void vmx_breakpoints_unload(struct vcpu *v)
{
	struct vmx_vcpu *s = v->virt;

	if (!s->breakpoints_live)
		return;
	insn_save_breakpoints(v->dr);
	s->dr6 = insn_read_dr6();
	breakpoints_mark(s, false);
}

void vmx_swapgs_load(struct vmx_vcpu *s)
{
	insn_wrmsr(MSR_KERNEL_GS_BASE, s->kernel_gs_base);
}

void vmx_swapgs_unload(struct vmx_vcpu *s)
{
	s->kernel_gs_base = insn_rdmsr(MSR_KERNEL_GS_BASE);
}

void vmx_lazy_load(struct vmx_vcpu *s)
{
	struct vmx_cpu *c = s->cpu;

	for (unsigned i = 0; i < NR_LAZY_MSRS; i++) {
		if (c->lazy[i] == s->lazy[i] || (i == LAZY_TSC_AUX && !vmx_host.has_tsc_aux))
			continue;
		insn_wrmsr(lazy_msrs[i], s->lazy[i]);
		c->lazy[i] = s->lazy[i];
	}
}

static void segments_reset(struct vmx_vcpu *s)
{
	for (unsigned i = 0; i < NR_SEGS; i++)
		segment_write(s, (enum segment_name)i,
		              i == SEG_CS     ? &segment_reset_code
		              : i == SEG_LDTR ? &segment_reset_ldt
		              : i == SEG_TR   ? &segment_reset_tss
		                              : &segment_reset_data);
}

void vmx_state_reset(struct vcpu *v)
{
	struct vmx_vcpu *s = v->virt;
	VMX_HOLD(s);

	segments_reset(s);
	v->regs.rip = 0xfff0;
	v->regs.rflags = RFLAGS_MBS;
	breakpoints_mark(s, false);
	memset(v->dr, 0, sizeof(v->dr));
	s->dr6 = DR6_RESET;
	s->cr2 = 0;
	for (unsigned i = 0; i < NR_LAZY_MSRS; i++)
		s->lazy[i] = 0;
	for (unsigned r = 0; r < NR_VCPU_REGS; r++)
		if (reg_fields[r])
			vmcs_write((enum vmcs_field)reg_fields[r], r == REG_DR7 ? DR7_RESET : 0);
	s->efer = 0;
	set_cr0(s, CR0_ET | CR0_CACHE);
	set_cr4(s, 0);
	set_pat(s, PAT_RESET);
	set_spec_ctrl(s, 0);
	set_debugctl(s, 0);
	s->attention |= ATTENTION_CHECK | ATTENTION_TLB | ATTENTION_CPU;
	set_kernel_gs_base(s, 0);
	s->virtual_apic[VIRTUAL_APIC_TPR] = 0;
	vmx_tpr_threshold(s, 0);
}
