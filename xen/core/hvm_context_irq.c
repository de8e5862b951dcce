/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Xen's records PIC, IOAPIC, PCI_IRQ, ISA_IRQ and PCI_LINK: interrupt controllers and wires of an HVM guest's board. */
#include "hvm_context.h"

#include "hvm_platform.h"
#include "string.h"
#include "vioapic_registers.h"

#include <xen/hvm/save.h>

#define RECORD_OF(kind, text, n, struct_name, saver, loader)                                \
	{                                                                                   \
		.type = HVM_SAVE_CODE(kind), .name = (text), .size = sizeof(struct_name),   \
		.min_size = sizeof(struct_name), .nr_of_board = (n), .board_save = (saver), \
		.board_load = (loader),                                                     \
	}

/* ---- PIC: two of them ---- */

#define ICW_HAS_4  4u /* of init_state */
#define ICW_SINGLE 8u

static uint32_t pic_save(struct domain *d, uint32_t n, void *record)
{
	struct hvm_hw_vpic *r = record;
	struct vpic_chip c;

	if (!d->pic || !d->platform)
		return 0;
	vpic_save(d->pic, n, &c);
	*r = (struct hvm_hw_vpic){
		.irr = c.irr,
		.imr = c.imr,
		.isr = c.isr,
		.irq_base = c.vector_base,
		.init_state = (uint8_t)(c.init_step ? (c.init_step - 1u) |
		                                              (c.wants_icw4 ? ICW_HAS_4 : 0) |
		                                              (c.is_single ? ICW_SINGLE : 0)
		                                    : 0),
		.priority_add = (c.lowest + 1) & 7,
		.readsel_isr = c.read_isr,
		.poll = c.poll,
		.auto_eoi = c.auto_eoi,
		.rotate_on_auto_eoi = c.rotate_on_auto_eoi,
		.special_fully_nested_mode = c.special_nested,
		.special_mask_mode = c.special_mask,
		.is_master = !n,
		.elcr = c.level,
		.int_output = !n && d->platform->extint_level,
	};
	return sizeof(*r);
}

/* Lines are as they are; those of PCI and ISA devices come by records of their own. */
static int pic_load(struct domain *d, uint32_t n, const void *record)
{
	const struct hvm_hw_vpic *r = record;
	struct vpic_chip c;

	if (!d->pic || !d->platform)
		return -ENODEV;
	vpic_save(d->pic, n, &c);
	c.irr = r->irr;
	c.imr = r->imr;
	c.isr = r->isr;
	c.vector_base = r->irq_base;
	c.init_step = r->init_state & 3 ? (uint8_t)((r->init_state & 3) + 1) : 0;
	c.wants_icw4 = r->init_state & ICW_HAS_4;
	c.is_single = r->init_state & ICW_SINGLE;
	c.lowest = (r->priority_add + 7) & 7;
	c.read_isr = r->readsel_isr;
	c.poll = r->poll;
	c.auto_eoi = r->auto_eoi;
	c.rotate_on_auto_eoi = r->rotate_on_auto_eoi;
	c.special_nested = r->special_fully_nested_mode;
	c.special_mask = r->special_mask_mode;
	c.level = r->elcr;
	c.lines |= c.irr & c.level;
	return vpic_restore(d->pic, n, &c);
}

const struct hvm_record hvm_record_pic =
	RECORD_OF(PIC, "PIC", 2, struct hvm_hw_vpic, pic_save, pic_load);

/* ---- IOAPIC ---- */

static struct vioapic *board_ioapic(struct domain *d)
{
	return d->platform && d->nr_ioapics ? d->ioapics[0] : NULL;
}

static uint32_t ioapic_save(struct domain *d, uint32_t n, void *record)
{
	struct vioapic *a = board_ioapic(d);
	struct hvm_hw_vioapic *r = record;
	struct vioapic_state s;

	if (!a)
		return 0;
	vioapic_save(a, &s);
	r->base_address = HVM_IOAPIC_BASE;
	r->ioregsel = s.select;
	r->id = s.id >> 24;
	for (unsigned i = 0; i < VIOAPIC_NUM_PINS; i++)
		r->redirtbl[i].bits = s.entry[i];
	return sizeof(*r);
}

static int ioapic_load(struct domain *d, uint32_t n, const void *record)
{
	struct vioapic *a = board_ioapic(d);
	const struct hvm_hw_vioapic *r = record;
	struct vioapic_state s;

	if (!a)
		return -ENODEV;
	if (r->base_address != HVM_IOAPIC_BASE || r->id > 0xff)
		return -EINVAL;
	vioapic_save(a, &s);
	s.select = r->ioregsel;
	s.id = r->id << 24;
	for (unsigned i = 0; i < VIOAPIC_NUM_PINS; i++)
		s.entry[i] = r->redirtbl[i].bits;
	return vioapic_restore(a, &s);
}

const struct hvm_record hvm_record_ioapic =
	RECORD_OF(IOAPIC, "IOAPIC", 1, struct hvm_hw_vioapic, ioapic_save, ioapic_load);

/* ---- PCI_IRQ: a bit for each slot and pin ---- */

#define SLOTS 32u

static bool pci_wire(const struct irq_routing *w, unsigned slot, unsigned pin)
{
	bool level = false;

	for (unsigned function = 0; function < 8; function++) {
		unsigned wire = (slot << 3 | function) * 4 + pin;

		level |= w->pci[wire / 64] >> wire % 64 & 1;
	}
	return level;
}

static uint32_t pci_irq_save(struct domain *d, uint32_t n, void *record)
{
	struct hvm_hw_pci_irqs *r = record;
	struct irq_routing w;

	if (!d->platform)
		return 0;
	irq_routing_save(d, &w);
	for (unsigned i = 0; i < SLOTS * 4; i++)
		if (pci_wire(&w, i / 4, i % 4))
			r->pad[i / 64] |= 1ull << i % 64;
	return sizeof(*r);
}

/* Functions of a slot cannot be told apart: it is the first that drives the wire. */
static int pci_irq_load(struct domain *d, uint32_t n, const void *record)
{
	const struct hvm_hw_pci_irqs *r = record;

	if (!d->platform)
		return -ENODEV;
	for (unsigned i = 0; i < SLOTS * 4; i++) {
		unsigned devfn = i / 4 << 3;

		for (unsigned function = 1; function < 8; function++)
			irq_routing_pci_set(d, devfn | function, i % 4, false);
		irq_routing_pci_set(d, devfn, i % 4, r->pad[i / 64] >> i % 64 & 1);
	}
	return 0;
}

const struct hvm_record hvm_record_pci_irq =
	RECORD_OF(PCI_IRQ, "PCI_IRQ", 1, struct hvm_hw_pci_irqs, pci_irq_save, pci_irq_load);

/* ---- ISA_IRQ: a bit for each ---- */

static uint32_t isa_irq_save(struct domain *d, uint32_t n, void *record)
{
	struct hvm_hw_isa_irqs *r = record;
	struct irq_routing w;

	if (!d->platform)
		return 0;
	irq_routing_save(d, &w);
	r->pad[0] = w.isa;
	return sizeof(*r);
}

/* Edges that these lines have made are in the controllers' records: they are not made once more. */
static int isa_irq_load(struct domain *d, uint32_t n, const void *record)
{
	const struct hvm_hw_isa_irqs *r = record;
	struct irq_routing w;

	if (!d->platform)
		return -ENODEV;
	if (r->pad[0] >> IRQ_ISA_LINES)
		return -EINVAL;
	irq_routing_save(d, &w);
	w.isa = (uint16_t)r->pad[0];
	return irq_routing_restore(d, &w);
}

const struct hvm_record hvm_record_isa_irq =
	RECORD_OF(ISA_IRQ, "ISA_IRQ", 1, struct hvm_hw_isa_irqs, isa_irq_save, isa_irq_load);

/* ---- PCI_LINK ---- */

static uint32_t pci_link_save(struct domain *d, uint32_t n, void *record)
{
	struct hvm_hw_pci_link *r = record;
	struct irq_routing w;

	if (!d->platform)
		return 0;
	irq_routing_save(d, &w);
	memcpy(r->route, w.link_route, sizeof(r->route));
	return sizeof(*r);
}

static int pci_link_load(struct domain *d, uint32_t n, const void *record)
{
	const struct hvm_hw_pci_link *r = record;

	if (!d->platform)
		return -ENODEV;
	for (unsigned i = 0; i < IRQ_LINKS; i++)
		if (r->route[i] >= IRQ_ISA_LINES)
			return -EINVAL;
	for (unsigned i = 0; i < IRQ_LINKS; i++)
		irq_routing_link_set(d, i, r->route[i]);
	return 0;
}

const struct hvm_record hvm_record_pci_link =
	RECORD_OF(PCI_LINK, "PCI_LINK", 1, struct hvm_hw_pci_link, pci_link_save, pci_link_load);
