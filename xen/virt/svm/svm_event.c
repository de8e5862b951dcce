/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Events into the guest: injection, what became of it when delivery was cut short, windows, and the blocking of NMIs (APM 15.20, 15.21).
 *
 * The NMI mask is ours to track: it begins with an injected NMI and ends with IRET. IRET is intercepted before it runs, so we wait until RIP has moved;
 * if the core wants the NMI window, that one instruction is single-stepped. The same step serves an NMI that waits for the end of an interrupt shadow.
 */
#include "svm.h"
#include "virt_event.h"
#include "machine.h"

/* Faults of the stepped instruction come to us first, or their frames would hold our TF. */
#define STEP_EXCEPTIONS                                                                            \
	(1u << X86_DE | 1u << X86_BR | 1u << X86_NM | 1u << X86_TS | 1u << X86_NP | 1u << X86_SS | \
	 1u << X86_GP | 1u << X86_PF | 1u << X86_MF | 1u << X86_XM)

static const uint8_t inject_types[] = {
	[EVENT_INTERRUPT] = EVINFO_INTERRUPT,      [EVENT_NMI] = EVINFO_NMI,
	[EVENT_EXCEPTION] = EVINFO_EXCEPTION,      [EVENT_SOFT_INTERRUPT] = EVINFO_SOFT,
	[EVENT_SOFT_EXCEPTION] = EVINFO_EXCEPTION,
};

static void nmi_mask(struct svm_vcpu *s, bool masked)
{
	s->nmi = masked ? NMI_MASKED : NMI_OPEN;
	svm_intercept(s, ICEPT_MISC1, ICEPT_IRET, masked);
}

static void step_set(struct svm_vcpu *s, bool on)
{
	uint32_t always = s->cr0_differs & CR0_NE ? 1u << X86_MF : 0;

	s->step = on ? RFLAGS_TF : 0;
	s->attention &= ~ATTENTION_STEP;
	svm_intercept(s, ICEPT_EXCEPTION, STEP_EXCEPTIONS & ~always, on);
	if (on)
		s->attention |= ATTENTION_STEP;
}

static void step_start(struct vcpu *v, struct svm_vcpu *s)
{
	if (s->step)
		return;
	s->step_tf = v->regs.rflags & RFLAGS_TF;
	s->step_dr6 = s->vmcb->dr6 & DR6_CAUSES;
	s->vmcb->dr6 &= ~DR6_CAUSES;
	s->vmcb->clean &= ~CLEAN_DRX;
	step_set(s, true);
}

/* Not stepped after all: nothing of it stays in DR6. */
static void step_cancel(struct svm_vcpu *s)
{
	if (!s->step)
		return;
	step_set(s, false);
	s->vmcb->dr6 |= s->step_dr6;
	s->vmcb->clean &= ~CLEAN_DRX;
}

/*
 * An event goes in before the instruction that we wanted to step: its frame would hold our TF. So there is no step; an IRET that has not run yet is
 * watched again, and so is the IRET of the handler: whichever comes first ends the blocking.
 */
static void step_give_way(struct vcpu *v, struct svm_vcpu *s)
{
	step_cancel(s);
	if (s->nmi == NMI_RETIRING && v->regs.rip == s->iret_rip)
		nmi_mask(s, true);
}

bool svm_inject(struct vcpu *v, const struct event *e)
{
	struct svm_vcpu *s = v->virt;
	struct vmcb *vmcb = s->vmcb;

	if (vmcb->event_inj & EVINFO_VALID)
		return false;
	step_give_way(v, s);
	vmcb->event_inj = e->vector | (uint64_t)inject_types[e->type] << 8 | EVINFO_VALID;
	if (e->has_error)
		vmcb->event_inj |= EVINFO_ERROR_VALID | (uint64_t)e->error_code << 32;
	if (e->type == EVENT_NMI)
		nmi_mask(s, true);
	if (e->type == EVENT_EXCEPTION && e->vector == X86_PF) {
		vmcb->cr2 = e->cr2;
		s->vmcb->clean &= ~CLEAN_CR2;
	}
	/* The return address of INT n, INT3 and INTO is the next instruction: NRIP where there is one, else RIP itself. */
	if (event_is_soft(e)) {
		if (svm_has(SVM_NRIP_SAVE))
			vmcb->next_rip = v->regs.rip + e->insn_len;
		else
			v->regs.rip += e->insn_len;
	}
	s->injected = *e;
	s->injected_rip = v->regs.rip;
	s->is_injected = true;
	s->attention |= VMCB_CHECK_EVENT;
	return true;
}

void svm_event_take_back(struct vcpu *v, uint64_t info)
{
	struct svm_vcpu *s = v->virt;
	struct event *e = &v->event;
	uint8_t vector = info & EVINFO_VECTOR;
	unsigned type = EVINFO_TYPE(info);

	if (type == EVINFO_NMI)
		nmi_mask(s, false);
	/* Our own soft event is put back as it was; the guest's runs its INT n again, for RIP is still there. */
	if (s->is_injected && event_is_soft(&s->injected) && s->injected.vector == vector &&
	    type == inject_types[s->injected.type] && v->regs.rip == s->injected_rip) {
		*e = s->injected;
		if (!svm_has(SVM_NRIP_SAVE))
			v->regs.rip -= e->insn_len;
		return;
	}
	if (type == EVINFO_SOFT)
		return;
	if (type == EVINFO_EXCEPTION && (vector == X86_BP || vector == X86_OF) &&
	    !(s->is_injected && s->injected.vector == vector))
		return;
	*e = event_of_info((uint32_t)info, (uint32_t)(info >> 32), s->vmcb->cr2);
}

#define VIRQ_RUN_NS 500000 /* time enough to take the interrupt */

static void interrupt_by_virq(struct svm_vcpu *s)
{
	struct vmcb *vmcb = s->vmcb;

	if (vmcb->int_ctl & VINTR_IRQ) {
		svm_intercept(s, ICEPT_MISC1, ICEPT_VINTR, false);
		vmcb->int_ctl &= ~(VINTR_PRIO_MASK | VINTR_IGN_TPR);
		s->virq_defers = true;
		timer_set(&s->cpu->virq_timer, machine_now_ns() + VIRQ_RUN_NS);
	}
	s->virq = vmcb->event_inj;
	vmcb->event_inj = 0;
	vmcb->int_vector = s->virq & EVINFO_VECTOR;
	vmcb->int_ctl |= VINTR_IRQ | VINTR_PRIO(15) | VINTR_IGN_TPR;
	vmcb->clean &= ~CLEAN_TPR;
}

void svm_event_emulated(struct svm_vcpu *s)
{
	uint64_t event = s->vmcb->event_inj;

	if (!(event & EVINFO_VALID) || EVINFO_TYPE(event) != EVINFO_INTERRUPT)
		return;
	if (s->vmcb->cpl == 3 || svm_host.virq_in_kernel)
		interrupt_by_virq(s);
	else
		machine_notify_cpu(s->percpu->cpu);
}

void svm_event_virq_end(struct vcpu *v)
{
	struct svm_vcpu *s = v->virt;
	struct vmcb *vmcb = s->vmcb;

	if (vmcb->int_ctl & VINTR_IRQ)
		svm_event_take_back(v, s->virq);
	vmcb->int_ctl &= ~(VINTR_IRQ | VINTR_PRIO_MASK | VINTR_IGN_TPR);
	vmcb->int_vector = 0;
	vmcb->clean &= ~CLEAN_TPR;
	s->virq = 0;
	if (s->virq_defers)
		atomic_fetch_or(&v->requests, VCPU_REQ_EVENT);
	s->virq_defers = false;
}

/*
 * What V_TPR holds back waits for the write to CR8 that lets it through, by the intercept of that. The CPU would compare priorities itself, but
 * emulators do it with "not below" for "above", and then the window is taken over and over.
 */
static void interrupt_window(struct svm_vcpu *s, bool open, uint8_t priority)
{
	struct vmcb *vmcb = s->vmcb;
	bool behind_tpr =
		open && priority && priority < 16 && priority <= (vmcb->int_ctl & VINTR_TPR);

	svm_intercept(s, ICEPT_CR, ICEPT_CR_WRITE(8), behind_tpr);
	open &= !behind_tpr;
	vmcb->int_ctl &= ~(VINTR_IRQ | VINTR_PRIO_MASK | VINTR_IGN_TPR);
	if (open) {
		vmcb->int_ctl |= VINTR_IRQ;
		/* Class 0 exists for no vector, and 16 is above all of them: what the TPR does not hold back. */
		if (priority == 0 || priority > 15)
			vmcb->int_ctl |= VINTR_PRIO(15) | VINTR_IGN_TPR;
		else
			vmcb->int_ctl |= VINTR_PRIO(priority);
	}
	s->vmcb->clean &= ~CLEAN_TPR;
	svm_intercept(s, ICEPT_MISC1, ICEPT_VINTR, open);
}

void svm_cr8_window_close(struct svm_vcpu *s)
{
	svm_intercept(s, ICEPT_CR, ICEPT_CR_WRITE(8), false);
}

static void nmi_window_open(struct vcpu *v, struct svm_vcpu *s)
{
	s->nmi_window = true;
	/* Not under an event that goes in now: the core asks again at the next exit. */
	if (s->vmcb->event_inj & EVINFO_VALID)
		return;
	/* Masked: the IRET intercept comes first. Otherwise one instruction is all there is to wait for. */
	if (!(svm_interrupt_shadow(v) & SHADOW_NMI) || s->nmi == NMI_RETIRING)
		step_start(v, s);
}

void svm_open_window(struct vcpu *v, enum window w, uint8_t priority)
{
	struct svm_vcpu *s = v->virt;

	switch (w) {
	case WINDOW_NONE:
		if ((s->vmcb->int_ctl & VINTR_IRQ) ||
		    (s->vmcb->intercept[ICEPT_CR] & ICEPT_CR_WRITE(8)))
			interrupt_window(s, false, 0);
		s->nmi_window = false;
		step_cancel(s);
		break;
	case WINDOW_INTERRUPT: interrupt_window(s, true, priority); break;
	case WINDOW_NMI: nmi_window_open(v, s); break;
	}
}

unsigned svm_interrupt_shadow(struct vcpu *v)
{
	struct svm_vcpu *s = v->virt;
	unsigned shadow = s->vmcb->interrupt_shadow & VMCB_SHADOW ? SHADOW_STI_MOV_SS : 0;

	if (s->nmi == NMI_RETIRING && !s->step && v->regs.rip != s->iret_rip)
		s->nmi = NMI_OPEN;
	if (s->nmi != NMI_OPEN)
		shadow |= SHADOW_NMI;
	return shadow;
}

void svm_set_interrupt_shadow(struct vcpu *v, unsigned shadow)
{
	struct svm_vcpu *s = v->virt;
	bool masked = shadow & SHADOW_NMI;

	s->vmcb->interrupt_shadow &= ~VMCB_SHADOW;
	if (shadow & SHADOW_STI_MOV_SS)
		s->vmcb->interrupt_shadow |= VMCB_SHADOW;
	if (masked != (s->nmi != NMI_OPEN))
		nmi_mask(s, masked);
}

/* Guests' APICs are the core's business alone. */
bool svm_post(struct vcpu *v)
{
	return false;
}

void svm_event_reset(struct svm_vcpu *s)
{
	s->vmcb->event_inj = 0;
	s->vmcb->exit_int_info = 0;
	s->vmcb->interrupt_shadow = 0;
	s->is_injected = false;
	s->virq = 0;
	s->virq_defers = false;
	s->nmi_window = false;
	step_cancel(s);
	nmi_mask(s, false);
	interrupt_window(s, false, 0);
}

void svm_event_iret(struct vcpu *v)
{
	struct svm_vcpu *s = v->virt;

	s->nmi = NMI_RETIRING;
	s->iret_rip = v->regs.rip;
	svm_intercept(s, ICEPT_MISC1, ICEPT_IRET, false);
	v->exit.kind = EXIT_HOST_EVENT;
	if (s->nmi_window)
		step_start(v, s);
}

/* The stepped instruction has not ended yet (it faulted, or the host had work): nobody but us may see our TF. */
void svm_step_pause(struct vcpu *v)
{
	struct svm_vcpu *s = v->virt;

	if (s->vmcb->exit_code != SVM_EXIT_EXCEPTION + X86_DB && !s->step_tf)
		v->regs.rflags &= ~RFLAGS_TF;
}

/* Causes in DR6 that the guest asked for: a breakpoint counts only when DR7 enables it, the single step only when TF was its own. */
static uint64_t guest_debug_causes(const struct svm_vcpu *s)
{
	uint64_t causes = s->vmcb->dr6 & (DR6_BD | DR6_BT);

	for (unsigned i = 0; i < 4; i++)
		if (s->vmcb->dr7 >> (2 * i) & 3)
			causes |= s->vmcb->dr6 & BIT(i);
	if (s->step_tf)
		causes |= s->vmcb->dr6 & DR6_BS;
	return causes;
}

void svm_step_done(struct vcpu *v)
{
	struct svm_vcpu *s = v->virt;
	uint64_t causes = guest_debug_causes(s);

	step_set(s, false);
	/* IRET has loaded the guest's own flags; any other instruction has kept our TF. */
	if (s->nmi == NMI_RETIRING)
		s->nmi = NMI_OPEN;
	else if (!s->step_tf)
		v->regs.rflags &= ~RFLAGS_TF;
	s->vmcb->dr6 = (s->vmcb->dr6 & ~DR6_CAUSES) | s->step_dr6 | causes;
	s->vmcb->clean &= ~CLEAN_DRX;
	v->exit.exception.cr2_or_dr6 = s->vmcb->dr6;
	/* With a #DB of the guest's own the exit stays an exception; the core looks at its NMI again after it. */
	if (!causes)
		v->exit.kind = s->nmi_window ? EXIT_WINDOW_OPEN : EXIT_HOST_EVENT;
}
