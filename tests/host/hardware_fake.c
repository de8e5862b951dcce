/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fake machine's device side. */
#include <string.h>

#include "errno.h"
#include "hardware_fake.h"
#include "host_irq.h"
#include "machine_fake.h"

struct machine_ioapic fake_ioapics[2];
unsigned fake_nr_ioapics;
struct machine_mcfg fake_mcfg[2];
unsigned fake_nr_mcfg;
struct fake_gsi fake_gsis[FAKE_GSIS];
struct fake_pci_device fake_pci[FAKE_PCI_DEVICES];
uint8_t fake_mmio[FAKE_MMIO_SIZE];
unsigned fake_mmio_last_size;
unsigned fake_config_reads, fake_config_writes;

void fake_hardware_reset(void)
{
	memset(fake_gsis, 0, sizeof(fake_gsis));
	for (unsigned i = 0; i < FAKE_GSIS; i++)
		fake_gsis[i].masked = true;
	memset(fake_pci, 0, sizeof(fake_pci));
	memset(fake_mmio, 0, sizeof(fake_mmio));
	fake_mmio_last_size = fake_config_reads = fake_config_writes = 0;
	fake_ioapics[0] = (struct machine_ioapic){ 0xfec00000, 2, 0, 24 };
	fake_nr_ioapics = 1;
	fake_nr_mcfg = 0;
}

/* ---- IO-APIC ---- */

bool machine_cpu_takes_irqs(unsigned cpu)
{
	return true;
}

const struct machine_ioapic *machine_ioapic(unsigned n)
{
	return n < fake_nr_ioapics ? &fake_ioapics[n] : NULL;
}

int machine_gsi_check(uint32_t gsi)
{
	if (gsi >= FAKE_GSIS)
		return -ENOENT;
	return fake_gsis[gsi].ours ? -EBUSY : 0;
}

void machine_gsi_route(uint32_t gsi, unsigned cpu, uint8_t vector, bool level, bool active_low)
{
	struct fake_gsi *g = &fake_gsis[gsi];

	g->routed = true;
	g->masked = true;
	g->cpu = cpu;
	g->vector = vector;
	g->level = level;
	g->active_low = active_low;
	g->routes++;
}

void machine_gsi_mask(uint32_t gsi, bool masked)
{
	fake_gsis[gsi].masked = masked;
	fake_gsis[gsi].mask_writes++;
}

static void interrupt_on(unsigned cpu, uint8_t vector)
{
	unsigned here = percpu()->cpu;

	fake_set_cpu(cpu);
	host_irq_interrupt(vector);
	fake_set_cpu(here);
}

bool fake_gsi_fire(uint32_t gsi)
{
	struct fake_gsi *g = &fake_gsis[gsi];

	if (!g->routed || g->masked)
		return false;
	interrupt_on(g->cpu, g->vector);
	return true;
}

/* ---- messages ---- */

struct machine_msi machine_msi(unsigned cpu, uint8_t vector)
{
	return (struct machine_msi){ 0xfee00000 | cpu << 12, vector };
}

bool fake_msi_fire(uint64_t address, uint32_t data)
{
	unsigned cpu = address >> 12 & 0xff;

	if (address >> 20 != 0xfee || cpu >= machine_nr_cpus())
		return false;
	interrupt_on(cpu, (uint8_t)data);
	return true;
}

/* ---- configuration space ---- */

struct fake_pci_device *fake_pci_add(unsigned n, uint32_t sbdf, uint32_t id)
{
	struct fake_pci_device *f = &fake_pci[n];

	memset(f, 0, sizeof(*f));
	f->sbdf = sbdf;
	f->present = true;
	fake_pci_set(f, 0, 4, id);
	memset(f->read_only, 0xff, 4);
	return f;
}

void fake_pci_set(struct fake_pci_device *f, unsigned reg, unsigned size, uint32_t value)
{
	memcpy(f->config + reg, &value, size);
}

uint32_t fake_pci_get(const struct fake_pci_device *f, unsigned reg, unsigned size)
{
	uint32_t value = 0;

	memcpy(&value, f->config + reg, size);
	return value;
}

static struct fake_pci_device *device_at(uint32_t sbdf)
{
	for (unsigned n = 0; n < FAKE_PCI_DEVICES; n++)
		if (fake_pci[n].present && fake_pci[n].sbdf == sbdf)
			return &fake_pci[n];
	return NULL;
}

uint32_t machine_pci_read(uint32_t sbdf, unsigned reg, unsigned size)
{
	const struct fake_pci_device *f = device_at(sbdf);

	fake_config_reads++;
	return f ? fake_pci_get(f, reg, size) : (uint32_t)((1ull << 8 * size) - 1);
}

void machine_pci_write(uint32_t sbdf, unsigned reg, unsigned size, uint32_t value)
{
	struct fake_pci_device *f = device_at(sbdf);

	fake_config_writes++;
	for (unsigned i = 0; f && i < size; i++) {
		uint8_t keep = f->read_only[reg + i];

		f->config[reg + i] =
			(f->config[reg + i] & keep) | ((uint8_t)(value >> 8 * i) & ~keep);
	}
}

const struct machine_mcfg *machine_mcfg(unsigned n)
{
	return n < fake_nr_mcfg ? &fake_mcfg[n] : NULL;
}

/* ---- device memory ---- */

uint64_t machine_mmio_read(hpa_t at, unsigned size)
{
	uint64_t value = UINT64_MAX;

	fake_mmio_last_size = size;
	if (at.v >= FAKE_MMIO_BASE && at.v + size <= FAKE_MMIO_BASE + FAKE_MMIO_SIZE) {
		value = 0;
		memcpy(&value, fake_mmio + (at.v - FAKE_MMIO_BASE), size);
	}
	return value;
}

void machine_mmio_write(hpa_t at, unsigned size, uint64_t value)
{
	fake_mmio_last_size = size;
	if (at.v >= FAKE_MMIO_BASE && at.v + size <= FAKE_MMIO_BASE + FAKE_MMIO_SIZE)
		memcpy(fake_mmio + (at.v - FAKE_MMIO_BASE), &value, size);
}
