// SPDX-License-Identifier: GPL-2.0-or-later
/* The 16550A in loop-back, where what it sends is what it gets: registers, FIFOs and their triggers, modem lines, interrupts. */
#include "compare.h"

#define PORT 0x3f8

static const struct reg registers[] = {
	{ "THR", PORT, 1, REG_W },
	{ "IER", PORT + 1, 1, REG_RW, 7 },
	{ "IIR", PORT + 2, 1, REG_R },
	{ "LCR", PORT + 3, 1, REG_RW, 0x1f, 3 },
	{ "MCR", PORT + 4, 1, REG_RW, 0x0f, 0x10 },
	{ "LSR", PORT + 5, 1, REG_R },
	{ "MSR", PORT + 6, 1, REG_R },
	{ "SCR", PORT + 7, 1, REG_RW },
};

static void divisor(void)
{
	both_out(PORT + 3, 1, 0x83);
	both_out(PORT, 1, 1 + random_below(255));
	both_out(PORT + 1, 1, random_below(4));
	both_in("DLL", PORT, 1, 0xff, NULL);
	both_in("DLM", PORT + 1, 1, 0xff, NULL);
	both_out(PORT + 3, 1, 3);
}

static void start(void)
{
	situation("start");
	both_in("IER", PORT + 1, 1, 0xff, NULL);
	both_in("MCR", PORT + 4, 1, 0xff, NULL);
	both_in("LSR", PORT + 5, 1, 0xff, NULL);
}

/* All that was sent has come before anything is looked at. */
static void rest(void)
{
	ours_wait(300000000);
}

static void sequence(void)
{
	situation("loop");
	both_out(PORT + 1, 1, 0);
	both_out(PORT + 4, 1, 0x10);
	both_out(PORT + 3, 1, 3);
	both_out(PORT + 2, 1, 7);
	both_out(PORT + 2, 1, random_below(2) ? 0 : 1 | random_below(4) << 6);
	divisor();
	rest();
	for (unsigned i = 0; i < 2; i++) {
		both_in("LSR", PORT + 5, 1, 0xff, NULL);
		both_in("MSR", PORT + 6, 1, 0xff, NULL);
		both_in("IIR", PORT + 2, 1, 0xff, NULL);
	}
	for (unsigned n = 5 + random_below(20); n; n--) {
		uint32_t lsr;

		regs_random(registers, COUNT(registers));
		rest();
		/* without data it gives what it likes */
		if (!random_below(3) && both_in("LSR", PORT + 5, 1, 0xff, &lsr) && (lsr & 1))
			both_in("RBR", PORT, 1, 0xff, NULL);
		both_wire("line", 4);
	}
}

const struct chip chip_uart = { "uart", start, NULL, sequence,
	                        .more = { "-chardev", "null,id=n", "-serial", "chardev:n" } };
