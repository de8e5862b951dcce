/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the vlapic and the page of its registers. Contract: virt_apic.h. */
#include "virt_apic.h"

/* What a guest may read there but the sets of vectors and the priorities; ICR and the timer's count are asked of the vlapic. */
static const uint16_t mirrored[] = {
	APIC_ID,
	APIC_VERSION,
	APIC_LDR,
	APIC_SVR,
	APIC_ESR,
	APIC_LVT_TIMER,
	APIC_LVT_TIMER + 0x10,
	APIC_LVT_TIMER + 0x20,
	APIC_LVT_TIMER + 0x30,
	APIC_LVT_TIMER + 0x40,
	APIC_LVT_ERROR,
	APIC_TIMER_INIT,
	APIC_TIMER_DIV,
};

bool virt_apic_is_idle(const struct vlapic *l)
{
	uint32_t any = l->highest_isr;

	for (unsigned i = 0; i < 8; i++)
		any |= read_once(l->irr[i]);
	return !any;
}

void virt_apic_mirror(struct vcpu *v, uint8_t *page)
{
	for (unsigned i = 0; i < ARRAY_LEN(mirrored); i++)
		(void)vlapic_read(v, mirrored[i], virt_apic_reg(page, mirrored[i]));
}

uint16_t virt_apic_put(struct vcpu *v, uint8_t *page)
{
	struct vlapic *l = &v->lapic;
	uint32_t *tpr = virt_apic_reg(page, APIC_TPR), waiting[8] = { 0 };
	bool enabled = vlapic_enabled(l);

	/* The page has what the guest wrote to CR8 last; the vlapic the low half, which only registers have. */
	if (*tpr >> 4 == l->tpr >> 4)
		*tpr = l->tpr;
	for (unsigned i = 0; i < 8; i++) {
		if (enabled && read_once(l->irr[i]))
			waiting[i] = atomic_exchange(&l->irr[i], 0);
		*virt_apic_reg(page, APIC_IRR + i * 16) = waiting[i];
		*virt_apic_reg(page, APIC_ISR + i * 16) = l->isr[i];
		*virt_apic_reg(page, APIC_TMR + i * 16) = read_once(l->tmr[i]);
	}
	return (uint16_t)(vlapic_highest(waiting) | l->highest_isr << 8);
}

void virt_apic_get(struct vcpu *v, uint8_t *page)
{
	struct vlapic *l = &v->lapic;

	l->tpr = *virt_apic_reg(page, APIC_TPR);
	for (unsigned i = 0; i < 8; i++) {
		uint32_t *irr = virt_apic_reg(page, APIC_IRR + i * 16);

		l->isr[i] = *virt_apic_reg(page, APIC_ISR + i * 16);
		if (*irr)
			atomic_fetch_or(&l->irr[i], *irr);
		*irr = 0;
	}
	l->highest_isr = vlapic_highest(l->isr);
}
