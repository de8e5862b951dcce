/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The MADT: interrupt controllers (ACPI 2.0c, 5.2.10.4). The SRAT: which memory and vcpus are near to each other (ACPI 3.0, 5.2.15). */
#include "acpi_build.h"
#include "iron.h"
#include "layout.h"
#include "pci_chips.h"

#define MADT_PCAT     1u
#define MADT_LAPIC    0
#define MADT_IOAPIC   1
#define MADT_OVERRIDE 2
#define MADT_NMI      4
#define ENABLED       1u
#define ALL_VCPUS     0xff
#define LINT_NMI      1

#define CONFORMS  0x0
#define LEVEL_LOW 0xf

#define SRAT_LAPIC  0
#define SRAT_MEMORY 1

static bool is_pci_irq(unsigned irq)
{
	for (unsigned link = 0; link < ARRAY_LEN(pci_link_irq); link++)
		if (pci_link_irq[link] == irq)
			return true;
	return irq == SCI_IRQ;
}

static struct acpi_madt_override *add_override(struct acpi_madt_override *o, unsigned irq,
                                               unsigned gsi, uint16_t flags)
{
	*o = (struct acpi_madt_override){
		MADT_OVERRIDE, sizeof(*o), 0, (uint8_t)irq, gsi, flags,
	};
	return o + 1;
}

uint32_t acpi_madt_build(struct machine *m)
{
	const struct config *c = m->config;
	uint32_t most =
		(uint32_t)(sizeof(struct acpi_madt) + c->vcpus * sizeof(struct acpi_madt_lapic) +
	                   sizeof(struct acpi_madt_ioapic) +
	                   16 * sizeof(struct acpi_madt_override) + sizeof(struct acpi_madt_nmi));
	uint32_t gpa = space_take(&m->acpi, most, 16);
	struct acpi_madt *t = iron_memory(gpa);
	struct acpi_madt_lapic *l = (void *)(t + 1);
	struct acpi_madt_ioapic *io = (void *)(l + c->vcpus);
	struct acpi_madt_override *o = (void *)(io + 1);
	struct acpi_madt_nmi *nmi;

	t->lapic = LAPIC_BASE;
	t->flags = MADT_PCAT;
	for (unsigned i = 0; i < c->vcpus; i++)
		l[i] = (struct acpi_madt_lapic){
			MADT_LAPIC, sizeof(*l), (uint8_t)i, vcpu_apic_id(i), m->up[i] ? ENABLED : 0,
		};
	*io = (struct acpi_madt_ioapic){ MADT_IOAPIC, sizeof(*io), IOAPIC_ID, 0, IOAPIC_BASE, 0 };
	/* The timer of ISA is at pin 2. */
	o = add_override(o, 0, 2, CONFORMS);
	for (unsigned irq = 1; irq < 16; irq++)
		if (is_pci_irq(irq))
			o = add_override(o, irq, irq, LEVEL_LOW);
	nmi = (void *)o;
	*nmi = (struct acpi_madt_nmi){ MADT_NMI, sizeof(*nmi), ALL_VCPUS, CONFORMS, LINT_NMI };
	acpi_finish(gpa, "APIC", 3, (uint32_t)((uint8_t *)(nmi + 1) - (uint8_t *)t));
	return gpa;
}

/* ---- SRAT ----------------------------------------------------------------------------------------- */

static struct acpi_srat_memory *add_memory(struct acpi_srat_memory *a, unsigned node, uint64_t base,
                                           uint64_t size)
{
	*a = (struct acpi_srat_memory){
		.type = SRAT_MEMORY,
		.length = sizeof(*a),
		.node = node,
		.base = base,
		.size = size,
		.flags = ENABLED,
	};
	return a + 1;
}

/* RAM goes to the nodes in the order of addresses, each as much as it is to have. */
static void *add_memories(struct acpi_srat_memory *a, const struct machine *m)
{
	const struct config *c = m->config;
	unsigned node = 0;
	uint64_t left = c->nodes[0].memory;

	for (unsigned i = 0; i < m->map->nr; i++) {
		struct memory_range r = m->map->range[i];

		/* What is taken from RAM is near to somebody, too, but nobody asks. */
		while (r.type == MEMORY_RAM && r.start < r.end) {
			uint64_t n = r.end - r.start;

			if (node + 1 < c->nr_nodes) {
				if (!left) {
					left = c->nodes[++node].memory;
					continue;
				}
				n = MIN(n, left);
				left -= n;
			}
			a = add_memory(a, node, r.start, n);
			r.start += n;
		}
	}
	return a;
}

uint32_t acpi_srat_build(struct machine *m)
{
	const struct config *c = m->config;
	uint32_t most =
		(uint32_t)(sizeof(struct acpi_srat) + c->vcpus * sizeof(struct acpi_srat_lapic) +
	                   (m->map->nr + c->nr_nodes) * sizeof(struct acpi_srat_memory));
	uint32_t gpa = space_take(&m->acpi, most, 16);
	struct acpi_srat *t = iron_memory(gpa);
	struct acpi_srat_lapic *l = (void *)(t + 1);
	bool seen[CONFIG_VCPUS_MAX] = { false };
	unsigned nr = 0;
	uint8_t *end;

	t->reserved1 = 1;
	for (unsigned node = 0; node < c->nr_nodes; node++) {
		unsigned last = MIN(c->nodes[node].vcpu_last, c->vcpus - 1);

		/* A vcpu that two nodes name is in the first. */
		for (unsigned i = c->nodes[node].vcpu_first; i <= last && nr < c->vcpus; i++) {
			if (seen[i])
				continue;
			seen[i] = true;
			nr++;
			*l++ = (struct acpi_srat_lapic){
				.type = SRAT_LAPIC,
				.length = sizeof(*l),
				.node = (uint8_t)node,
				.id = vcpu_apic_id(i),
				.flags = ENABLED,
			};
		}
	}
	end = add_memories((void *)l, m);
	acpi_finish(gpa, "SRAT", 3, (uint32_t)(end - (uint8_t *)t));
	return gpa;
}
