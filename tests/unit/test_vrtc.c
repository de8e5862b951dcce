/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The real-time clock: calendar against the host's C library, formats, update cycle, alarm, periodic ticks, SET and divider, CMOS. */
#include <string.h>
#include <time.h>

#include "errno.h"
#include "fake_platform.h"
#include "machine_fake.h"
#include "unit.h"

#include <xen/arch-x86/xen.h>

#define SECOND 1000000000ull
#define START  1700000000ll /* of the fake machine: Tue 2023-11-14 22:13:20 UTC */

static struct domain *d;

static void start(void)
{
	d = board_create(BOARD_ALL, 1);
	board_pin(d, 8, 0x38);
}

static uint8_t get(uint8_t index)
{
	board_out(d, 0x70, index);
	return board_in(d, 0x71);
}

static void set(uint8_t index, uint8_t value)
{
	board_out(d, 0x70, index);
	board_out(d, 0x71, value);
}

static unsigned bcd(uint8_t v)
{
	return (v >> 4) * 10u + (v & 0xf);
}

static void check_date(int64_t seconds)
{
	time_t t = (time_t)seconds;
	struct tm tm;

	CHECK(gmtime_r(&t, &tm));
	CHECK_EQ(bcd(get(RTC_SECONDS)), tm.tm_sec);
	CHECK_EQ(bcd(get(RTC_MINUTES)), tm.tm_min);
	CHECK_EQ(bcd(get(RTC_HOURS)), tm.tm_hour);
	CHECK_EQ(bcd(get(RTC_DAY)), tm.tm_mday);
	CHECK_EQ(bcd(get(RTC_MONTH)), tm.tm_mon + 1);
	CHECK_EQ(bcd(get(RTC_YEAR)), tm.tm_year % 100);
	CHECK_EQ(bcd(get(RTC_CENTURY)), 19 + tm.tm_year / 100);
	CHECK_EQ(get(RTC_WEEKDAY), tm.tm_wday + 1);
}

static void date(void)
{
	start();
	check_date(START);
	board_advance(SECOND - 1);
	check_date(START);
	board_advance(1);
	check_date(START + 1);
	board_advance(86400 * SECOND);
	check_date(START + 86401);
	vrtc_adjust(d, 123456789);
	check_date(START + 86401 + 123456789);
	d->wallclock_offset_s = (uint64_t)-3600;
	vrtc_date_changed(d);
	check_date(START + 86401 + 123456789 - 3600);
	board_destroy(d);
}

/* Both ways, for many days in the years that the C library and the clock have. */
static void calendar(void)
{
	uint8_t cmos[CMOS_SIZE] = { [RTC_B] = RTC_B_24_HOUR }, bias;

	srand(5);
	for (int64_t s = -2208988800ll; s < 7258118400ll; s += 86400 * 3 + rand() % 86400) {
		time_t t = (time_t)s;
		struct tm tm;

		gmtime_r(&t, &tm);
		vrtc_bytes_from(cmos, s, 6);
		CHECK_EQ(bcd(cmos[RTC_DAY]), tm.tm_mday);
		CHECK_EQ(bcd(cmos[RTC_MONTH]), tm.tm_mon + 1);
		CHECK_EQ(bcd(cmos[RTC_YEAR]) + 100 * bcd(cmos[RTC_CENTURY]), tm.tm_year + 1900);
		CHECK_EQ(cmos[RTC_WEEKDAY], tm.tm_wday + 1);
		CHECK_EQ(vrtc_seconds_from(cmos, &bias), s);
		CHECK_EQ(bias, 6);
	}
	/* the ends: year 0 and 9999, and round */
	vrtc_bytes_from(cmos, -62167219200ll, 6);
	CHECK_EQ(cmos[RTC_YEAR] | cmos[RTC_CENTURY], 0);
	CHECK_EQ(cmos[RTC_MONTH], 1);
	CHECK_EQ(vrtc_seconds_from(cmos, &bias), -62167219200ll);
	vrtc_bytes_from(cmos, 253402300799ll, 6);
	CHECK_EQ(cmos[RTC_YEAR], 0x99);
	CHECK_EQ(cmos[RTC_SECONDS], 0x59);
	vrtc_bytes_from(cmos, 253402300800ll, 6);
	CHECK_EQ(cmos[RTC_CENTURY], 0);
	vrtc_bytes_from(cmos, INT64_MAX, 6);
	vrtc_bytes_from(cmos, INT64_MIN, 6);
	CHECK(bcd(cmos[RTC_MONTH]) >= 1 && bcd(cmos[RTC_MONTH]) <= 12);
	/* anything can be written */
	for (unsigned i = 0; i < 100000; i++) {
		for (unsigned k = 0; k < 14; k++)
			cmos[k] = (uint8_t)rand();
		cmos[RTC_CENTURY] = (uint8_t)rand();
		vrtc_bytes_from(cmos, vrtc_seconds_from(cmos, &bias), bias);
		CHECK(bias < 7);
	}
}

static void formats(void)
{
	start();
	set(RTC_B, RTC_B_BINARY | RTC_B_24_HOUR);
	/* the bytes are not changed with the format: whoever changes it sets them anew */
	set(RTC_B, RTC_B_SET | RTC_B_BINARY);
	set(RTC_HOURS, 0x80 | 12);
	set(RTC_MINUTES, 59);
	set(RTC_SECONDS, 59);
	set(RTC_DAY, 31);
	set(RTC_MONTH, 12);
	set(RTC_YEAR, 23);
	set(RTC_WEEKDAY, 1);
	set(RTC_CENTURY, 20);
	set(RTC_B, RTC_B_BINARY);
	board_advance(SECOND);
	CHECK_EQ(get(RTC_HOURS), 0x80 | 1); /* 1 pm after 12:59:59 pm */
	board_advance(11 * 3600 * SECOND);
	CHECK_EQ(get(RTC_HOURS), 12); /* midnight is 12 am */
	CHECK_EQ(get(RTC_DAY), 1);
	CHECK_EQ(get(RTC_MONTH), 1);
	CHECK_EQ(get(RTC_YEAR), 24);
	CHECK_EQ(get(RTC_WEEKDAY), 2);
	set(RTC_B, 0);
	set(RTC_HOURS, 0x92);
	CHECK_EQ(get(RTC_HOURS), 0x92); /* 12 pm, BCD */
	board_advance(3600 * SECOND);
	CHECK_EQ(get(RTC_HOURS), 0x81);
	board_destroy(d);
}

static void update_cycle(void)
{
	start();
	CHECK_EQ(get(RTC_A) & RTC_A_UIP, 0);
	board_advance(SECOND - 2228000 - 1);
	CHECK_EQ(get(RTC_A) & RTC_A_UIP, 0);
	board_advance(1);
	CHECK_EQ(get(RTC_A) & RTC_A_UIP, RTC_A_UIP);
	board_advance(2227999);
	CHECK_EQ(get(RTC_A) & RTC_A_UIP, RTC_A_UIP);
	check_date(START);
	CHECK_EQ(get(RTC_C), RTC_C_PF); /* of the taps that nobody asked for */
	board_advance(1);
	CHECK_EQ(get(RTC_A) & RTC_A_UIP, 0);
	CHECK_EQ(get(RTC_C), RTC_C_UF | RTC_C_PF);
	CHECK_EQ(get(RTC_C), 0);
	CHECK_EQ(get(RTC_D), 0x80);
	set(RTC_D, 0);
	set(RTC_C, 0xff);
	CHECK_EQ(get(RTC_D), 0x80);
	CHECK_EQ(get(RTC_C), 0);
	board_destroy(d);
}

static void update_interrupt(void)
{
	start();
	set(RTC_B, RTC_B_24_HOUR | RTC_B_UIE);
	board_advance(SECOND - 1);
	CHECK_EQ(board_take(d), -1);
	board_advance(1);
	CHECK_EQ(board_take(d), 0x38);
	board_advance(5 * SECOND);
	CHECK_EQ(board_take(d), -1); /* until C was read */
	CHECK_EQ(get(RTC_C) & (RTC_C_IRQ | RTC_C_UF), RTC_C_IRQ | RTC_C_UF);
	board_advance(SECOND);
	CHECK_EQ(board_take(d), 0x38);
	/* what was noted before it is asked for interrupts at once */
	set(RTC_B, RTC_B_24_HOUR);
	get(RTC_C);
	board_advance(SECOND);
	CHECK_EQ(board_take(d), -1);
	set(RTC_B, RTC_B_24_HOUR | RTC_B_UIE);
	CHECK_EQ(board_take(d), 0x38);
	board_destroy(d);
}

static void set_bit(void)
{
	start();
	board_advance(SECOND / 2);
	set(RTC_B, RTC_B_24_HOUR | RTC_B_SET | RTC_B_UIE);
	CHECK_EQ(get(RTC_B), RTC_B_24_HOUR | RTC_B_SET); /* takes UIE with it */
	board_advance(10 * SECOND + SECOND / 2 - 1000);
	CHECK_EQ(get(RTC_A) & RTC_A_UIP, 0);
	check_date(START);
	set(RTC_SECONDS, 0x30);
	set(RTC_MINUTES, 0x15);
	set(RTC_B, RTC_B_24_HOUR);
	CHECK_EQ(get(RTC_SECONDS), 0x30);
	CHECK_EQ(get(RTC_A) & RTC_A_UIP, RTC_A_UIP);
	board_advance(1000); /* the divider went on */
	CHECK_EQ(get(RTC_SECONDS), 0x31);
	CHECK_EQ(get(RTC_MINUTES), 0x15);
	/* the divider's reset: the next update half a second after it */
	set(RTC_A, 0x70);
	board_advance(7 * SECOND + 12345);
	CHECK_EQ(get(RTC_SECONDS), 0x31);
	CHECK_EQ(get(RTC_A), 0x70);
	set(RTC_A, 0x26);
	board_advance(SECOND / 2 - 1);
	CHECK_EQ(get(RTC_SECONDS), 0x31);
	board_advance(1);
	CHECK_EQ(get(RTC_SECONDS), 0x32);
	board_destroy(d);
}

static void alarm_at(uint8_t h, uint8_t m, uint8_t s, uint64_t wait)
{
	start();
	set(RTC_HOURS_ALARM, h);
	set(RTC_MINUTES_ALARM, m);
	set(RTC_SECONDS_ALARM, s);
	set(RTC_B, RTC_B_24_HOUR | RTC_B_AIE);
	board_advance(wait * SECOND - 1);
	CHECK_EQ(board_take(d), -1);
	board_advance(1);
	CHECK_EQ(board_take(d), 0x38);
	CHECK_EQ(get(RTC_C) & (RTC_C_IRQ | RTC_C_AF), RTC_C_IRQ | RTC_C_AF);
	board_destroy(d);
}

static void alarms(void)
{
	alarm_at(0x22, 0x13, 0x25, 5);
	alarm_at(0x22, 0x14, 0x00, 40);
	alarm_at(0x22, 0x13, 0x20, 86400); /* this second was */
	alarm_at(0x22, 0x13, 0x19, 86399);
	alarm_at(0x23, 0x13, 0x20, 3600);
	alarm_at(0x00, 0x00, 0x00, 6400);
	alarm_at(0xff, 0x13, 0x20, 3600);
	alarm_at(0xc0, 0xc0, 0x20, 60);
	alarm_at(0xff, 0xff, 0xff, 1);
	alarm_at(0x22, 0xff, 0x10, 50);
	alarm_at(0xff, 0x12, 0xff, 3600 - 80);
	alarm_at(0x21, 0xff, 0xff, 86400 - 4400 - 0);
	/* no number at all: never */
	start();
	set(RTC_SECONDS_ALARM, 0x7a);
	set(RTC_MINUTES_ALARM, 0xff);
	set(RTC_HOURS_ALARM, 0xff);
	set(RTC_B, RTC_B_24_HOUR | RTC_B_AIE);
	board_advance(200000 * SECOND);
	CHECK_EQ(board_take(d), -1);
	set(RTC_SECONDS_ALARM, 0xff);
	set(RTC_HOURS_ALARM, 0x24);
	board_advance(200000 * SECOND);
	CHECK_EQ(board_take(d), -1);
	board_destroy(d);
}

/* The search against one that looks at each second. */
static void alarm_search(void)
{
	uint8_t cmos[CMOS_SIZE] = { 0 }, now[CMOS_SIZE] = { 0 };

	srand(3);
	for (unsigned i = 0; i < 300; i++) {
		int64_t from = (int64_t)rand() * 7 - 4000000000ll, at, found;

		cmos[RTC_B] = now[RTC_B] = (uint8_t)(rand() & (RTC_B_BINARY | RTC_B_24_HOUR));
		vrtc_bytes_from(now, rand(), 6);
		cmos[RTC_SECONDS_ALARM] = rand() % 3 ? now[RTC_SECONDS] : 0xff;
		cmos[RTC_MINUTES_ALARM] = rand() % 3 ? now[RTC_MINUTES] : 0xc7;
		cmos[RTC_HOURS_ALARM] = rand() % 3 ? now[RTC_HOURS] : 0xff;
		found = vrtc_alarm_after(cmos, from);
		for (at = from + 1; at <= from + 86400; at++) {
			vrtc_bytes_from(now, at, 6);
			if ((cmos[1] >= 0xc0 || cmos[1] == now[0]) &&
			    (cmos[3] >= 0xc0 || cmos[3] == now[2]) &&
			    (cmos[5] >= 0xc0 || cmos[5] == now[4]))
				break;
		}
		CHECK_EQ(found, at);
	}
}

static void periodic(void)
{
	static const uint32_t hz[16] = { 0,   256, 128, 8192, 4096, 2048, 1024, 512,
		                         256, 128, 64,  32,   16,   8,    4,    2 };

	for (uint8_t rate = 0; rate < 16; rate++) {
		unsigned n = 0;

		start();
		set(RTC_A, 0x20 | rate);
		set(RTC_B, RTC_B_24_HOUR | RTC_B_PIE);
		for (unsigned i = 0; i < 20000; i++) {
			board_advance(50000);
			if (board_take(d) == 0x38) {
				n++;
				CHECK_EQ(get(RTC_C) & (RTC_C_IRQ | RTC_C_PF), RTC_C_IRQ | RTC_C_PF);
			}
		}
		CHECK_EQ(n, hz[rate]);
		board_destroy(d);
	}
}

static unsigned ticks_in(uint64_t ns)
{
	unsigned n = 0;

	for (uint64_t t = 0; t < ns; t += 50000) {
		get(RTC_C);
		board_advance(50000);
		n += board_take(d) == 0x38;
	}
	return n;
}

/* Who does not read C gets one; what a busy guest misses by itself for long is gone. */
static void not_acknowledged(void)
{
	unsigned n;

	start();
	set(RTC_B, RTC_B_24_HOUR | RTC_B_PIE);
	board_advance(SECOND);
	CHECK_EQ(board_take(d), 0x38);
	board_advance(SECOND);
	CHECK_EQ(board_take(d), -1);
	/* it makes up for a quarter of a second, and goes on as it did */
	n = ticks_in(SECOND);
	CHECK(n >= 1024 + 500 && n <= 1024 + 520); /* twice, as time has come in two jumps */
	CHECK_EQ(ticks_in(SECOND), 1024);
	vrtc_cut_off(d->platform->rtc, true);
	get(RTC_C);
	board_advance(SECOND);
	CHECK_EQ(board_take(d), -1);
	vrtc_cut_off(d->platform->rtc, false);
	CHECK_EQ(board_take(d), 0x38);
	/* the alarm is told to the board */
	set(RTC_SECONDS_ALARM, 0xff);
	set(RTC_MINUTES_ALARM, 0xff);
	set(RTC_HOURS_ALARM, 0xff);
	set(RTC_B, RTC_B_24_HOUR | RTC_B_AIE);
	board_advance(SECOND);
	CHECK(d->platform->rtc->alarm_told);
	vrtc_reset(d->platform->rtc);
	CHECK_EQ(get(RTC_B), RTC_B_24_HOUR);
	CHECK_EQ(get(RTC_C), 0);
	board_destroy(d);
}

static void cmos(void)
{
	start();
	for (unsigned i = 0x0e; i < 0x80; i++)
		if (i != RTC_CENTURY)
			set((uint8_t)i, (uint8_t)(i * 3));
	for (unsigned i = 0; i < 0x80; i++) {
		board_out(d, 0x72, (uint8_t)i);
		board_out(d, 0x73, (uint8_t)~i);
	}
	for (unsigned i = 0x0e; i < 0x80; i++)
		if (i != RTC_CENTURY)
			CHECK_EQ(get((uint8_t)(i | 0x80)), (uint8_t)(i * 3));
	CHECK(d->platform->rtc->nmi_masked);
	get(0x0f);
	CHECK(!d->platform->rtc->nmi_masked);
	for (unsigned i = 0; i < 0x80; i++) {
		board_out(d, 0x72, (uint8_t)i);
		CHECK_EQ(board_in(d, 0x73), (uint8_t)~i);
	}
	CHECK_EQ(board_in(d, 0x70), 0xff);
	vrtc_set_cmos(d, 0x3d, 0x23);
	vrtc_set_cmos(d, 0xf0, 0x77);
	vrtc_set_cmos(d, RTC_B, 0x80);
	vrtc_set_cmos(d, CMOS_SIZE, 1);
	CHECK_EQ(get(0x3d), 0x23);
	CHECK_EQ(get(RTC_B), RTC_B_24_HOUR);
	board_out(d, 0x72, 0x70);
	CHECK_EQ(board_in(d, 0x73), 0x77);
	vrtc_reset(d->platform->rtc);
	CHECK_EQ(get(0x3d), 0x23);
	board_destroy(d);
	vrtc_set_cmos(d, 0x3d, 1);
	vrtc_adjust(d, 1);
}

static void saved(void)
{
	static struct vrtc out, in;

	start();
	set(0x40, 0x99);
	set(RTC_HOURS, 0x05);
	set(RTC_B, RTC_B_24_HOUR | RTC_B_UIE);
	board_advance(SECOND * 3 / 2);
	vrtc_save(d->platform->rtc, &out);
	board_destroy(d);
	start();
	board_advance(SECOND * 3 / 2);
	CHECK_EQ(vrtc_restore(d->platform->rtc, &out), 0);
	CHECK_EQ(get(0x40), 0x99);
	CHECK_EQ(get(RTC_HOURS), 0x05);
	CHECK_EQ(get(RTC_SECONDS), 0x21);
	get(RTC_C);
	board_advance(SECOND / 2);
	CHECK_EQ(get(RTC_C) & RTC_C_UF, RTC_C_UF);
	in = out;
	in.seen_ns = UINT64_MAX; /* the clock was a little further there */
	CHECK_EQ(vrtc_restore(d->platform->rtc, &in), 0);
	in = out;
	in.offset_ns = 1000000000;
	CHECK_EQ(vrtc_restore(d->platform->rtc, &in), -EINVAL);
	in = out;
	in.index[1] = 0x80;
	CHECK_EQ(vrtc_restore(d->platform->rtc, &in), -EINVAL);
	in = out;
	in.flags = 1;
	CHECK_EQ(vrtc_restore(d->platform->rtc, &in), -EINVAL);
	in = out;
	in.weekday_bias = 7;
	CHECK_EQ(vrtc_restore(d->platform->rtc, &in), -EINVAL);
	/* an alarm on a date that does not exist any more in any calendar */
	in = out;
	in.offset_s = INT64_MAX;
	in.cmos[RTC_B] |= RTC_B_AIE;
	CHECK_EQ(vrtc_restore(d->platform->rtc, &in), 0);
	board_advance(SECOND);
	(void)get(RTC_C);
	board_destroy(d);
}

UNIT_MAIN(UNIT(date), UNIT(calendar), UNIT(formats), UNIT(update_cycle), UNIT(update_interrupt),
          UNIT(set_bit), UNIT(alarms), UNIT(alarm_search), UNIT(periodic), UNIT(not_acknowledged),
          UNIT(cmos), UNIT(saved))
