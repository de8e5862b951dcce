/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The local APIC that the CPU itself serves (SDM chapter 29), as far as this CPU can: virtual interrupt delivery, so that vectors go in when the guest can take them, with
 * no window and no exit for their end; x2APIC registers read and written without exits; posted interrupts, by which other CPUs' vectors reach a running guest without
 * an exit. What each needs of the others: vmx_controls.c.
 */
#include "vmx.h"
#include "virt_apic.h"

/* x2APIC MSRs without exits, from MSR_X2APIC_FIRST: the CPU takes the page's register for each. A row counts where the CPU has that control. */
static const struct {
	uint8_t first, last;
	bool reads, writes;
	uint32_t control; /* PROC2_* */
} x2apic_rows[] = {
	{ 0x02, 0x03, true, false, PROC2_APIC_REGISTERS }, /* ID, version */
	{ 0x08, 0x08, true, true, PROC2_VECTORS },         /* TPR */
	{ 0x0a, 0x0a, true, false, PROC2_APIC_REGISTERS }, /* PPR */
	{ 0x0b, 0x0b, false, true, PROC2_VECTORS },        /* EOI */
	{ 0x0d, 0x0d, true, false, PROC2_APIC_REGISTERS }, /* LDR */
	{ 0x0f, 0x28, true, false, PROC2_APIC_REGISTERS }, /* SVR, ISR, TMR, IRR, ESR */
	{ 0x32, 0x38, true, false, PROC2_APIC_REGISTERS }, /* LVTs, the timer's first count */
	{ 0x3e, 0x3e, true, false, PROC2_APIC_REGISTERS }, /* the timer's divisor */
	{ 0x3f, 0x3f, false, true, PROC2_VECTORS },        /* self IPI */
};

/* Outside x2APIC mode these MSRs must cause exits: the CPU would take its own APIC's. */
static void mode_set(struct vcpu *v, struct vmx_vcpu *s, bool is_x2apic)
{
	uint32_t controls = vmx_host.controls.value[VMX_PROC2];

	s->is_x2apic = is_x2apic;
	vmcs_write(VMCS_PROC2_CONTROLS, is_x2apic ? controls : controls & ~PROC2_X2APIC);
	for (unsigned i = 0; i < ARRAY_LEN(x2apic_rows); i++) {
		bool on = is_x2apic && vmx_has_proc2(x2apic_rows[i].control);

		for (unsigned msr = x2apic_rows[i].first; msr <= x2apic_rows[i].last; msr++)
			vmx_trap_msr(v, MSR_X2APIC_FIRST + msr, !(on && x2apic_rows[i].reads),
			             !(on && x2apic_rows[i].writes));
	}
}

void vmx_apic_init(struct vcpu *v)
{
	vmcs_write(VMCS_PROC2_CONTROLS, vmx_host.controls.value[VMX_PROC2] & ~PROC2_X2APIC);
	v->lapic.by_cpu = vmx_has_proc2(PROC2_VECTORS);
	if (!v->lapic.by_cpu)
		return;
	v->lapic.is_changed = true;
	if (!vmx_host.posts)
		return;
	vmcs_write(VMCS_POSTED_VECTOR, MACHINE_NOTIFY_VECTOR);
	vmcs_write(VMCS_POSTED_DESCRIPTOR, virt_to_hpa(v->lapic.irr).v);
}

/* The end of a level-triggered interrupt concerns the IO-APIC. */
static void eoi_exits_set(struct vmx_vcpu *s, const struct vlapic *l)
{
	for (unsigned i = 0; i < 4; i++) {
		uint64_t level = l->tmr[2 * i] | (uint64_t)l->tmr[2 * i + 1] << 32;

		if (s->eoi_exits[i] == level)
			continue;
		s->eoi_exits[i] = level;
		vmcs_write((enum vmcs_field)(VMCS_EOI_EXITS + 2 * i), level);
	}
}

void vmx_apic_enter(struct vcpu *v, struct vmx_vcpu *s)
{
	struct vlapic *l = &v->lapic;
	uint16_t status;

	if (l->is_changed) {
		l->is_changed = false;
		if (s->is_x2apic != (vlapic_is_x2apic(l) && vmx_has_proc2(PROC2_X2APIC)))
			mode_set(v, s, !s->is_x2apic);
		virt_apic_mirror(v, s->virtual_apic);
	}
	status = virt_apic_put(v, s->virtual_apic);
	eoi_exits_set(s, l);
	if (status != s->interrupt_status)
		vmcs_write(GUEST_INTERRUPT_STATUS, status);
	s->interrupt_status = status;
}

void vmx_apic_leave(struct vcpu *v, struct vmx_vcpu *s)
{
	uint16_t status = (uint16_t)vmcs_read(GUEST_INTERRUPT_STATUS);

	/* Nothing waited and nothing was in service, before and after: then nothing is. */
	if (!(status | s->interrupt_status))
		return;
	s->interrupt_status = status;
	virt_apic_get(v, s->virtual_apic);
}

bool vmx_post(struct vcpu *v)
{
	unsigned cpu = read_once(v->sched.cpu);
	struct percpu *pc = percpu_of(cpu);

	/* Who has left the guest after this looks at the vectors again before it enters or sleeps; the caller's atomic change of them is the barrier. */
	if (!vmx_host.posts || pc == percpu() || read_once(pc->current) != v ||
	    !read_once(pc->in_guest))
		return false;
	machine_notify_cpu(cpu);
	return true;
}
