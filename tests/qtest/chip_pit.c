// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The 8254 and port 0x61. QEMU's has no states between a control word and the count, so what both define is: one control word with its whole count, then time, latches, status, gate of channel 2.
 */
#include "compare.h"

static unsigned mode[3];
static uint32_t count[3];

static void program(unsigned channel, unsigned to)
{
	/* not so few that ours is through them in the time that it needs to take them, here and for other channels */
	uint32_t n = random_below(4) ? 0x400 + random_below(0xfc00) : 0;

	mode[channel] = to;
	count[channel] = n ? n : 0x10000;
	both_out(0x43, 1, channel << 6 | 0x30 | to << 1);
	both_out((uint16_t)(0x40 + channel), 1, n & 0xff);
	both_out((uint16_t)(0x40 + channel), 1, n >> 8);
}

static void counted(unsigned channel)
{
	uint32_t v[PEERS];

	situation("mode %u", mode[channel]);
	both_out(0x43, 1, channel << 6);
	for (unsigned i = 0; i < PEERS; i++) {
		v[i] = peer_in(i, (uint16_t)(0x40 + channel), 1);
		v[i] |= peer_in(i, (uint16_t)(0x40 + channel), 1) << 8;
	}
	for (unsigned i = 0; i < PEERS; i++)
		if (!v[i])
			v[i] = 0x10000; /* which is what 0 counts */
	same("count", v[OURS], v[THEIRS]);
}

static void status(unsigned channel)
{
	situation("mode %u", mode[channel]);
	both_out(0x43, 1, 0xe0 | 2u << channel);
	both_in("status", (uint16_t)(0x40 + channel), 1, 0xff, NULL);
}

static void start(void)
{
	for (unsigned i = 0; i < 3; i++)
		program(i, 2);
	ours_wait(2000);
}

static void sequence(void)
{
	static const uint8_t modes[] = { 0, 2, 3 };
	unsigned channel = random_below(3);

	both_out(0x61, 1, 1);
	program(channel, modes[random_below(3)]);
	ours_wait(2000);
	for (unsigned n = 5 + random_below(20); n; n--)
		switch (2 + random_below(4)) {
		case 2: counted(channel); break;
		case 3: status(channel); break;
		case 4:
			situation("mode %u", mode[2]);
			both_in("port 61", 0x61, 1, 0xff, NULL);
			break;
		case 5:
			situation("line, mode %u", mode[0]);
			both_wire("0", 0);
			break;
		}
}

const struct chip chip_pit = { "pit", start, NULL, sequence, .is_vdev = true };
