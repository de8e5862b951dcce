// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * qtest-vdev - the chips that the hypervisor plays itself (xen/vdev) behind QEMU's qtest protocol (protocol.h), on the fake machine of tests/host: a domain's board as it is in the product, whose
 * vcpu takes no interrupt. The machine's date at the start is fake_machine_init()'s.
 */
#include <stdio.h>
#include <stdlib.h>

#include "fake_platform.h"
#include "machine_fake.h"
#include "protocol.h"
#include "timer.h"

static struct domain *d;
static uint64_t now_ns;

static uint64_t access(struct io_bus *bus, uint64_t at, unsigned size, bool write, uint64_t value)
{
	struct io_access a = { .addr = at,
		               .value = write ? value : ~0ull,
		               .size = (uint8_t)size,
		               .is_write = write,
		               .cpu = d->vcpus[0] };

	iobus_access(bus, &a);
	return size == 8 ? a.value : a.value & ((1ull << 8 * size) - 1);
}

static uint32_t in(uint16_t port, unsigned size)
{
	return (uint32_t)access(&d->pio, port, size, false, 0);
}

static void out(uint16_t port, unsigned size, uint32_t value)
{
	access(&d->pio, port, size, true, value);
}

static uint64_t load(uint64_t gpa, unsigned size)
{
	return access(&d->mmio, gpa, size, false, 0);
}

static void store(uint64_t gpa, unsigned size, uint64_t value)
{
	access(&d->mmio, gpa, size, true, value);
}

static bool wire(unsigned n)
{
	return d->platform->routing.line_count[n] != 0;
}

/* Timers run at their own moments, as the hypervisor's do. */
static void clock_set(uint64_t ns)
{
	while (now_ns < ns) {
		uint64_t next = fake_timer_at(0);

		now_ns = next > now_ns && next < ns ? next : ns;
		fake_set_now(now_ns);
		timers_run();
	}
}

static void drive(unsigned n, bool level)
{
	if (n < IRQ_ISA_LINES)
		irq_routing_isa_set(d, n, level);
	else
		irq_line_set(vioapic_line(d, n), level);
}

static void reset(void)
{
	hvm_platform_reset(d);
}

int main(void)
{
	static const struct qtest_machine machine = { .in = in,
		                                      .out = out,
		                                      .load = load,
		                                      .store = store,
		                                      .wire = wire,
		                                      .reset = reset,
		                                      .clock_set = clock_set,
		                                      .drive = drive };

	d = board_create(BOARD_ALL, 1);
	hvm_platform_reset(d);
	qtest_serve(&machine);
	board_destroy(d);
	return 0;
}
