/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PCI configuration space by ports and by the memory windows of the MCFG table; device registers. PCI 3.0, 3.2.2.3; PCI Express 7.2.2. */
#include "acpi.h"
#include "cpu.h"
#include "cpu_insn.h"
#include "machine.h"
#include "paging.h"
#include "spinlock.h"

#define PORT_ADDRESS   0xcf8
#define PORT_DATA      0xcfc
#define ADDRESS_ENABLE 0x80000000u
#define PORT_SPAN      256u

/* Between an address and its data nobody may come. */
static struct spinlock lock;

/* ---- device registers ---- */

/* Through EAX: AMD's windows on configuration space take nothing else (BKDG of family 10h, 2.11). */
uint64_t machine_mmio_read(hpa_t at, unsigned size)
{
	uint64_t value = 0;
	const void *p;

	if (at.v >> cpu_features.physical_bits)
		return UINT64_MAX;
	p = io_map(at, size);
	switch (size) {
	case 1: __asm__ volatile("movb (%1), %b0" : "+a"(value) : "r"(p) : "memory"); break;
	case 2: __asm__ volatile("movw (%1), %w0" : "+a"(value) : "r"(p) : "memory"); break;
	case 4: __asm__ volatile("movl (%1), %k0" : "+a"(value) : "r"(p) : "memory"); break;
	default: __asm__ volatile("movq (%1), %q0" : "+a"(value) : "r"(p) : "memory");
	}
	return value;
}

void machine_mmio_write(hpa_t at, unsigned size, uint64_t value)
{
	void *p;

	if (at.v >> cpu_features.physical_bits)
		return;
	p = io_map(at, size);
	switch (size) {
	case 1: __asm__ volatile("movb %b0, (%1)" ::"a"(value), "r"(p) : "memory"); break;
	case 2: __asm__ volatile("movw %w0, (%1)" ::"a"(value), "r"(p) : "memory"); break;
	case 4: __asm__ volatile("movl %k0, (%1)" ::"a"(value), "r"(p) : "memory"); break;
	default: __asm__ volatile("movq %q0, (%1)" ::"a"(value), "r"(p) : "memory");
	}
}

/* ---- configuration space ---- */

const struct machine_mcfg *machine_mcfg(unsigned n)
{
	static struct machine_mcfg windows[ACPI_MAX_MCFG];

	if (n >= acpi.nr_mcfg)
		return NULL;
	windows[n] = (struct machine_mcfg){ acpi.mcfg[n].base, acpi.mcfg[n].segment,
		                            acpi.mcfg[n].first_bus, acpi.mcfg[n].last_bus };
	return &windows[n];
}

/* Where that register is in memory. False: no window has it. */
static bool window_find(uint32_t sbdf, unsigned reg, hpa_t *at)
{
	uint8_t bus = (uint8_t)(sbdf >> 8);

	for (unsigned i = 0; i < acpi.nr_mcfg; i++) {
		const struct acpi_mcfg *w = &acpi.mcfg[i];

		if (w->segment != sbdf >> 16 || bus < w->first_bus || bus > w->last_bus)
			continue;
		*at = hpa(w->base + ((uint64_t)(sbdf & 0xffff) << 12) + reg);
		return true;
	}
	return false;
}

/* The ports reach the first 256 bytes of segment 0, on every machine: they come first. */
static bool ports_reach(uint32_t sbdf, unsigned reg)
{
	return sbdf <= 0xffff && reg < PORT_SPAN;
}

static uint16_t port_select(uint32_t sbdf, unsigned reg)
{
	out32(PORT_ADDRESS, ADDRESS_ENABLE | sbdf << 8 | (reg & 0xfc));
	return (uint16_t)(PORT_DATA + (reg & 3));
}

static uint32_t ports_read(uint32_t sbdf, unsigned reg, unsigned size)
{
	uint32_t value;
	uint16_t port;

	spin_lock(&lock);
	port = port_select(sbdf, reg);
	value = size == 1 ? in8(port) : size == 2 ? in16(port) : in32(port);
	spin_unlock(&lock);
	return value;
}

uint32_t machine_pci_read(uint32_t sbdf, unsigned reg, unsigned size)
{
	hpa_t at;

	if (ports_reach(sbdf, reg))
		return ports_read(sbdf, reg, size);
	return window_find(sbdf, reg, &at) ? (uint32_t)machine_mmio_read(at, size) : ~0u;
}

static void ports_write(uint32_t sbdf, unsigned reg, unsigned size, uint32_t value)
{
	uint16_t port;

	spin_lock(&lock);
	port = port_select(sbdf, reg);
	if (size == 1)
		out8(port, (uint8_t)value);
	else if (size == 2)
		out16(port, (uint16_t)value);
	else
		out32(port, value);
	spin_unlock(&lock);
}

void machine_pci_write(uint32_t sbdf, unsigned reg, unsigned size, uint32_t value)
{
	hpa_t at;

	if (ports_reach(sbdf, reg))
		ports_write(sbdf, reg, size, value);
	else if (window_find(sbdf, reg, &at))
		machine_mmio_write(at, size, value);
}
