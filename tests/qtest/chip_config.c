// SPDX-License-Identifier: GPL-2.0-or-later
/* Configuration space of every PCI function but IDE's: all of it read, then random writes and what they leave. */
#include <stdio.h>

#include "compare.h"

static unsigned function;

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
	unsigned size = 1u << random_below(3), offset = random_below(256) & ~(size - 1);
	char key[16];

	situation("config");
	snprintf(key, sizeof(key), "%02x.%u", offset, size);
	if (random_below(2))
		both_config(key, function, offset, size);
	else
		both_config_write(function, offset, size,
		                  random_below(0x7fffffff) << 1 | random_below(2));
}

#define CONFIG(name, title, devfn, ...)                                                        \
	static void start_##name(void)                                                         \
	{                                                                                      \
		function = devfn;                                                              \
	}                                                                                      \
	const struct chip chip_config_##name = { title, start_##name, directed, random_access, \
		                                 .more = { __VA_ARGS__ } }

CONFIG(host, "config_host", 0x00, NULL);
CONFIG(isa, "config_isa", 0x08, NULL);
CONFIG(usb, "config_usb", 0x0a, "-device", "piix3-usb-uhci,addr=1.2");
CONFIG(pm, "config_pm", 0x0b, NULL);
CONFIG(vga, "config_vga", 0x10, "-device", "VGA,addr=2");
CONFIG(net, "config_net", 0x18, "-device", "e1000,addr=3");
