/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One stay in the guest: the checks at the door, TLB tags, the switch, and a look at why it ended. */
#include "svm.h"
#include "svm_insn.h"
#include "log.h"

/*
 * A fresh ASID, or the flush of the one in use. ASID 0 is the host's; when the numbers are used up, everything is flushed and they start again from 1
 * with a new generation, so that every other vcpu asks for a new one too (APM 15.16).
 */
static void asid_update(struct vcpu *v, struct svm_vcpu *s, uint32_t p2m_generation)
{
	struct svm_cpu *cpu = s->cpu;
	struct vmcb *vmcb = s->vmcb;

	v->flush_generation = p2m_generation;
	s->flush_tlb = false;
	if (s->asid_generation == cpu->asid_generation && svm_has(SVM_FLUSH_BY_ASID)) {
		vmcb->tlb_control = TLB_FLUSH_GUEST;
		return;
	}
	if (cpu->next_asid >= svm_host.limits.nr_asids) {
		cpu->asid_generation++;
		cpu->next_asid = 1;
		vmcb->tlb_control = TLB_FLUSH_ALL;
	}
	vmcb->asid = cpu->next_asid++;
	s->asid_generation = cpu->asid_generation;
	s->clean &= ~CLEAN_ASID;
}

static cold_fn void bad_entry(struct vcpu *v, const char *rule)
{
	struct svm_vcpu *s = v->virt;

	log_guest(v->domain, LOG_ERROR, "vcpu %u cannot be entered: %s", v->id, rule);
	svm_dump(v);
	v->exit.kind = EXIT_BAD_ENTRY;
	v->exit.insn_len = 0;
	v->exit.raw.code = SVM_EXIT_INVALID;
	v->exit.raw.info1 = s->vmcb->exit_info_1;
	v->exit.raw.info2 = s->vmcb->exit_info_2;
}

/* Work waits for this CPU, so the guest is not entered; an event on its way in goes back to where the core sees it. */
static void refuse_entry(struct vcpu *v, struct svm_vcpu *s)
{
	struct vmcb *vmcb = s->vmcb;
	uint64_t info = vmcb->event_inj;

	store_release(&s->cpu->percpu->in_guest, false);
	v->exit.kind = EXIT_HOST_EVENT;
	v->exit.insn_len = 0;
	if (info & EVINJ_VALID) {
		vmcb->event_inj = 0;
		svm_event_take_back(v, info);
		s->is_injected = false;
	}
}

/*
 * The entry after something changed that the CPU itself holds. A guest that uses speculation control without hardware help comes here each time; the
 * host's own value is 0.
 */
static void entry_slow(struct vcpu *v, struct svm_vcpu *s)
{
	struct svm_cpu *cpu = s->cpu;
	bool switch_spec = s->spec_ctrl && !svm_has(SVM_SPEC_CTRL);

	if (svm_host.has_tsc_aux && cpu->tsc_aux != s->tsc_aux) {
		insn_wrmsr(MSR_TSC_AUX, s->tsc_aux);
		cpu->tsc_aux = s->tsc_aux;
	}
	if (svm_breakpoints_wanted(s)) {
		svm_breakpoints_load(v);
		s->vmcb->clean = s->clean;
	}
	s->slow_entry = switch_spec;
	if (switch_spec)
		insn_wrmsr(MSR_SPEC_CTRL, s->spec_ctrl);
	svm_enter(&v->regs, s->vmcb_pa, cpu->host_vmcb_pa);
	if (switch_spec)
		insn_wrmsr(MSR_SPEC_CTRL, 0);
}

void svm_run(struct vcpu *v)
{
	struct svm_vcpu *s = v->virt;
	struct vmcb *vmcb = s->vmcb;
	struct percpu *pc = s->cpu->percpu;
	uint32_t generation;

	/* The exchange is the barrier: whoever changes the p2m or raises work after this sees in_guest and kicks us; what came before, we see. */
	(void)atomic_exchange(&pc->in_guest, true);
	if (unlikely(read_once(pc->pending))) {
		refuse_entry(v, s);
		return;
	}
	generation = read_once(v->domain->p2m.generation);
	if (unlikely(v->flush_generation != generation || s->flush_tlb ||
	             s->asid_generation != s->cpu->asid_generation))
		asid_update(v, s, generation);

	vmcb->rip = v->regs.rip;
	vmcb->rsp = v->regs.r[GPR_RSP];
	vmcb->rax = v->regs.r[GPR_RAX];
	vmcb->rflags = v->regs.rflags | s->step;
	if (unlikely(s->check)) {
		const char *rule = vmcb_check(vmcb, &svm_host.limits, s->check);

		if (rule) {
			store_release(&pc->in_guest, false);
			bad_entry(v, rule);
			return;
		}
		s->check = 0;
	}
	vmcb->clean = s->clean;

	if (likely(!s->slow_entry))
		svm_enter(&v->regs, s->vmcb_pa, s->cpu->host_vmcb_pa);
	else
		entry_slow(v, s);

	store_release(&pc->in_guest, false);
	v->regs.rip = vmcb->rip;
	v->regs.r[GPR_RSP] = vmcb->rsp;
	v->regs.r[GPR_RAX] = vmcb->rax;
	v->regs.rflags = vmcb->rflags;
	vmcb->tlb_control = TLB_KEEP;
	s->clean = CLEAN_ALL;

	if (unlikely(vmcb->exit_code == SVM_EXIT_INVALID)) {
		const char *rule = vmcb_check(vmcb, &svm_host.limits, VMCB_CHECK_ALL);

		bad_entry(v, rule ? rule : "the CPU refused its state");
		return;
	}
	vmcb->event_inj = 0;
	if (unlikely(s->step))
		svm_step_pause(v);
	if (unlikely(vmcb->exit_int_info & EVINJ_VALID))
		svm_event_take_back(v, vmcb->exit_int_info);
	s->is_injected = false;
	svm_exit_decode(v);
}

void svm_dump(struct vcpu *v)
{
	struct svm_vcpu *s = v->virt;
	char line[160];

	if (!s)
		return;
	for (unsigned n = 0; vmcb_describe(s->vmcb, n, line, sizeof(line)) > 0; n++)
		log_info("d%uv%u %s", v->domain->id, v->id, line);
	log_info("d%uv%u svm: guest cr0 %llx cr4 %llx, nmi %s%s%s, breakpoints %s", v->domain->id,
	         v->id, (unsigned long long)svm_get_reg(v, REG_CR0),
	         (unsigned long long)svm_get_reg(v, REG_CR4),
	         s->nmi == NMI_OPEN ? "open" : "blocked", s->nmi_window ? ", window asked for" : "",
	         s->step ? ", stepping" : "", s->breakpoints_live ? "in the cpu" : "saved");
}
