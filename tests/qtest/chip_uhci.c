// SPDX-License-Identifier: GPL-2.0-or-later
/* The UHCI host controller's registers, and the port that a tablet is behind. No frames: QEMU's clock stands. */
#include "compare.h"

#define PORT 0xc100

static const struct reg registers[] = {
	{ "USBSTS", PORT + 2, 2, REG_RW, 0x1f },  { "USBINTR", PORT + 4, 2, REG_RW, 0xf },
	{ "FRNUM", PORT + 6, 2, REG_RW, 0x7ff },  { "FRBASE", PORT + 8, 4, REG_RW, 0xfffff000 },
	{ "SOFMOD", PORT + 12, 1, REG_RW, 0x7f }, { "PORTSC2", PORT + 18, 2, REG_R },
};

static void setup(void)
{
	both_out(PORT, 2, 0);
	both_out(PORT + 2, 2, 0x1f);
	both_out(PORT + 16, 2, 0x0a);
	situation("port");
	both_in("connected", PORT + 16, 2, 0xffff, NULL);
	both_out(PORT + 16, 2, 0x200);
	ours_wait(50000000);
	both_out(PORT + 16, 2, 0);
	both_out(PORT + 16, 2, 0x0e);
	both_in("enabled", PORT + 16, 2, 0xffff, NULL);
}

static void start(void)
{
	both_config_write(0x0a, 0x20, 4, PORT);
	both_config_write(0x0a, 4, 2, 5);
	both_out(PORT, 2, 4);
	ours_wait(20000000);
	both_out(PORT, 2, 0);
	setup();
}

static void sequence(void)
{
	setup();
	situation("registers");
	for (unsigned n = 20; n; n--)
		regs_random(registers, COUNT(registers));
}

const struct chip chip_uhci = { "uhci", start, NULL, sequence,
	                        .more = { "-device", "piix3-usb-uhci,addr=1.2,id=u", "-device",
	                                  "usb-tablet,bus=u.0,port=1" } };
