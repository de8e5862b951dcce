/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The IO-APIC: registers, edge and level delivery, shared vectors, and the machine's pins behind it. */
#include <string.h>

#include "errno.h"
#include "fake_domain.h"
#include "hardware_fake.h"
#include "machine_fake.h"
#include "unit.h"
#include "vioapic_registers.h"
#include "vlapic_registers.h"

#define BASE 0xfec00000u

static struct domain *d;
static struct vcpu *v;

static void machine(unsigned vcpus)
{
	d = fake_domain_machine(2, vcpus, 16);
	fake_hardware_reset();
	v = d->vcpus[0];
	for (unsigned i = 0; i < vcpus; i++)
		vlapic_write(d->vcpus[i], APIC_SVR, 0x1ff);
}

static void start(unsigned vcpus, bool host)
{
	struct vioapic_config c = { BASE, 2, 0, 24 };

	machine(vcpus);
	CHECK_EQ(vioapic_create(d, &c), 0);
	for (uint32_t gsi = 0; host && gsi < 24; gsi++)
		vioapic_attach_host(d, gsi);
}

/* Interrupts given up before are of no matter to the next test. */
static void end(void)
{
	vioapics_destroy(d);
	for (unsigned cpu = 0; cpu < 2; cpu++) {
		fake_set_cpu(cpu);
		host_irq_run();
	}
	fake_set_cpu(0);
}

static uint64_t bus(uint32_t offset, unsigned size, bool is_write, uint64_t value)
{
	struct io_access a = { .addr = BASE + offset,
		               .size = (uint8_t)size,
		               .is_write = is_write,
		               .value = value,
		               .cpu = v };

	CHECK_EQ(iobus_access(&d->mmio, &a), IO_DONE);
	return a.value;
}

static uint32_t get(uint32_t reg)
{
	bus(IOAPIC_INDEX, 4, true, reg);
	return (uint32_t)bus(IOAPIC_WINDOW, 4, false, 0);
}

static void set(uint32_t reg, uint32_t value)
{
	bus(IOAPIC_INDEX, 4, true, reg);
	bus(IOAPIC_WINDOW, 4, true, value);
}

static void entry(uint32_t pin, uint32_t destination, uint32_t low)
{
	set(IOAPIC_ENTRIES + 2 * pin + 1, destination << 24);
	set(IOAPIC_ENTRIES + 2 * pin, low);
}

static uint32_t low(uint32_t pin)
{
	return get(IOAPIC_ENTRIES + 2 * pin);
}

static void wire(uint32_t gsi, bool level)
{
	irq_line_set(vioapic_line(d, gsi), level);
}

/* The vcpu takes what waits: its vector, or -1. */
static int take(struct vcpu *who)
{
	int vector = vlapic_pending_vector(who);

	if (vector >= 0)
		vlapic_accept(who, (uint8_t)vector);
	return vector;
}

static void eoi(struct vcpu *who)
{
	vlapic_write(who, APIC_EOI, 0);
}

#define MASKED    0x10000u
#define LEVEL     0x08000u
#define ACTIVELOW 0x02000u
#define RIRR      0x04000u
#define PENDING   0x01000u
#define LOGICAL   0x00800u
#define LOWEST    0x00100u

static void test_registers(void)
{
	start(1, false);
	CHECK_EQ(get(IOAPIC_ID), 2u << 24);
	CHECK_EQ(get(IOAPIC_VERSION), 0x170020);
	CHECK_EQ(get(IOAPIC_ARBITRATION), 2u << 24);
	set(IOAPIC_ID, 0xffffffff);
	CHECK_EQ(get(IOAPIC_ID), 0x0f000000);
	set(IOAPIC_VERSION, 0);
	CHECK_EQ(get(IOAPIC_VERSION), 0x170020);
	for (uint32_t pin = 0; pin < 24; pin++)
		CHECK_EQ(low(pin), MASKED);
	set(IOAPIC_ENTRIES, 0xffffffff);
	set(IOAPIC_ENTRIES + 1, 0xffffffff);
	CHECK_EQ(low(0), 0x1afff);
	CHECK_EQ(get(IOAPIC_ENTRIES + 1), 0xff000000);
	CHECK_EQ(get(0x40), 0); /* beyond the last pin */
	set(0x40, 0xffffffff);
	CHECK_EQ(get(0xff), 0);
	CHECK_EQ(bus(0x20, 4, false, 0), 0);
	CHECK_EQ(bus(IOAPIC_INDEX, 1, true, 0x11), 0x11); /* a byte of it is enough */
	CHECK_EQ(bus(IOAPIC_INDEX, 4, false, 0), 0x11);
	CHECK_EQ(bus(IOAPIC_WINDOW + 3, 1, false, 0), 0xff);
	end();
}

static void test_refusals(void)
{
	struct vioapic_config c = { BASE, 0, 0, 0 };

	machine(1);
	CHECK_EQ(vioapic_create(d, &c), -EINVAL);
	c.nr_pins = VIOAPIC_PINS_MAX + 1;
	CHECK_EQ(vioapic_create(d, &c), -EINVAL);
	c.nr_pins = VIOAPIC_PINS_MAX;
	CHECK_EQ(vioapic_create(d, &c), 0);
	CHECK_EQ(vioapic_create(d, &c), -EEXIST);
	CHECK(!vioapic_line(d, VIOAPIC_PINS_MAX));
	end();
}

static void test_edge(void)
{
	start(1, false);
	wire(4, true);
	wire(4, false);
	entry(4, 0, 0x41);
	CHECK_EQ(take(v), -1); /* edges on a masked pin are gone */
	wire(4, true);
	CHECK_EQ(low(4), 0x41);
	CHECK_EQ(take(v), 0x41);
	eoi(v);
	wire(4, true); /* no edge */
	CHECK_EQ(take(v), -1);
	wire(4, false);
	CHECK_EQ(take(v), -1);
	wire(4, true);
	CHECK_EQ(take(v), 0x41);
	end();
}

static void test_level(void)
{
	start(1, false);
	wire(9, true);
	entry(9, 0, LEVEL | 0x59); /* asserted before: comes with the unmasking */
	CHECK_EQ(low(9), LEVEL | RIRR | 0x59);
	CHECK_EQ(take(v), 0x59);
	eoi(v); /* still asserted: again */
	CHECK_EQ(take(v), 0x59);
	wire(9, false);
	eoi(v);
	CHECK_EQ(low(9), LEVEL | 0x59);
	CHECK_EQ(take(v), -1);
	end();
}

static void test_level_masked_in_service(void)
{
	start(1, false);
	entry(9, 0, LEVEL | 0x59);
	wire(9, true);
	CHECK_EQ(take(v), 0x59);
	entry(9, 0, LEVEL | MASKED | 0x59);
	CHECK(low(9) & RIRR);
	eoi(v);
	CHECK_EQ(low(9), LEVEL | MASKED | 0x59);
	CHECK_EQ(take(v), -1);
	entry(9, 0, LEVEL | 0x59);
	CHECK_EQ(take(v), 0x59);
	end();
}

static void test_eoi_register(void)
{
	start(1, false);
	entry(9, 0, LEVEL | 0x59);
	wire(9, true);
	wire(9, false);
	bus(IOAPIC_EOI, 4, true, 0x58);
	CHECK(low(9) & RIRR);
	bus(IOAPIC_EOI, 4, true, 0x59);
	CHECK(!(low(9) & RIRR));
	end();
}

static void test_edge_mode_takes_remote_irr_back(void)
{
	start(1, false);
	entry(9, 0, LEVEL | 0x59);
	wire(9, true);
	wire(9, false);
	entry(9, 0, MASKED | 0x59);
	entry(9, 0, LEVEL | MASKED | 0x59);
	CHECK_EQ(low(9), LEVEL | MASKED | 0x59);
	end();
}

static void test_two_pins_one_vector(void)
{
	start(1, false);
	entry(9, 0, LEVEL | 0x59);
	entry(10, 0, LEVEL | 0x59);
	wire(9, true);
	wire(10, true);
	CHECK_EQ(take(v), 0x59);
	wire(9, false);
	eoi(v);
	CHECK(!(low(9) & RIRR));
	CHECK(low(10) & RIRR); /* ended too, and again */
	CHECK_EQ(take(v), 0x59);
	end();
}

static void test_destinations(void)
{
	start(2, false);
	entry(3, 2, 0x43); /* ids are twice the number */
	wire(3, true);
	CHECK_EQ(take(v), -1);
	CHECK_EQ(take(d->vcpus[1]), 0x43);
	eoi(d->vcpus[1]);
	vlapic_write(d->vcpus[0], APIC_LDR, 1u << 24);
	vlapic_write(d->vcpus[1], APIC_LDR, 2u << 24);
	entry(5, 3, LOGICAL | 0x45);
	wire(5, true);
	CHECK_EQ(take(v), 0x45);
	CHECK_EQ(take(d->vcpus[1]), 0x45);
	vlapic_write(v, APIC_TPR, 0x80);
	eoi(v);
	eoi(d->vcpus[1]);
	entry(6, 3, LOGICAL | LOWEST | 0x46);
	wire(6, true);
	CHECK_EQ(vlapic_waiting_vector(v), -1);
	CHECK_EQ(take(d->vcpus[1]), 0x46);
	end();
}

static void test_nobody_takes_it(void)
{
	start(1, false);
	vlapic_write(v, APIC_SVR, 0xff); /* switched off */
	entry(9, 0, LEVEL | 0x59);
	wire(9, true);
	CHECK_EQ(low(9), LEVEL | PENDING | 0x59);
	vlapic_write(v, APIC_SVR, 0x1ff);
	entry(9, 0, LEVEL | 0x59); /* tried again when it is touched */
	CHECK_EQ(low(9), LEVEL | RIRR | 0x59);
	CHECK_EQ(take(v), 0x59);
	end();
}

static void test_nmi(void)
{
	start(1, false);
	atomic_fetch_and(&v->requests, ~(uint32_t)VCPU_REQ_NMI);
	entry(2, 0, LEVEL | 0x400);
	wire(2, true);
	CHECK(v->requests & VCPU_REQ_NMI);
	CHECK(!(low(2) & RIRR)); /* it has no end */
	end();
}

/* ---- the machine's pins ---- */

static void test_host_programmed_as_the_guest_does(void)
{
	struct fake_gsi *g = &fake_gsis[17];

	start(1, true);
	CHECK(!g->routed);
	entry(17, 0, LEVEL | ACTIVELOW | MASKED | 0x71);
	CHECK(!g->routed); /* no vector before it is unmasked */
	entry(17, 0, LEVEL | ACTIVELOW | 0x71);
	CHECK(g->routed && !g->masked && g->level && g->active_low);
	entry(17, 0, MASKED | 0x71);
	CHECK(g->masked);
	entry(17, 0, 0x71);
	CHECK(!g->masked && !g->level && !g->active_low);
	end();
	CHECK(g->masked);
}

static void test_host_level(void)
{
	struct fake_gsi *g = &fake_gsis[17];

	start(1, true);
	entry(17, 0, LEVEL | ACTIVELOW | 0x71);
	for (unsigned n = 0; n < 3; n++) {
		CHECK(fake_gsi_fire(17));
		CHECK(g->masked); /* the CPU's end of interrupt may follow */
		CHECK(low(17) & RIRR);
		CHECK_EQ(take(v), 0x71);
		CHECK(g->masked);
		eoi(v);
		CHECK(!g->masked); /* and fires again if still asserted */
		CHECK(!(low(17) & RIRR));
		CHECK_EQ(take(v), -1);
	}
	end();
}

static void test_host_level_masked_by_the_guest(void)
{
	struct fake_gsi *g = &fake_gsis[17];

	start(1, true);
	entry(17, 0, LEVEL | 0x71);
	CHECK(fake_gsi_fire(17));
	CHECK_EQ(take(v), 0x71);
	entry(17, 0, LEVEL | MASKED | 0x71);
	eoi(v);
	CHECK(g->masked);
	entry(17, 0, LEVEL | 0x71);
	CHECK(!g->masked);
	end();
}

/* The interrupt comes on its CPU just when another one has masked the pin. */
static void test_host_level_races_with_mask(void)
{
	struct fake_gsi *g = &fake_gsis[17];

	start(1, true);
	entry(17, 0, LEVEL | 0x71);
	entry(17, 0, LEVEL | MASKED | 0x71);
	g->masked = false;
	CHECK(fake_gsi_fire(17));
	CHECK_EQ(take(v), -1);
	entry(17, 0, LEVEL | 0x71);
	CHECK(!g->masked);
	CHECK(fake_gsi_fire(17));
	CHECK_EQ(take(v), 0x71);
	end();
}

static void test_host_level_never_ended(void)
{
	start(1, true);
	entry(17, 0, LEVEL | 0x71);
	entry(18, 0, LEVEL | 0x82);
	CHECK(fake_gsi_fire(17));
	CHECK_EQ(take(v), 0x71);
	CHECK(!fake_gsi_fire(17)); /* it is held, and nothing else is */
	CHECK(fake_gsi_fire(18));
	CHECK_EQ(take(v), 0x82);
	end();
}

static void test_host_level_to_nobody(void)
{
	start(1, true);
	vlapic_write(v, APIC_SVR, 0xff);
	entry(17, 0, LEVEL | 0x71);
	CHECK(fake_gsi_fire(17));
	CHECK(low(17) & PENDING);
	CHECK(!fake_gsi_fire(17)); /* no storm */
	vlapic_write(v, APIC_SVR, 0x1ff);
	entry(17, 0, LEVEL | 0x71);
	CHECK_EQ(take(v), 0x71);
	eoi(v);
	CHECK(!fake_gsis[17].masked);
	end();
}

static void test_host_edge(void)
{
	struct fake_gsi *g = &fake_gsis[14];

	start(1, true);
	entry(14, 0, 0x4e);
	CHECK(fake_gsi_fire(14));
	CHECK(!g->masked);
	CHECK_EQ(take(v), 0x4e);
	CHECK(fake_gsi_fire(14)); /* the next one before the first has ended */
	eoi(v);
	CHECK_EQ(take(v), 0x4e);
	eoi(v);
	/* came while the guest masked: kept */
	entry(14, 0, MASKED | 0x4e);
	g->masked = false;
	CHECK(fake_gsi_fire(14));
	CHECK_EQ(take(v), -1);
	entry(14, 0, 0x4e);
	CHECK_EQ(take(v), 0x4e);
	eoi(v);
	entry(14, 0, MASKED | 0x4e);
	entry(14, 0, 0x4e);
	CHECK_EQ(take(v), -1);
	end();
}

static void test_host_follows_the_target(void)
{
	struct fake_gsi *g = &fake_gsis[17];

	start(2, true);
	d->vcpus[0]->sched.cpu = 0;
	d->vcpus[1]->sched.cpu = 1;
	entry(17, 2, LEVEL | 0x71);
	CHECK_EQ(g->cpu, 1);
	entry(17, 0, LEVEL | MASKED | 0x71);
	entry(17, 0, LEVEL | 0x71);
	CHECK_EQ(g->cpu, 0);
	CHECK(fake_gsi_fire(17));
	CHECK_EQ(take(v), 0x71);
	end();
}

static void test_host_pin_of_the_hypervisor(void)
{
	machine(1);
	fake_gsis[4].ours = true;
	struct vioapic_config c = { BASE, 2, 0, 24 };
	CHECK_EQ(vioapic_create(d, &c), 0);
	vioapic_attach_host(d, 4);
	entry(4, 0, 0x44);
	CHECK(!fake_gsis[4].routed);
	CHECK_EQ(low(4), 0x44); /* the guest sees nothing of it */
	end();
}

static void test_host_external_modes(void)
{
	start(1, true);
	entry(0, 0, 0x700); /* ExtINT: a PIC that is not there */
	CHECK(!fake_gsis[0].routed);
	entry(0, 0, 0x200);
	CHECK(!fake_gsis[0].routed);
	end();
}

/* ---- saved ---- */

static void test_save_and_restore(void)
{
	struct vioapic_state s, again;

	start(1, false);
	entry(9, 0, LEVEL | 0x59);
	entry(4, 0, 0x44);
	wire(9, true);
	set(IOAPIC_ID, 5u << 24);
	vioapic_save(d->ioapics[0], &s);
	CHECK(s.entry[9] & RIRR);
	CHECK(s.asserted[9]);
	end();
	start(1, false);
	CHECK_EQ(vioapic_restore(d->ioapics[0], &s), 0);
	vioapic_save(d->ioapics[0], &again);
	CHECK(!memcmp(&s, &again, sizeof(s)));
	CHECK_EQ(get(IOAPIC_ID), 5u << 24);
	bus(IOAPIC_EOI, 4, true, 0x59);
	CHECK_EQ(take(v), 0x59); /* its line is still up */
	s.entry[3] |= 1ull << 20;
	CHECK_EQ(vioapic_restore(d->ioapics[0], &s), -EINVAL);
	s.entry[3] = RIRR | 0x55; /* no edge has one */
	CHECK_EQ(vioapic_restore(d->ioapics[0], &s), -EINVAL);
	s.entry[3] = MASKED;
	s.entry[30] = 1; /* no such pin */
	CHECK_EQ(vioapic_restore(d->ioapics[0], &s), -EINVAL);
	end();
}

UNIT_MAIN(UNIT(test_registers), UNIT(test_refusals), UNIT(test_edge), UNIT(test_level),
          UNIT(test_level_masked_in_service), UNIT(test_eoi_register),
          UNIT(test_edge_mode_takes_remote_irr_back), UNIT(test_two_pins_one_vector),
          UNIT(test_destinations), UNIT(test_nobody_takes_it), UNIT(test_nmi),
          UNIT(test_host_programmed_as_the_guest_does), UNIT(test_host_level),
          UNIT(test_host_level_masked_by_the_guest), UNIT(test_host_level_races_with_mask),
          UNIT(test_host_level_never_ended), UNIT(test_host_level_to_nobody), UNIT(test_host_edge),
          UNIT(test_host_follows_the_target), UNIT(test_host_pin_of_the_hypervisor),
          UNIT(test_host_external_modes), UNIT(test_save_and_restore))
