// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Pins of the machine behind pins of the first domain. Trigger and polarity are those that the guest programs when it unmasks its pin.
 *
 * A level-triggered line is masked in the machine's IO-APIC as soon as it interrupts, so that its end of interrupt for the CPU can follow at once, and unmasked when the
 * guest has ended the interrupt: what the guest does, or never does, holds up its own line only. Still asserted then, the line interrupts again: no level is ever
 * remembered here that the machine could tell. An edge is ended at once; one that came while the guest was masking its pin is kept until it unmasks it.
 */
#include "domain.h"
#include "log.h"
#include "vioapic_registers.h"
#include "vlapic_registers.h"

static uint32_t gsi_of(const struct vioapic_pin *p)
{
	return p->owner->gsi_base + vioapic_pin_number(p);
}

static void host_mask(struct vioapic_pin *p)
{
	if (!p->host_unmasked)
		return;
	p->host_unmasked = false;
	machine_gsi_mask(gsi_of(p), true);
}

static void host_interrupt(struct host_irq *irq)
{
	struct vioapic_pin *p = container_of(irq, struct vioapic_pin, irq);

	spin_lock(&p->owner->lock);
	if (p->host_level)
		host_mask(p);
	if (!vioapic_is_level(p->entry)) {
		p->edge = !p->host_level;
		vioapic_pin_service(p);
	} else if (!(p->entry & ENTRY_MASKED)) {
		p->asserted = true;
		vioapic_pin_service(p);
	}
	spin_unlock(&p->owner->lock);
}

/* Interrupts that the machine's IO-APIC is to bring as ours: those that an external PIC or SMM would have to do with are not. */
static bool is_wanted(const struct vioapic_pin *p)
{
	unsigned mode = ENTRY_MODE(p->entry);

	if (p->entry & ENTRY_MASKED)
		return false;
	if (vioapic_is_level(p->entry))
		return !(p->entry & ENTRY_REMOTE_IRR) && !p->asserted;
	return mode <= DELIVER_LOWEST || mode == DELIVER_NMI;
}

/* A vector on the CPU where the target runs. False: there is none at all. */
static bool vector_find(struct vioapic_pin *p, bool *is_new)
{
	unsigned cpu = host_irq_cpu_for(vioapic_pin_target(p));

	*is_new = false;
	if (p->irq.vector && p->irq.cpu == cpu)
		return true;
	*is_new = true;
	if (p->irq.vector) {
		*is_new = host_irq_move(&p->irq, 0, 1, cpu) == 0;
		return true;
	}
	p->irq.fn = host_interrupt;
	p->irq.domain = p->owner->domain;
	p->irq.number = gsi_of(p);
	return host_irq_bind(&p->irq, 0, 1, cpu) == 0;
}

static void host_unmask(struct vioapic_pin *p)
{
	bool level = vioapic_is_level(p->entry), low = p->entry & ENTRY_ACTIVE_LOW, is_new;

	if (p->host_unmasked && p->host_level == level && p->host_active_low == low)
		return;
	if (!vector_find(p, &is_new)) {
		log_guest(p->owner->domain, LOG_WARNING, "no vector is left for interrupt %u",
		          gsi_of(p));
		return;
	}
	if (is_new || p->host_level != level || p->host_active_low != low) {
		p->host_level = level;
		p->host_active_low = low;
		machine_gsi_route(gsi_of(p), p->irq.cpu, p->irq.vector, level, low);
	}
	p->host_unmasked = true;
	machine_gsi_mask(gsi_of(p), false);
}

void vioapic_host_update(struct vioapic_pin *p)
{
	/* What it knows of a level is old once the pin is masked or an edge one. */
	if ((p->entry & ENTRY_MASKED) || !vioapic_is_level(p->entry))
		p->asserted = false;
	if (is_wanted(p))
		host_unmask(p);
	else
		host_mask(p);
}
