// SPDX-License-Identifier: GPL-2.0-or-later
/* The UHCI host controller: registers and ports; and a tablet behind port 1 that answers control transfers from a schedule in memory. */
#include <string.h>

#include "compare.h"

#define PORT   0xc100
#define FRAMES 0x10000u
#define TDS    0x12000u
#define DATA   0x13000u

static const struct reg registers[] = {
	{ "USBSTS", PORT + 2, 2, REG_RW, 0x1f },
	{ "USBINTR", PORT + 4, 2, REG_RW, 0xf },
	{ "FRNUM", PORT + 6, 2, REG_RW, 0x7ff },
	{ "FRBASE", PORT + 8, 4, REG_RW, 0xfffff000 },
	{ "SOFMOD", PORT + 12, 1, REG_RW, 0x7f },
	{ "PORTSC2", PORT + 18, 2, REG_R },
};

static void setup(void)
{
	both_out(PORT, 2, 0);
	both_out(PORT + 2, 2, 0x3f);
	both_out(PORT + 16, 2, 0x0a);
	situation("port");
	both_in("connected", PORT + 16, 2, 0xffff, NULL);
	both_out(PORT + 16, 2, 0x200);
	both_wait(50000000);
	both_out(PORT + 16, 2, 0);
	both_out(PORT + 16, 2, 0x0e);
	both_in("enabled", PORT + 16, 2, 0xffff, NULL);
}

static const struct {
	const char *name;
	uint8_t bytes[8];
	uint8_t in; /* how many are wanted */
} requests[] = {
	{ "device descriptor", { 0x80, 6, 0, 1, 0, 0, 18, 0 }, 18 },
	{ "first of it", { 0x80, 6, 0, 1, 0, 0, 8, 0 }, 8 },
	{ "configuration descriptor", { 0x80, 6, 0, 2, 0, 0, 64, 0 }, 64 },
	{ "its head", { 0x80, 6, 0, 2, 0, 0, 9, 0 }, 9 },
	{ "language", { 0x80, 6, 0, 3, 0, 0, 64, 0 }, 64 },
	{ "configuration", { 0x80, 8, 0, 0, 0, 0, 1, 0 }, 1 },
	{ "configure", { 0x00, 9, 1, 0, 0, 0, 0, 0 }, 0 },
	{ "status", { 0x80, 0, 0, 0, 0, 0, 2, 0 }, 2 },
	{ "report descriptor", { 0x81, 6, 0, 0x22, 0, 0, 64, 0 }, 64 },
	{ "idle", { 0x21, 10, 0, 0, 0, 0, 0, 0 }, 0 },
	{ "nonsense", { 0x80, 99, 0, 0, 0, 0, 8, 0 }, 8 },
	{ "no such descriptor", { 0x80, 6, 0, 9, 0, 0, 8, 0 }, 8 },
};

/* Setup, data in parts of 8, status: a chain of transfers in depth order, then the frame is empty. */
static void control(unsigned which)
{
	uint32_t td[16][4], frames[1024];
	unsigned n = 0, want = requests[which].in;

	situation("%s", requests[which].name);
	memset(td, 0, sizeof(td));
	for (unsigned at = 0;; n++) {
		unsigned pid, size, toggle = n & 1;

		if (n == 0) {
			pid = 0x2d;
			size = 8;
		} else if (at < want) {
			pid = 0x69;
			size = want - at < 8 ? want - at : 8;
			at += 8;
		} else {
			pid = want ? 0xe1 : 0x69;
			size = 0;
			toggle = 1;
		}
		td[n][0] = TDS + 16 * (n + 1) + 4;
		td[n][1] = 3u << 27 | 1u << 23 | (size ? 0 : 1u << 24);
		td[n][2] = pid | toggle << 19 | ((size - 1) & 0x7ff) << 21;
		td[n][3] = n ? DATA + 8 * n : DATA;
		if (!size)
			break;
	}
	td[n][0] = 1;
	for (unsigned i = 0; i < 1024; i++)
		frames[i] = TDS;
	both_write(TDS, td, sizeof(td));
	both_write(FRAMES, frames, sizeof(frames));
	both_write(DATA, requests[which].bytes, 8);
	both_out(PORT + 6, 2, 0);
	both_out(PORT + 8, 4, FRAMES);
	both_out(PORT + 2, 2, 0x3f);
	both_out(PORT + 4, 2, 0xf);
	both_out(PORT, 2, 0xc1);
	both_wait(60000000);
	both_in("USBSTS", PORT + 2, 2, 0xffff, NULL);
	both_out(PORT, 2, 0xc0);
	both_wait(2000000);
	both_read("transfers", TDS, sizeof(td));
	both_read("data", DATA + 8, want);
	both_out(PORT + 2, 2, 0x3f);
}

static void start(void)
{
	both_config_write(0x0a, 0x20, 4, PORT);
	both_config_write(0x0a, 4, 2, 5);
	both_out(PORT, 2, 4);
	both_wait(20000000);
	both_out(PORT, 2, 0);
	setup();
}

static void directed(void)
{
	for (unsigned i = 0; i < COUNT(requests); i++) {
		setup();
		control(i);
	}
}

static void sequence(void)
{
	if (random_below(8)) {
		situation("registers");
		for (unsigned n = 10; n; n--)
			regs_random(registers, COUNT(registers));
		return;
	}
	setup();
	control(random_below(COUNT(requests)));
}

const struct chip chip_uhci = { "uhci", start, directed, sequence, .has_clock = true, .more = { "-device", "piix3-usb-uhci,addr=1.2,id=u", "-device", "usb-tablet,bus=u.0,port=1" } };
