/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Xen's records LAPIC and LAPIC_REGS: the local APIC of a vcpu. */
#include "hvm_context.h"

#include "string.h"
#include "vlapic_registers.h"

#include <xen/hvm/save.h>

#define REGISTER_STRIDE 0x10
#define VECTOR_WORDS    8
#define DISABLED_BY_MSR 1u /* of hvm_hw_lapic.disabled: what the two registers say */
#define DISABLED_BY_SVR 2u

static uint32_t get(const void *page, uint32_t offset)
{
	return *(const uint32_t *)((const uint8_t *)page + offset);
}

static void put(void *page, uint32_t offset, uint32_t value)
{
	*(uint32_t *)((uint8_t *)page + offset) = value;
}

/* ---- LAPIC ---- */

static uint32_t lapic_save(struct vcpu *v, void *record)
{
	struct hvm_hw_lapic *r = record;
	struct vlapic l;

	vlapic_save(v, &l);
	r->apic_base_msr = l.base_msr;
	r->disabled = (l.base_msr & APIC_BASE_ENABLE ? 0 : DISABLED_BY_MSR) |
	              (l.svr & SVR_ENABLED ? 0 : DISABLED_BY_SVR);
	r->timer_divisor = vlapic_timer_divisor(&v->lapic);
	r->tdt_msr = l.tsc_deadline;
	return sizeof(*r);
}

/* The rest comes with the registers. */
static int lapic_load(struct vcpu *v, const void *record, uint32_t length)
{
	const struct hvm_hw_lapic *r = record;
	struct vlapic l = { .vcpu = v };

	vlapic_save(v, &l);
	l.base_msr = r->apic_base_msr;
	l.tsc_deadline = r->tdt_msr;
	if (vlapic_is_x2apic(&l))
		l.ldr = vlapic_x2apic_ldr(l.id);
	if (LVT_TIMER_MODE(l.lvt[LVT_TIMER]) == TIMER_TSC_DEADLINE)
		l.timer_armed = l.tsc_deadline != 0;
	return vlapic_restore(v, &l);
}

const struct hvm_record hvm_record_lapic = {
	.type = HVM_SAVE_CODE(LAPIC),
	.name = "LAPIC",
	.size = sizeof(struct hvm_hw_lapic),
	.min_size = offsetof(struct hvm_hw_lapic, tdt_msr),
	.save = lapic_save,
	.load = lapic_load,
};

/* ---- LAPIC_REGS: the page as software reads it, its first KiB ---- */

static void vectors_put(void *page, uint32_t offset, const uint32_t words[VECTOR_WORDS])
{
	for (unsigned i = 0; i < VECTOR_WORDS; i++)
		put(page, offset + i * REGISTER_STRIDE, words[i]);
}

static void vectors_get(const void *page, uint32_t offset, uint32_t words[VECTOR_WORDS])
{
	for (unsigned i = 0; i < VECTOR_WORDS; i++)
		words[i] = get(page, offset + i * REGISTER_STRIDE);
}

static uint32_t id_register(const struct vlapic *l)
{
	return vlapic_is_x2apic(l) ? l->id : l->id << 24;
}

static uint32_t registers_save(struct vcpu *v, void *record)
{
	struct vlapic l;

	vlapic_save(v, &l);
	put(record, APIC_ID, id_register(&l));
	put(record, APIC_VERSION, VLAPIC_VERSION);
	put(record, APIC_TPR, l.tpr);
	put(record, APIC_PPR, vlapic_ppr(&v->lapic));
	put(record, APIC_LDR, l.ldr);
	put(record, APIC_DFR, l.dfr);
	put(record, APIC_SVR, l.svr);
	vectors_put(record, APIC_ISR, l.isr);
	vectors_put(record, APIC_TMR, l.tmr);
	vectors_put(record, APIC_IRR, l.irr);
	put(record, APIC_ESR, l.esr);
	put(record, APIC_ICR, l.icr_low);
	put(record, APIC_ICR_HIGH, l.icr_high);
	for (unsigned i = 0; i < NR_LVTS; i++)
		put(record, APIC_LVT_TIMER + i * REGISTER_STRIDE, l.lvt[i]);
	put(record, APIC_TIMER_INIT, l.timer_initial);
	put(record, APIC_TIMER_CUR, vlapic_timer_current(&v->lapic));
	put(record, APIC_TIMER_DIV, l.timer_divide);
	return sizeof(struct hvm_hw_lapic_regs);
}

/* A count that has not come to its end goes on; a periodic one always does. */
static void timer_load(const void *page, struct vlapic *l)
{
	uint32_t mode = LVT_TIMER_MODE(l->lvt[LVT_TIMER]), left = get(page, APIC_TIMER_CUR);

	l->timer_initial = get(page, APIC_TIMER_INIT);
	l->timer_divide = get(page, APIC_TIMER_DIV);
	if (mode == TIMER_TSC_DEADLINE) {
		l->timer_armed = l->tsc_deadline != 0;
		return;
	}
	left = MIN(left, l->timer_initial);
	l->timer_armed = mode == TIMER_PERIODIC ? l->timer_initial != 0 : left != 0;
	/* In the guest's time, as vlapic_restore() wants it. */
	l->timer_start_ns = domain_now_ns(l->vcpu->domain) -
	                    (uint64_t)(l->timer_initial - left) * vlapic_timer_tick_ns(l);
}

static int registers_load(struct vcpu *v, const void *record, uint32_t length)
{
	struct vlapic l = { .vcpu = v };

	vlapic_save(v, &l);
	l.vcpu = v;
	if (get(record, APIC_ID) != id_register(&l))
		return -EINVAL;
	l.tpr = get(record, APIC_TPR);
	l.ldr = get(record, APIC_LDR);
	l.dfr = get(record, APIC_DFR);
	l.svr = get(record, APIC_SVR);
	vectors_get(record, APIC_ISR, l.isr);
	vectors_get(record, APIC_TMR, l.tmr);
	vectors_get(record, APIC_IRR, l.irr);
	l.esr = get(record, APIC_ESR);
	l.icr_low = get(record, APIC_ICR);
	l.icr_high = get(record, APIC_ICR_HIGH);
	for (unsigned i = 0; i < NR_LVTS; i++)
		l.lvt[i] = get(record, APIC_LVT_TIMER + i * REGISTER_STRIDE);
	timer_load(record, &l);
	if (vlapic_restore(v, &l))
		return -EINVAL;
	atomic_fetch_or(&v->requests, VCPU_REQ_EVENT);
	return 0;
}

const struct hvm_record hvm_record_lapic_regs = {
	.type = HVM_SAVE_CODE(LAPIC_REGS),
	.name = "LAPIC_REGS",
	.size = sizeof(struct hvm_hw_lapic_regs),
	.min_size = APIC_TIMER_DIV + 4,
	.save = registers_save,
	.load = registers_load,
};
