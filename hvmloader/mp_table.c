/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The MP table, for systems without ACPI. MultiProcessor Specification 1.4, chapter 4. */
#include "iron.h"
#include "layout.h"
#include "pci_chips.h"
#include "string.h"
#include "tables.h"

struct mp_floating {
	char signature[4]; /* _MP_ */
	uint32_t table;
	uint8_t length, revision, checksum, features[5];
} packed_struct;
_Static_assert(sizeof(struct mp_floating) == 16, "floating pointer");

struct mp_table {
	char signature[4]; /* PCMP */
	uint16_t length;
	uint8_t revision, checksum;
	char oem[8], product[12];
	uint32_t oem_table;
	uint16_t oem_length, entries;
	uint32_t lapic;
	uint16_t extended_length;
	uint8_t extended_checksum, reserved;
} packed_struct;
_Static_assert(sizeof(struct mp_table) == 44, "configuration table");

struct mp_processor {
	uint8_t type, id, version, flags;
	uint32_t signature, features, reserved[2];
} packed_struct;
struct mp_bus {
	uint8_t type, id;
	char name[6];
} packed_struct;
struct mp_ioapic {
	uint8_t type, id, version, flags;
	uint32_t address;
} packed_struct;
struct mp_interrupt {
	uint8_t type, kind;
	uint16_t flags;
	uint8_t bus, irq, to, pin;
} packed_struct;
_Static_assert(sizeof(struct mp_processor) == 20, "processor");
_Static_assert(sizeof(struct mp_interrupt) == 8, "interrupt");

enum { MP_PROCESSOR, MP_BUS, MP_IOAPIC, MP_IO_INTERRUPT, MP_LOCAL_INTERRUPT };
enum { KIND_INT, KIND_NMI, KIND_SMI, KIND_EXTINT };

#define PROCESSOR_ENABLED 1
#define PROCESSOR_BOOT    2
#define IOAPIC_ENABLED    1
#define APIC_VERSION      0x14
#define IOAPIC_VERSION    0x11
#define CONFORMS          0
#define LEVEL_LOW         0xf
#define ALL_CPUS          0xff
#define PCI_DEVICES       32
/* 15 of ISA, four a PCI device, two local, one for the PIC */
#define INTERRUPTS (16 + PCI_DEVICES * 4 + 3)

static uint8_t *add(uint8_t *at, const void *entry, size_t n, struct mp_table *t)
{
	memcpy(at, entry, n);
	t->entries++;
	return at + n;
}

static uint8_t *add_processors(uint8_t *at, struct mp_table *t, const struct machine *m)
{
	struct cpuid_result r = cpuid(1);

	for (unsigned i = 0; i < m->config->vcpus; i++) {
		struct mp_processor p = {
			.type = MP_PROCESSOR,
			.id = vcpu_apic_id(i),
			.version = APIC_VERSION,
			.flags = (uint8_t)((m->up[i] ? PROCESSOR_ENABLED : 0) |
			                   (i ? 0 : PROCESSOR_BOOT)),
			.signature = r.a,
			.features = r.d,
		};

		at = add(at, &p, sizeof(p), t);
	}
	return at;
}

static uint8_t *add_interrupt(uint8_t *at, struct mp_table *t, uint8_t kind, uint16_t flags,
                              unsigned bus, unsigned irq, unsigned pin)
{
	struct mp_interrupt i = { MP_IO_INTERRUPT, kind,      flags,       (uint8_t)bus,
		                  (uint8_t)irq,    IOAPIC_ID, (uint8_t)pin };

	return add(at, &i, sizeof(i), t);
}

static uint8_t *add_interrupts(uint8_t *at, struct mp_table *t, const struct machine *m,
                               unsigned isa)
{
	struct mp_interrupt nmi = { MP_LOCAL_INTERRUPT, KIND_NMI, CONFORMS, (uint8_t)isa, 0,
		                    ALL_CPUS,           1 };
	struct mp_interrupt pic = {
		MP_LOCAL_INTERRUPT, KIND_EXTINT, CONFORMS, (uint8_t)isa, 0, 0, 0
	};
	bool has_pin[PCI_DEVICES * 4] = { false };

	for (unsigned irq = 0; irq < 16; irq++)
		if (irq != 2)
			at = add_interrupt(at, t, KIND_INT, irq == SCI_IRQ ? LEVEL_LOW : CONFORMS,
			                   isa, irq, irq ? irq : 2);
	for (unsigned i = 0; i < m->pci->nr_functions; i++) {
		const struct pci_function *f = &m->pci->functions[i];

		if (!pci_bus(f->bdf) && f->pin)
			has_pin[pci_device(f->bdf) * 4 + f->pin - 1] = true;
	}
	for (unsigned i = 0; i < ARRAY_LEN(has_pin); i++)
		if (has_pin[i])
			at = add_interrupt(at, t, KIND_INT, LEVEL_LOW, 0, i, PCI_GSI(i / 4, i & 3));
	at = add(at, &pic, sizeof(pic), t);
	return add(at, &nmi, sizeof(nmi), t);
}

static uint8_t *add_buses(uint8_t *at, struct mp_table *t, unsigned isa)
{
	struct mp_bus b = { MP_BUS, 0, { 0 } };

	for (unsigned i = 0; i <= isa; i++) {
		b.id = (uint8_t)i;
		memcpy(b.name, i < isa ? "PCI   " : "ISA   ", sizeof(b.name));
		at = add(at, &b, sizeof(b), t);
	}
	return at;
}

uint32_t mp_table_build(struct machine *m)
{
	static const struct mp_ioapic ioapic = { MP_IOAPIC, IOAPIC_ID, IOAPIC_VERSION,
		                                 IOAPIC_ENABLED, IOAPIC_BASE };
	unsigned isa = m->pci->nr_buses; /* the number of the ISA bus */
	uint32_t most = (uint32_t)(sizeof(struct mp_table) +
	                           m->config->vcpus * sizeof(struct mp_processor) +
	                           (isa + 1) * sizeof(struct mp_bus) + sizeof(ioapic) +
	                           INTERRUPTS * sizeof(struct mp_interrupt));
	uint32_t gpa = space_take(&m->reserved, sizeof(struct mp_floating), 16);
	uint32_t table = space_take(&m->reserved, most, 16);
	struct mp_floating *f = iron_memory(gpa);
	struct mp_table *t = iron_memory(table);
	uint8_t *at = (uint8_t *)(t + 1);

	memcpy(t->signature, "PCMP", 4);
	t->revision = 4;
	memcpy(t->oem, "ZAZEN   ", 8);
	memcpy(t->product, "HVM         ", 12);
	t->lapic = LAPIC_BASE;
	at = add_processors(at, t, m);
	at = add_buses(at, t, isa);
	at = add(at, &ioapic, sizeof(ioapic), t);
	at = add_interrupts(at, t, m, isa);
	t->length = (uint16_t)(at - (uint8_t *)t);
	checksum_set(table, t->length, offsetof(struct mp_table, checksum));

	memcpy(f->signature, "_MP_", 4);
	f->table = table;
	f->length = sizeof(*f) / 16;
	f->revision = 4;
	checksum_set(gpa, sizeof(*f), offsetof(struct mp_floating, checksum));
	return gpa;
}
