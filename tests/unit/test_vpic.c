/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The 8259A pair, driven through its ports as a PC's BIOS and kernels do. */
#include <stdlib.h>
#include <string.h>

#include "machine_fake.h"
#include "unit.h"
#include "vpic.h"

static struct vpic p;
static struct io_bus bus;
static bool wire;

static void wire_set(struct irq_line *l, bool level)
{
	wire = level;
}
static struct irq_line line = { wire_set };

static void out(uint16_t port, uint8_t v)
{
	struct io_access a = { .addr = port, .value = v, .size = 1, .is_write = true };

	CHECK_EQ(iobus_access(&bus, &a), IO_DONE);
}

static uint8_t in(uint16_t port)
{
	struct io_access a = { .addr = port, .size = 1 };

	CHECK_EQ(iobus_access(&bus, &a), IO_DONE);
	return (uint8_t)a.value;
}

/* Vectors 8 and 0x70, all lines open; icw4 as given. */
static void start(uint8_t icw4)
{
	fake_memory_init(MIB(64), 1);
	CHECK_EQ(iobus_init(&bus, "ports", 8), 0);
	wire = false;
	vpic_init(&p, &line);
	CHECK_EQ(vpic_claim(&p, &bus), 0);
	for (unsigned chip = 0; chip < 2; chip++) {
		uint16_t port = chip ? 0xa0 : 0x20;

		out(port, 0x11);
		out(port + 1, chip ? 0x70 : 0x08);
		out(port + 1, chip ? 2 : 4);
		out(port + 1, icw4);
		out(port + 1, 0);
	}
}

static void raise(unsigned n)
{
	vpic_set_line(&p, n, false);
	vpic_set_line(&p, n, true);
}

static void probe(void)
{
	start(1);
	/* a kernel's question whether there is a PIC: the mask can be read back */
	out(0x21, 0xfb);
	CHECK_EQ(in(0x21), 0xfb);
	out(0xa1, 0xff);
	CHECK_EQ(in(0xa1), 0xff);
	out(0x20, 0x11); /* ICW1 clears the mask */
	out(0x21, 0x08);
	out(0x21, 4);
	out(0x21, 1);
	CHECK_EQ(in(0x21), 0);
}

static void nested(void)
{
	start(1);
	raise(3);
	CHECK(wire);
	CHECK_EQ(vpic_acknowledge(&p), 0x0b);
	CHECK(!wire);
	raise(5); /* lower: waits */
	CHECK(!wire);
	raise(1); /* higher: interrupts it */
	CHECK(wire);
	CHECK_EQ(vpic_acknowledge(&p), 0x09);
	out(0x20, 0x0b);
	CHECK_EQ(in(0x20), 0x0a);
	out(0x20, 0x0a);
	CHECK_EQ(in(0x20), 0x20);
	out(0x20, 0x20); /* ends line 1, the highest in service */
	out(0x20, 0x0b);
	CHECK_EQ(in(0x20), 0x08);
	CHECK(!wire);
	out(0x20, 0x63); /* line 3 by name */
	CHECK(wire);
	CHECK_EQ(vpic_acknowledge(&p), 0x0d);
}

static void cascade(void)
{
	start(1);
	raise(12);
	CHECK(wire);
	CHECK_EQ(vpic_acknowledge(&p), 0x74);
	out(0x20, 0x0b);
	CHECK_EQ(in(0x20), 0x04);
	/* a higher one of the slave waits for the master's EOI: line 2 is in service */
	raise(8);
	CHECK(!wire);
	out(0x20, 0x20);
	CHECK(wire);
	CHECK_EQ(vpic_acknowledge(&p), 0x70);
	out(0xa0, 0x20);
	out(0xa0, 0x20);
	out(0x20, 0x20);
	CHECK(!wire);
	out(0x21, 0x04); /* line 2 masked: the whole slave */
	raise(9);
	CHECK(!wire);
	out(0x21, 0);
	CHECK(wire);
}

static void special_fully_nested(void)
{
	start(0x11);
	raise(12);
	CHECK_EQ(vpic_acknowledge(&p), 0x74);
	raise(8);
	CHECK(wire);
	CHECK_EQ(vpic_acknowledge(&p), 0x70);
}

static void spurious(void)
{
	start(1);
	raise(3);
	vpic_set_line(&p, 3, false);
	CHECK(!wire);
	CHECK_EQ(vpic_acknowledge(&p), 0x0f);
	out(0x20, 0x0b);
	CHECK_EQ(in(0x20), 0);
}

static void levels_and_edges(void)
{
	start(1);
	vpic_set_level_mask(&p, 0x0020);
	vpic_set_line(&p, 5, true);
	CHECK_EQ(vpic_acknowledge(&p), 0x0d);
	out(0x20, 0x20);
	CHECK(wire); /* still high: again */
	CHECK_EQ(vpic_acknowledge(&p), 0x0d);
	vpic_set_line(&p, 5, false);
	out(0x20, 0x20);
	CHECK(!wire);
	vpic_set_line(&p, 4, true); /* an edge counts once */
	CHECK_EQ(vpic_acknowledge(&p), 0x0c);
	out(0x20, 0x20);
	vpic_set_line(&p, 4, true);
	CHECK(!wire);
	vpic_set_line(&p, 2, true); /* nobody's line */
	CHECK(!wire);
}

static void rotation(void)
{
	start(1);
	raise(2 + 1);
	raise(4);
	CHECK_EQ(vpic_acknowledge(&p), 0x0b);
	out(0x20, 0xa0); /* rotate on EOI: 3 is the lowest now */
	CHECK_EQ(p.chip[0].lowest, 3);
	raise(3);
	CHECK_EQ(vpic_acknowledge(&p), 0x0c);
	out(0x20, 0xe4);
	CHECK_EQ(p.chip[0].lowest, 4);
	out(0x20, 0xc0); /* set priority */
	CHECK_EQ(p.chip[0].lowest, 0);
	raise(0);
	CHECK_EQ(vpic_acknowledge(&p), 0x0b);
}

static void automatic_eoi(void)
{
	start(3);
	raise(6);
	CHECK_EQ(vpic_acknowledge(&p), 0x0e);
	CHECK_EQ(p.chip[0].isr, 0);
	out(0x20, 0x80);
	raise(6);
	CHECK_EQ(vpic_acknowledge(&p), 0x0e);
	CHECK_EQ(p.chip[0].lowest, 6);
	out(0x20, 0x00);
	raise(1);
	CHECK_EQ(vpic_acknowledge(&p), 0x09);
	CHECK_EQ(p.chip[0].lowest, 6);
}

/* A line in service that is masked holds back nobody, and an end of interrupt that names none leaves it. */
static void special_mask(void)
{
	start(1);
	raise(1);
	CHECK_EQ(vpic_acknowledge(&p), 0x09);
	raise(6);
	CHECK(!wire);
	out(0x20, 0x68);
	CHECK(!wire); /* it holds back the lower ones, until it is masked */
	out(0x21, 0x02);
	CHECK(wire);
	CHECK_EQ(vpic_acknowledge(&p), 0x0e);
	out(0x20, 0x20);
	CHECK_EQ(p.chip[0].isr, 0x02);
	out(0x20, 0x20);
	CHECK_EQ(p.chip[0].isr, 0x02);
	out(0x20, 0x61); /* by name it ends */
	CHECK_EQ(p.chip[0].isr, 0);
	out(0x20, 0x48);
	CHECK(!p.chip[0].special_mask);
	raise(3);
	CHECK_EQ(vpic_acknowledge(&p), 0x0b);
	out(0x21, 0x08);
	raise(6);
	CHECK(!wire);
	out(0x20, 0x20);
	CHECK_EQ(p.chip[0].isr, 0);
	CHECK(wire);
}

static void poll(void)
{
	start(1);
	raise(6);
	out(0x20, 0x0c); /* takes it as an acknowledge does */
	CHECK_EQ(in(0x20), 0x86);
	out(0x20, 0x0b);
	CHECK_EQ(in(0x20), 0x40);
	out(0x20, 0x0c);
	CHECK_EQ(in(0x21), 0);
	CHECK_EQ(in(0x21), 0); /* the mask again */
}

static void initialisation_forms(void)
{
	start(1);
	out(0x20, 0x12); /* single, no ICW4 */
	out(0x21, 0x57);
	out(0x21, 0x5a);
	CHECK_EQ(in(0x21), 0x5a);
	CHECK_EQ(p.chip[0].vector_base, 0x50);
	vpic_set_line(&p, 4, true);
	out(0x20,
	    0x19); /* all by level: not with an ELCR, so the line that stays high is no new request */
	out(0x21, 0x08);
	out(0x21, 4);
	out(0x21, 1);
	CHECK(!wire);
	vpic_set_level_mask(&p, 1u << 4);
	CHECK(wire);
	CHECK_EQ(vpic_acknowledge(&p), 0x0c);
	vpic_release(&p, &bus);
	CHECK(!iobus_find(&bus, 0x20) && !iobus_find(&bus, 0xa1));
}

/* Whatever is written: what is served is asked for, open, and above all that is in service. */
static void anything(void)
{
	start(1);
	srand(7);
	for (unsigned i = 0; i < 200000; i++) {
		static const uint16_t ports[] = { 0x20, 0x21, 0xa0, 0xa1 };
		uint16_t port = ports[rand() % 4];

		switch (rand() % 4) {
		case 0: out(port, (uint8_t)rand()); break;
		case 1: (void)in(port); break;
		case 2: vpic_set_line(&p, (unsigned)rand() % 17, rand() % 2); break;
		default: (void)vpic_acknowledge(&p);
		}
		CHECK(p.chip[0].lowest < 8 && p.chip[1].lowest < 8);
		if (wire)
			CHECK(p.chip[0].irr & ~p.chip[0].imr);
		CHECK(!((p.chip[0].irr >> 2 & 1) && !(p.chip[1].irr & ~p.chip[1].imr)));
	}
}

UNIT_MAIN(UNIT(probe), UNIT(nested), UNIT(cascade), UNIT(special_fully_nested), UNIT(spurious),
          UNIT(levels_and_edges), UNIT(rotation), UNIT(automatic_eoi), UNIT(special_mask),
          UNIT(poll), UNIT(initialisation_forms), UNIT(anything))
