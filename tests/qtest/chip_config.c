// SPDX-License-Identifier: GPL-2.0-or-later
/* Configuration space of every PCI function: all of it read, then random writes and what they leave. */
#include <stdio.h>

#include "compare.h"

static unsigned function;
static const uint8_t *own; /* registers behind the header that both define; 0 ends them */

static void directed(void)
{
	char key[16];

	situation("reset");
	for (unsigned i = 0; i < 256; i += 4) {
		snprintf(key, sizeof(key), "%02x", i);
		both_config(key, function, i, 4);
	}
}

static void random_access(void)
{
	unsigned n = 0, offset;
	char key[16];

	while (own[n])
		n++;
	offset = n && random_below(2) ? own[random_below(n)] : random_below(0x40);
	situation("config");
	snprintf(key, sizeof(key), "%02x", offset);
	if (random_below(2))
		both_config(key, function, offset, 1);
	else
		both_config_write(function, offset, 1, random_below(256));
}

#define CONFIG(name, title, devfn, registers, ...)                                             \
	static void start_##name(void)                                                         \
	{                                                                                      \
		function = devfn;                                                              \
		own = (const uint8_t *)registers;                                              \
	}                                                                                      \
	const struct chip chip_config_##name = { title, start_##name, directed, random_access, \
		                                 .more = { __VA_ARGS__ } }

CONFIG(host, "config_host", 0x00, "\x59\x5a\x5b\x5c\x5d\x5e\x5f", NULL);
CONFIG(isa, "config_isa", 0x08, "\x60\x61\x62\x63", NULL);
CONFIG(ide, "config_ide", 0x09, "\x40\x41\x42\x43", NULL);
CONFIG(usb, "config_usb", 0x0a, "", "-device", "piix3-usb-uhci,addr=1.2");
CONFIG(pm, "config_pm", 0x0b, "\x41\x80", NULL);
CONFIG(vga, "config_vga", 0x10, "", "-device", "VGA,addr=2");
CONFIG(net, "config_net", 0x18, "", "-device", "e1000,addr=3");
