/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One chip under any sequence of what a guest and the world can do to it. Input: operations of a byte with parameters, by the table at the end: PCI configuration is written (size, offset,
 * four bytes), port read and written, load, store (size, place, value), guest RAM is written (two bytes of place, a length, bytes), time, the chip's own event; and now and then it is saved and
 * restored, a record that differs from its own in bytes of the input is restored, it is reset. Nothing may hang, nor touch what it should not: the sanitizers watch.
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
	/* After all. NULL: nothing to do. */
	void (*end)(void);
};

#define FUZZ_MMIO 0xf0000000u

static const uint8_t *fuzz_at;
static size_t fuzz_left;
static unsigned fuzz_rare_left;
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

static void fuzz_ram(const struct fuzz_chip *c)
{
	uint32_t place = next16(), n = next() % 64u;

	while (n-- && fuzz_left)
		m->ram[place++ % FAKE_RAM_SMALL] = next();
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

static void fuzz_port(const struct fuzz_chip *c, bool write)
{
	unsigned size = 1u << next() % 3;
	uint16_t port = (uint16_t)(c->port + next());

	if (write)
		fake_out(m, port, size, next32());
	else
		fake_in(m, port, size);
}

static void fuzz_in(const struct fuzz_chip *c)
{
	fuzz_port(c, false);
}

static void fuzz_out(const struct fuzz_chip *c)
{
	fuzz_port(c, true);
}

static void fuzz_load(const struct fuzz_chip *c)
{
	unsigned size = 1u << (next() & 3);

	fake_load(m, FUZZ_MMIO + next16() * 2, size);
}

static void fuzz_store(const struct fuzz_chip *c)
{
	unsigned size = 1u << (next() & 3);
	uint64_t place = FUZZ_MMIO + next16() * 2;

	fake_store(m, place, size, next32() * 0x100000001ull);
}

static void fuzz_time(const struct fuzz_chip *c)
{
	fake_machine_pass(m, next16(), 100);
}

static void fuzz_event(const struct fuzz_chip *c)
{
	if (c->event)
		c->event();
}

/* These take long, so few of them are in a run. */
static void fuzz_rare(const struct fuzz_chip *c)
{
	unsigned what = next() % 3;

	if (!fuzz_rare_left)
		return;
	fuzz_rare_left--;
	switch (what) {
	case 0: fuzz_save(c); break;
	case 1: fuzz_foreign(c); break;
	case 2: device_reset(&d); break;
	}
}

static void (*const fuzz_steps[16])(const struct fuzz_chip *c) = {
	fuzz_pci_write, fuzz_in,    fuzz_out,   fuzz_load,  fuzz_store, fuzz_ram,
	fuzz_time,      fuzz_rare,  fuzz_in,    fuzz_out,   fuzz_load,  fuzz_store,
	fuzz_time,      fuzz_event, fuzz_event, fuzz_event,
};

static int fuzz_chip_run(const struct fuzz_chip *c, const uint8_t *bytes, size_t size)
{
	fuzz_at = bytes;
	fuzz_left = size;
	fuzz_rare_left = 6;
	m = fake_machine_small();
	fuzz_create(c);
	if (c->begin)
		c->begin();
	for (unsigned i = 0; fuzz_left && i < 400; i++)
		fuzz_steps[next() % ARRAY_LEN(fuzz_steps)](c);
	device_destroy(&d);
	if (c->end)
		c->end();
	if (m->timers.waiting || iobus_has_any(&m->mmio, 0, ~0ull) ||
	    iobus_has_any(&m->pio, 0, 0x10000))
		abort();
	return 0;
}

#endif
