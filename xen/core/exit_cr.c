// SPDX-License-Identifier: GPL-2.0-or-later
/* Control and debug registers: MOV CR, LMSW, CLTS, MOV DR, XSETBV, EFER. SDM 2.5, 4.1, 13.3; APM 3.1. */
#include "exit_handlers.h"
#include "domain.h"
#include "errno.h"
#include "insn_decode.h"

#define CR0_RESERVED_LOW                                                                    \
	(~(CR0_PE | CR0_MP | CR0_EM | CR0_TS | CR0_ET | CR0_NE | CR0_WP | CR0_AM | CR0_NW | \
	   CR0_CD | CR0_PG) &                                                               \
	 0xffffffff)

bool control_set_cr0(struct vcpu *v, uint64_t value)
{
	uint64_t old = virt->get_reg(v, REG_CR0), efer = virt->get_reg(v, REG_EFER),
		 cr4 = virt->get_reg(v, REG_CR4);
	struct segment cs;

	if (value >> 32)
		return false;
	value = (value & ~CR0_RESERVED_LOW) | CR0_ET;
	if ((value & CR0_PG) && !(value & CR0_PE))
		return false;
	if ((value & CR0_NW) && !(value & CR0_CD))
		return false;
	if ((value ^ old) & CR0_PG) {
		if ((value & CR0_PG) && (efer & EFER_LME)) {
			virt->get_segment(v, SEG_CS, &cs);
			if (!(cr4 & CR4_PAE) || (cs.attr & SEG_ATTR_L))
				return false;
			efer |= EFER_LMA;
		} else if (!(value & CR0_PG)) {
			if (paging_64bit_code(guest_paging_mode(v)) || (cr4 & CR4_PCIDE))
				return false;
			efer &= ~EFER_LMA;
		}
		virt->set_reg(v, REG_EFER, efer);
	}
	if (!(value & CR0_WP) && (cr4 & CR4_CET))
		return false;
	virt->set_reg(v, REG_CR0, value);
	guest_walk_cache_reset(&v->walk);
	return true;
}

bool control_set_cr4(struct vcpu *v, uint64_t value)
{
	uint64_t old = virt->get_reg(v, REG_CR4), efer = virt->get_reg(v, REG_EFER);

	if (value & ~cpuid_cr4_valid(&v->domain->cpuid))
		return false;
	if (efer & EFER_LMA) {
		if (!(value & CR4_PAE) || ((value ^ old) & CR4_LA57))
			return false;
	}
	if ((value & ~old & CR4_PCIDE) &&
	    (!(efer & EFER_LMA) || (virt->get_reg(v, REG_CR3) & 0xfff)))
		return false;
	virt->set_reg(v, REG_CR4, value);
	guest_walk_cache_reset(&v->walk);
	return true;
}

bool control_set_efer(struct vcpu *v, uint64_t value)
{
	uint64_t old = virt->get_reg(v, REG_EFER);

	/* LMA follows LME and CR0.PG; a write to it is lost. */
	value = (value & ~EFER_LMA) | (old & EFER_LMA);
	if (value & ~(cpuid_efer_valid(&v->domain->cpuid) | EFER_LMA))
		return false;
	if (((value ^ old) & EFER_LME) && (virt->get_reg(v, REG_CR0) & CR0_PG))
		return false;
	virt->set_reg(v, REG_EFER, value);
	guest_walk_cache_reset(&v->walk);
	return true;
}

static bool control_set_cr3(struct vcpu *v, uint64_t value)
{
	const struct paging_mode *m = guest_paging_mode(v);
	uint64_t top = 1ull << cpuid_maxphyaddr(&v->domain->cpuid);

	if (paging_long_mode(m)) {
		if (m->cr4 & CR4_PCIDE)
			value &= ~BIT(63);
		if (value & ~(top - 1))
			return false;
	}
	virt->set_reg(v, REG_CR3, value);
	guest_walk_cache_reset(&v->walk);
	return true;
}

static bool control_set_cr8(struct vcpu *v, uint64_t value)
{
	if (value & ~0xfull)
		return false;
	vlapic_set_cr8(v, (uint8_t)value);
	return true;
}

static bool control_set_cr2(struct vcpu *v, uint64_t value)
{
	virt->set_reg(v, REG_CR2, value);
	return true;
}

static bool (*const control_set[16])(struct vcpu *v, uint64_t value) = {
	[0] = control_set_cr0, [2] = control_set_cr2, [3] = control_set_cr3,
	[4] = control_set_cr4, [8] = control_set_cr8,
};

static const uint8_t control_reg[16] = {
	[0] = REG_CR0, [2] = REG_CR2, [3] = REG_CR3, [4] = REG_CR4, [8] = REG_CR8
};

static enum exit_next control_finish(struct vcpu *v, bool ok)
{
	if (ok)
		return NEXT_INSN;
	vcpu_raise_gp(v);
	return NEXT_SAME;
}

/* LMSW from a register or memory: bits 3:0, and PE cannot be cleared. */
static enum exit_next control_lmsw(struct vcpu *v, const struct insn *insn)
{
	uint64_t cr0 = virt->get_reg(v, REG_CR0), value = 0, linear;
	struct event fault;

	if (insn->has_mem) {
		if (segment_linear(v, insn->segment, insn_mem_offset(insn, &v->regs), 2, false,
		                   &linear, &fault) ||
		    guest_read_linear(v, &value, linear, 2, WALK_READ, &fault)) {
			vcpu_raise(v, fault);
			return NEXT_SAME;
		}
	} else {
		value = v->regs.r[insn_rm(insn)];
	}
	value = (cr0 & ~(CR0_MP | CR0_EM | CR0_TS)) | (value & (CR0_PE | CR0_MP | CR0_EM | CR0_TS));
	return control_finish(v, control_set_cr0(v, value));
}

/* SMSW to a register of the operand's size, or to 16 bits of memory. Intercepted with reads of CR0. */
static enum exit_next control_smsw(struct vcpu *v, const struct insn *insn)
{
	uint64_t cr0 = virt->get_reg(v, REG_CR0), linear, *gpr;
	struct event fault;

	if (insn->has_mem) {
		if (segment_linear(v, insn->segment, insn_mem_offset(insn, &v->regs), 2, true,
		                   &linear, &fault) ||
		    guest_write_linear(v, linear, &cr0, 2, &fault)) {
			vcpu_raise(v, fault);
			return NEXT_SAME;
		}
	} else {
		gpr = &v->regs.r[insn_rm(insn)];
		*gpr = insn->op_size == 2 ? (*gpr & ~0xffffull) | (uint16_t)cr0 : cr0;
	}
	return NEXT_INSN;
}

/* What reads or writes a control register and is no MOV. */
static enum exit_next control_other(struct vcpu *v, const struct insn *insn)
{
	if (insn->map == MAP_0F && insn->opcode == 0x06) /* CLTS */
		return control_finish(v, control_set_cr0(v, virt->get_reg(v, REG_CR0) & ~CR0_TS));
	if (insn->map == MAP_0F && insn->opcode == 0x01 && (insn->modrm >> 3 & 7) == 6)
		return control_lmsw(v, insn);
	if (insn->map == MAP_0F && insn->opcode == 0x01 && (insn->modrm >> 3 & 7) == 4)
		return control_smsw(v, insn);
	vcpu_raise_ud(v);
	return NEXT_SAME;
}

enum exit_next exit_cr_access(struct vcpu *v)
{
	uint8_t cr = v->exit.cr.cr & 15, gpr = v->exit.cr.gpr;
	const struct insn *insn;

	if (gpr == 0xff || !v->exit.insn_len) {
		if (exit_insn(v, &insn))
			return NEXT_SAME;
		if (insn->map != MAP_0F || (insn->opcode != 0x20 && insn->opcode != 0x22))
			return control_other(v, insn);
		cr = insn_reg(insn) & 15;
		gpr = insn_rm(insn);
		v->exit.cr.is_write = insn->opcode == 0x22;
		/* LOCK MOV CR0 is AMD's other name of CR8. */
		if (insn->lock && cr == 0)
			cr = 8;
	}
	if (!control_set[cr]) {
		vcpu_raise_ud(v);
		return NEXT_SAME;
	}
	if (!v->exit.cr.is_write) {
		v->regs.r[gpr] = virt->get_reg(v, control_reg[cr]);
		return NEXT_INSN;
	}
	return control_finish(v, control_set[cr](v, paging_64bit_code(guest_paging_mode(v))
	                                                    ? v->regs.r[gpr]
	                                                    : (uint32_t)v->regs.r[gpr]));
}

/* DR6 and DR7 in the form that reads give: fixed ones and zeroes. */
#define DR6_FIXED 0xffff0ff0ull
#define DR6_VALID 0x0000e00full
#define DR7_FIXED 0x0400ull
#define DR7_VALID 0xffff2bffull

static bool debug_write(struct vcpu *v, unsigned dr, uint64_t value)
{
	if (dr >= 6 && value >> 32)
		return false;
	if (dr < 4)
		v->dr[dr] = value;
	else if (dr == 6)
		virt->set_reg(v, REG_DR6, (value & DR6_VALID) | DR6_FIXED);
	else
		virt->set_reg(v, REG_DR7, (value & DR7_VALID) | DR7_FIXED);
	return true;
}

enum exit_next exit_dr_access(struct vcpu *v)
{
	unsigned dr;
	const struct insn *insn;
	uint64_t value;

	if (exit_insn(v, &insn))
		return NEXT_SAME;
	dr = insn_reg(insn);
	if (dr == 4 || dr == 5) {
		if (virt->get_reg(v, REG_CR4) & CR4_DE)
			dr = 8; /* no such register */
		else
			dr += 2;
	}
	if (dr > 7) {
		vcpu_raise_ud(v);
		return NEXT_SAME;
	}
	if (insn->opcode == 0x23) {
		value = v->regs.r[insn_rm(insn)];
		if (insn_mode_of(guest_paging_mode(v)) != INSN_64BIT)
			value = (uint32_t)value;
		return control_finish(v, debug_write(v, dr, value));
	}
	value = dr < 4 ? v->dr[dr] : virt->get_reg(v, dr == 6 ? REG_DR6 : REG_DR7);
	v->regs.r[insn_rm(insn)] = value;
	return NEXT_INSN;
}

enum exit_next exit_xsetbv(struct vcpu *v)
{
	uint64_t value = v->regs.r[GPR_RDX] << 32 | (uint32_t)v->regs.r[GPR_RAX];

	if (!(virt->get_reg(v, REG_CR4) & CR4_OSXSAVE)) {
		vcpu_raise_ud(v);
		return NEXT_SAME;
	}
	if ((uint32_t)v->regs.r[GPR_RCX] != 0 || virt->get_cpl(v) != 0 ||
	    cpuid_xcr0_check(&v->domain->cpuid, value)) {
		vcpu_raise_gp(v);
		return NEXT_SAME;
	}
	/* The area holds the whole state whatever XCR0 says; saving under the old mask and loading under the new keeps it whole. */
	machine_fpu_save(v->fpu_area, v->xcr0);
	v->xcr0 = value;
	machine_fpu_load(v->fpu_area, v->xcr0);
	return NEXT_INSN;
}
