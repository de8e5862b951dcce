// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From a pin to the local APICs, and the way back of an end of interrupt. 82093AA 3.2.4. A level that no local APIC takes stays due (delivery status), and is
 * tried again when the guest changes the entry; an edge that none takes is lost, as on a bus without retries.
 */
#include "domain.h"
#include "irq_routing.h"
#include "vioapic_registers.h"
#include "vlapic_registers.h"

bool vioapic_is_level(uint64_t entry)
{
	return (entry & ENTRY_LEVEL) && ENTRY_MODE(entry) <= DELIVER_LOWEST;
}

static struct apic_message message(uint64_t entry)
{
	return (struct apic_message){
		.destination = (uint32_t)(entry >> ENTRY_DESTINATION),
		.vector = (uint8_t)entry,
		.delivery_mode = ENTRY_MODE(entry),
		.logical = entry & ENTRY_LOGICAL,
		.level = vioapic_is_level(entry),
		.assert = true,
	};
}

struct vcpu *vioapic_pin_target(const struct vioapic_pin *p)
{
	struct apic_message m = message(p->entry);

	return vlapic_find(p->owner->domain, &m);
}

static bool send(const struct vioapic_pin *p)
{
	struct apic_message m = message(p->entry);

	return vlapic_deliver(p->owner->domain, NULL, &m);
}

void vioapic_pin_service(struct vioapic_pin *p)
{
	if (p->entry & ENTRY_MASKED)
		return;
	if (!vioapic_is_level(p->entry)) {
		if (p->edge)
			(void)send(p);
		p->edge = false;
		return;
	}
	if (!p->asserted || (p->entry & ENTRY_REMOTE_IRR))
		return;
	p->entry &= ~(uint64_t)ENTRY_PENDING;
	p->entry |= send(p) ? ENTRY_REMOTE_IRR : ENTRY_PENDING;
}

bool vioapic_line_is_heard(struct domain *d, uint32_t gsi, bool *waits)
{
	struct irq_line *wire = vioapic_line(d, gsi);
	struct vioapic_pin *p;
	struct vcpu *v;
	uint64_t entry;

	*waits = false;
	if (!wire)
		return false;
	p = container_of(wire, struct vioapic_pin, wire);
	entry = read_once(p->entry);
	if (entry & ENTRY_MASKED)
		return false;
	v = vioapic_pin_target(p);
	*waits = v && ENTRY_MODE(entry) <= DELIVER_LOWEST &&
	         (read_once(v->lapic.irr[(uint8_t)entry / 32]) >> (uint8_t)entry % 32 & 1);
	return v;
}

bool vioapic_brings_extint(struct domain *d, struct vcpu *v)
{
	const struct vioapic_pin *p = d->nr_ioapics ? &d->ioapics[0]->pins[0] : NULL;
	uint64_t entry = p ? read_once(p->entry) : ENTRY_MASKED;

	return !(entry & ENTRY_MASKED) && ENTRY_MODE(entry) == DELIVER_EXTINT &&
	       vioapic_pin_target(p) == v;
}

/* The PICs may be asking already. */
static void extint_again(const struct vioapic_pin *p)
{
	struct vcpu *v = vioapic_pin_target(p);

	if (v)
		vcpu_request(v, VCPU_REQ_EVENT);
}

/* Guests that know no EOI register take a remote IRR back by making the pin an edge one for a moment. */
void vioapic_pin_changed(struct vioapic_pin *p)
{
	if (!vioapic_is_level(p->entry))
		p->entry &= ~(uint64_t)ENTRY_READ_ONLY;
	if (p->entry & ENTRY_MASKED)
		p->entry &= ~(uint64_t)ENTRY_PENDING;
	if (p->is_host)
		vioapic_host_update(p);
	if (!(p->entry & ENTRY_MASKED) && ENTRY_MODE(p->entry) == DELIVER_EXTINT)
		extint_again(p);
	vioapic_pin_service(p);
}

void vioapic_end(struct vioapic *a, uint8_t vector)
{
	spin_lock(&a->lock);
	for (uint32_t i = 0; i < a->nr_pins; i++) {
		struct vioapic_pin *p = &a->pins[i];

		if (!(p->entry & ENTRY_REMOTE_IRR) || (uint8_t)p->entry != vector)
			continue;
		p->entry &= ~(uint64_t)ENTRY_REMOTE_IRR;
		if (p->is_host) {
			/* The machine's pin tells by itself whether it is still asserted. */
			p->asserted = false;
			vioapic_host_update(p);
		} else {
			vioapic_pin_service(p);
		}
	}
	spin_unlock(&a->lock);
}

void vioapic_eoi(struct domain *d, uint8_t vector)
{
	if (d->platform)
		irq_routing_callback_sync(d);
	for (uint32_t n = 0; n < d->nr_ioapics; n++)
		vioapic_end(d->ioapics[n], vector);
}
