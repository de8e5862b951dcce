/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The UHCI controller with its tablet: fuzz_chip.h. Its own event: the tablet moves; the driver makes a schedule of a queue with some transfers, runs it, answers the port. */
#include "fuzz_chip.h"
#include "uhci.h"

#define DEVFN  PCI_DEVFN(1, 2)
#define PORT   0xc000
#define FRAMES 0x1000u
#define QUEUE  0x2000u
#define TDS    0x2100u
#define DATA   0x3000u

static struct input_backend input;

static void begin(void)
{
	pci_bus_write(&m->pci, DEVFN, PCI_BAR0 + 16, 4, PORT);
	pci_bus_write(&m->pci, DEVFN, PCI_COMMAND, 2, 5);
}

static void tablet(void)
{
	struct input_event e = { .kind = next() % 6 };

	e.code = next() % 8;
	e.down = next() & 1;
	e.x = (int32_t)next32();
	e.y = (int32_t)next32();
	input.receive(&input, &e);
}

static void put(uint32_t at, uint32_t value)
{
	memcpy(m->ram + at, &value, 4);
}

/* A descriptor: which token, how long, where, flags. */
static void transfer(unsigned i, unsigned n)
{
	static const uint8_t pids[] = { 0x69, 0xe1, 0x2d, 0x69, 0x2d, 0x69, 0x00, 0xa5 };
	uint32_t at = TDS + 32 * i, how = next(), length = next();

	put(at, i == n ? 1 : (at + 32) | (how & 0x80 ? 0 : 4));
	put(at + 4,
	    1u << 23 | (how & 0x18) << 24 | (how & 0x20) << 24 | (how & 0x40 ? 1u << 24 : 0));
	put(at + 8, pids[how & 7] | (length & 3) << 8 | (length >> 2 & 1) << 15 |
	                    (uint32_t)((length >> 3) - 1u) << 21);
	put(at + 12, DATA + 64 * i);
}

static void schedule(void)
{
	unsigned n = next() % 4;

	for (unsigned i = 0; i < 1024; i++)
		put(FRAMES + 4 * i, QUEUE | 2);
	put(QUEUE, 1);
	put(QUEUE + 4, TDS);
	for (unsigned i = 0; i <= n; i++)
		transfer(i, n);
	fake_out(m, PORT + 8, 2, FRAMES);
	fake_out(m, PORT + 10, 2, 0);
	fake_out(m, PORT + 4, 2, 0xf);
	fake_out(m, PORT, 2, 0xc1);
	fake_machine_advance(m, 2000000);
}

/* A request to the default pipe: its eight bytes. */
static void setup(void)
{
	static const uint8_t requests[][4] = {
		{ 0x80, 6, 0, 1 },  { 0, 5, 1, 0 },     { 0, 9, 1, 0 },     { 0x80, 6, 0, 2 },
		{ 0x81, 6, 0, 34 }, { 0x21, 10, 0, 0 }, { 0x21, 11, 1, 0 }, { 0xa1, 1, 0, 1 },
		{ 2, 1, 0, 0 },     { 0, 3, 1, 0 },     { 0x80, 6, 1, 3 }
	};
	unsigned what = next();

	if (what & 0x80)
		for (unsigned i = 0; i < 8; i++)
			m->ram[DATA + i] = next();
	else
		memcpy(m->ram + DATA, requests[what % ARRAY_LEN(requests)], 4);
	m->ram[DATA + 6] = next();
	m->ram[DATA + 7] = 0;
}

static void port(void)
{
	fake_out(m, PORT + 16, 2, next16());
}

static void event(void)
{
	static void (*const events[])(void) = { tablet, schedule, setup, port };

	events[next() % ARRAY_LEN(events)]();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct uhci_config config = { &input };
	static const struct fuzz_chip chip = { &uhci_class, &config, DEVFN, PORT, begin, event };

	input = (struct input_backend){ NULL };
	return fuzz_chip_run(&chip, data, size);
}
