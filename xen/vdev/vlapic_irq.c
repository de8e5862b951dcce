// SPDX-License-Identifier: GPL-2.0-or-later
/* Vectors waiting, in service, and which may interrupt now. SDM 10.8. */
#include "domain.h"
#include "vioapic.h"
#include "vlapic_registers.h"

uint8_t vlapic_highest(const uint32_t set[8])
{
	for (int i = 7; i >= 0; i--) {
		uint32_t word = read_once(set[i]);

		if (word)
			return (uint8_t)(i * 32 + 31 - __builtin_clz(word));
	}
	return 0;
}

uint8_t vlapic_ppr(const struct vlapic *l)
{
	uint8_t tpr = (uint8_t)l->tpr, isr = l->highest_isr;

	return tpr >> 4 >= isr >> 4 ? tpr : isr & 0xf0;
}

bool vlapic_enabled(const struct vlapic *l)
{
	return (l->svr & SVR_ENABLED) && (l->base_msr & APIC_BASE_ENABLE);
}

bool vlapic_accepts_extint(const struct vlapic *l)
{
	uint32_t lint0 = l->lvt[LVT_LINT0];

	if (!(l->base_msr & APIC_BASE_ENABLE))
		return true;
	return !(lint0 & LVT_MASKED) && (lint0 >> 8 & 7) == DELIVER_EXTINT;
}

/* Nearly always: looked at on each way to an injection. */
static inline bool irr_is_empty(const struct vlapic *l)
{
	const uint32_t *r = l->irr;

	return !(read_once(r[0]) | read_once(r[1]) | read_once(r[2]) | read_once(r[3]) |
	         read_once(r[4]) | read_once(r[5]) | read_once(r[6]) | read_once(r[7]));
}

int vlapic_pending_vector(struct vcpu *v)
{
	struct vlapic *l = &v->lapic;
	uint8_t vector;

	if (irr_is_empty(l) || !vlapic_enabled(l))
		return -1;
	vector = vlapic_highest(l->irr);
	return vector >> 4 > vlapic_ppr(l) >> 4 ? vector : -1;
}

int vlapic_waiting_vector(struct vcpu *v)
{
	struct vlapic *l = &v->lapic;
	uint8_t vector;

	if (irr_is_empty(l) || !vlapic_enabled(l))
		return -1;
	vector = vlapic_highest(l->irr);
	return vector >> 4 > l->highest_isr >> 4 ? vector : -1;
}

void vlapic_accept(struct vcpu *v, uint8_t vector)
{
	struct vlapic *l = &v->lapic;

	atomic_fetch_and(&l->irr[vector / 32], ~(1u << vector % 32));
	l->isr[vector / 32] |= 1u << vector % 32;
	l->highest_isr = MAX(l->highest_isr, vector);
}

void vlapic_set_irq(struct vlapic *l, uint8_t vector, bool level)
{
	uint32_t bit = 1u << vector % 32, *irr = &l->irr[vector / 32];

	if (unlikely(vector < 16)) {
		vlapic_error(l, ESR_RECEIVE_ILLEGAL);
		return;
	}
	if (unlikely(level))
		atomic_fetch_or(&l->tmr[vector / 32], bit);
	else if (read_once(l->tmr[vector / 32]) & bit)
		atomic_fetch_and(&l->tmr[vector / 32], ~bit);
	if (atomic_fetch_or(irr, bit) & bit)
		return;
	/* A running guest takes it as it is, but of an end that concerns the IO-APIC its CPU must know first. */
	if (likely(!l->by_cpu) || level || !virt->post(l->vcpu))
		vcpu_request(l->vcpu, VCPU_REQ_EVENT);
}

static inline void eoi_tell(struct vcpu *v, uint8_t vector)
{
	if (unlikely(read_once(v->lapic.tmr[vector / 32]) >> vector % 32 & 1))
		vioapic_eoi(v->domain, vector);
}

void vlapic_eoi(struct vcpu *v)
{
	struct vlapic *l = &v->lapic;
	uint8_t vector = l->highest_isr;

	if (!vector)
		return;
	l->isr[vector / 32] &= ~(1u << vector % 32);
	l->highest_isr = vlapic_highest(l->isr);
	eoi_tell(v, vector);
	/* Whatever the TPR was when we last saw it. */
	if (vlapic_waiting_vector(v) >= 0)
		atomic_fetch_or(&v->requests, VCPU_REQ_EVENT);
}

void vlapic_written(struct vcpu *v, uint32_t offset, uint32_t value)
{
	if (offset == APIC_EOI)
		eoi_tell(v, (uint8_t)value);
	else /* of the page in memory each access exits before it is made */
		(void)!vlapic_msr_write(v, MSR_X2APIC_FIRST + offset / 16, value);
}

/* Something may have become deliverable, or waits for the next change. */
static void tpr_set(struct vcpu *v, uint8_t tpr)
{
	v->lapic.tpr = tpr;
	if (vlapic_waiting_vector(v) >= 0)
		atomic_fetch_or(&v->requests, VCPU_REQ_EVENT);
}

void vlapic_set_cr8(struct vcpu *v, uint8_t cr8)
{
	virt->set_reg(v, REG_CR8, cr8);
	tpr_set(v, (uint8_t)(cr8 << 4));
}

void vlapic_sync_cr8(struct vcpu *v)
{
	uint8_t cr8 = (uint8_t)virt->get_reg(v, REG_CR8);

	if (cr8 != vlapic_get_cr8(&v->lapic))
		v->lapic.tpr = (uint32_t)cr8 << 4;
}
