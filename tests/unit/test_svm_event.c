/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events into an SVM guest: the injection field, what comes back from a delivery cut short, windows, the NMI mask. APM 15.20, 15.21. */
#include "svm.h"
#include "unit.h"

#include <string.h>

struct svm_host svm_host;

static struct vmcb vmcb;
static struct svm_vcpu state;
static struct vcpu vcpu;

static void setup(uint32_t features)
{
	memset(&vmcb, 0, sizeof(vmcb));
	memset(&state, 0, sizeof(state));
	memset(&vcpu, 0, sizeof(vcpu));
	state.vmcb = &vmcb;
	vcpu.virt = &state;
	svm_host.features = features;
	vcpu.regs.rip = 0x1000;
	vcpu.regs.rflags = RFLAGS_MBS;
}

static void test_inject(void)
{
	struct event irq = { .type = EVENT_INTERRUPT, .vector = 0x31 };
	struct event pf = event_page_fault(PFEC_WRITE, 0xdead000);

	setup(0);
	CHECK(svm_inject(&vcpu, &irq));
	CHECK_EQ(vmcb.event_inj, 0x80000031);
	CHECK(!svm_inject(&vcpu, &pf));
	CHECK_EQ(vmcb.event_inj, 0x80000031);

	setup(0);
	CHECK(svm_inject(&vcpu, &pf));
	CHECK_EQ(vmcb.event_inj, 0x280000b0eull);
	CHECK_EQ(vmcb.cr2, 0xdead000);
	CHECK(state.attention & VMCB_CHECK_EVENT);
}

static void test_cut_short(void)
{
	setup(0);
	svm_event_take_back(&vcpu, 0x80000031);
	CHECK_EQ(vcpu.event.type, EVENT_INTERRUPT);
	CHECK_EQ(vcpu.event.vector, 0x31);
	CHECK(!vcpu.event.has_error);

	setup(0);
	vmcb.cr2 = 0xabc;
	svm_event_take_back(&vcpu, 0x280000b0eull);
	CHECK_EQ(vcpu.event.type, EVENT_EXCEPTION);
	CHECK_EQ(vcpu.event.vector, X86_PF);
	CHECK_EQ(vcpu.event.error_code, 2);
	CHECK_EQ(vcpu.event.cr2, 0xabc);
}

/* The guest's own INT n, INT3 and INTO: RIP is still on them, so they simply run again. */
static void test_software_runs_again(void)
{
	setup(0);
	svm_event_take_back(&vcpu, 0x80000480);
	CHECK_EQ(vcpu.event.type, EVENT_NONE);
	svm_event_take_back(&vcpu, 0x80000303);
	CHECK_EQ(vcpu.event.type, EVENT_NONE);
	CHECK_EQ(vcpu.regs.rip, 0x1000);
}

static void test_soft_exception_injected(void)
{
	struct event bp = { .type = EVENT_SOFT_EXCEPTION, .vector = X86_BP, .insn_len = 1 };

	setup(0);
	CHECK(svm_inject(&vcpu, &bp));
	CHECK_EQ(vmcb.event_inj, 0x80000303);
	CHECK_EQ(vcpu.regs.rip, 0x1001);
	svm_event_take_back(&vcpu, vmcb.event_inj);
	CHECK_EQ(vcpu.event.type, EVENT_SOFT_EXCEPTION);
	CHECK_EQ(vcpu.event.insn_len, 1);
	CHECK_EQ(vcpu.regs.rip, 0x1000);

	setup(1u << SVM_NRIP_SAVE);
	CHECK(svm_inject(&vcpu, &bp));
	CHECK_EQ(vcpu.regs.rip, 0x1000);
	CHECK_EQ(vmcb.next_rip, 0x1001);
	svm_event_take_back(&vcpu, vmcb.event_inj);
	CHECK_EQ(vcpu.event.type, EVENT_SOFT_EXCEPTION);
	CHECK_EQ(vcpu.regs.rip, 0x1000);
}

static void test_interrupt_window(void)
{
	setup(0);
	vmcb.clean = CLEAN_ALL;
	vmcb.int_ctl = VINTR_MASKING | 5;
	svm_open_window(&vcpu, WINDOW_INTERRUPT, 7);
	CHECK_EQ(vmcb.int_ctl, VINTR_MASKING | VINTR_IRQ | VINTR_PRIO(7) | 5);
	CHECK(vmcb.intercept[ICEPT_MISC1] & ICEPT_VINTR);
	CHECK(!(vmcb.clean & (CLEAN_TPR | CLEAN_INTERCEPTS)));
	svm_open_window(&vcpu, WINDOW_INTERRUPT, 16);
	CHECK(vmcb.int_ctl & VINTR_IGN_TPR);
	svm_open_window(&vcpu, WINDOW_NONE, 0);
	CHECK_EQ(vmcb.int_ctl, VINTR_MASKING | 5);
	CHECK(!(vmcb.intercept[ICEPT_MISC1] & ICEPT_VINTR));
}

static void test_window_behind_tpr(void)
{
	setup(0);
	vmcb.int_ctl = VINTR_MASKING | 7;
	svm_open_window(&vcpu, WINDOW_INTERRUPT, 7);
	CHECK_EQ(vmcb.int_ctl, VINTR_MASKING | 7);
	CHECK(vmcb.intercept[ICEPT_CR] & ICEPT_CR_WRITE(8));
	svm_open_window(&vcpu, WINDOW_INTERRUPT, 8);
	CHECK(vmcb.int_ctl & VINTR_IRQ);
	CHECK(!(vmcb.intercept[ICEPT_CR] & ICEPT_CR_WRITE(8)));
	svm_open_window(&vcpu, WINDOW_INTERRUPT, 7);
	CHECK(!(vmcb.int_ctl & VINTR_IRQ));
	svm_open_window(&vcpu, WINDOW_NONE, 0);
	CHECK(!(vmcb.intercept[ICEPT_CR] & ICEPT_CR_WRITE(8)));
}

static void nmi_taken(void)
{
	struct event nmi = { .type = EVENT_NMI, .vector = X86_NMI };

	CHECK(svm_inject(&vcpu, &nmi));
	vmcb.event_inj = 0;
	state.is_injected = false;
}

static void test_nmi_mask(void)
{
	setup(0);
	nmi_taken();
	CHECK_EQ(svm_interrupt_shadow(&vcpu), SHADOW_NMI);
	CHECK(vmcb.intercept[ICEPT_MISC1] & ICEPT_IRET);
	/* IRET is about to run: still masked, until RIP has moved */
	vcpu.regs.rip = 0x2000;
	svm_event_iret(&vcpu);
	CHECK_EQ(vcpu.exit.kind, EXIT_HOST_EVENT);
	CHECK(!(vmcb.intercept[ICEPT_MISC1] & ICEPT_IRET));
	CHECK_EQ(svm_interrupt_shadow(&vcpu), SHADOW_NMI);
	CHECK_EQ(state.step, 0);
	vcpu.regs.rip = 0x1000;
	CHECK_EQ(svm_interrupt_shadow(&vcpu), 0);
}

static void test_nmi_window(void)
{
	setup(0);
	vmcb.dr6 = 0xffff0ff0 | BIT(1);
	nmi_taken();
	svm_open_window(&vcpu, WINDOW_NMI, 0);
	CHECK_EQ(state.step, 0); /* IRET is watched */
	svm_event_iret(&vcpu);
	CHECK_EQ(state.step, RFLAGS_TF);
	/* IRET has run and loaded the guest's flags; the CPU reports our step */
	vcpu.regs.rflags = RFLAGS_MBS | RFLAGS_IF;
	vmcb.dr6 |= BIT(14);
	vmcb.exit_code = SVM_EXIT_EXCEPTION + X86_DB;
	svm_exit_decode(&vcpu);
	CHECK_EQ(vcpu.exit.kind, EXIT_WINDOW_OPEN);
	CHECK_EQ(svm_interrupt_shadow(&vcpu), 0);
	CHECK_EQ(state.step, 0);
	CHECK_EQ(vcpu.regs.rflags, RFLAGS_MBS | RFLAGS_IF);
	CHECK_EQ(vmcb.dr6, 0xffff0ff0 | BIT(1));
}

/* An NMI that waits for the end of an STI shadow: one step, and nobody sees our TF. */
static void test_nmi_after_shadow(void)
{
	setup(0);
	vmcb.interrupt_shadow = VMCB_SHADOW;
	CHECK_EQ(svm_interrupt_shadow(&vcpu), SHADOW_STI_MOV_SS);
	svm_open_window(&vcpu, WINDOW_NMI, 0);
	CHECK_EQ(state.step, RFLAGS_TF);
	vcpu.regs.rflags |= RFLAGS_TF;
	vmcb.exit_code = SVM_EXIT_INTR;
	svm_step_pause(&vcpu);
	CHECK(!(vcpu.regs.rflags & RFLAGS_TF));
	CHECK_EQ(state.step, RFLAGS_TF);
	vcpu.regs.rflags |= RFLAGS_TF;
	vmcb.interrupt_shadow = 0;
	vmcb.exit_code = SVM_EXIT_EXCEPTION + X86_DB;
	vmcb.dr6 |= BIT(14);
	svm_exit_decode(&vcpu);
	CHECK_EQ(vcpu.exit.kind, EXIT_WINDOW_OPEN);
	CHECK(!(vcpu.regs.rflags & RFLAGS_TF));
	CHECK(!(vmcb.dr6 & BIT(14)));
}

static void nmi_waits_at_iret(void)
{
	setup(0);
	vmcb.dr6 = BIT(0);
	nmi_taken();
	svm_open_window(&vcpu, WINDOW_NMI, 0);
	vcpu.regs.rip = 0x2000;
	svm_event_iret(&vcpu);
	CHECK_EQ(state.step, RFLAGS_TF);
}

/* An interrupt that goes in before the stepped IRET: no frame holds our TF, and NMIs stay blocked until an IRET. */
static void test_interrupt_before_iret(void)
{
	struct event irq = { .type = EVENT_INTERRUPT, .vector = 0x31 };

	nmi_waits_at_iret();
	CHECK(svm_inject(&vcpu, &irq));
	CHECK_EQ(state.step, 0);
	CHECK(!(state.attention & ATTENTION_STEP));
	CHECK_EQ(vmcb.dr6, BIT(0));
	vmcb.event_inj = 0;
	vcpu.regs.rip = 0x5000;
	CHECK_EQ(svm_interrupt_shadow(&vcpu), SHADOW_NMI);
	CHECK(vmcb.intercept[ICEPT_MISC1] & ICEPT_IRET);
	svm_event_iret(&vcpu);
	CHECK_EQ(state.step, RFLAGS_TF); /* the NMI still waits */
}

/* An NMI that finds the slot taken: that event's frame must not hold our TF either. */
static void test_nmi_behind_exception(void)
{
	struct event pf = event_page_fault(0, 0x123000);

	setup(0);
	CHECK(svm_inject(&vcpu, &pf));
	svm_open_window(&vcpu, WINDOW_NMI, 0);
	CHECK_EQ(state.step, 0);
	CHECK(!(state.attention & ATTENTION_STEP));
	vmcb.event_inj = 0;
	svm_open_window(&vcpu, WINDOW_NMI, 0);
	CHECK_EQ(state.step, RFLAGS_TF);
}

/* IRET faults under the step: the fault comes to us, and its frame will not hold our TF. */
static void test_stepped_iret_faults(void)
{
	struct event pf;

	nmi_waits_at_iret();
	CHECK(vmcb.intercept[ICEPT_EXCEPTION] & 1u << X86_PF);
	vcpu.regs.rflags |= RFLAGS_TF;
	vmcb.exit_code = SVM_EXIT_EXCEPTION + X86_PF;
	vmcb.exit_info_1 = PFEC_WRITE;
	vmcb.exit_info_2 = 0x7000;
	svm_step_pause(&vcpu);
	svm_exit_decode(&vcpu);
	CHECK_EQ(vcpu.exit.kind, EXIT_EXCEPTION);
	CHECK(vcpu.exit.exception.has_error);
	CHECK_EQ(vcpu.exit.exception.error_code, PFEC_WRITE);
	CHECK_EQ(vcpu.exit.exception.cr2_or_dr6, 0x7000);
	CHECK(!(vcpu.regs.rflags & RFLAGS_TF));
	pf = event_page_fault(PFEC_WRITE, 0x7000);
	CHECK(svm_inject(&vcpu, &pf));
	CHECK_EQ(state.step, 0);
	CHECK(!(vmcb.intercept[ICEPT_EXCEPTION] & 1u << X86_PF));
	CHECK_EQ(svm_interrupt_shadow(&vcpu), SHADOW_NMI);
}

/* A window that closes before the step was made leaves the guest's DR6 as it was. */
static void test_closed_window_keeps_dr6(void)
{
	nmi_waits_at_iret();
	svm_open_window(&vcpu, WINDOW_NONE, 0);
	CHECK_EQ(state.step, 0);
	CHECK_EQ(vmcb.dr6, BIT(0));
	CHECK_EQ(svm_interrupt_shadow(&vcpu), SHADOW_NMI);
	vcpu.regs.rip = 0x1000;
	CHECK_EQ(svm_interrupt_shadow(&vcpu), 0);
}

/* The guest single-steps itself at that moment: its #DB is not swallowed. */
static void test_step_of_the_guest(void)
{
	setup(0);
	vcpu.regs.rflags |= RFLAGS_TF;
	vmcb.interrupt_shadow = VMCB_SHADOW;
	svm_open_window(&vcpu, WINDOW_NMI, 0);
	vmcb.exit_code = SVM_EXIT_EXCEPTION + X86_DB;
	vmcb.dr6 |= BIT(14);
	svm_exit_decode(&vcpu);
	CHECK_EQ(vcpu.exit.kind, EXIT_EXCEPTION);
	CHECK(vmcb.dr6 & BIT(14));
	CHECK(vcpu.regs.rflags & RFLAGS_TF);
}

static void test_set_shadow(void)
{
	setup(0);
	svm_set_interrupt_shadow(&vcpu, SHADOW_STI_MOV_SS | SHADOW_NMI);
	CHECK_EQ(svm_interrupt_shadow(&vcpu), SHADOW_STI_MOV_SS | SHADOW_NMI);
	CHECK(vmcb.intercept[ICEPT_MISC1] & ICEPT_IRET);
	svm_set_interrupt_shadow(&vcpu, 0);
	CHECK_EQ(svm_interrupt_shadow(&vcpu), 0);
	CHECK(!(vmcb.intercept[ICEPT_MISC1] & ICEPT_IRET));
}

static void test_nmi_cut_short_is_open(void)
{
	struct event nmi = { .type = EVENT_NMI, .vector = X86_NMI };

	setup(0);
	CHECK(svm_inject(&vcpu, &nmi));
	svm_event_take_back(&vcpu, vmcb.event_inj);
	CHECK_EQ(vcpu.event.type, EVENT_NMI);
	CHECK_EQ(svm_interrupt_shadow(&vcpu), 0);
}

UNIT_MAIN(UNIT(test_inject), UNIT(test_cut_short), UNIT(test_software_runs_again),
          UNIT(test_soft_exception_injected), UNIT(test_interrupt_window),
          UNIT(test_window_behind_tpr), UNIT(test_nmi_mask), UNIT(test_nmi_window),
          UNIT(test_nmi_after_shadow), UNIT(test_step_of_the_guest),
          UNIT(test_interrupt_before_iret), UNIT(test_nmi_behind_exception),
          UNIT(test_closed_window_keeps_dr6), UNIT(test_stepped_iret_faults), UNIT(test_set_shadow),
          UNIT(test_nmi_cut_short_is_open))
