// SPDX-License-Identifier: GPL-2.0-or-later
/* The DMA controllers: addresses, counts, masks, status; page registers. Requests by software are asked for and withdrawn while the controller is disabled: QEMU's never end. */
#include <stdio.h>

#include "compare.h"

static uint16_t port_of(unsigned which, unsigned reg)
{
	return (uint16_t)(which ? 0xc0 + 2 * reg : reg);
}

static void out(unsigned which, unsigned reg, uint32_t value)
{
	both_out(port_of(which, reg), 1, value);
}

static void in(unsigned which, unsigned reg)
{
	char key[24];

	snprintf(key, sizeof(key), "register %x", reg);
	both_in(key, port_of(which, reg), 1, 0xff, NULL);
}

static void channel(unsigned which)
{
	unsigned reg = random_below(8);

	out(which, 12, 0);
	out(which, reg, random_below(256));
	out(which, reg, random_below(256));
	out(which, 12, 0);
	for (unsigned i = 0; i < 8; i++) {
		in(which, i);
		in(which, i);
	}
}

static void request(unsigned which)
{
	unsigned ch = random_below(4);

	out(which, 8, 4);
	out(which, 9, 4 | ch);
	in(which, 8);
	out(which, 9, ch);
	in(which, 8);
	out(which, 8, 0);
}

static void mask(unsigned which)
{
	switch (random_below(3)) {
	case 0: out(which, 10, random_below(8)); break;
	case 1: out(which, 14, 0); break;
	default: out(which, 15, random_below(16)); break;
	}
	in(which, 15);
}

static void page(void)
{
	static const uint16_t ports[] = { 0x81, 0x82, 0x83, 0x87, 0x89, 0x8a, 0x8b, 0x8f };
	uint16_t port = ports[random_below(COUNT(ports))];
	char key[24];

	both_out(port, 1, random_below(256));
	snprintf(key, sizeof(key), "page %x", port);
	both_in(key, port, 1, 0xff, NULL);
}

static void both_clear(void)
{
	situation("start");
	for (unsigned which = 0; which < 2; which++) {
		out(which, 13, 0);
		in(which, 8);
		in(which, 15);
		in(which, 13);
	}
}

static void sequence(void)
{
	situation("dma");
	if (!random_below(8))
		both_clear();
	situation("dma");
	for (unsigned n = 5 + random_below(10); n; n--) {
		unsigned which = random_below(2);

		switch (random_below(6)) {
		case 0: channel(which); break;
		case 1: request(which); break;
		case 2: mask(which); break;
		case 3: page(); break;
		case 4: out(which, 11, random_below(256)); break;
		case 5: in(which, random_below(9)); break;
		}
	}
}

const struct chip chip_dma = { "dma", both_clear, NULL, sequence };
