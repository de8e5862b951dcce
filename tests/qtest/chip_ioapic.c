// SPDX-License-Identifier: GPL-2.0-or-later
/* The IO-APIC: its registers through the window, pins that rise and fall, remote IRR and its end by the EOI register. */
#include <stdio.h>

#include "compare.h"

#define BASE 0xfec00000u

static void select_register(unsigned index)
{
	both_store(BASE, 4, index);
}

static void get(unsigned index)
{
	char key[8];

	snprintf(key, sizeof(key), "%02x", index);
	select_register(index);
	both_load(key, BASE + 0x10, 4, ~0u, NULL);
}

static void set(unsigned index, uint32_t value)
{
	select_register(index);
	both_store(BASE + 0x10, 4, value);
}

static void start(void)
{
	situation("start");
	for (unsigned i = 0; i < 3; i++)
		get(i);
	for (unsigned i = 0x10; i < 0x40; i++)
		get(i);
}

/* Delivery modes that a device may have: fixed and lowest priority, to the only CPU. */
static uint32_t entry(void)
{
	return (0x20 + random_below(0xd0)) | random_below(2) << 8 | random_below(4) << 13 |
	       random_below(2) << 16;
}

static void sequence(void)
{
	unsigned pin = random_below(24), given = pin == 2 ? 0 : pin;

	situation("pin");
	for (unsigned n = 5 + random_below(20); n; n--)
		switch (random_below(7)) {
		case 0: set(0x10 + 2 * pin, entry()); break;
		case 1: set(0x11 + 2 * pin, random_below(2) << 24); break;
		case 2:
			set(random_below(2) ? 0 : 1 + random_below(2), random_below(0x7fffffff));
			break;
		case 3:
			if (pin)
				both_line("ioapic", given, given, random_below(2));
			break;
		case 4: get(0x10 + 2 * pin + random_below(2)); break;
		case 5: get(random_below(3)); break;
		case 6:
			select_register(random_below(0x40));
			both_load("select", BASE, 4, ~0u, NULL);
			break;
		}
	if (pin)
		both_line("ioapic", given, given, false);
	set(0x10 + 2 * pin, 0x10000);
}

const struct chip chip_ioapic = { "ioapic", start, NULL, sequence, .is_vdev = true };
