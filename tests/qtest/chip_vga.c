// SPDX-License-Identifier: GPL-2.0-or-later
/* The display adapter: all index and data ports, the DAC, Bochs VBE, and memory through every mode of writing and reading that the planes have. */
#include <stdio.h>

#include "compare.h"

static void set(uint16_t port, unsigned index, unsigned value)
{
	both_out(port, 1, index);
	both_out(port + 1, 1, value);
}

static void get(const char *name, uint16_t port, unsigned index)
{
	char key[24];

	both_out(port, 1, index);
	snprintf(key, sizeof(key), "%s %02x", name, index);
	both_in(key, port + 1, 1, 0xff, NULL);
}

static void start(void)
{
	both_config_write(0x10, 0x10, 4, 0xe0000000);
	both_config_write(0x10, 4, 2, 3);
	both_out(0x3c2, 1, 0x67);
}

static const struct {
	const char *name;
	uint16_t port;
	uint8_t count;
} groups[] = { { "sequencer", 0x3c4, 5 }, { "graphics", 0x3ce, 9 }, { "crtc", 0x3d4, 0x19 } };

static void indexed(void)
{
	situation("registers");
	for (unsigned n = 10; n; n--) {
		unsigned g = random_below(COUNT(groups)), index = random_below(groups[g].count);

		/* chain of colour and mono, and the lock of the first CRTC registers stay */
		if (random_below(2))
			set(groups[g].port, index,
			    random_below(256) & (g == 2 && index == 0x11 ? 0x7f : 0xff));
		else
			get(groups[g].name, groups[g].port, index);
	}
	if (!random_below(4)) {
		both_out(0x3c2, 1, random_below(256) | 3);
		both_in("misc", 0x3cc, 1, 0xff, NULL);
	}
}

static void attribute(void)
{
	char key[24];
	unsigned index = random_below(0x15);

	situation("attribute");
	peer_ask(OURS, "inb 0x3da");
	peer_ask(THEIRS, "inb 0x3da");
	both_out(0x3c0, 1, index);
	both_out(0x3c0, 1, random_below(256));
	both_out(0x3c0, 1, index);
	snprintf(key, sizeof(key), "%02x", index);
	both_in(key, 0x3c1, 1, 0xff, NULL);
	both_in("index", 0x3c0, 1, 0xff, NULL);
	both_out(0x3c0, 1, 0);
	peer_ask(OURS, "inb 0x3da");
	peer_ask(THEIRS, "inb 0x3da");
	both_out(0x3c0, 1, 0x20);
}

static void palette(void)
{
	situation("dac");
	both_out(0x3c6, 1, random_below(256));
	both_in("mask", 0x3c6, 1, 0xff, NULL);
	both_out(0x3c8, 1, random_below(256));
	for (unsigned n = random_below(7); n; n--)
		both_out(0x3c9, 1, random_below(256));
	both_in("write index", 0x3c8, 1, 0xff, NULL);
	both_in("state", 0x3c7, 1, 0xff, NULL);
	both_out(0x3c7, 1, random_below(256));
	for (unsigned n = random_below(7); n; n--)
		both_in("colour", 0x3c9, 1, 0xff, NULL);
	both_in("state", 0x3c7, 1, 0xff, NULL);
}

static void vbe_set(unsigned index, unsigned value)
{
	both_out(0x1ce, 2, index);
	both_out(0x1cf, 2, value);
}

/* A mode as a driver sets it, and what the registers say then. */
static void vbe(void)
{
	static const uint8_t depths[] = { 8, 15, 16, 24, 32 };
	char key[16];

	situation("vbe");
	vbe_set(4, 0);
	vbe_set(1, 8 * (1 + random_below(200)));
	vbe_set(2, 1 + random_below(1200));
	vbe_set(3, depths[random_below(5)]);
	vbe_set(4, 1 | random_below(2) << 6 | random_below(2) << 7);
	if (random_below(2))
		vbe_set(8, random_below(100));
	if (random_below(2))
		vbe_set(9, random_below(100));
	for (unsigned i = 0; i < 11; i++) {
		snprintf(key, sizeof(key), "%x", i);
		both_out(0x1ce, 2, i);
		both_in(key, 0x1cf, 2, 0xffff, NULL);
	}
	vbe_set(4, 0);
	both_in("off", 0x1cf, 2, 0xffff, NULL);
}

/* Latches, rotation, set and reset, bit masks, the four modes, planes by the sequencer's mask. */
static void memory(void)
{
	situation("memory");
	set(0x3c4, 2, random_below(16));
	set(0x3c4, 4, 0x06);
	set(0x3ce, 0, random_below(16));
	set(0x3ce, 1, random_below(16));
	set(0x3ce, 2, random_below(16));
	set(0x3ce, 3, random_below(32));
	set(0x3ce, 4, random_below(4));
	set(0x3ce, 5, random_below(4) | random_below(2) << 3);
	set(0x3ce, 6, 0x05);
	set(0x3ce, 7, random_below(16));
	set(0x3ce, 8, random_below(256));
	for (unsigned n = 12; n; n--) {
		uint32_t at = 0xa0000 + random_below(2000);

		if (random_below(2))
			both_store(at, 1, random_below(256));
		else
			both_load("byte", at, 1, 0xff, NULL);
	}
}

/* Memory that the processor sees as it is, by the two bits of its address that choose a plane, or by one. */
static void plain(unsigned at_reset, unsigned size, uint32_t base)
{
	set(0x3ce, 0, 0);
	set(0x3ce, 1, 0);
	set(0x3ce, 3, 0);
	set(0x3ce, 4, 0);
	set(0x3ce, 8, 0xff);
	/* QEMU's planes have another order in each form, so each begins anew */
	for (unsigned i = 0; i < 64; i += 4)
		both_store(base + at_reset + i, 4, random_below(0x7fffffff));
	for (unsigned n = 12; n; n--) {
		uint32_t at = base + at_reset + random_below(64 / size) * size;

		if (random_below(2))
			both_store(at, size, random_below(0x7fffffff));
		else
			both_load("bytes", at, size, ~0u, NULL);
	}
}

static void chained(void)
{
	situation("chained");
	set(0x3c4, 2, 15);
	set(0x3c4, 4, 0x0e);
	set(0x3ce, 5, 0x40);
	set(0x3ce, 6, 0x05);
	plain(random_below(0x1000) * 4, 1u << random_below(3), 0xa0000);
}

/* With some planes only: the others keep what they have. */
static void chained_masked(void)
{
	uint32_t at = 0xa0000 + random_below(0x1000) * 4;

	chained();
	situation("chained, masked");
	both_store(at, 4, random_below(0x7fffffff));
	set(0x3c4, 2, random_below(16));
	both_store(at, 4, random_below(0x7fffffff));
	both_load("bytes", at, 4, ~0u, NULL);
}

static void odd_even(void)
{
	situation("odd and even");
	set(0x3c4, 2, 3);
	set(0x3c4, 4, 0x02);
	set(0x3ce, 5, 0x10);
	set(0x3ce, 6, 0x0e);
	plain(random_below(0x1000) * 4, 1u << random_below(3), 0xb8000);
	set(0x3ce, 6, 0x05);
}

static void sequence(void)
{
	static void (*const steps[])(void) = { indexed, attribute, palette, memory, memory };

	steps[random_below(COUNT(steps))]();
}

const struct chip chip_vga = { "vga", start, NULL, sequence, .more = { "-device", "VGA,addr=2" } };

static void direct(void)
{
	static void (*const steps[])(void) = { chained, chained_masked, odd_even };

	steps[random_below(COUNT(steps))]();
}

/* By itself, as QEMU's planes have another order after it. */
const struct chip chip_vga_direct = { "vga_direct", start, NULL, direct,
	                              .more = { "-device", "VGA,addr=2" } };

/* By itself: a mode of QEMU's VBE leaves other values in the CRTC. */
const struct chip chip_vbe = { "vbe", start, NULL, vbe, .more = { "-device", "VGA,addr=2" } };
