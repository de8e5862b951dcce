// SPDX-License-Identifier: GPL-2.0-or-later
/* The pair of 8259A and their trigger register: initialised in any way, lines,
 * masks, ends of interrupts, rotation, polls. */
#include "compare.h"

static uint32_t requests, by_level; /* of both, 16 bits: as last seen */
static bool special[2];             /* mask mode */

static void initialise(void)
{
	bool automatic = !random_below(4);

	for (unsigned i = 0; i < 16; i++)
		if (i && i != 2)
			both_line(i < 8 ? pic_paths[0] : pic_paths[1], i & 7, i, false);
	/* by edges first: QEMU keeps a request of a line that was to be
   * level-triggered */
	both_out(0x4d0, 1, 0);
	both_out(0x4d1, 1, 0);
	both_out(0xa0, 1, 0x11);
	both_out(0x20, 1, 0x11);
	for (unsigned i = 0; i < 2; i++) {
		uint16_t port = i ? 0xa0 : 0x20;

		uint32_t level = random_below(256) & (i ? 0xde : 0xf8);

		both_out((uint16_t)(0x4d0 + i), 1, level);
		by_level = i ? by_level | level << 8 : level;
		special[i] = false;
		both_out(port, 1, 0x11);
		both_out(port + 1, 1, random_below(32) << 3);
		both_out(port + 1, 1, i ? 2 : 4);
		both_out(port + 1, 1, automatic ? 3 : 1);
		both_out(port + 1, 1, random_below(256));
	}
}

/* False: QEMU's master keeps a request of the slave that is gone, and would acknowledge it. Nothing after that can be the same. */
static bool look(void)
{
	bool same_cascade = true;
	static const char *const keys[2][3] = { { "master IRR", "master ISR", "master IMR" },
		                                { "slave IRR", "slave ISR", "slave IMR" } };

	for (unsigned i = 0; i < 2; i++) {
		uint16_t port = i ? 0xa0 : 0x20;

		uint32_t irr, v[PEERS];

		both_out(port, 1, 0x0a);
		for (unsigned k = 0; k < PEERS; k++)
			v[k] = peer_in(k, port, 1);
		irr = v[OURS];
		if (!i)
			same_cascade = same("master IRR, line 2", v[OURS] & 4, v[THEIRS] & 4);
		same(keys[i][0], v[OURS] & (i ? 0xff : 0xfb), v[THEIRS] & (i ? 0xff : 0xfb));
		requests = i ? requests | irr << 8 : irr;
		both_out(port, 1, 0x0b);
		both_in(keys[i][1], port, 1, 0xff, NULL);
		both_in(keys[i][2], port + 1, 1, 0xff, NULL);
	}
	return same_cascade;
}

/* An edge that has not been acknowledged is gone with its line on ours (8259A,
 * interrupt sequence), and stays on QEMU's; so such a line stays up. */
static bool may_fall(unsigned line)
{
	return by_level >> line & 1 || !(requests >> line & 1);
}

/* OCW2. In special mask mode an end of interrupt says of which line: one that does not ends a masked line on QEMU's, and not by the data sheet. */
static void end(unsigned chip)
{
	unsigned what = random_below(8);

	if (special[chip] && (what == 1 || what == 5))
		what |= 2;
	both_out(chip ? 0xa0 : 0x20, 1, what << 5 | random_below(8));
}

/* QEMU's looks at its requests with the next mask only. */
static void special_mask(unsigned chip)
{
	uint16_t port = chip ? 0xa0 : 0x20;

	special[chip] = random_below(2);
	both_out(port, 1, special[chip] ? 0x68 : 0x48);
	both_out(port + 1, 1, random_below(256));
}

static void step(void)
{
	unsigned line = random_below(16);
	bool level = random_below(2);
	unsigned chip = random_below(2);
	uint16_t port = chip ? 0xa0 : 0x20;

	switch (random_below(8)) {
	case 0:
	case 1:
	case 2:
		/* 0 and 2 are the timer's and the slave's */
		if (line && line != 2 && (level || may_fall(line)))
			both_line(line < 8 ? pic_paths[0] : pic_paths[1], line & 7, line, level);
		break;
	case 3: both_out(port + 1, 1, random_below(256)); break;
	case 4: end(chip); break;
	case 5: special_mask(chip); break;
	case 6:
		both_out(port, 1, 0x0c);
		both_in("poll", port, 1, 0xff, NULL);
		break;
	case 7: both_in("ELCR", (uint16_t)(0x4d0 + random_below(2)), 1, 0xff, NULL); break;
	}
}

static void start(void)
{
}

static void sequence(void)
{
	situation("initialised");
	initialise();
	if (!look())
		return;
	situation("running");
	for (unsigned n = 10 + random_below(60); n; n--) {
		step();
		if (!look())
			break;
	}
}

const struct chip chip_pic = { "pic", start, NULL, sequence, .is_vdev = true };
