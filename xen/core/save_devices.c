// SPDX-License-Identifier: GPL-2.0-or-later
/* Records of the devices that the hypervisor plays and that belong to no vcpu. The machine's PCI devices of the first domain are not moved, and have none. */
#include "hvm_platform.h"
#include "save_records.h"

static uint32_t ioapic_limit(const struct domain *d)
{
	return d->nr_ioapics;
}

static const void *ioapic_get(struct domain *d, uint32_t n, void *state)
{
	vioapic_save(d->ioapics[n], state);
	return state;
}

static int ioapic_put(struct restore *r, uint32_t n, const void *state)
{
	if (n >= r->d->nr_ioapics)
		return restore_refuse(r, "the domain has no such one");
	if (vioapic_restore(r->d->ioapics[n], state))
		return restore_refuse(r, "no IO-APIC can be so");
	return 0;
}

const struct save_row save_ioapic = {
	.name = "IO-APIC",
	.version = 1,
	.is_complete = true,
	SAVE_STATE(struct vioapic_state, vioapic_saved),
	.limit = ioapic_limit,
	.get = ioapic_get,
	.put = ioapic_put,
};

/* ---- the board of an HVM guest ---- */

static uint32_t pic_limit(const struct domain *d)
{
	return d->pic ? ARRAY_LEN(d->pic->chip) : 0;
}

static const void *pic_get(struct domain *d, uint32_t n, void *state)
{
	vpic_save(d->pic, n, state);
	return state;
}

static int pic_put(struct restore *r, uint32_t n, const void *state)
{
	if (n >= pic_limit(r->d))
		return restore_refuse(r, "the domain has no such one");
	if (vpic_restore(r->d->pic, n, state))
		return restore_refuse(r, "no PIC can be so");
	return 0;
}

const struct save_row save_pic = {
	.name = "PIC",
	.version = 1,
	.is_complete = true,
	SAVE_STATE(struct vpic_chip, vpic_saved),
	.limit = pic_limit,
	.get = pic_get,
	.put = pic_put,
};

static const void *wires_get(struct domain *d, uint32_t n, void *state)
{
	if (!d->platform)
		return NULL;
	irq_routing_save(d, state);
	return state;
}

static int wires_put(struct restore *r, uint32_t n, const void *state)
{
	if (!r->d->platform)
		return restore_refuse(r, "the domain has no board");
	if (irq_routing_restore(r->d, state))
		return restore_refuse(r, "no wires can be so");
	return 0;
}

const struct save_row save_wires = {
	.name = "interrupt wires",
	.version = 2,
	.is_complete = true,
	SAVE_STATE(struct irq_routing, irq_routing_saved),
	.limit = save_limit_one,
	.get = wires_get,
	.put = wires_put,
};

/* Devices of which there is one or none: get and put by the functions of their own. */
#define BOARD_DEVICE(id, text, type, member, save_fn, restore_fn, table)       \
	static const void *id##_get(struct domain *d, uint32_t n, void *state) \
	{                                                                      \
		if (!d->platform || !d->platform->member)                      \
			return NULL;                                           \
		save_fn(d->platform->member, state);                           \
		return state;                                                  \
	}                                                                      \
	static int id##_put(struct restore *r, uint32_t n, const void *state)  \
	{                                                                      \
		if (!r->d->platform || !r->d->platform->member)                \
			return restore_refuse(r, "the domain has none");       \
		if (restore_fn(r->d->platform->member, state))                 \
			return restore_refuse(r, "none can be so");            \
		return 0;                                                      \
	}                                                                      \
	const struct save_row save_##id = {                                    \
		.name = text,                                                  \
		.version = 1,                                                  \
		.is_complete = true,                                           \
		SAVE_STATE(type, table),                                       \
		.limit = save_limit_one,                                       \
		.get = id##_get,                                               \
		.put = id##_put,                                               \
	}

BOARD_DEVICE(pit, "PIT", struct vpit, pit, vpit_save, vpit_restore, vpit_saved);
BOARD_DEVICE(rtc, "RTC", struct vrtc, rtc, vrtc_save, vrtc_restore, vrtc_saved);
BOARD_DEVICE(hpet, "HPET", struct vhpet, hpet, vhpet_save, vhpet_restore, vhpet_saved);
BOARD_DEVICE(pm_timer, "ACPI timer", struct vpmtimer, pm_timer, vpmtimer_save, vpmtimer_restore,
             vpmtimer_saved);
