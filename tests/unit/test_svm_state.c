/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A guest's registers on top of the VMCB: the views that differ, and what a change makes dirty. */
#include "svm.h"
#include "unit.h"

#include <string.h>

struct svm_host svm_host;

static struct vmcb vmcb;
static struct svm_vcpu state;
static struct vcpu vcpu;

static void setup(void)
{
	memset(&vmcb, 0, sizeof(vmcb));
	memset(&state, 0, sizeof(state));
	memset(&vcpu, 0, sizeof(vcpu));
	memset(&svm_host, 0, sizeof(svm_host));
	state.vmcb = &vmcb;
	vcpu.virt = &state;
	svm_state_reset(&vcpu);
	vmcb.clean = CLEAN_ALL;
	state.attention = 0;
}

static bool intercepts_cr(uint32_t bits)
{
	return (vmcb.intercept[ICEPT_CR] & bits) == bits;
}

static void test_power_on(void)
{
	struct segment s;

	setup();
	svm_get_segment(&vcpu, SEG_CS, &s);
	CHECK_EQ(s.selector, 0xf000);
	CHECK_EQ(s.base, 0xffff0000);
	CHECK_EQ(vcpu.regs.rip, 0xfff0);
	CHECK_EQ(vcpu.regs.rflags, 2);
	CHECK_EQ(svm_get_reg(&vcpu, REG_CR0), 0x60000010);
	CHECK_EQ(svm_get_reg(&vcpu, REG_DR6), 0xffff0ff0);
	CHECK_EQ(svm_get_reg(&vcpu, REG_DR7), 0x400);
	CHECK_EQ(svm_get_reg(&vcpu, REG_PAT), 0x0007040600070406);
	CHECK_EQ(svm_get_reg(&vcpu, REG_EFER), 0);
	CHECK_EQ(svm_get_cpl(&vcpu), 0);
}

/* The guest may think that its caches are off; they are not. */
static void test_cache_bits_hidden(void)
{
	setup();
	CHECK_EQ(vmcb.cr0 & (CR0_CD | CR0_NW), 0);
	CHECK(intercepts_cr(ICEPT_CR_READ(0)));
	svm_set_reg(&vcpu, REG_CR0, CR0_PE | CR0_ET | CR0_NE);
	CHECK_EQ(svm_get_reg(&vcpu, REG_CR0), CR0_PE | CR0_ET | CR0_NE);
	CHECK(!(vmcb.intercept[ICEPT_CR] & ICEPT_CR_READ(0)));
	svm_set_reg(&vcpu, REG_CR0, CR0_PE | CR0_ET | CR0_CD);
	CHECK_EQ(svm_get_reg(&vcpu, REG_CR0), CR0_PE | CR0_ET | CR0_CD);
	CHECK(intercepts_cr(ICEPT_CR_READ(0)));
}

/* Errors of the x87 come as exceptions; which we take where the guest wants them the old way. */
static void test_x87_errors(void)
{
	setup();
	CHECK(vmcb.cr0 & CR0_NE);
	CHECK(vmcb.intercept[ICEPT_EXCEPTION] & 1u << X86_MF);
	svm_set_reg(&vcpu, REG_CR0, CR0_PE | CR0_ET | CR0_NE);
	CHECK(!(vmcb.intercept[ICEPT_EXCEPTION] & 1u << X86_MF));
	svm_set_reg(&vcpu, REG_CR0, CR0_PE | CR0_ET);
	CHECK(vmcb.cr0 & CR0_NE);
	CHECK_EQ(svm_get_reg(&vcpu, REG_CR0), CR0_PE | CR0_ET);
	CHECK(intercepts_cr(ICEPT_CR_READ(0)));
	CHECK(vmcb.intercept[ICEPT_EXCEPTION] & 1u << X86_MF);
}

static void test_machine_check_stays_on(void)
{
	setup();
	svm_host.cr4_hidden = CR4_MCE;
	svm_set_reg(&vcpu, REG_CR4, CR4_PAE);
	CHECK_EQ(vmcb.cr4, CR4_PAE | CR4_MCE);
	CHECK_EQ(svm_get_reg(&vcpu, REG_CR4), CR4_PAE);
	CHECK(intercepts_cr(ICEPT_CR_READ(4)));
	svm_set_reg(&vcpu, REG_CR4, CR4_PAE | CR4_MCE);
	CHECK_EQ(svm_get_reg(&vcpu, REG_CR4), CR4_PAE | CR4_MCE);
	CHECK(!(vmcb.intercept[ICEPT_CR] & ICEPT_CR_READ(4)));
}

static void test_long_mode(void)
{
	struct paging_mode m;

	setup();
	svm_set_reg(&vcpu, REG_CR4, CR4_PAE);
	svm_set_reg(&vcpu, REG_CR3, 0x5000);
	svm_set_reg(&vcpu, REG_EFER, EFER_LME);
	CHECK_EQ(svm_get_reg(&vcpu, REG_EFER), EFER_LME);
	CHECK(vmcb.efer & EFER_SVME);
	state.attention = 0;
	svm_set_reg(&vcpu, REG_CR0, CR0_PE | CR0_PG | CR0_ET);
	CHECK_EQ(svm_get_reg(&vcpu, REG_EFER), EFER_LME | EFER_LMA);
	CHECK(state.attention & ATTENTION_TLB);
	CHECK(state.attention & VMCB_CHECK_STATE);
	vmcb.cs.attr = 0x29b;
	svm_get_paging(&vcpu, &m);
	CHECK_EQ(m.cr0, CR0_PE | CR0_PG | CR0_ET);
	CHECK_EQ(m.cr3, 0x5000);
	CHECK_EQ(m.efer, EFER_LME | EFER_LMA);
	CHECK_EQ(m.cs_attr_l, 1);
	CHECK_EQ(m.cs_attr_d, 0);
	svm_set_reg(&vcpu, REG_CR0, CR0_PE | CR0_ET);
	CHECK_EQ(svm_get_reg(&vcpu, REG_EFER), EFER_LME);
}

/* Each register keeps what it is given, and the CPU's copy of its group is given up. */
static void test_registers(void)
{
	static const struct {
		enum vcpu_reg reg;
		uint32_t clean;
	} rows[] = {
		{ REG_CR2, CLEAN_CR2 },    { REG_CR3, CLEAN_CRX },
		{ REG_DR6, CLEAN_DRX },    { REG_DR7, CLEAN_DRX },
		{ REG_STAR, 0 },           { REG_LSTAR, 0 },
		{ REG_CSTAR, 0 },          { REG_FMASK, 0 },
		{ REG_KERNEL_GS_BASE, 0 }, { REG_SYSENTER_CS, 0 },
		{ REG_SYSENTER_ESP, 0 },   { REG_SYSENTER_EIP, 0 },
		{ REG_PAT, CLEAN_NP },     { REG_DEBUGCTL, CLEAN_LBR },
		{ REG_TSC_AUX, 0 },        { REG_SPEC_CTRL, 0 },
	};

	setup();
	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		vmcb.clean = CLEAN_ALL;
		svm_set_reg(&vcpu, rows[i].reg, 0x1000 + i);
		CHECK_EQ(vmcb.clean, CLEAN_ALL & ~rows[i].clean);
	}
	for (unsigned i = 0; i < ARRAY_LEN(rows); i++)
		CHECK_EQ(svm_get_reg(&vcpu, rows[i].reg), 0x1000 + i);
}

static void test_task_priority(void)
{
	setup();
	svm_set_reg(&vcpu, REG_CR8, 0xb);
	CHECK_EQ(svm_get_reg(&vcpu, REG_CR8), 0xb);
	CHECK_EQ(vmcb.int_ctl, VINTR_MASKING | 0xb);
	CHECK(!(vmcb.clean & CLEAN_TPR));
}

static void test_segments(void)
{
	for (unsigned i = 0; i < NR_SEGS; i++) {
		struct segment in = { (uint16_t)(8 * i), 0x93, 0xfffff, 0x10000 * i }, out;

		setup();
		svm_set_segment(&vcpu, i, &in);
		svm_get_segment(&vcpu, i, &out);
		CHECK_EQ(out.selector, in.selector);
		CHECK_EQ(out.limit, in.limit);
		CHECK_EQ(out.base, in.base);
		CHECK_EQ(out.attr, in.attr);
	}
}

static void test_cpl(void)
{
	struct segment ss = { 0x2b, 0xcf3, 0xffffffff, 0 };

	setup();
	svm_set_segment(&vcpu, SEG_SS, &ss);
	CHECK_EQ(svm_get_cpl(&vcpu), 0); /* real mode */
	svm_set_reg(&vcpu, REG_CR0, CR0_PE | CR0_ET);
	CHECK_EQ(svm_get_cpl(&vcpu), 3);
	ss.attr = 0xc93;
	svm_set_segment(&vcpu, SEG_SS, &ss);
	CHECK_EQ(svm_get_cpl(&vcpu), 0);
	vcpu.regs.rflags |= RFLAGS_VM;
	CHECK_EQ(svm_get_cpl(&vcpu), 3);
	/* SYSRET leaves the hidden DPL behind */
	vcpu.regs.rflags = RFLAGS_MBS;
	vmcb.cpl = 3;
	svm_get_segment(&vcpu, SEG_SS, &ss);
	CHECK_EQ(SEG_ATTR_DPL(ss.attr), 3);
}

static void test_breakpoints_wait_for_entry(void)
{
	setup();
	CHECK_EQ(vmcb.intercept[ICEPT_DR], 0xffffffff);
	state.attention = 0;
	svm_set_reg(&vcpu, REG_DR7, 0x400);
	CHECK(!svm_breakpoints_wanted(&state));
	svm_set_reg(&vcpu, REG_DR7, 0x402);
	CHECK(svm_breakpoints_wanted(&state));
	CHECK(state.attention & ATTENTION_CPU);
}

UNIT_MAIN(UNIT(test_power_on), UNIT(test_cache_bits_hidden), UNIT(test_x87_errors),
          UNIT(test_machine_check_stays_on), UNIT(test_long_mode), UNIT(test_registers),
          UNIT(test_task_priority), UNIT(test_segments), UNIT(test_cpl),
          UNIT(test_breakpoints_wait_for_entry))
