/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A machine for hvmloader's unit tests. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "types.h"
#include <xen/xen.h>
#include <xen/hvm/hvm_op.h>
#include <xen/memory.h>
#include <xen/sched.h>
#include <xen/version.h>
#include "iron_fake.h"

#define WINDOW_SHIFT 22
#define WINDOW_SIZE  (1u << WINDOW_SHIFT)
#define WINDOWS      (1u << (32 - WINDOW_SHIFT))

struct fake_iron iron;
static uint8_t *windows[WINDOWS];

/* ---- memory ----------------------------------------------------------------------------------------- */

/* Windows lie at a place of their own in the host's memory, so that they follow one another as they do in the guest. */
#include <sys/mman.h>
static uint8_t *space;

static uint8_t *window(unsigned n)
{
	if (!space)
		space = mmap(NULL, 1ull << 32, PROT_NONE,
		             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (!windows[n]) {
		windows[n] = space + ((size_t)n << WINDOW_SHIFT);
		mprotect(windows[n], WINDOW_SIZE, PROT_READ | PROT_WRITE);
	}
	return windows[n];
}

void *iron_memory(uint32_t gpa)
{
	/* Tables may reach into the next window. */
	if ((gpa >> WINDOW_SHIFT) + 1 < WINDOWS)
		window((gpa >> WINDOW_SHIFT) + 1);
	return window(gpa >> WINDOW_SHIFT) + (gpa & (WINDOW_SIZE - 1));
}

uint32_t iron_address(const void *p)
{
	return (uint32_t)((const uint8_t *)p - space);
}

void fake_iron_reset(void)
{
	for (unsigned i = 0; i < WINDOWS; i++) {
		if (!windows[i])
			continue;
		madvise(windows[i], WINDOW_SIZE, MADV_DONTNEED);
		mprotect(windows[i], WINDOW_SIZE, PROT_NONE);
		windows[i] = NULL;
	}
	memset(&iron, 0, sizeof(iron));
	iron.mmio = ~0u;
	for (unsigned i = 0; i < 16; i++)
		iron.handle[i] = (uint8_t)(0xa0 + i);
}

/* ---- PCI -------------------------------------------------------------------------------------------- */

struct fake_function *fake_function_add(unsigned bus, unsigned device, unsigned function,
                                        uint16_t vendor, uint16_t id, uint16_t class)
{
	struct fake_function *f = &iron.functions[iron.nr_functions++];

	memset(f, 0, sizeof(*f));
	f->bdf = PCI_BDF(bus, device, function);
	memcpy(f->config + PCI_VENDOR_ID, &vendor, 2);
	memcpy(f->config + PCI_DEVICE_ID, &id, 2);
	memcpy(f->config + PCI_CLASS, &class, 2);
	f->writable[PCI_COMMAND] = 0x07;
	f->writable[PCI_INTERRUPT_LINE] = 0xff;
	/* Registers of chips' own. */
	memset(f->writable + 0x40, 0xff, 0xc0);
	return f;
}

void fake_bar(struct fake_function *f, unsigned n, uint64_t size, uint32_t low)
{
	uint64_t mask = -size;
	unsigned offset = PCI_BAR0 + n * 4;

	memcpy(f->writable + offset, &mask, 4);
	f->config[offset] = (uint8_t)low;
	f->writable[offset] &= (uint8_t)(low & 1 ? ~3u : ~15u);
	if ((low & 7) == 4) {
		uint32_t high = (uint32_t)(mask >> 32);

		memcpy(f->writable + offset + 4, &high, 4);
	}
}

void fake_rom(struct fake_function *f, uint32_t size)
{
	uint32_t mask = -size | PCI_ROM_ENABLE;

	memcpy(f->writable + PCI_ROM, &mask, 4);
}

void fake_bridge(struct fake_function *f)
{
	f->config[PCI_HEADER_TYPE] = 1;
	memset(f->writable + PCI_BUS_NUMBERS, 0xff, 3);
	memset(f->writable + PCI_BRIDGE_IO, 0xf0, 2);
	memset(f->writable + PCI_BRIDGE_MEMORY, 0xff, 8);
}

uint32_t fake_config32(const struct fake_function *f, unsigned offset)
{
	uint32_t v;

	memcpy(&v, f->config + offset, 4);
	return v;
}

uint16_t fake_config16(const struct fake_function *f, unsigned offset)
{
	uint16_t v;

	memcpy(&v, f->config + offset, 2);
	return v;
}

/* Bus numbers are what the bridges have been given. */
static unsigned bus_of(const struct fake_function *f)
{
	return f->behind ? iron.functions[f->behind - 1].config[PCI_BUS_NUMBERS + 1] : 0;
}

/* Do the bridges above it pass the cycle down? */
static bool reachable(const struct fake_function *f, unsigned bus)
{
	for (; f->behind; f = &iron.functions[f->behind - 1]) {
		const uint8_t *numbers = iron.functions[f->behind - 1].config + PCI_BUS_NUMBERS;

		if (bus < numbers[1] || bus > numbers[2])
			return false;
	}
	return bus != 0 || !f->behind;
}

static struct fake_function *addressed(void)
{
	unsigned bus = iron.pci_address >> 16 & 0xff, devfn = iron.pci_address >> 8 & 0xff;

	if (!(iron.pci_address >> 31))
		return NULL;
	for (unsigned i = 0; i < iron.nr_functions; i++) {
		struct fake_function *f = &iron.functions[i];

		if ((f->bdf & 0xff) == devfn && bus_of(f) == bus && !(f->behind && !bus) &&
		    reachable(f, bus))
			return f;
	}
	return NULL;
}

/* ---- ports ------------------------------------------------------------------------------------------ */

static uint32_t port_in(uint16_t port, unsigned size)
{
	uint32_t v = 0;

	if (port >= 0xcfc && port < 0xd00) {
		struct fake_function *f = addressed();

		if (!f)
			return size == 4 ? ~0u : (1u << size * 8) - 1;
		memcpy(&v, f->config + (iron.pci_address & 0xfc) + (port & 3), size);
		return v;
	}
	if (port == 0x71)
		return iron.cmos[iron.cmos_index];
	memcpy(&v, iron.ports + port, size);
	return v;
}

static void config_write(struct fake_function *f, unsigned offset, unsigned size, uint32_t v)
{
	for (unsigned i = 0; i < size; i++) {
		uint8_t w = f->writable[offset + i];

		f->config[offset + i] = (uint8_t)((f->config[offset + i] & ~w) | (v >> i * 8 & w));
	}
}

static void port_out(uint16_t port, uint32_t v, unsigned size)
{
	if (port == 0xcf8 && size == 4) {
		iron.pci_address = v;
	} else if (port >= 0xcfc && port < 0xd00) {
		struct fake_function *f = addressed();

		if (f)
			config_write(f, (iron.pci_address & 0xfc) + (port & 3), size, v);
	} else if (port == 0x70) {
		iron.cmos_index = v & 0x7f;
	} else if (port == 0x71) {
		iron.cmos[iron.cmos_index] = (uint8_t)v;
	} else if (port == 0xe9) {
		if (iron.console_len + 1 < sizeof(iron.console))
			iron.console[iron.console_len++] = (char)v;
	} else {
		memcpy(iron.ports + port, &v, size);
	}
}

uint8_t port_in8(uint16_t port)
{
	return (uint8_t)port_in(port, 1);
}

uint16_t port_in16(uint16_t port)
{
	return (uint16_t)port_in(port, 2);
}

uint32_t port_in32(uint16_t port)
{
	return port_in(port, 4);
}

void port_out8(uint16_t port, uint8_t value)
{
	port_out(port, value, 1);
}

void port_out16(uint16_t port, uint16_t value)
{
	port_out(port, value, 2);
}

void port_out32(uint16_t port, uint32_t value)
{
	port_out(port, value, 4);
}

/* ---- processor ---------------------------------------------------------------------------------------- */

void ap_main(void);

struct cpuid_result cpuid(uint32_t leaf)
{
	switch (leaf) {
	case 0: return (struct cpuid_result){ 1, 0x68747541, 0x444d4163, 0x69746e65 };
	case 1: return (struct cpuid_result){ .a = 0x800f12, .d = 1u << 12 | 1u << 9 };
	case 0x80000000: return (struct cpuid_result){ .a = 0x80000008 };
	case 0x80000008: return (struct cpuid_result){ .a = 40 };
	default: return (struct cpuid_result){ 0 };
	}
}

uint64_t msr_read(uint32_t msr)
{
	return msr == 0xfe ? 0x508 : 0;
}

void msr_write(uint32_t msr, uint64_t value)
{
}

uint32_t mmio_read32(uint32_t gpa)
{
	return iron.mmio;
}

void mmio_write32(uint32_t gpa, uint32_t value)
{
	if (gpa != 0xfee00300)
		return;
	if ((value & 0x700) == 0x500)
		iron.inits++;
	if ((value & 0x700) != 0x600)
		return;
	/* The second one to the same vcpu does nothing. */
	if (iron.sipis++ % 2 == 0 && iron.ap_runs) {
		iron.ap_runs--;
		ap_main();
	}
}

void iron_yield(void)
{
	iron.yields++;
}

void iron_crash(void)
{
	if (!iron.may_crash) {
		fprintf(stderr, "the guest crashed:\n%s", iron.console);
		abort();
	}
	longjmp(iron.crash, 1);
}

void iron_ap_prepare(uint32_t trampoline)
{
}

/* ---- hypercalls ------------------------------------------------------------------------------------------ */

void fake_row(uint64_t start, uint64_t size, uint32_t type)
{
	iron.rows[iron.nr_rows++] = (struct fake_row){ start, size, type };
}

static long memory_map(struct xen_memory_map *x)
{
	uint8_t *to = (uint8_t *)x->buffer.p;

	if (!iron.nr_rows)
		return -ENOSYS;
	for (unsigned i = 0; i < iron.nr_rows && i < x->nr_entries; i++) {
		memcpy(to + i * 20, &iron.rows[i].start, 8);
		memcpy(to + i * 20 + 8, &iron.rows[i].size, 8);
		memcpy(to + i * 20 + 16, &iron.rows[i].type, 4);
	}
	x->nr_entries = iron.nr_rows;
	return 0;
}

static long add_to_physmap(const struct xen_add_to_physmap *x)
{
	if (iron.refuse_moves || x->domid != DOMID_SELF || x->space != XENMAPSPACE_gmfn_range)
		return -EPERM;
	for (unsigned i = 0; i < x->size; i++, iron.nr_moves++) {
		if (iron.nr_moves >= FAKE_MOVES)
			continue;
		iron.moves[iron.nr_moves].from = (uint64_t)(x->idx + i) << 12;
		iron.moves[iron.nr_moves].to = (uint64_t)(x->gpfn + i) << 12;
	}
	return 0;
}

long hypercall(unsigned number, uintptr_t a, uintptr_t b)
{
	if (number == __HYPERVISOR_memory_op && a == XENMEM_memory_map)
		return memory_map((void *)b);
	if (number == __HYPERVISOR_memory_op && a == XENMEM_add_to_physmap)
		return add_to_physmap((void *)b);
	if (number == __HYPERVISOR_xen_version && a == XENVER_guest_handle) {
		memcpy((void *)b, iron.handle, 16);
		return 0;
	}
	return -ENOSYS;
}
