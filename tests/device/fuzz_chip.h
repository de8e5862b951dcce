/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One chip under any sequence of what a guest and the world can do to it. Input: operations of a byte, with parameters: 0 PCI configuration is written (offset, size, four bytes), 1 port
 * read, 2 port write, 3 load, 4 store (place, size, value), 5 guest RAM is written (two bytes of place, a length, bytes), 6 time, 7 save and restore, 8 a record that differs
 * from its own in bytes of the input is restored, 9 the chip's own event, 10 reset. Nothing may hang, nor touch what it should not: the sanitizers watch.
 */
#ifndef FUZZ_CHIP_H
#define FUZZ_CHIP_H

#include <stdlib.h>
#include <string.h>

#include "device_fake.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct fuzz_chip {
	const struct device_class *class;
	const void *config;
	uint8_t devfn;
	uint16_t port; /* where its ports are; 256 of them are tried */
	/* Before anything: places the chip's BARs, for example. NULL: nothing to do. */
	void (*begin)(void);
	/* One thing that comes from outside. NULL: nothing does. */
	void (*event)(void);
};

#define FUZZ_MMIO 0xf0000000u

static const uint8_t *fuzz_at;
static size_t fuzz_left;
static struct fake_machine *m;
static struct device d;
static uint8_t fuzz_record[1 << 17];

static uint8_t next(void)
{
	if (!fuzz_left)
		return 0;
	fuzz_left--;
	return *fuzz_at++;
}

static uint32_t next16(void)
{
	uint32_t low = next();

	return low | (uint32_t)next() << 8;
}

static uint32_t next32(void)
{
	uint32_t low = next16();

	return low | next16() << 16;
}

static void fuzz_pci_write(const struct fuzz_chip *c)
{
	unsigned size = 1u << next() % 3, offset = next() & ~(size - 1);

	pci_bus_write(&m->pci, c->devfn, offset, size, next32());
	iobus_quiesce(&m->pio);
	iobus_quiesce(&m->mmio);
}

static void fuzz_ram(void)
{
	uint32_t place = next16() * 16u, n = next() % 64u;

	while (n-- && fuzz_left)
		m->ram[place++] = next();
}

static void fuzz_create(const struct fuzz_chip *c)
{
	if (device_create(&d, c->class, "chip", &m->ports, c->config))
		abort();
}

static void fuzz_save(const struct fuzz_chip *c)
{
	long n = device_save(&d, fuzz_record, sizeof(fuzz_record));

	if (n < 0)
		abort();
	device_destroy(&d);
	fuzz_create(c);
	if (device_restore(&d, c->class->version, fuzz_record, (size_t)n))
		abort(); /* what a chip says is what it understands */
}

static void fuzz_foreign(const struct fuzz_chip *c)
{
	long n = device_save(&d, fuzz_record, sizeof(fuzz_record));

	for (unsigned i = next() % 16; i && n > 0; i--) {
		uint32_t at = next16();

		fuzz_record[at % (size_t)n] ^= next();
	}
	device_reset(&d);
	if (device_restore(&d, c->class->version, fuzz_record, (size_t)n))
		return;
}

static void fuzz_step(const struct fuzz_chip *c)
{
	unsigned what = next() % 11, size = 1u << (next() & 3);
	uint16_t port = (uint16_t)(c->port + (what == 1 || what == 2 ? next() : 0));

	switch (what) {
	case 0: fuzz_pci_write(c); break;
	case 1: fake_in(m, port, MIN(size, 4u)); break;
	case 2: fake_out(m, port, MIN(size, 4u), next32()); break;
	case 3: fake_load(m, FUZZ_MMIO + next16() * 2, size); break;
	case 4: fake_store(m, FUZZ_MMIO + next16() * 2, size, next32()); break;
	case 5: fuzz_ram(); break;
	case 6: fake_machine_advance(m, next16() * 100ull); break;
	case 7: fuzz_save(c); break;
	case 8: fuzz_foreign(c); break;
	case 9:
		if (c->event)
			c->event();
		break;
	case 10: device_reset(&d); break;
	}
}

static int fuzz_chip_run(const struct fuzz_chip *c, const uint8_t *bytes, size_t size)
{
	fuzz_at = bytes;
	fuzz_left = size;
	m = fake_machine_new();
	fuzz_create(c);
	if (c->begin)
		c->begin();
	for (unsigned i = 0; fuzz_left && i < 400; i++)
		fuzz_step(c);
	device_destroy(&d);
	if (m->timers || iobus_has_any(&m->mmio, 0, ~0ull))
		abort();
	return 0;
}

#endif
