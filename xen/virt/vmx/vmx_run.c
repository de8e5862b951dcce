/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One stay in the guest: the checks at the door, TLB tags, the switch, and a look at why it ended. */
#include "vmx.h"
#include "virt_barriers.h"
#include "virt_event.h"
#include "log.h"
#include "virt_apic.h"

/* A fresh VPID, or the flush of the one in use. Without VPIDs each entry flushes. */
static void vpid_update(struct vmx_vcpu *s)
{
	uint32_t vpid;

	if (!vmx_has_proc2(PROC2_VPID))
		return;
	if (s->tag.generation == s->cpu->tags.generation && vmx_host.has_invvpid) {
		vmcs_invvpid(INVALIDATE_SINGLE, (uint16_t)vmcs_read(VMCS_VPID));
		return;
	}
	if (tag_take(&s->cpu->tags, &s->tag, VMX_NR_VPIDS, &vpid))
		vmcs_invvpid(INVALIDATE_ALL, 0);
	vmcs_write(VMCS_VPID, vpid);
}

/* Work waits for this CPU, so the guest is not entered; an event on its way in goes back to where the core sees it. */
static void refuse_entry(struct vcpu *v, struct vmx_vcpu *s)
{
	uint32_t info = s->event_info;

	exit_refuse_entry(v, s->percpu);
	if (info & EVINFO_VALID) {
		vmx_event_take_back(v, info, s->injected.error_code);
		s->event_info = 0;
		vmcs_write(VMCS_ENTRY_EVENT, 0);
	}
}

/*
 * Linear translations (and what is combined of both) go by VPID; those of the nested table alone by the table's address, and they outlive a change of VPID
 * (SDM 28.3.1). What another CPU has flushed is not flushed here, so a vcpu that comes from elsewhere wants both.
 */
static void translations_update(struct vcpu *v, struct vmx_vcpu *s, uint64_t p2m_generation)
{
	if (v->flush_generation != p2m_generation || (s->attention & ATTENTION_EPT)) {
		v->flush_generation = p2m_generation;
		vmcs_invept(vmx_host.invept_type, s->eptp);
	}
	if (s->attention & ATTENTION_TLB)
		vpid_update(s);
}

/* All that is not so at each entry. False: v->exit says why it is not entered. */
static noinline_fn bool before_entry(struct vcpu *v, struct vmx_vcpu *s, uint64_t p2m_generation)
{
	const char *rule = NULL;

	translations_update(v, s, p2m_generation);
	if (s->attention & ATTENTION_CPU) {
		vmx_lazy_load(s);
		if (vmx_breakpoints_wanted())
			vmx_breakpoints_load(v);
	}
	if (s->attention & ATTENTION_PDPTE)
		vmx_pdptes_load(v);
	if (s->attention & ATTENTION_SHADOW)
		vmx_event_shadow_settle(v);
	if (unlikely(vmx_host.checks_entries) &&
	    (s->attention & (ATTENTION_CHECK | ATTENTION_EVENT)))
		rule = vmcs_check(&vmx_host.limits);
	if (rule) {
		exit_refuse_entry(v, s->percpu);
		virt_bad_entry(v, rule, VMX_REASON_ENTRY_FAILED, 0, 0);
		return false;
	}
	return true;
}

static void reg_put(uint64_t *known, enum vmcs_field field, uint64_t value)
{
	if (*known == value)
		return;
	*known = value;
	vmcs_write(field, value);
}

static void regs_put(struct vcpu *v, struct vmx_vcpu *s)
{
	reg_put(&s->rip, GUEST_RIP, v->regs.rip);
	reg_put(&s->rsp, GUEST_RSP, v->regs.r[GPR_RSP]);
	reg_put(&s->rflags, GUEST_RFLAGS, v->regs.rflags);
	if (unlikely(vmcs_read_cr2() != s->cr2))
		vmcs_write_cr2(s->cr2);
}

static void regs_get(struct vcpu *v, struct vmx_vcpu *s)
{
	v->regs.rip = s->rip = vmcs_read(GUEST_RIP);
	v->regs.r[GPR_RSP] = s->rsp = vmcs_read(GUEST_RSP);
	v->regs.rflags = s->rflags = vmcs_read(GUEST_RFLAGS);
	s->cr2 = vmcs_read_cr2();
}

/* Goes on in vmx_leave(), as in ../svm. */
void vmx_run(struct vcpu *v)
{
	struct vmx_vcpu *s = v->virt;
	struct percpu *pc = s->percpu;
	uint64_t generation;

	(void)atomic_exchange(&pc->in_guest, true);
	if (unlikely(read_once(pc->pending))) {
		refuse_entry(v, s);
		return;
	}
	generation = read_once(v->domain->p2m.generation);
	regs_put(v, s);
	if (v->lapic.by_cpu &&
	    (v->lapic.is_changed || s->interrupt_status || !virt_apic_is_idle(&v->lapic)))
		vmx_apic_enter(v, s);
	if (unlikely(s->attention || v->flush_generation != generation) &&
	    !before_entry(v, s, generation))
		return;
	if (unlikely(vmx_host.barriers))
		virt_barriers_do(vmx_host.barriers);
	vmx_enter(v, s->is_launched);
}

/* The CPU did not take the state: not even the entry itself has left anything behind. */
static cold_fn void refused(struct vcpu *v, struct vmx_vcpu *s, uint32_t reason,
                            bool by_instruction)
{
	const char *rule = vmcs_check(&vmx_host.limits);

	if (by_instruction && !rule)
		rule = vmcs_error_name((uint32_t)vmcs_read(VMCS_INSTRUCTION_ERROR));
	else if ((reason & VMX_REASON_BASIC) == VMX_EXIT_BAD_MSR)
		rule = "an MSR of the entry area was refused (SDM 26.4)";
	virt_bad_entry(v, rule ? rule : "the CPU refused its state", reason,
	               vmcs_read(VMCS_QUALIFICATION), 0);
	s->event_info = 0;
	vmcs_write(VMCS_ENTRY_EVENT, 0);
	s->attention = ATTENTION_CHECK;
}

void vmx_leave(struct vcpu *v, bool by_instruction)
{
	struct vmx_vcpu *s = v->virt;
	uint32_t reason = 0, vectoring;

	store_release(&s->percpu->in_guest, false);
	if (likely(!by_instruction))
		reason = (uint32_t)vmcs_read(VMCS_EXIT_REASON);
	if (unlikely(by_instruction || (reason & VMX_REASON_ENTRY_FAILED))) {
		refused(v, s, reason, by_instruction);
		return;
	}
	s->is_launched = true;
	s->attention = 0;
	regs_get(v, s);
	s->interruptibility = (uint32_t)vmcs_read(GUEST_INTERRUPTIBILITY);
	v->exit.in_shadow = s->interruptibility & BLOCKED_SHADOW;
	if (unlikely(v->exit.in_shadow))
		s->attention = ATTENTION_SHADOW;
	vectoring = (uint32_t)vmcs_read(VMCS_VECTORING_EVENT);
	if (unlikely(vectoring & EVINFO_VALID))
		vmx_event_take_back(v, vectoring, (uint32_t)vmcs_read(VMCS_VECTORING_ERROR));
	s->event_info = 0;
	if (v->lapic.by_cpu)
		vmx_apic_leave(v, s);
	if (s->write_log)
		vmx_log_drain(v, s);
	vmx_exit_decode(v, reason);
}

void vmx_dump(struct vcpu *v)
{
	struct vmx_vcpu *s = v->virt;
	char line[160];

	if (!s)
		return;
	/* Another CPU has its VMCS: only what is in memory. */
	if (s->cpu && !vmx_is_here(s)) {
		log_info("d%uv%u vmx: on another CPU; cr0 %llx cr4 %llx efer %llx", v->domain->id,
		         v->id, (unsigned long long)s->cr0, (unsigned long long)s->cr4,
		         (unsigned long long)s->efer);
		return;
	}
	{
		VMX_HOLD(s);
		for (unsigned n = 0; vmcs_describe(n, line, sizeof(line)) > 0; n++)
			log_info("d%uv%u vmx: %s", v->domain->id, v->id, line);
	}
	virt_dump_registers(v);
}
