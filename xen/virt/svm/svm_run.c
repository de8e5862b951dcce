/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One stay in the guest: the checks at the door, TLB tags, the switch, and a look at why it ended. */
#include "svm.h"
#include "virt_event.h"
#include "virt_insn.h"
#include "log.h"

/* A fresh ASID, or the flush of the one in use. */
static void asid_update(struct svm_vcpu *s)
{
	struct vmcb *vmcb = s->vmcb;

	if (s->tag.generation == s->cpu->tags.generation && svm_has(SVM_FLUSH_BY_ASID)) {
		vmcb->tlb_control = TLB_FLUSH_GUEST;
		return;
	}
	if (tag_take(&s->cpu->tags, &s->tag, svm_host.limits.nr_asids, &vmcb->asid))
		vmcb->tlb_control = TLB_FLUSH_ALL;
	vmcb->clean &= ~CLEAN_ASID;
}

static void bad_entry(struct vcpu *v, const struct svm_vcpu *s, const char *rule)
{
	virt_bad_entry(v, rule, SVM_EXIT_INVALID, s->vmcb->exit_info_1, s->vmcb->exit_info_2);
}

/* Work waits for this CPU, so the guest is not entered; an event on its way in goes back to where the core sees it. */
static void refuse_entry(struct vcpu *v, struct svm_vcpu *s)
{
	uint64_t info = s->vmcb->event_inj;

	exit_refuse_entry(v, s->percpu);
	if (info & EVINFO_VALID) {
		s->vmcb->event_inj = 0;
		svm_event_take_back(v, info);
		s->is_injected = false;
	}
}

/* What the CPU itself holds for a vcpu, where it is not what the vcpu has now. The host's own speculation control is 0. */
static void cpu_update(struct vcpu *v, struct svm_vcpu *s)
{
	if (svm_host.has_tsc_aux && s->cpu->tsc_aux != s->tsc_aux) {
		insn_wrmsr(MSR_TSC_AUX, s->tsc_aux);
		s->cpu->tsc_aux = s->tsc_aux;
	}
	if (svm_breakpoints_wanted(s))
		svm_breakpoints_load(v);
}

/* All that is not so at each entry. False: v->exit says why it is not entered. */
static noinline_fn bool before_entry(struct vcpu *v, struct svm_vcpu *s, uint64_t p2m_generation)
{
	struct vmcb *vmcb = s->vmcb;
	const char *rule;

	if (v->flush_generation != p2m_generation || (s->attention & ATTENTION_TLB)) {
		v->flush_generation = p2m_generation;
		asid_update(s);
		s->attention |= ATTENTION_TLB; /* until after_exit() */
	}
	if (s->attention & ATTENTION_CPU)
		cpu_update(v, s);
	vmcb->rflags |= s->step;
	rule = vmcb_check(vmcb, &svm_host.limits, s->attention & VMCB_CHECK_ALL);
	if (rule) {
		exit_refuse_entry(v, s->percpu);
		bad_entry(v, s, rule);
		return false;
	}
	if (svm_host.is_emulated) {
		svm_event_emulated(s);
		machine_interrupts_look();
	}
	if (s->attention & ATTENTION_SPEC_CTRL)
		insn_wrmsr(MSR_SPEC_CTRL, s->spec_ctrl);
	return true;
}

/* Attention that was for one entry is over; stepping and speculation control stay. */
static noinline_fn void after_exit(struct vcpu *v, struct svm_vcpu *s)
{
	if (s->attention & ATTENTION_SPEC_CTRL)
		insn_wrmsr(MSR_SPEC_CTRL, 0);
	if (unlikely(s->virq))
		svm_event_virq_end(v);
	s->vmcb->tlb_control = TLB_KEEP;
	s->vmcb->event_inj = 0;
	s->is_injected = false;
	s->attention &= ATTENTION_SPEC_CTRL | ATTENTION_STEP;
	if (s->step)
		svm_step_pause(v);
}

/*
 * This and svm_leave() are one function with the guest in the middle: svm_enter() goes on to svm_leave(), so that no register of ours has to be kept across
 * the switch twice.
 */
void svm_run(struct vcpu *v)
{
	struct svm_vcpu *s = v->virt;
	struct vmcb *vmcb = s->vmcb;
	struct percpu *pc = s->percpu;
	uint64_t generation;

	/* The exchange is the barrier: whoever changes the p2m or raises work after this sees in_guest and kicks us; what came before, we see. */
	(void)atomic_exchange(&pc->in_guest, true);
	if (unlikely(read_once(pc->pending))) {
		refuse_entry(v, s);
		return;
	}
	vmcb->rip = v->regs.rip;
	vmcb->rsp = v->regs.r[GPR_RSP];
	vmcb->rax = v->regs.r[GPR_RAX];
	vmcb->rflags = v->regs.rflags;
	generation = read_once(v->domain->p2m.generation);
	if (unlikely(s->attention || v->flush_generation != generation) &&
	    !before_entry(v, s, generation))
		return;
	svm_enter(v, s->vmcb_pa, s->host_vmcb_pa);
}

void svm_leave(struct vcpu *v)
{
	struct svm_vcpu *s = v->virt;
	struct vmcb *vmcb = s->vmcb;

	store_release(&s->percpu->in_guest, false);
	v->regs.rip = vmcb->rip;
	v->regs.r[GPR_RSP] = vmcb->rsp;
	v->regs.r[GPR_RAX] = vmcb->rax;
	v->regs.rflags = vmcb->rflags;
	v->exit.in_shadow = vmcb->interrupt_shadow & 1;
	vmcb->clean = CLEAN_ALL;
	if (unlikely(vmcb->exit_code == SVM_EXIT_INVALID)) {
		const char *rule = vmcb_check(vmcb, &svm_host.limits, VMCB_CHECK_ALL);

		bad_entry(v, s, rule ? rule : "the CPU refused its state");
		if (s->attention)
			after_exit(v, s);
		return;
	}
	if (unlikely(vmcb->exit_int_info & EVINFO_VALID))
		svm_event_take_back(v, vmcb->exit_int_info);
	if (unlikely(s->attention))
		after_exit(v, s);
	svm_exit_decode(v);
}

void svm_dump(struct vcpu *v)
{
	struct svm_vcpu *s = v->virt;
	char line[160];

	if (!s)
		return;
	for (unsigned n = 0; vmcb_describe(s->vmcb, n, line, sizeof(line)) > 0; n++)
		log_info("d%uv%u svm: %s", v->domain->id, v->id, line);
	log_info("d%uv%u svm: nmi %s%s%s, breakpoints %s", v->domain->id, v->id,
	         s->nmi == NMI_OPEN ? "open" : "blocked", s->nmi_window ? ", window asked for" : "",
	         s->step ? ", stepping" : "", s->breakpoints_live ? "in the cpu" : "saved");
	virt_dump_registers(v);
}
