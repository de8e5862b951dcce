/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Wires from devices to the interrupt controllers: ends are counted, and the controllers hear of the first that rises and the last that falls. */
#include "irq_routing.h"

#include "domain.h"
#include "errno.h"
#include "hvm_platform.h"
#include "string.h"
#include "vioapic_registers.h"
#include "vlapic_registers.h"
#include "vpci_device.h"

#define LINE_FPU     13
#define LINE_CASCADE 2                      /* the slave PIC is there: no device's */
#define PIN_OF(line) ((line) ? (line) : 2u) /* ISA interrupt 0 comes to the IO-APIC at pin 2 */

const struct save_field irq_routing_saved[] = {
	SAVE_ARRAY(SAVE_U64, 1, struct irq_routing, pci),
	SAVE_ONE(SAVE_U16, 1, struct irq_routing, isa),
	SAVE_ARRAY(SAVE_U8, 1, struct irq_routing, link_route),
	SAVE_ARRAY(SAVE_U8, 1, struct irq_routing, source_line),
	SAVE_ARRAY(SAVE_BOOL, 1, struct irq_routing, source_level),
	SAVE_ONE(SAVE_U8, 1, struct irq_routing, callback_link),
	SAVE_ONE(SAVE_BOOL, 2, struct irq_routing, fpu_ignored),
	SAVE_LAST,
};

void irq_routing_init(struct irq_routing *r)
{
	memset(r, 0, sizeof(*r));
	spin_init(&r->lock);
}

void irq_routing_stop(struct irq_routing *r)
{
	spin_lock(&r->lock);
	r->is_stopped = true;
	spin_unlock(&r->lock);
}

static struct irq_routing *routing_of(struct domain *d)
{
	return d->platform ? &d->platform->routing : NULL;
}

/* ---- lines; lock ---- */

static void line_drive(struct domain *d, unsigned line, bool level)
{
	struct irq_line *pin;

	if (line == LINE_CASCADE || d->platform->routing.is_stopped)
		return;
	if (line < IRQ_ISA_LINES && d->pic)
		vpic_set_line(d->pic, line, level);
	pin = vioapic_line(d, PIN_OF(line));
	if (pin)
		irq_line_set(pin, level);
}

static void line_end_set(struct domain *d, struct irq_routing *r, unsigned line, bool level)
{
	if (level) {
		if (r->line_count[line]++ == 0)
			line_drive(d, line, true);
	} else if (--r->line_count[line] == 0) {
		line_drive(d, line, false);
	}
}

static void link_end_set(struct domain *d, struct irq_routing *r, unsigned link, bool level)
{
	bool was = r->link_count[link] != 0, is;

	r->link_count[link] = (uint16_t)(level ? r->link_count[link] + 1 : r->link_count[link] - 1);
	is = r->link_count[link] != 0;
	if (was != is && r->link_route[link])
		line_end_set(d, r, r->link_route[link], is);
}

/* ---- ends ---- */

void irq_routing_isa_set(struct domain *d, unsigned irq, bool level)
{
	struct irq_routing *r = routing_of(d);

	if (!r || irq >= IRQ_ISA_LINES)
		return;
	spin_lock(&r->lock);
	if ((r->isa >> irq & 1) != level) {
		r->isa ^= (uint16_t)(1u << irq);
		line_end_set(d, r, irq, level);
	}
	spin_unlock(&r->lock);
}

/* Which no device of a board has. Lock held. */
static void fpu_set(struct domain *d, struct irq_routing *r, bool level)
{
	if ((r->isa >> LINE_FPU & 1) == level)
		return;
	r->isa ^= 1u << LINE_FPU;
	line_end_set(d, r, LINE_FPU, level);
}

/*
 * IGNNE# lasts until the error is gone, which we do not see. A handler runs with interrupts off or has not ended its interrupt yet; when neither is so, what we hear of is a new error, but for
 * the same instruction in the same state.
 */
bool irq_routing_fpu_error(struct domain *d, bool takes_interrupts, bool is_same)
{
	struct irq_routing *r = routing_of(d);
	bool ignored;

	if (!r || vpic_line_is_served(d->pic, LINE_FPU))
		return true;
	spin_lock(&r->lock);
	if (takes_interrupts && !is_same)
		r->fpu_ignored = false;
	ignored = r->fpu_ignored;
	if (!ignored)
		fpu_set(d, r, true);
	spin_unlock(&r->lock);
	return ignored || !takes_interrupts;
}

void irq_routing_fpu_clear(struct domain *d)
{
	struct irq_routing *r = routing_of(d);

	if (!r)
		return;
	spin_lock(&r->lock);
	if (r->isa >> LINE_FPU & 1)
		r->fpu_ignored = true;
	fpu_set(d, r, false);
	spin_unlock(&r->lock);
}

void irq_routing_fpu_reset(struct domain *d)
{
	irq_routing_fpu_clear(d);
	d->platform->routing.fpu_ignored = false;
}

void irq_routing_pci_set(struct domain *d, unsigned devfn, unsigned pin, bool level)
{
	struct irq_routing *r = routing_of(d);
	unsigned wire = devfn * 4 + pin, slot = devfn >> 3;

	if (!r || devfn > 255 || pin > 3)
		return;
	spin_lock(&r->lock);
	if ((r->pci[wire / 64] >> wire % 64 & 1) != level) {
		r->pci[wire / 64] ^= 1ull << wire % 64;
		line_end_set(d, r, IRQ_PCI_LINE(slot, pin), level);
		link_end_set(d, r, IRQ_PCI_LINK(slot, pin), level);
	}
	spin_unlock(&r->lock);
}

void irq_routing_link_set(struct domain *d, unsigned link, unsigned irq)
{
	struct irq_routing *r = routing_of(d);

	if (!r || link >= IRQ_LINKS || irq >= IRQ_ISA_LINES)
		return;
	spin_lock(&r->lock);
	if (r->link_route[link] != irq && r->link_count[link]) {
		if (r->link_route[link])
			line_end_set(d, r, r->link_route[link], false);
		if (irq)
			line_end_set(d, r, irq, true);
	}
	r->link_route[link] = (uint8_t)irq;
	spin_unlock(&r->lock);
}

static void source_set(struct domain *d, struct irq_routing *r, enum irq_source s, unsigned line,
                       bool level)
{
	if (r->source_level[s] == level && (!level || r->source_line[s] == line))
		return;
	if (r->source_level[s])
		line_end_set(d, r, r->source_line[s], false);
	r->source_line[s] = (uint8_t)(level ? line : 0);
	r->source_level[s] = level;
	if (level)
		line_end_set(d, r, line, true);
}

void irq_routing_source_set(struct domain *d, enum irq_source s, unsigned line, bool level)
{
	struct irq_routing *r = routing_of(d);

	if (!r || line >= IRQ_LINES)
		return;
	spin_lock(&r->lock);
	source_set(d, r, s, line, level);
	spin_unlock(&r->lock);
}

void irq_routing_source_pulse(struct domain *d, enum irq_source s, unsigned line)
{
	struct irq_routing *r = routing_of(d);

	if (!r || line >= IRQ_LINES)
		return;
	spin_lock(&r->lock);
	source_set(d, r, s, line, false);
	source_set(d, r, s, line, true);
	spin_unlock(&r->lock);
}

unsigned irq_routing_msi(struct domain *d, uint64_t address, uint32_t data)
{
	struct irq_routing *r = routing_of(d);
	struct apic_message m;
	unsigned taken = 0;

	if (!r || address >> 32 || !vpci_message_decode(address << 32 | data, &m))
		return 0;
	spin_lock(&r->lock);
	if (!r->is_stopped)
		taken = vlapic_deliver(d, NULL, &m);
	spin_unlock(&r->lock);
	return taken;
}

/* ---- what became of an edge ---- */

static bool pics_are_heard(struct domain *d)
{
	struct vcpu *v;
	uint32_t i;

	domain_for_each_vcpu(d, v, i)
		if (vlapic_accepts_extint(&v->lapic) || vioapic_brings_extint(d, v))
			return true;
	return false;
}

enum irq_line_state irq_routing_line_state(struct domain *d, unsigned line)
{
	bool heard = false, waits = false;

	if (line < IRQ_ISA_LINES && d->pic && pics_are_heard(d))
		heard = vpic_line_is_heard(d->pic, line, &waits);
	if (!waits)
		heard |= vioapic_line_is_heard(d, PIN_OF(line), &waits);
	return waits ? IRQ_LINE_WAITS : heard ? IRQ_LINE_TAKEN : IRQ_LINE_DEAF;
}

/* ---- the callback for events ---- */

static unsigned callback_line(const struct hvm_params *p)
{
	uint32_t v = p->callback_gsi, slot = v >> 11 & 0x1f, pin = v & 3;

	if (p->callback == CALLBACK_PCI_INTX)
		return IRQ_PCI_LINE(slot, pin);
	return v == LINE_CASCADE ? 0 : v;
}

/* A PCI pin has its link besides: the same end, held by the callback. */
static void callback_set(struct domain *d, struct irq_routing *r, unsigned line, unsigned link,
                         bool level)
{
	if (link != r->callback_link && r->callback_link) {
		link_end_set(d, r, r->callback_link - 1u, false);
		r->callback_link = 0;
	}
	source_set(d, r, IRQ_SOURCE_CALLBACK, line, level);
	if (level && link && !r->callback_link) {
		link_end_set(d, r, link - 1, true);
		r->callback_link = (uint8_t)link;
	}
}

void irq_routing_callback_sync(struct domain *d)
{
	const struct hvm_params *p = &d->hvm_params;
	struct irq_routing *r = routing_of(d);
	struct vcpu *v = d->vcpus[0];
	bool by_line, level;
	unsigned line = 0, link = 0;

	if (!r || !v)
		return;
	by_line = p->callback == CALLBACK_GSI || p->callback == CALLBACK_PCI_INTX;
	/* One that asked for a vector of its own is told by that. */
	level = by_line && !v->upcall_vector && read_once(v->info[0]);
	/* Nearly always: nothing to do, found without the lock. */
	if (!level && !read_once(r->source_level[IRQ_SOURCE_CALLBACK]))
		return;
	if (by_line)
		line = callback_line(p);
	if (p->callback == CALLBACK_PCI_INTX && level)
		link = IRQ_PCI_LINK(p->callback_gsi >> 11 & 0x1f, p->callback_gsi & 3) + 1;
	if (line >= IRQ_LINES)
		return;
	spin_lock(&r->lock);
	callback_set(d, r, line, link, level);
	spin_unlock(&r->lock);
}

/* ---- saved and restored ---- */

bool irq_routing_count(struct irq_routing *r)
{
	memset(r->link_count, 0, sizeof(r->link_count));
	memset(r->line_count, 0, sizeof(r->line_count));
	for (unsigned wire = 0; wire < IRQ_PCI_WIRES; wire++) {
		unsigned slot = wire >> 5, pin = wire & 3;

		if (!(r->pci[wire / 64] >> wire % 64 & 1))
			continue;
		r->line_count[IRQ_PCI_LINE(slot, pin)]++;
		r->link_count[IRQ_PCI_LINK(slot, pin)]++;
	}
	if (r->callback_link > IRQ_LINKS ||
	    (r->callback_link && !r->source_level[IRQ_SOURCE_CALLBACK]))
		return false;
	if (r->callback_link)
		r->link_count[r->callback_link - 1]++;
	for (unsigned i = 0; i < IRQ_ISA_LINES; i++)
		r->line_count[i] += r->isa >> i & 1;
	for (unsigned i = 0; i < NR_IRQ_SOURCES; i++) {
		if (r->source_line[i] >= IRQ_LINES)
			return false;
		r->line_count[r->source_line[i]] += r->source_level[i];
	}
	for (unsigned i = 0; i < IRQ_LINKS; i++) {
		if (r->link_route[i] >= IRQ_ISA_LINES)
			return false;
		if (r->link_route[i] && r->link_count[i])
			r->line_count[r->link_route[i]]++;
	}
	return true;
}

void irq_routing_save(struct domain *d, struct irq_routing *out)
{
	struct irq_routing *r = &d->platform->routing;

	spin_lock(&r->lock);
	save_copy(irq_routing_saved, out, r);
	spin_unlock(&r->lock);
}

int irq_routing_restore(struct domain *d, const struct irq_routing *in)
{
	struct irq_routing *r = &d->platform->routing, counted;

	memset(&counted, 0, sizeof(counted));
	save_copy(irq_routing_saved, &counted, in);
	if (!irq_routing_count(&counted))
		return -EINVAL;
	spin_lock(&r->lock);
	save_copy(irq_routing_saved, r, &counted);
	memcpy(r->link_count, counted.link_count, sizeof(r->link_count));
	memcpy(r->line_count, counted.line_count, sizeof(r->line_count));
	spin_unlock(&r->lock);
	return 0;
}
