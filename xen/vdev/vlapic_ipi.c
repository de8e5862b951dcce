// SPDX-License-Identifier: GPL-2.0-or-later
/* Messages between local APICs: destinations and delivery modes. SDM 10.6, 10.12.9, 10.12.10. */
#include "domain.h"
#include "vlapic_registers.h"

#define BROADCAST_XAPIC  0xffu
#define BROADCAST_X2APIC 0xffffffffu

static bool logical_match(const struct vlapic *l, uint32_t destination)
{
	uint32_t ldr = l->ldr;

	if (vlapic_is_x2apic(l))
		return destination >> 16 == ldr >> 16 && (destination & ldr & 0xffff);
	ldr >>= 24;
	destination &= 0xff;
	if (l->dfr >> 28 == 0xf)
		return ldr & destination;
	return (destination >> 4 == 0xf || ldr >> 4 == destination >> 4) &&
	       (ldr & destination & 0xf);
}

static bool destination_match(const struct vlapic *l, const struct apic_message *m)
{
	if (!(l->base_msr & APIC_BASE_ENABLE))
		return false;
	if (m->destination == BROADCAST_X2APIC ||
	    (!vlapic_is_x2apic(l) && (m->destination & 0xff) == BROADCAST_XAPIC))
		return true;
	if (m->logical)
		return logical_match(l, m->destination);
	return l->id == (vlapic_is_x2apic(l) ? m->destination : m->destination & 0xff);
}

static bool message_is_for(const struct vcpu *v, const struct vcpu *source,
                           const struct apic_message *m)
{
	switch (m->shorthand) {
	case SHORTHAND_SELF: return v == source;
	case SHORTHAND_ALL: return v->lapic.base_msr & APIC_BASE_ENABLE;
	case SHORTHAND_OTHERS: return v != source && (v->lapic.base_msr & APIC_BASE_ENABLE);
	default: return destination_match(&v->lapic, m);
	}
}

static bool accept_message(struct vcpu *v, const struct apic_message *m)
{
	switch (m->delivery_mode) {
	case DELIVER_FIXED:
	case DELIVER_LOWEST:
		if (!vlapic_enabled(&v->lapic))
			return false;
		vlapic_set_irq(&v->lapic, m->vector, m->level);
		return true;
	case DELIVER_NMI: vcpu_request(v, VCPU_REQ_NMI); return true;
	case DELIVER_INIT:
		if (!m->level ||
		    m->assert) /* the de-assert message only synchronises arbitration ids */
			vcpu_init_send(v);
		return true;
	case DELIVER_SIPI: vcpu_sipi_send(v, m->vector); return true;
	default: return false; /* SMI, remote read, ExtINT: nobody here takes them */
	}
}

/* Lowest priority: the APIC with the lowest PPR among those that match; the next after the last chosen on a tie. */
static unsigned deliver_lowest(struct domain *d, struct vcpu *source, const struct apic_message *m)
{
	struct vcpu *v, *best = NULL;
	uint32_t i, start = d->lowest_priority_next, n = d->max_vcpus;

	for (i = 0; i < n; i++) {
		v = d->vcpus[(start + i) % n];
		if (!v || !message_is_for(v, source, m) || !vlapic_enabled(&v->lapic))
			continue;
		if (!best || vlapic_ppr(&v->lapic) < vlapic_ppr(&best->lapic))
			best = v;
	}
	if (!best)
		return 0;
	d->lowest_priority_next = (best->id + 1) % n;
	return accept_message(best, m);
}

unsigned vlapic_deliver(struct domain *d, struct vcpu *source, const struct apic_message *m)
{
	struct vcpu *v;
	unsigned taken = 0;
	uint32_t i;

	if (m->delivery_mode == DELIVER_LOWEST)
		return deliver_lowest(d, source, m);
	if (m->shorthand == SHORTHAND_SELF)
		return accept_message(source, m);
	/* Ids are twice the vcpu's number at power-on: the common case needs no search. */
	if (m->shorthand == SHORTHAND_NONE && !m->logical) {
		v = domain_vcpu(d, m->destination / 2);
		if (v && v->lapic.id == m->destination && destination_match(&v->lapic, m) &&
		    m->destination != BROADCAST_XAPIC)
			return accept_message(v, m);
	}
	domain_for_each_vcpu(d, v, i)
		if (message_is_for(v, source, m))
			taken += accept_message(v, m);
	return taken;
}

/* A physical destination by number: ids are twice the vcpu's at power-on. */
struct vcpu *vlapic_find(struct domain *d, const struct apic_message *m)
{
	struct vcpu *v = domain_vcpu(d, m->destination / 2);
	uint32_t i;

	if (!m->logical && v && v->lapic.id == m->destination)
		return v;
	domain_for_each_vcpu(d, v, i)
		if (message_is_for(v, NULL, m))
			return v;
	return NULL;
}

void vlapic_send(struct vcpu *v, uint32_t icr, uint32_t destination)
{
	struct apic_message m = {
		.destination = destination,
		.vector = (uint8_t)icr,
		.delivery_mode = icr >> 8 & 7,
		.logical = icr & ICR_LOGICAL,
		.assert = icr & ICR_ASSERT,
		.shorthand = ICR_SHORTHAND(icr),
	};

	/* Only INIT has a level form between processors (SDM 10.6.1). */
	m.level = m.delivery_mode == DELIVER_INIT && (icr & ICR_LEVEL);
	if ((m.delivery_mode == DELIVER_FIXED || m.delivery_mode == DELIVER_LOWEST) &&
	    m.vector < 16) {
		vlapic_error(&v->lapic, ESR_SEND_ILLEGAL);
		return;
	}
	/* A CPU cannot send these to itself by shorthand. */
	if ((m.shorthand == SHORTHAND_SELF || m.shorthand == SHORTHAND_ALL) &&
	    m.delivery_mode != DELIVER_FIXED)
		return;
	(void)vlapic_deliver(v->domain, v, &m);
}
