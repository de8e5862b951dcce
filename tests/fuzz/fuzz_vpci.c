/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The first domain's IO-APIC and PCI configuration space: any access to registers, tables and ports, while lines and devices interrupt, come and go. After each step the machine's
 * side must fit the guest's, and at the end everything is silent and given back.
 *
 * Input: 16 bytes that say what the devices have, then steps of 8 bytes: what, which, size, place (2 bytes), value (3 bytes).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "errno.h"
#include "fake_domain.h"
#include "hardware_domain.h"
#include "hardware_fake.h"
#include "log.h"
#include "machine_fake.h"
#include "vioapic_registers.h"
#include "vlapic_registers.h"
#include "vpci_device.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SETUP    16u
#define STEP     8u
#define STEPS    200u
#define IOAPIC   0xfec00000u
#define WINDOW   0xb0000000u
#define GSIS     24u
#define OUR_GSI  4u
#define MSI_AT   0x50u
#define MSIX_AT  0x70u
#define TABLE    0x800u
#define BAR_STEP 0x2000u

static struct domain *d;
static bool wire[GSIS];

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "violated: %s\n", what);
	abort();
}

/* ---- the machine -------------------------------------------------------------------------------------- */

static uint32_t sbdf_of(unsigned n)
{
	return n < 3 ? n << 3 : 0x100 | n;
}

static void device_make(unsigned n, const uint8_t setup[4])
{
	struct fake_pci_device *f = fake_pci_add(n, sbdf_of(n), 0x10008086 + n);
	uint16_t msi = (setup[0] & 0xf) << 1 | (setup[0] & 0x10 ? 0x80 : 0) |
	               (setup[0] & 0x20 ? 0x100 : 0);

	fake_pci_set(f, PCI_STATUS, 2, STATUS_CAPABILITIES);
	fake_pci_set(f, PCI_CAPABILITIES, 1, setup[0] & 0x40 ? MSI_AT : MSIX_AT);
	fake_pci_set(f, PCI_HEADER_TYPE, 1, setup[3] & 1 ? 0x81 : 0);
	fake_pci_set(f, MSI_AT, 2, CAPABILITY_MSI | MSIX_AT << 8);
	fake_pci_set(f, MSI_AT + 2, 2, msi & 0x18e);
	f->read_only[MSI_AT + 2] = 0x8e;
	f->read_only[MSI_AT + 3] = 0xff;
	fake_pci_set(f, MSIX_AT, 2, CAPABILITY_MSIX | (setup[0] & 0x80 ? MSI_AT << 8 : 0));
	fake_pci_set(f, MSIX_AT + 2, 2, setup[1] & 0x7f);
	f->read_only[MSIX_AT + 2] = 0xff;
	f->read_only[MSIX_AT + 3] = 0x3f;
	fake_pci_set(f, MSIX_AT + 4, 4, (setup[2] & 0x18) << 8 | TABLE | (setup[2] & 7));
	memset(f->read_only + MSIX_AT + 4, 0xff, 8);
	for (unsigned bar = 0; bar < 6; bar++) {
		fake_pci_set(f, PCI_BAR + 4 * bar, 4,
		             (FAKE_MMIO_BASE + BAR_STEP * n) | (setup[3] & 0xc));
		if (setup[3] & 4 && bar & 1)
			fake_pci_set(f, PCI_BAR + 4 * bar, 4, 0);
		memset(f->read_only + PCI_BAR + 4 * bar, 0xff, 1);
	}
	fake_pci_set(f, PCI_COMMAND, 2, COMMAND_MEMORY);
}

/* Without the tables that the buses keep for readers. */
static void buses_restart(void)
{
	iobus_destroy(&d->pio);
	iobus_destroy(&d->mmio);
	must(!iobus_init(&d->pio, "ports", 256) && !iobus_init(&d->mmio, "memory", 256), "buses");
}

/* The bytes in use before the devices are made; each CPU has its vectors by then. */
static uint64_t machine_make(const uint8_t *setup)
{
	static struct host_irq first[2];
	uint64_t bytes, pages;

	d = fake_domain_machine(2, 2, 32);
	fake_hardware_reset();
	fake_gsis[OUR_GSI].ours = true;
	fake_nr_mcfg = 1;
	fake_mcfg[0] = (struct machine_mcfg){ WINDOW, 0, 0, 1 };
	memset(wire, 0, sizeof(wire));
	for (unsigned n = 0; n < FAKE_PCI_DEVICES; n++)
		device_make(n, setup + 4 * n);
	for (unsigned i = 0; i < 2; i++) {
		vlapic_write(d->vcpus[i], APIC_SVR, 0x1ff);
		d->vcpus[i]->sched.cpu = i;
		must(!host_irq_bind(&first[i], 0, 1, i), "vectors");
		host_irq_unbind(&first[i], 0, 1);
	}
	buses_restart();
	heap_usage(&bytes, &pages);
	must(!hardware_domain_devices_create(d), "create");
	return bytes;
}

/* ---- steps -------------------------------------------------------------------------------------------- */

struct step {
	uint8_t what, which, size;
	uint16_t place;
	uint32_t value;
};

static struct io_access access_of(const struct step *s, uint64_t at, unsigned max)
{
	struct io_access a = {
		.addr = at,
		.size = (uint8_t)MIN(1u << (s->size & 3), max),
		.is_write = s->size & 4,
		.value = s->value,
		.cpu = d->vcpus[s->which & 1],
	};

	/* full 64-bit values and addresses of interrupts are rare by chance */
	if (s->size & 8)
		a.value = (uint64_t)s->value << 32 | s->value;
	if (s->size & 16)
		a.value |= 0xfee00000;
	return a;
}

static void mmio(struct io_access a)
{
	(void)iobus_access(&d->mmio, &a);
	must(a.is_write || a.size == 8 || !(a.value >> 8 * a.size), "value wider than the access");
}

static void step_ioapic(const struct step *s)
{
	static const uint32_t offsets[] = { IOAPIC_INDEX, IOAPIC_WINDOW, IOAPIC_WINDOW,
		                            IOAPIC_EOI };

	mmio(access_of(s, IOAPIC + (s->place & 0x8000 ? s->place & 0xfff : offsets[s->place & 3]),
	               8));
}

/* A whole entry at once, so that delivery is reached. */
static void step_entry(const struct step *s)
{
	struct io_access a = { .addr = IOAPIC, .size = 4, .is_write = true, .cpu = d->vcpus[0] };
	uint32_t pin = s->which % GSIS;

	for (unsigned half = 2; half-- > 0;) {
		a.addr = IOAPIC + IOAPIC_INDEX;
		a.value = IOAPIC_ENTRIES + 2 * pin + half;
		mmio(a);
		a.addr = IOAPIC + IOAPIC_WINDOW;
		a.value = half ? (uint32_t)s->size << 24 : s->value;
		mmio(a);
	}
}

static void step_config(const struct step *s)
{
	static const uint8_t regs[] = { 0,           PCI_COMMAND, PCI_BAR,    PCI_BAR + 4,
		                        MSI_AT,      MSI_AT + 4,  MSI_AT + 8, MSI_AT + 12,
		                        MSI_AT + 16, MSIX_AT,     MSIX_AT + 4 };
	unsigned reg = s->place & 0x8000 ? s->place & 0xfff : regs[s->place % ARRAY_LEN(regs)];

	reg += s->place >> 8 & 3;
	mmio(access_of(s, WINDOW + (sbdf_of(s->which % 5) << 12) + (reg & 0xfff), 8));
}

static void step_port(const struct step *s)
{
	struct io_access a = access_of(s, 0xcf8 + (s->place & 7), 4);

	/* a restart is the guest's right */
	if (a.is_write && a.addr <= 0xcf9 && a.addr + a.size > 0xcf9 &&
	    (a.addr != 0xcf8 || a.size < 4))
		return;
	if (a.addr == 0xcf8 && a.size == 4)
		a.value = 0x80000000u | sbdf_of(s->which % 5) << 8 | (s->value & 0xff);
	(void)iobus_access(&d->pio, &a);
}

static void step_table(const struct step *s)
{
	mmio(access_of(s,
	               FAKE_MMIO_BASE + (s->place & 0x8000 ? s->place & 0x7fff
	                                                   : BAR_STEP * (s->which % 4) + TABLE +
	                                                             (s->place & 0x7f)),
	               8));
}

static void step_wire(const struct step *s)
{
	unsigned gsi = s->which % GSIS;

	wire[gsi] = s->value & 1;
	if (gsi == OUR_GSI)
		irq_line_set(vioapic_line(d, gsi), wire[gsi]);
	else if (wire[gsi] && !fake_gsis[gsi].level)
		(void)fake_gsi_fire(gsi);
}

static void step_take(const struct step *s)
{
	struct vcpu *v = d->vcpus[s->which & 1];
	int vector = vlapic_pending_vector(v);

	if (vector >= 0)
		vlapic_accept(v, (uint8_t)vector);
	if (s->value & 1)
		vlapic_write(v, APIC_EOI, 0);
}

static void step_cpu(const struct step *s)
{
	fake_set_cpu(s->which & 1);
	host_irq_run();
	fake_set_cpu(0);
	d->vcpus[s->value & 1]->sched.cpu = s->value >> 1 & 1;
	if (s->value & 4)
		vlapic_write(d->vcpus[s->value & 1], APIC_SVR, s->value & 8 ? 0xff : 0x1ff);
}

static void step_tell(const struct step *s)
{
	uint32_t sbdf = sbdf_of(s->which % 5);

	switch (s->value & 3) {
	case 0: (void)!vpci_device_add(d, sbdf); break;
	case 1: (void)!vpci_device_remove(d, sbdf); break;
	default: (void)!vpci_restore_msi(d, sbdf);
	}
}

/* It is unplugged, or plugged in with nothing set. */
static void step_plug(const struct step *s)
{
	struct fake_pci_device *f = &fake_pci[s->which % FAKE_PCI_DEVICES];

	f->present = s->value & 1;
	if (s->value & 2)
		fake_pci_set(f, 0, 4, 0x20008086 | s->value << 8);
	f->config[MSI_AT + 2] &= ~1;
	f->config[MSIX_AT + 3] &= 0x3f;
}

static void (*const steps[])(const struct step *s) = {
	step_ioapic, step_entry, step_entry, step_config, step_config, step_port, step_table,
	step_table,  step_wire,  step_take,  step_cpu,    step_tell,   step_plug,
};

/* ---- what must hold ----------------------------------------------------------------------------------- */

/* Asserted lines interrupt as long as nobody masks them; each must come to rest. */
static void lines_fire(void)
{
	for (unsigned gsi = 0; gsi < GSIS; gsi++)
		if (wire[gsi] && fake_gsis[gsi].level && fake_gsi_fire(gsi))
			must(fake_gsis[gsi].masked, "a level stays unmasked behind its interrupt");
}

static void check_pin(unsigned gsi)
{
	const struct vioapic_pin *p = &d->ioapics[0]->pins[gsi];
	const struct fake_gsi *g = &fake_gsis[gsi];
	bool masked = p->entry & ENTRY_MASKED, level = vioapic_is_level(p->entry);

	must(!(p->entry & ~(ENTRY_WRITABLE | ENTRY_READ_ONLY)), "reserved bits of an entry");
	must(level || !(p->entry & ENTRY_READ_ONLY), "an edge has a state");
	if (gsi == OUR_GSI) {
		must(!g->routed, "the hypervisor's own line");
		return;
	}
	must(g->masked || !masked, "unmasked in the machine, masked by the guest");
	must(g->masked || (g->level == level && g->active_low == !!(p->entry & ENTRY_ACTIVE_LOW)),
	     "another trigger or polarity than the guest's");
	must(g->masked || !(p->entry & ENTRY_REMOTE_IRR), "unmasked while in service");
	if (masked)
		return;
	if (level)
		must(!g->masked || (p->entry & (ENTRY_REMOTE_IRR | ENTRY_PENDING)),
		     "a line is stuck");
	else if (ENTRY_MODE(p->entry) <= DELIVER_LOWEST)
		must(!g->masked, "an edge cannot come");
}

static uint64_t count_of(struct vpci_irq *i)
{
	return read_once(i->irq.count);
}

/* What the device would send is its own vector, never what the guest wrote. */
static void check_message(struct vpci_irq *i, uint64_t address, uint32_t data)
{
	uint64_t before = count_of(i);

	must(fake_msi_fire(address, data), "a message to nowhere");
	must(count_of(i) == before + 1, "a message to another's vector");
}

static struct vpci_device *device_of(uint32_t sbdf)
{
	for (unsigned b = 0; b < VPCI_BUCKETS; b++) {
		struct list *pos;

		list_for_each(pos, &d->vpci->devices[b])
			if (list_entry(pos, struct vpci_device, node)->sbdf == sbdf)
				return list_entry(pos, struct vpci_device, node);
	}
	return NULL;
}

static void check_msi(struct vpci_device *dev, const struct fake_pci_device *f)
{
	const struct vpci_msi *m = &dev->msi;
	uint32_t control = fake_pci_get(f, MSI_AT + 2, 2);
	unsigned data_at = MSI_AT + (m->is_64bit ? 12 : 8), nr = 1u << (control >> 4 & 7);

	if (!m->at || !(control & 1))
		return;
	must(nr == m->nr, "as many messages as are bound");
	for (unsigned i = 0; i < nr; i++)
		check_message(&m->irqs[i], fake_pci_get(f, MSI_AT + 4, 4),
		              fake_pci_get(f, data_at, 2) | i);
}

static void check_msix(struct vpci_device *dev, const struct fake_pci_device *f)
{
	const struct vpci_msix *m = &dev->msix;
	uint64_t at = m->table - FAKE_MMIO_BASE;

	must(!m->table || !page_is_ram(hpa_to_mfn(hpa(m->table))), "a table over RAM");
	if (!m->at || !(fake_pci_get(f, MSIX_AT + 2, 2) & 0x8000) || !m->table)
		return;
	must(m->enabled, "enabled in the machine only");
	must(vpci_owns_mmio(d, m->table, 1), "a table that is not owned");
	for (uint32_t i = 0; i < m->nr && at + (i + 1) * 16 <= FAKE_MMIO_SIZE; i++) {
		uint32_t w[4];

		memcpy(w, fake_mmio + at + i * 16, 16);
		must((w[3] & 1) == (m->entries[i].word[3] & 1) || !m->entries[i].irq.irq.vector,
		     "masked as the guest has it");
		if (!(w[3] & 1))
			check_message(&m->entries[i].irq, (uint64_t)w[1] << 32 | w[0], w[2]);
	}
}

/* Two tables at one place are the guest's mistake: their devices' words are mixed. */
static bool tables_overlap(void)
{
	struct list *a, *b;

	list_for_each(a, &d->vpci->tables) {
		const struct vpci_msix *m = list_entry(a, struct vpci_msix, node);

		list_for_each(b, &d->vpci->tables) {
			const struct vpci_msix *o = list_entry(b, struct vpci_msix, node);

			if (o != m && m->table && o->table && m->table < o->table + o->nr * 16 &&
			    o->table < m->table + m->nr * 16)
				return true;
		}
	}
	return false;
}

static void check_all(void)
{
	lines_fire();
	for (unsigned gsi = 0; gsi < GSIS; gsi++)
		check_pin(gsi);
	for (unsigned n = 0; n < FAKE_PCI_DEVICES; n++) {
		struct vpci_device *dev = device_of(sbdf_of(n));
		const struct fake_pci_device *f = &fake_pci[n];

		if (!dev || !f->present || dev->id != fake_pci_get(f, 0, 4))
			continue;
		check_msi(dev, f);
		if (!tables_overlap())
			check_msix(dev, f);
	}
}

static void check_end(void)
{
	for (unsigned gsi = 0; gsi < GSIS; gsi++)
		must(fake_gsis[gsi].masked, "a line is unmasked at the end");
	for (unsigned i = 0; i < ARRAY_LEN(d->ioapics); i++)
		must(!d->ioapics[i], "an IO-APIC is left");
	must(!d->vpci, "the configuration space is left");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t before, after, pages;

	if (size < SETUP)
		return 0;
	before = machine_make(data);
	for (unsigned n = 0; n < STEPS && SETUP + (n + 1) * STEP <= size; n++) {
		const uint8_t *b = data + SETUP + n * STEP;
		struct step s = { b[0], b[1], b[2], (uint16_t)(b[3] | b[4] << 8),
			          b[5] | b[6] << 8 | (uint32_t)b[7] << 16 };

		steps[s.what % ARRAY_LEN(steps)](&s);
		check_all();
	}
	must(!hardware_domain_devices_destroy(d), "destroy");
	check_end();
	buses_restart();
	heap_usage(&after, &pages);
	must(after == before, "memory is lost");
	return 0;
}
