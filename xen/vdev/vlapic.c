// SPDX-License-Identifier: GPL-2.0-or-later
/* The local APIC's registers, by MMIO page and by MSR. SDM 10.4, 10.12. */
#include "domain.h"
#include "errno.h"
#include "string.h"
#include "vlapic_registers.h"

#define APIC_SPAN 0x1000u

/* Bits that a write may set in each LVT entry. */
const uint32_t vlapic_lvt_valid[NR_LVTS] = {
	[LVT_TIMER] = 0x000700ff, [LVT_THERMAL] = 0x000107ff, [LVT_PERFORMANCE] = 0x000107ff,
	[LVT_LINT0] = 0x0001a7ff, [LVT_LINT1] = 0x0001a7ff,   [LVT_ERROR] = 0x000100ff,
};
/* Registers at their reset values; base_msr and id stay. */
static void registers_reset(struct vlapic *l)
{
	vlapic_timer_stop(l);
	l->ldr = vlapic_is_x2apic(l) ? vlapic_x2apic_ldr(l->id) : 0;
	l->dfr = 0xffffffff;
	l->svr = 0xff;
	l->esr = l->esr_pending = l->tpr = l->icr_low = l->icr_high = 0;
	for (unsigned i = 0; i < NR_LVTS; i++)
		l->lvt[i] = LVT_MASKED;
	l->timer_initial = l->timer_divide = 0;
	l->timer_start_ns = l->tsc_deadline = 0;
	memset(l->isr, 0, sizeof(l->isr));
	memset(l->tmr, 0, sizeof(l->tmr));
	memset(l->irr, 0, sizeof(l->irr));
	l->highest_isr = 0;
	l->is_changed = true;
	virt->set_reg(l->vcpu, REG_CR8, 0);
}

void vlapic_reset(struct vcpu *v, bool init)
{
	struct vlapic *l = &v->lapic;

	if (!init) {
		l->base_msr = VLAPIC_BASE | APIC_BASE_ENABLE | (v->id == 0 ? APIC_BASE_BSP : 0);
		l->id = v->id * 2;
	}
	registers_reset(l);
}

int vlapic_create(struct vcpu *v)
{
	v->lapic.vcpu = v;
	return vlapic_timer_create(&v->lapic);
}

void vlapic_destroy(struct vcpu *v)
{
	timer_kill(&v->lapic.timer);
}

void vlapic_error(struct vlapic *l, uint32_t bit)
{
	uint32_t lvt = l->lvt[LVT_ERROR];

	l->esr_pending |= bit;
	if (!(lvt & LVT_MASKED) && (uint8_t)lvt >= 16)
		vlapic_set_irq(l, (uint8_t)lvt, false);
}

/* ---- reading ---- */

static bool read_array(const struct vlapic *l, uint32_t offset, uint32_t *value)
{
	unsigned i = offset >> 4 & 7;

	switch (offset & 0xf80) {
	case APIC_ISR: *value = l->isr[i]; return true;
	case APIC_TMR: *value = l->tmr[i]; return true;
	case APIC_IRR: *value = read_once(l->irr[i]); return true;
	default: return false;
	}
}

bool vlapic_read(struct vcpu *v, uint32_t offset, uint32_t *value)
{
	struct vlapic *l = &v->lapic;

	switch (offset) {
	case APIC_ID: *value = vlapic_is_x2apic(l) ? l->id : l->id << 24; return true;
	case APIC_VERSION: *value = VLAPIC_VERSION; return true;
	case APIC_TPR:
		vlapic_sync_cr8(v);
		*value = l->tpr;
		return true;
	case APIC_PPR:
		vlapic_sync_cr8(v);
		*value = vlapic_ppr(l);
		return true;
	case APIC_LDR: *value = l->ldr; return true;
	case APIC_DFR: *value = l->dfr; return !vlapic_is_x2apic(l);
	case APIC_SVR: *value = l->svr; return true;
	case APIC_ESR: *value = l->esr; return true;
	case APIC_ICR: *value = l->icr_low; return true;
	case APIC_ICR_HIGH: *value = l->icr_high; return !vlapic_is_x2apic(l);
	case APIC_TIMER_INIT: *value = l->timer_initial; return true;
	case APIC_TIMER_CUR: *value = vlapic_timer_current(l); return true;
	case APIC_TIMER_DIV: *value = l->timer_divide; return true;
	case APIC_APR:
	case APIC_EOI: *value = 0; return !vlapic_is_x2apic(l);
	}
	if (offset >= APIC_LVT_TIMER && offset <= APIC_LVT_ERROR) {
		*value = l->lvt[(offset - APIC_LVT_TIMER) >> 4];
		return true;
	}
	return read_array(l, offset, value);
}

/* ---- writing ---- */

static void write_tpr(struct vcpu *v, uint32_t value)
{
	vlapic_set_cr8(v, (uint8_t)value >> 4);
	v->lapic.tpr = (uint8_t)value;
}

static void write_svr(struct vcpu *v, uint32_t value)
{
	struct vlapic *l = &v->lapic;

	l->svr = value & SVR_VALID;
	l->is_changed = true;
	if (!(value & SVR_ENABLED))
		for (unsigned i = 0; i < NR_LVTS; i++)
			l->lvt[i] |= LVT_MASKED;
	else
		atomic_fetch_or(&v->requests, VCPU_REQ_EVENT);
}

static void write_lvt(struct vlapic *l, enum lvt i, uint32_t value)
{
	uint32_t old = l->lvt[i];

	value &= vlapic_lvt_valid[i];
	if (!(l->svr & SVR_ENABLED))
		value |= LVT_MASKED;
	l->lvt[i] = value | (old & LVT_READ_ONLY);
	l->is_changed = true;
	if (i == LVT_TIMER)
		vlapic_timer_lvt_changed(l, old);
	/* The PICs behind it may be asking already. */
	if (i == LVT_LINT0)
		atomic_fetch_or(&l->vcpu->requests, VCPU_REQ_EVENT);
}

static void write_esr(struct vcpu *v, uint32_t value)
{
	v->lapic.esr = v->lapic.esr_pending;
	v->lapic.esr_pending = 0;
	v->lapic.is_changed = true;
}

static void write_icr(struct vcpu *v, uint32_t value)
{
	v->lapic.icr_low = value & ICR_VALID;
	vlapic_send(v, value, v->lapic.icr_high >> 24);
}

static void write_eoi(struct vcpu *v, uint32_t value)
{
	vlapic_eoi(v);
}

static void write_icr_high(struct vcpu *v, uint32_t value)
{
	v->lapic.icr_high = value & 0xff000000;
}

static void write_ldr(struct vcpu *v, uint32_t value)
{
	v->lapic.ldr = value & 0xff000000;
	v->lapic.is_changed = true;
}

static void write_dfr(struct vcpu *v, uint32_t value)
{
	v->lapic.dfr = value | 0x0fffffff;
}

static void write_timer_init(struct vcpu *v, uint32_t value)
{
	vlapic_timer_start(&v->lapic, value);
	v->lapic.is_changed = true;
}

static void write_timer_div(struct vcpu *v, uint32_t value)
{
	vlapic_timer_divide_changed(&v->lapic, value);
	v->lapic.is_changed = true;
}

static void write_self_ipi(struct vcpu *v, uint32_t value)
{
	vlapic_send(v, (uint8_t)value | SHORTHAND_SELF << 18, 0);
}

/* Written registers: in which mode they exist and which bits an x2APIC write may set. */
static const struct {
	void (*fn)(struct vcpu *v, uint32_t value);
	uint32_t x2apic_valid;
	bool xapic, x2apic;
} writers[APIC_SPAN >> 4] = {
	[APIC_TPR >> 4] = { write_tpr, 0xff, true, true },
	[APIC_EOI >> 4] = { write_eoi, 0, true, true },
	[APIC_LDR >> 4] = { write_ldr, 0, true, false },
	[APIC_DFR >> 4] = { write_dfr, 0, true, false },
	[APIC_SVR >> 4] = { write_svr, SVR_VALID, true, true },
	[APIC_ESR >> 4] = { write_esr, 0, true, true },
	[APIC_ICR >> 4] = { write_icr, ICR_VALID, true, false },
	[APIC_ICR_HIGH >> 4] = { write_icr_high, 0, true, false },
	[APIC_TIMER_INIT >> 4] = { write_timer_init, 0xffffffff, true, true },
	[APIC_TIMER_DIV >> 4] = { write_timer_div, 0xb, true, true },
	[APIC_SELF_IPI >> 4] = { write_self_ipi, 0xff, false, true },
};

static bool offset_is_lvt(uint32_t offset)
{
	return offset >= APIC_LVT_TIMER && offset <= APIC_LVT_ERROR;
}

void vlapic_write(struct vcpu *v, uint32_t offset, uint32_t value)
{
	uint32_t unused;

	if (offset_is_lvt(offset))
		write_lvt(&v->lapic, (offset - APIC_LVT_TIMER) >> 4, value);
	else if (writers[offset >> 4].fn && writers[offset >> 4].xapic)
		writers[offset >> 4].fn(v, value);
	else if (!vlapic_read(v, offset, &unused))
		vlapic_error(
			&v->lapic,
			ESR_BAD_REGISTER); /* no such register; read-only ones swallow the write */
}

bool vlapic_owns(const struct vcpu *v, gpa_t at)
{
	const struct vlapic *l = &v->lapic;

	return (l->base_msr & (APIC_BASE_ENABLE | APIC_BASE_EXTD)) == APIC_BASE_ENABLE &&
	       (at.v & PAGE_MASK) == (l->base_msr & PAGE_MASK);
}

void vlapic_access(struct vcpu *v, struct io_access *a)
{
	uint32_t offset = (uint32_t)a->addr, value = 0;

	/* Registers are 32 bits at multiples of 16; the rest of each 16 bytes is undefined (SDM 10.4.1). */
	if (a->is_write) {
		if (a->size == 4 && !(offset & 0xf))
			vlapic_write(v, offset, (uint32_t)a->value);
		return;
	}
	if ((offset & 0xf) + a->size <= 4) {
		if (!vlapic_read(v, offset & ~0xfu, &value))
			vlapic_error(&v->lapic, ESR_BAD_REGISTER);
		value >>= (offset & 3) * 8;
	}
	a->value = value;
}

/* ---- MSRs ---- */

static bool x2apic_read(struct vcpu *v, uint32_t index, uint64_t *value)
{
	struct vlapic *l = &v->lapic;
	uint32_t offset = (index - MSR_X2APIC_FIRST) << 4, low;

	if (!vlapic_is_x2apic(l) || !vlapic_read(v, offset, &low))
		return false;
	*value = low;
	if (offset == APIC_ICR)
		*value |= (uint64_t)l->icr_high << 32;
	return true;
}

static bool x2apic_write(struct vcpu *v, uint32_t index, uint64_t value)
{
	struct vlapic *l = &v->lapic;
	uint32_t offset = (index - MSR_X2APIC_FIRST) << 4;

	if (!vlapic_is_x2apic(l))
		return false;
	if (offset == APIC_ICR) {
		if ((uint32_t)value & ~ICR_VALID)
			return false;
		l->icr_low = (uint32_t)value;
		l->icr_high = value >> 32;
		vlapic_send(v, (uint32_t)value, value >> 32);
		return true;
	}
	if (offset_is_lvt(offset)) {
		enum lvt i = (offset - APIC_LVT_TIMER) >> 4;

		if (value & ~(uint64_t)(vlapic_lvt_valid[i] | LVT_READ_ONLY))
			return false;
		write_lvt(l, i, (uint32_t)value);
		return true;
	}
	if (!writers[offset >> 4].x2apic || (value & ~(uint64_t)writers[offset >> 4].x2apic_valid))
		return false;
	writers[offset >> 4].fn(v, (uint32_t)value);
	return true;
}

/* SDM 10.12.5: which of off, xAPIC and x2APIC may follow which. Index: old EN, EXTD, new EN, EXTD. */
static bool mode_change_allowed(uint64_t old, uint64_t new)
{
	bool was_x2 = old & APIC_BASE_EXTD, was_on = old & APIC_BASE_ENABLE;
	bool is_x2 = new &APIC_BASE_EXTD, is_on = new &APIC_BASE_ENABLE;

	if (is_x2 && !is_on)
		return false;
	if (was_x2)
		return is_x2 || !is_on;
	return !(is_x2 && !was_on);
}

static bool base_write(struct vcpu *v, uint64_t value)
{
	struct vlapic *l = &v->lapic;
	uint64_t old = l->base_msr, top = 1ull << cpuid_maxphyaddr(&v->domain->cpuid);

	if ((value & 0x2ff) || value >= top)
		return false;
	value = (value & ~(uint64_t)APIC_BASE_BSP) | (old & APIC_BASE_BSP);
	if (!mode_change_allowed(old, value))
		return false;
	l->base_msr = value;
	l->is_changed = true;
	if ((old & APIC_BASE_ENABLE) && !(value & APIC_BASE_ENABLE)) {
		l->id = v->id * 2;
		registers_reset(l);
		atomic_fetch_or(&v->requests, VCPU_REQ_EVENT);
	} else if (!(old & APIC_BASE_EXTD) && (value & APIC_BASE_EXTD)) {
		l->id = v->id * 2;
		l->ldr = vlapic_x2apic_ldr(l->id);
		l->icr_high = 0;
	}
	return true;
}

bool vlapic_msr_read(struct vcpu *v, uint32_t index, uint64_t *value)
{
	if (index == MSR_APIC_BASE) {
		*value = v->lapic.base_msr;
		return true;
	}
	if (index == MSR_TSC_DEADLINE) {
		*value = v->lapic.tsc_deadline;
		return true;
	}
	return x2apic_read(v, index, value);
}

bool vlapic_msr_write(struct vcpu *v, uint32_t index, uint64_t value)
{
	if (index == MSR_APIC_BASE)
		return base_write(v, value);
	if (index == MSR_TSC_DEADLINE) {
		vlapic_timer_deadline(&v->lapic, value);
		return true;
	}
	return x2apic_write(v, index, value);
}
