/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The board of an HVM guest on the fake machine. */
#include <stdio.h>
#include <stdlib.h>

#include "fake_domain.h"
#include "fake_platform.h"
#include "machine_fake.h"
#include "vlapic_registers.h"

#include <xen/arch-x86/xen.h>

static void check(bool good, const char *what)
{
	if (!good) {
		fprintf(stderr, "board: %s\n", what);
		abort();
	}
}

static void pics_start(struct domain *d)
{
	for (unsigned i = 0; i < 2; i++) {
		uint16_t port = i ? 0xa0 : 0x20;

		board_out(d, port, 0x11);
		board_out(d, port + 1, i ? 0x28 : 0x20);
		board_out(d, port + 1, i ? 2 : 4);
		board_out(d, port + 1, 1);
		board_out(d, port + 1, 0xff);
	}
}

struct domain *board_create(uint32_t flags, unsigned vcpus)
{
	struct domain *d = fake_domain_machine(1, vcpus, 16);

	d->emulation_flags = flags;
	check(hvm_platform_create(d) == 0, "devices");
	for (unsigned i = 0; i < vcpus; i++)
		vlapic_write(d->vcpus[i], APIC_SVR, 0x1ff);
	if (d->pic)
		pics_start(d);
	return d;
}

void board_destroy(struct domain *d)
{
	check(hvm_platform_stop(d) == 0, "stop");
	hvm_platform_destroy(d);
}

static uint64_t access(struct domain *d, struct io_bus *bus, uint64_t at, unsigned size, bool write,
                       uint64_t value)
{
	struct io_access a = { .addr = at,
		               .value = value,
		               .size = (uint8_t)size,
		               .is_write = write,
		               .cpu = d->vcpus[0] };

	iobus_access(bus, &a);
	return a.value;
}

uint8_t board_in(struct domain *d, uint16_t port)
{
	return (uint8_t)access(d, &d->pio, port, 1, false, 0);
}

uint32_t board_in32(struct domain *d, uint16_t port)
{
	return (uint32_t)access(d, &d->pio, port, 4, false, 0);
}

void board_out(struct domain *d, uint16_t port, uint8_t value)
{
	access(d, &d->pio, port, 1, true, value);
}

uint64_t board_read(struct domain *d, uint64_t at, unsigned size)
{
	return access(d, &d->mmio, at, size, false, 0);
}

void board_write(struct domain *d, uint64_t at, unsigned size, uint64_t value)
{
	access(d, &d->mmio, at, size, true, value);
}

void board_pin(struct domain *d, unsigned pin, uint32_t entry)
{
	board_write(d, HVM_IOAPIC_BASE, 4, 0x10 + 2 * pin + 1);
	board_write(d, HVM_IOAPIC_BASE + 0x10, 4, 0);
	board_write(d, HVM_IOAPIC_BASE, 4, 0x10 + 2 * pin);
	board_write(d, HVM_IOAPIC_BASE + 0x10, 4, entry);
}

void board_pics(struct domain *d, uint16_t mask)
{
	board_out(d, 0x21, (uint8_t)mask);
	board_out(d, 0xa1, (uint8_t)(mask >> 8));
	vlapic_write(d->vcpus[0], APIC_LVT_TIMER + LVT_LINT0 * 0x10,
	             mask == 0xffff ? LVT_MASKED : DELIVER_EXTINT << 8);
}

void board_advance(uint64_t ns)
{
	fixture_advance(ns);
}

int board_take(struct domain *d)
{
	struct vcpu *v = d->vcpus[0];
	int vector = vlapic_pending_vector(v);

	if (vector >= 0) {
		vlapic_accept(v, (uint8_t)vector);
		vlapic_eoi(v);
	}
	return vector;
}

static bool keep(void *where, uint8_t vector)
{
	*(int *)where = vector;
	return true;
}

int board_take_pic(struct domain *d)
{
	int vector = -1;

	if (!hvm_platform_extint_waits(d->vcpus[0]))
		return -1;
	check(vpic_acknowledge_by(d->pic, keep, &vector), "acknowledge");
	if (vector >= 0x28)
		board_out(d, 0xa0, 0x20);
	board_out(d, 0x20, 0x20);
	return vector;
}
