// SPDX-License-Identifier: GPL-2.0-or-later
/* The local APIC, saved and restored: its timer counts in the guest's time, which goes on in another place. */
#include "domain.h"
#include "errno.h"
#include "vlapic_registers.h"

#define BASE_FLAGS      (APIC_BASE_BSP | APIC_BASE_EXTD | APIC_BASE_ENABLE)
#define NO_VECTORS      0xffffu /* 0 to 15 are none */
#define TIMER_DIVIDE_OK 0xbu

const struct save_field vlapic_saved[] = {
	SAVE_ONE(SAVE_U64, 1, struct vlapic, base_msr),
	SAVE_ONE(SAVE_U32, 1, struct vlapic, id),
	SAVE_ONE(SAVE_U32, 1, struct vlapic, ldr),
	SAVE_ONE(SAVE_U32, 1, struct vlapic, dfr),
	SAVE_ONE(SAVE_U32, 1, struct vlapic, svr),
	SAVE_ONE(SAVE_U32, 1, struct vlapic, esr),
	SAVE_ONE(SAVE_U32, 1, struct vlapic, esr_pending),
	SAVE_ONE(SAVE_U32, 1, struct vlapic, tpr),
	SAVE_ONE(SAVE_U32, 1, struct vlapic, icr_low),
	SAVE_ONE(SAVE_U32, 1, struct vlapic, icr_high),
	SAVE_ARRAY(SAVE_U32, 1, struct vlapic, lvt),
	SAVE_ONE(SAVE_U32, 1, struct vlapic, timer_initial),
	SAVE_ONE(SAVE_U32, 1, struct vlapic, timer_divide),
	SAVE_ONE(SAVE_U64, 1, struct vlapic, timer_start_ns),
	SAVE_ONE(SAVE_U64, 1, struct vlapic, tsc_deadline),
	SAVE_ARRAY(SAVE_U32, 1, struct vlapic, isr),
	SAVE_ARRAY(SAVE_U32, 1, struct vlapic, tmr),
	SAVE_ARRAY(SAVE_U32, 1, struct vlapic, irr),
	SAVE_ONE(SAVE_BOOL, 1, struct vlapic, timer_armed),
	SAVE_LAST,
};

void vlapic_save(struct vcpu *v, struct vlapic *out)
{
	vlapic_sync_cr8(v);
	save_copy(vlapic_saved, out, &v->lapic);
	out->timer_start_ns -= v->domain->time_offset_ns;
}

static bool base_valid(const struct vcpu *v, uint64_t base)
{
	uint64_t top = 1ull << cpuid_maxphyaddr(&v->domain->cpuid);

	if (base >= top || (base & ~PAGE_MASK & ~BASE_FLAGS))
		return false;
	return !(base & APIC_BASE_EXTD) || (base & APIC_BASE_ENABLE);
}

static bool registers_valid(const struct vlapic *l)
{
	for (unsigned i = 0; i < NR_LVTS; i++)
		if (l->lvt[i] & ~(vlapic_lvt_valid[i] | LVT_READ_ONLY))
			return false;
	if ((l->isr[0] | l->tmr[0] | l->irr[0]) & NO_VECTORS)
		return false;
	if (vlapic_is_x2apic(l) && l->ldr != vlapic_x2apic_ldr(l->id))
		return false;
	return !(l->svr & ~SVR_VALID) && l->tpr <= 0xff && !(l->icr_low & ~ICR_VALID) &&
	       l->esr <= 0xff && l->esr_pending <= 0xff;
}

static bool timer_valid(const struct vlapic *l)
{
	if (l->timer_divide & ~TIMER_DIVIDE_OK)
		return false;
	if (LVT_TIMER_MODE(l->lvt[LVT_TIMER]) == TIMER_TSC_DEADLINE)
		return l->timer_armed == (l->tsc_deadline != 0);
	return !l->timer_armed || l->timer_initial;
}

int vlapic_restore(struct vcpu *v, const struct vlapic *in)
{
	struct vlapic *l = &v->lapic;

	if (!base_valid(v, in->base_msr) || in->id != v->id * 2 || !registers_valid(in) ||
	    !timer_valid(in))
		return -EINVAL;
	vlapic_timer_stop(l);
	save_copy(vlapic_saved, l, in);
	l->timer_start_ns += v->domain->time_offset_ns;
	l->highest_isr = vlapic_highest(l->isr);
	l->is_changed = true;
	virt->set_reg(v, REG_CR8, vlapic_get_cr8(l));
	if (l->timer_armed)
		vlapic_timer_resume(l);
	return 0;
}
