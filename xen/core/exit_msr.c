// SPDX-License-Identifier: GPL-2.0-or-later
/* RDMSR and WRMSR: values in x86/msr.c's table first, then those that reach into the rest of the machine. */
#include "exit_handlers.h"
#include "domain.h"
#include "hypercall.h"
#include "log.h"

/* False: #GP. */
struct msr_row {
	uint32_t first, last;
	bool (*read)(struct vcpu *v, uint32_t index, uint64_t *value);
	bool (*write)(struct vcpu *v, uint32_t index, uint64_t value);
};

/* MSRs that the backend keeps, by number. */
static const struct {
	uint32_t index;
	enum vcpu_reg reg;
	bool is_address; /* must be canonical */
	uint64_t valid;
} vcpu_msrs[] = {
	{ MSR_SYSENTER_CS, REG_SYSENTER_CS, false, 0xffff },
	{ MSR_SYSENTER_ESP, REG_SYSENTER_ESP, true, ~0ull },
	{ MSR_SYSENTER_EIP, REG_SYSENTER_EIP, true, ~0ull },
	{ MSR_STAR, REG_STAR, false, ~0ull },
	{ MSR_LSTAR, REG_LSTAR, true, ~0ull },
	{ MSR_CSTAR, REG_CSTAR, true, ~0ull },
	{ MSR_FMASK, REG_FMASK, false, 0xffffffff },
	{ MSR_KERNEL_GS_BASE, REG_KERNEL_GS_BASE, true, ~0ull },
};

static bool vcpu_msr_read(struct vcpu *v, uint32_t index, uint64_t *value)
{
	for (size_t i = 0; i < ARRAY_LEN(vcpu_msrs); i++)
		if (vcpu_msrs[i].index == index) {
			*value = virt->get_reg(v, vcpu_msrs[i].reg);
			return true;
		}
	return false;
}

static bool vcpu_msr_write(struct vcpu *v, uint32_t index, uint64_t value)
{
	for (size_t i = 0; i < ARRAY_LEN(vcpu_msrs); i++) {
		if (vcpu_msrs[i].index != index)
			continue;
		if ((value & ~vcpu_msrs[i].valid) && index != MSR_SYSENTER_CS)
			return false;
		if (vcpu_msrs[i].is_address && !linear_is_canonical(guest_paging_mode(v), value))
			return false;
		virt->set_reg(v, vcpu_msrs[i].reg, value & vcpu_msrs[i].valid);
		return true;
	}
	return false;
}

static bool base_msr_read(struct vcpu *v, uint32_t index, uint64_t *value)
{
	struct segment s;

	virt->get_segment(v, index == MSR_FS_BASE ? SEG_FS : SEG_GS, &s);
	*value = s.base;
	return true;
}

static bool base_msr_write(struct vcpu *v, uint32_t index, uint64_t value)
{
	enum segment_name name = index == MSR_FS_BASE ? SEG_FS : SEG_GS;
	struct segment s;

	if (!linear_is_canonical(guest_paging_mode(v), value))
		return false;
	virt->get_segment(v, name, &s);
	s.base = value;
	virt->set_segment(v, name, &s);
	return true;
}

static bool efer_read(struct vcpu *v, uint32_t index, uint64_t *value)
{
	*value = virt->get_reg(v, REG_EFER);
	return true;
}

static bool efer_write(struct vcpu *v, uint32_t index, uint64_t value)
{
	return control_set_efer(v, value);
}

static bool tsc_read(struct vcpu *v, uint32_t index, uint64_t *value)
{
	*value = machine_tsc() + v->tsc_offset;
	return true;
}

/* The guest's counter has made a step. */
static void tsc_offset_changed(struct vcpu *v)
{
	virt->set_tsc_offset(v, v->tsc_offset);
	atomic_fetch_or(&v->requests, VCPU_REQ_TIME);
	if (v->lapic.tsc_deadline)
		vlapic_timer_deadline_again(v);
}

static bool tsc_write(struct vcpu *v, uint32_t index, uint64_t value)
{
	uint64_t old = v->tsc_offset;

	v->tsc_offset = value - machine_tsc();
	v->msrs.tsc_adjust += v->tsc_offset - old;
	tsc_offset_changed(v);
	return true;
}

static bool tsc_adjust_read(struct vcpu *v, uint32_t index, uint64_t *value)
{
	*value = v->msrs.tsc_adjust;
	return true;
}

static bool tsc_adjust_write(struct vcpu *v, uint32_t index, uint64_t value)
{
	v->tsc_offset += value - v->msrs.tsc_adjust;
	v->msrs.tsc_adjust = value;
	tsc_offset_changed(v);
	return true;
}

static bool hypercall_msr_write(struct vcpu *v, uint32_t index, uint64_t value)
{
	/* Bits 11:0 choose the page; there is one. */
	if (value & 0xfff)
		return false;
	return hypercall_page_write(v, value) == 0;
}

static const struct msr_row msr_rows[] = {
	{ MSR_TSC, MSR_TSC, tsc_read, tsc_write },
	{ MSR_APIC_BASE, MSR_APIC_BASE, vlapic_msr_read, vlapic_msr_write },
	{ MSR_TSC_ADJUST, MSR_TSC_ADJUST, tsc_adjust_read, tsc_adjust_write },
	{ MSR_SYSENTER_CS, MSR_SYSENTER_EIP, vcpu_msr_read, vcpu_msr_write },
	{ MSR_TSC_DEADLINE, MSR_TSC_DEADLINE, vlapic_msr_read, vlapic_msr_write },
	{ MSR_X2APIC_FIRST, MSR_X2APIC_LAST, vlapic_msr_read, vlapic_msr_write },
	{ MSR_XEN_HYPERCALL, MSR_XEN_HYPERCALL, NULL, hypercall_msr_write },
	{ MSR_EFER, MSR_EFER, efer_read, efer_write },
	{ MSR_STAR, MSR_FMASK, vcpu_msr_read, vcpu_msr_write },
	{ MSR_FS_BASE, MSR_GS_BASE, base_msr_read, base_msr_write },
	{ MSR_KERNEL_GS_BASE, MSR_KERNEL_GS_BASE, vcpu_msr_read, vcpu_msr_write },
};

static const struct msr_row *msr_find(uint32_t index)
{
	for (size_t i = 0; i < ARRAY_LEN(msr_rows) && msr_rows[i].first <= index; i++)
		if (index <= msr_rows[i].last)
			return &msr_rows[i];
	return NULL;
}

/* One line for each of the first 64 unknown numbers (by hash) that a vcpu tries. */
static void msr_log_unknown(struct vcpu *v, uint32_t index, const char *how)
{
	uint64_t bit = 1ull << (index * 0x9e3779b1u >> 26);

	if (v->unknown_msr_logged & bit)
		return;
	v->unknown_msr_logged |= bit;
	log_guest(v->domain, LOG_DEBUG, "vcpu %u: %s of unknown MSR %#x at %#lx", v->id, how, index,
	          v->regs.rip);
}

enum exit_next exit_msr_read(struct vcpu *v)
{
	uint32_t index = (uint32_t)v->regs.r[GPR_RCX];
	uint64_t value = 0;
	enum msr_result r = guest_msr_read(&v->msrs, &v->domain->cpuid, index, &value);
	const struct msr_row *row;

	if (r == MSR_ELSEWHERE) {
		row = msr_find(index);
		r = row && row->read && row->read(v, index, &value) ? MSR_OK : MSR_GP;
	}
	if (r != MSR_OK) {
		if (r == MSR_UNKNOWN)
			msr_log_unknown(v, index, "read");
		vcpu_raise_gp(v);
		return NEXT_SAME;
	}
	v->regs.r[GPR_RAX] = (uint32_t)value;
	v->regs.r[GPR_RDX] = value >> 32;
	return NEXT_INSN;
}

/* Each is cheap, so all are told. */
void vcpu_msrs_apply(struct vcpu *v)
{
	virt->set_reg(v, REG_PAT, v->msrs.pat);
	virt->set_reg(v, REG_DEBUGCTL, v->msrs.debugctl);
	virt->set_reg(v, REG_TSC_AUX, v->msrs.tsc_aux);
	virt->set_reg(v, REG_SPEC_CTRL, v->msrs.spec_ctrl);
}

enum exit_next exit_msr_write(struct vcpu *v)
{
	uint32_t index = (uint32_t)v->regs.r[GPR_RCX];
	uint64_t value = v->regs.r[GPR_RDX] << 32 | (uint32_t)v->regs.r[GPR_RAX];
	bool changed = false;
	enum msr_result r = guest_msr_write(&v->msrs, &v->domain->cpuid, index, value, &changed);
	const struct msr_row *row;

	if (r == MSR_ELSEWHERE) {
		row = msr_find(index);
		r = row && row->write && row->write(v, index, value) ? MSR_OK : MSR_GP;
	}
	if (r != MSR_OK) {
		if (r == MSR_UNKNOWN)
			msr_log_unknown(v, index, "write");
		vcpu_raise_gp(v);
		return NEXT_SAME;
	}
	if (changed && (index == MSR_PRED_CMD || index == MSR_FLUSH_CMD))
		machine_command_msr(index);
	else if (changed)
		vcpu_msrs_apply(v);
	return NEXT_INSN;
}
