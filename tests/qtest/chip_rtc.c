// SPDX-License-Identifier: GPL-2.0-or-later
/* The MC146818: date in its forms, SET, alarms, registers A to D and their line; time stands, CMOS bytes that are nobody's. */
#include <stdio.h>

#include "compare.h"

static void set(unsigned index, unsigned value)
{
	both_out(0x70, 1, index);
	both_out(0x71, 1, value);
}

static void get(unsigned index)
{
	char key[8];

	both_out(0x70, 1, index);
	snprintf(key, sizeof(key), "%02x", index);
	both_in(key, 0x71, 1, 0xff, NULL);
}

static unsigned b;

static unsigned form(unsigned n)
{
	return b & 4 ? n : n / 10 << 4 | n % 10;
}

static unsigned hour(unsigned h)
{
	if (b & 2)
		return form(h);
	return form((h + 11) % 12 + 1) | (h >= 12 ? 0x80 : 0);
}

static void date(void)
{
	for (unsigned i = 0; i < 10; i++)
		get(i);
	get(0x32);
}

static void start(void)
{
	situation("start");
	for (unsigned i = 0; i < 14; i++)
		get(i);
	get(0x32);
}

/* A new date while the clock is stopped; the weekday that belongs to it. */
static void date_set(void)
{
	unsigned year = random_below(100), month = 1 + random_below(12), day = 1 + random_below(28);
	unsigned y = 2000 + year - (month < 3), m = month < 3 ? month + 12 : month;
	unsigned week = (day + 13 * (m + 1) / 5 + y + y / 4 - y / 100 + y / 400 + 6) % 7 + 1;

	set(0x0b, 0x80 | b);
	set(0x00, form(random_below(60)));
	set(0x02, form(random_below(60)));
	set(0x04, hour(random_below(24)));
	set(0x06, week);
	set(0x07, form(day));
	set(0x08, form(month));
	set(0x09, form(year));
	set(0x32, form(20));
	set(0x0b, b);
}

static void alarm_set(void)
{
	set(0x01, random_below(3) ? form(random_below(60)) : 0xc0);
	set(0x03, random_below(3) ? form(random_below(60)) : 0xff);
	set(0x05, random_below(3) ? hour(random_below(24)) : 0xc0);
}

static void sequence(void)
{
	b = random_below(8) & 6;
	situation("set");
	set(0x0a, 0x26);
	date_set();
	get(0x0c);
	alarm_set();
	b |= random_below(8) << 4 & 0x70;
	set(0x0b, b);
	set(0x0a, 0x20 | (random_below(3) ? 6 + random_below(10) : 0));
	get(0x0c);
	situation("running");
	date();
	for (unsigned n = 3 + random_below(12); n; n--)
		switch (random_below(4) + 2) {
		case 2: get(0x0c); break;
		case 3: date(); break;
		case 4: get(0x0a + random_below(4)); break;
		case 5:
			situation("line");
			both_wire("8", 8);
			situation("running");
			break;
		}
	situation("cmos");
	for (unsigned i = 0; i < 3; i++) {
		unsigned index = 0x40 + random_below(0x40);

		set(index, random_below(256));
		get(index);
	}
}

const struct chip chip_rtc = { "rtc", start, NULL, sequence, .is_vdev = true };
