/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Events into the guest: injection, what became of it when delivery was cut short, windows, debug exceptions (SDM 26.5, 26.6, 26.7.3, 27.2.4). The blocking of
 * NMIs is the CPU's to track: virtual NMIs, SDM table 24-3.
 */
#include "vmx.h"
#include "virt_event.h"

#define DEBUGCTL_BTF BIT(1)

static const uint8_t inject_types[] = {
	[EVENT_INTERRUPT] = EVINFO_INTERRUPT,     [EVENT_NMI] = EVINFO_NMI,
	[EVENT_EXCEPTION] = EVINFO_EXCEPTION,     [EVENT_SOFT_INTERRUPT] = EVINFO_SOFT,
	[EVENT_SOFT_EXCEPTION] = EVINFO_SOFT_EXC,
};

/* In real mode there are no error codes. */
static bool has_error_code(const struct vmx_vcpu *s, const struct event *e)
{
	return e->type == EVENT_EXCEPTION && e->vector < 32 && (s->cr0 & CR0_PE) &&
	       EXCEPTIONS_WITH_ERROR >> e->vector & 1;
}

bool vmx_inject(struct vcpu *v, const struct event *e)
{
	struct vmx_vcpu *s = v->virt;
	uint32_t info = e->vector | (uint32_t)inject_types[e->type] << 8 | EVINFO_VALID;

	if (s->event_info & EVINFO_VALID)
		return false;
	if (has_error_code(s, e)) {
		info |= EVINFO_ERROR_VALID;
		/* The upper half must be zero (SDM 26.2.1.3), whatever a tool asks for. */
		vmcs_write(VMCS_ENTRY_ERROR, (uint16_t)e->error_code);
	}
	/* The return address of INT n, INT3 and INTO is the next instruction: RIP and this length. */
	if (event_is_soft(e))
		vmcs_write(VMCS_ENTRY_LENGTH, e->insn_len);
	if (e->type == EVENT_EXCEPTION && e->vector == X86_PF)
		s->cr2 = e->cr2;
	vmcs_write(VMCS_ENTRY_EVENT, info);
	s->event_info = info;
	s->injected = *e;
	s->attention |= ATTENTION_EVENT;
	return true;
}

static void nmi_mask(struct vmx_vcpu *s, bool masked)
{
	s->interruptibility &= ~BLOCKED_NMI;
	if (masked)
		s->interruptibility |= BLOCKED_NMI;
	vmcs_write(GUEST_INTERRUPTIBILITY, s->interruptibility);
}

void vmx_event_take_back(struct vcpu *v, uint32_t info, uint32_t error_code)
{
	struct vmx_vcpu *s = v->virt;
	struct event *e = &v->event;
	uint8_t vector = info & EVINFO_VECTOR;
	unsigned type = EVINFO_TYPE(info);
	bool ours = (s->event_info & EVINFO_VALID) && s->injected.vector == vector &&
	            type == inject_types[s->injected.type];

	if (type == EVINFO_NMI)
		nmi_mask(s, false);
	/* Our own soft event is put back as it was; the guest's runs its INT n again, for RIP is still there. */
	if (type == EVINFO_SOFT || type == EVINFO_SOFT_EXC || type == EVINFO_PRIVILEGED) {
		if (ours)
			*e = s->injected;
		return;
	}
	*e = event_of_info(info, error_code, s->cr2);
}

void vmx_event_iret_faulted(struct vmx_vcpu *s)
{
	nmi_mask(s, true);
}

/*
 * What the TPR holds back waits for the write to CR8 that lets it through: the threshold. Without a TPR shadow each write to CR8 causes an exit anyway, and the core
 * looks again.
 */
static void interrupt_window(struct vmx_vcpu *s, bool open, uint8_t priority)
{
	uint8_t tpr = s->virtual_apic[VIRTUAL_APIC_TPR] >> 4;
	bool behind_tpr = open && priority && priority < 16 && priority <= tpr;
	uint32_t threshold = behind_tpr ? priority : 0;

	if (s->tpr_threshold != threshold && vmx_has_proc(PROC_TPR_SHADOW))
		vmx_tpr_threshold(s, threshold);
	vmx_proc_control(s, PROC_INTERRUPT_WINDOW, open && !behind_tpr);
}

void vmx_open_window(struct vcpu *v, enum window w, uint8_t priority)
{
	struct vmx_vcpu *s = v->virt;
	VMX_HOLD(s);

	switch (w) {
	case WINDOW_NONE:
		interrupt_window(s, false, 0);
		vmx_proc_control(s, PROC_NMI_WINDOW, false);
		break;
	case WINDOW_INTERRUPT: interrupt_window(s, true, priority); break;
	case WINDOW_NMI: vmx_proc_control(s, PROC_NMI_WINDOW, true); break;
	}
}

unsigned vmx_interrupt_shadow(struct vcpu *v)
{
	struct vmx_vcpu *s = v->virt;
	unsigned shadow = s->interruptibility & BLOCKED_SHADOW ? SHADOW_STI_MOV_SS : 0;

	if (s->interruptibility & BLOCKED_NMI)
		shadow |= SHADOW_NMI;
	return shadow;
}

void vmx_set_interrupt_shadow(struct vcpu *v, unsigned shadow)
{
	struct vmx_vcpu *s = v->virt;
	VMX_HOLD(s);
	uint32_t was = s->interruptibility & BLOCKED_SHADOW, now = 0;

	/* Of a shadow from elsewhere it is not known whose it is; STI's cannot be without IF (SDM 26.3.1.5). */
	if (shadow & SHADOW_STI_MOV_SS)
		now = was ? was : v->regs.rflags & RFLAGS_IF ? BLOCKED_STI : BLOCKED_MOV_SS;
	else if (was)
		/* The instruction that would have taken the single step with it is over, and its trap is raised by the core. */
		vmcs_write(GUEST_PENDING_DEBUG, vmcs_read(GUEST_PENDING_DEBUG) & ~PENDING_BS);
	s->interruptibility = (s->interruptibility & ~BLOCKED_SHADOW) | now;
	nmi_mask(s, shadow & SHADOW_NMI);
	if (now)
		s->attention |= ATTENTION_SHADOW;
}

/* SDM 26.3.1.5: in such a shadow with TF, the single step that waits for its end must be pending, and it must not without TF. */
void vmx_event_shadow_settle(struct vcpu *v)
{
	struct vmx_vcpu *s = v->virt;
	uint64_t pending = vmcs_read(GUEST_PENDING_DEBUG) & ~PENDING_BS;

	if (!(s->interruptibility & BLOCKED_SHADOW))
		return;
	if ((v->regs.rflags & RFLAGS_TF) && !(s->debugctl & DEBUGCTL_BTF))
		pending |= PENDING_BS;
	vmcs_write(GUEST_PENDING_DEBUG, pending);
	if (!(v->regs.rflags & RFLAGS_IF) && (s->interruptibility & BLOCKED_STI)) {
		s->interruptibility &= ~BLOCKED_STI;
		vmcs_write(GUEST_INTERRUPTIBILITY, s->interruptibility);
	}
}

/* Unlike a #DB in the CPU, an exit for it leaves DR6 and DR7 as they were (SDM 27.1, 27.3.3). */
uint64_t vmx_event_debug(struct vcpu *v, uint64_t causes)
{
	uint64_t dr6 = vmx_get_reg(v, REG_DR6) & ~DR6_BREAKPOINTS;
	uint64_t dr7 = vmcs_read(GUEST_DR7);

	/* Bits 15:13 are the causes' own places; bit 12 is not DR6's. */
	dr6 |= causes & DR6_CAUSES;
	vmx_set_reg(v, REG_DR6, dr6);
	if (dr7 & DR7_GD)
		vmcs_write(GUEST_DR7, dr7 & ~DR7_GD);
	return dr6;
}

void vmx_event_reset(struct vcpu *v)
{
	struct vmx_vcpu *s = v->virt;
	VMX_HOLD(s);

	s->event_info = 0;
	s->interruptibility = 0;
	vmcs_write(VMCS_ENTRY_EVENT, 0);
	vmcs_write(GUEST_INTERRUPTIBILITY, 0);
	vmcs_write(GUEST_ACTIVITY, 0);
	vmcs_write(GUEST_PENDING_DEBUG, 0);
	interrupt_window(s, false, 0);
	vmx_proc_control(s, PROC_NMI_WINDOW, false);
}
