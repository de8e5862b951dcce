// SPDX-License-Identifier: GPL-2.0-or-later
/* The IO-APIC's registers: index, window, EOI. 82093AA 3.1, 3.2. */
#include "domain.h"
#include "errno.h"
#include "heap.h"
#include "irq_routing.h"
#include "vioapic_registers.h"

/* ---- registers ---- */

static uint32_t entry_read(const struct vioapic *a, uint32_t index)
{
	uint32_t pin = (index - IOAPIC_ENTRIES) / 2;

	if (index < IOAPIC_ENTRIES || pin >= a->nr_pins)
		return 0;
	return (uint32_t)(a->pins[pin].entry >> (index & 1 ? 32 : 0));
}

static uint32_t window_read(const struct vioapic *a)
{
	switch (a->select) {
	case IOAPIC_ID:
	case IOAPIC_ARBITRATION: return a->id;
	case IOAPIC_VERSION: return VIOAPIC_VERSION | (a->nr_pins - 1) << 16;
	default: return entry_read(a, a->select);
	}
}

static void entry_write(struct vioapic *a, uint32_t index, uint32_t value)
{
	uint32_t pin = (index - IOAPIC_ENTRIES) / 2;
	struct vioapic_pin *p;
	uint64_t old, half = 0xffffffffull, wide = value;

	if (index < IOAPIC_ENTRIES || pin >= a->nr_pins)
		return;
	p = &a->pins[pin];
	old = p->entry;
	if (index & 1) {
		half <<= 32;
		wide <<= 32;
	}
	half &= ENTRY_WRITABLE;
	p->entry = (old & ~half) | (wide & half);
	vioapic_pin_changed(p);
}

static void window_write(struct vioapic *a, uint32_t value)
{
	if (a->select == IOAPIC_ID)
		a->id = value & IOAPIC_ID_VALID;
	else
		entry_write(a, a->select, value);
}

static void register_write(struct vioapic *a, uint64_t offset, uint32_t value)
{
	if (a->domain->platform)
		irq_routing_callback_sync(a->domain);
	if (offset == IOAPIC_EOI) {
		vioapic_end(a, (uint8_t)value);
		return;
	}
	spin_lock(&a->lock);
	if (offset == IOAPIC_INDEX)
		a->select = value & 0xff;
	else if (offset == IOAPIC_WINDOW)
		window_write(a, value);
	spin_unlock(&a->lock);
}

static enum io_result vioapic_access(struct io_region *r, struct io_access *access)
{
	struct vioapic *a = container_of(r, struct vioapic, region);

	if (access->is_write) {
		register_write(a, access->addr, (uint32_t)access->value);
		return IO_DONE;
	}
	access->value = 0;
	spin_lock(&a->lock);
	if (access->addr == IOAPIC_INDEX)
		access->value = a->select;
	else if (access->addr == IOAPIC_WINDOW)
		access->value = window_read(a);
	spin_unlock(&a->lock);
	return IO_DONE;
}

/* ---- making ---- */

void vioapic_reset(struct vioapic *a)
{
	spin_lock(&a->lock);
	a->select = 0;
	for (uint32_t i = 0; i < a->nr_pins; i++) {
		struct vioapic_pin *p = &a->pins[i];

		p->entry = ENTRY_MASKED;
		p->edge = false;
		if (p->is_host)
			vioapic_host_update(p);
	}
	spin_unlock(&a->lock);
}

static void wire_set(struct irq_line *l, bool level)
{
	struct vioapic_pin *p = container_of(l, struct vioapic_pin, wire);

	spin_lock(&p->owner->lock);
	/* An edge on a masked pin is gone (82093AA 3.2.4). */
	if (level && !p->asserted && !vioapic_is_level(p->entry) && !(p->entry & ENTRY_MASKED))
		p->edge = true;
	p->asserted = level;
	vioapic_pin_service(p);
	spin_unlock(&p->owner->lock);
}

static struct vioapic *vioapic_alloc(struct domain *d, const struct vioapic_config *c)
{
	struct vioapic *a = heap_alloc(sizeof(*a) + c->nr_pins * sizeof(a->pins[0]));

	if (!a)
		return NULL;
	a->region = (struct io_region){
		.name = "IO-APIC",
		.base = c->address,
		.size = PAGE_SIZE,
		.min_access = 4,
		.max_access = 4,
		.access = vioapic_access,
	};
	a->domain = d;
	a->gsi_base = c->gsi_base;
	a->nr_pins = c->nr_pins;
	a->id = c->id << 24 & IOAPIC_ID_VALID;
	for (uint32_t i = 0; i < c->nr_pins; i++)
		a->pins[i] = (struct vioapic_pin){ .wire.set = wire_set, .owner = a };
	vioapic_reset(a);
	return a;
}

int vioapic_create(struct domain *d, const struct vioapic_config *c)
{
	struct vioapic *a;
	int err;

	if (!c->nr_pins || c->nr_pins > VIOAPIC_PINS_MAX || d->nr_ioapics == VIOAPICS_MAX)
		return -EINVAL;
	a = vioapic_alloc(d, c);
	if (!a)
		return -ENOMEM;
	err = iobus_claim(&d->mmio, &a->region);
	if (err) {
		heap_free(a);
		return err;
	}
	a->number = d->nr_ioapics;
	d->ioapics[d->nr_ioapics++] = a;
	return 0;
}

void vioapics_destroy(struct domain *d)
{
	for (uint32_t n = 0; n < d->nr_ioapics; n++) {
		struct vioapic *a = d->ioapics[n];

		iobus_release(&d->mmio, &a->region);
		vioapic_reset(a);
		for (uint32_t i = 0; i < a->nr_pins; i++)
			host_irq_unbind(&a->pins[i].irq, 0, 1);
		host_irq_sync(a, sizeof(*a) + a->nr_pins * sizeof(a->pins[0]));
		heap_free(a);
		d->ioapics[n] = NULL;
	}
	d->nr_ioapics = 0;
}

/* ---- pins by GSI ---- */

static struct vioapic_pin *pin_find(const struct domain *d, uint32_t gsi)
{
	for (uint32_t n = 0; n < d->nr_ioapics; n++) {
		struct vioapic *a = d->ioapics[n];

		if (gsi >= a->gsi_base && gsi - a->gsi_base < a->nr_pins)
			return &a->pins[gsi - a->gsi_base];
	}
	return NULL;
}

bool vioapic_has_gsi(const struct domain *d, uint32_t gsi)
{
	return pin_find(d, gsi);
}

struct irq_line *vioapic_line(struct domain *d, uint32_t gsi)
{
	struct vioapic_pin *p = pin_find(d, gsi);

	return p ? &p->wire : NULL;
}

void vioapic_attach_host(struct domain *d, uint32_t gsi)
{
	struct vioapic_pin *p = pin_find(d, gsi);

	if (p && machine_gsi_check(gsi) == 0)
		p->is_host = true;
}
