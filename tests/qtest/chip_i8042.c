// SPDX-License-Identifier: GPL-2.0-or-later
/* The i8042 with its keyboard: commands of the controller and of the keyboard, their answers, the command byte, both interrupts. */
#include "compare.h"

static void out_command(unsigned value)
{
	both_out(0x64, 1, value);
}

static void out_data(unsigned value)
{
	both_out(0x60, 1, value);
}

static void look(void)
{
	both_in("status", 0x64, 1, 0xff, NULL);
	both_wire("line 1", 1);
	both_wire("line 12", 12);
}

/* All that waits is taken from both. */
static void drain(bool compare)
{
	for (unsigned i = 0; i < 40; i++) {
		uint32_t v[PEERS];

		for (unsigned p = 0; p < PEERS; p++)
			v[p] = peer_in(p, 0x64, 1);
		if (compare)
			same("status", v[OURS], v[THEIRS]);
		if (!((v[OURS] | v[THEIRS]) & 1))
			return;
		for (unsigned p = 0; p < PEERS; p++)
			if (v[p] & 1)
				v[p] = peer_in(p, 0x60, 1);
		if (compare)
			same("data", v[OURS], v[THEIRS]);
		ours_wait(2000000);
	}
}

static const struct script {
	const char *name;
	uint8_t port,
		first; /* of the controller (0x64), of the keyboard (0x60), of the mouse (0xd4) */
	uint8_t more;  /* what comes after it: at most so much; 0: nothing */
} scripts[] = {
	{ "20", 0x64, 0x20, 0 },        { "60", 0x64, 0x60, 0xff },
	{ "aa", 0x64, 0xaa, 0 },        { "ab", 0x64, 0xab, 0 },
	{ "ad", 0x64, 0xad, 0 },        { "ae", 0x64, 0xae, 0 },
	{ "d0", 0x64, 0xd0, 0 },        { "d2", 0x64, 0xd2, 0xff },
	{ "kbd ed", 0x60, 0xed, 7 },    { "kbd ee", 0x60, 0xee, 0 },
	{ "kbd f0", 0x60, 0xf0, 3 },    { "kbd f2", 0x60, 0xf2, 0 },
	{ "kbd f3", 0x60, 0xf3, 0x7f }, { "kbd f4", 0x60, 0xf4, 0 },
	{ "kbd f5", 0x60, 0xf5, 0 },    { "kbd f6", 0x60, 0xf6, 0 },
	{ "kbd ff", 0x60, 0xff, 0 },    { "d1", 0x64, 0xd1, 2 },
	{ "d3", 0x64, 0xd3, 0xff },     { "a7", 0x64, 0xa7, 0 },
	{ "a8", 0x64, 0xa8, 0 },        { "a9", 0x64, 0xa9, 0 },
	{ "dd", 0x64, 0xdd, 0 },        { "df", 0x64, 0xdf, 0 },
	{ "mouse e6", 0xd4, 0xe6, 0 },  { "mouse e7", 0xd4, 0xe7, 0 },
	{ "mouse e8", 0xd4, 0xe8, 3 },  { "mouse e9", 0xd4, 0xe9, 0 },
	{ "mouse ea", 0xd4, 0xea, 0 },  { "mouse eb", 0xd4, 0xeb, 0 },
	{ "mouse f0", 0xd4, 0xf0, 0 },  { "mouse f2", 0xd4, 0xf2, 0 },
	{ "mouse f3", 0xd4, 0xf3, 1 },  { "mouse f4", 0xd4, 0xf4, 0 },
	{ "mouse f5", 0xd4, 0xf5, 0 },  { "mouse f6", 0xd4, 0xf6, 0 },
	{ "mouse ff", 0xd4, 0xff, 0 },
};

/* Scan code set 0 asks. The output port's lowest bit clear would reset the machine. */
static unsigned parameter(const struct script *s)
{
	static const uint8_t rates[] = { 10, 20, 40, 60, 80, 100, 200 };

	if (s->port == 0xd4 && s->first == 0xf3)
		return rates[random_below(sizeof(rates))];
	return random_below(s->more + 1u) | (s->first == 0xd1);
}

static void run(const struct script *s)
{
	situation("%s", s->name);
	if (s->port == 0xd4)
		out_command(0xd4);
	if (s->port == 0x64)
		out_command(s->first);
	else
		out_data(s->first);
	ours_wait(2000000);
	if (s->more) {
		if (s->port != 0x64)
			drain(true);
		if (s->port == 0xd4)
			out_command(0xd4);
		out_data(parameter(s));
		ours_wait(2000000);
	}
	look();
	drain(true);
	look();
}

static void start(void)
{
	situation("start");
	ours_wait(1000000000);
	drain(false);
	look();
}

static void anew(void)
{
	situation("anew");
	out_command(0x60);
	out_data(0x47);
	out_command(0xae);
	out_command(0xa8);
	ours_wait(2000000);
	drain(false);
	out_data(0xf6);
	ours_wait(2000000);
	drain(false);
	out_command(0xd4);
	out_data(0xf6);
	ours_wait(2000000);
	drain(false);
	look();
}

static void sequence(void)
{
	anew();
	for (unsigned n = 3 + random_below(8); n; n--)
		run(&scripts[random_below(COUNT(scripts))]);
}

const struct chip chip_i8042 = { "i8042", start, NULL, sequence };
