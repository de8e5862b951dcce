/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The CMOS clock (MC146818), read once at start. */
#include "clock.h"
#include "cpu_insn.h"
#include "string.h"

#define CMOS_INDEX 0x70
#define CMOS_DATA  0x71

enum cmos_register {
	RTC_SECONDS = 0,
	RTC_MINUTES = 2,
	RTC_HOURS = 4,
	RTC_DAY = 7,
	RTC_MONTH = 8,
	RTC_YEAR = 9,
	RTC_STATUS_A = 10,
	RTC_STATUS_B = 11,
};

#define STATUS_A_UPDATING 0x80
#define STATUS_B_BINARY   0x04
#define STATUS_B_24H      0x02

static const uint8_t time_registers[] = { RTC_SECONDS, RTC_MINUTES, RTC_HOURS,
	                                  RTC_DAY,     RTC_MONTH,   RTC_YEAR };
#define NR_TIME ARRAY_LEN(time_registers)
enum { SECONDS, MINUTES, HOURS, DAY, MONTH, YEAR };

static uint8_t cmos(uint8_t r)
{
	out8(CMOS_INDEX, r);
	return in8(CMOS_DATA);
}

static void read_all(uint8_t t[NR_TIME])
{
	for (unsigned i = 0; i < NR_TIME; i++)
		t[i] = cmos(time_registers[i]);
}

/* Two readings that agree, none during an update; the update takes 2 ms at most. */
static bool read_steady(uint8_t t[NR_TIME])
{
	uint64_t start = tsc_read(), limit = clock_ns_to_tsc(5000000);
	uint8_t again[NR_TIME];

	while (tsc_read() - start < limit) {
		if (cmos(RTC_STATUS_A) & STATUS_A_UPDATING)
			continue;
		read_all(t);
		read_all(again);
		if (!memcmp(t, again, NR_TIME))
			return true;
	}
	return false;
}

static uint8_t from_bcd(uint8_t v)
{
	return (uint8_t)((v >> 4) * 10 + (v & 15));
}

/* Days since 1970-01-01 of a date in the Gregorian calendar, years 1970 to 2399. */
static uint64_t days_of(unsigned year, unsigned month, unsigned day)
{
	static const uint16_t before[12] = {
		0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334
	};
	unsigned y = year - 1970, leap_days = (year - 1969) / 4;

	/* 2000 was a leap year; 2100, 2200, 2300 will not be */
	for (unsigned c = 2100; c < year; c += 100)
		leap_days--;
	if (month > 2 && year % 4 == 0 && (year % 100 || year % 400 == 0))
		leap_days++;
	return y * 365ull + leap_days + before[month - 1] + day - 1;
}

uint64_t rtc_read(void)
{
	uint8_t t[NR_TIME], status;
	bool pm;

	if (!read_steady(t))
		return 0;
	status = cmos(RTC_STATUS_B);
	pm = t[HOURS] & 0x80;
	if (!(status & STATUS_B_24H))
		t[HOURS] &= 0x7f;
	if (!(status & STATUS_B_BINARY))
		for (unsigned i = 0; i < NR_TIME; i++)
			t[i] = from_bcd(t[i]);
	if (!(status & STATUS_B_24H))
		t[HOURS] = (uint8_t)(t[HOURS] % 12 + (pm ? 12 : 0));
	if (t[SECONDS] > 59 || t[MINUTES] > 59 || t[HOURS] > 23 || t[DAY] < 1 || t[DAY] > 31 ||
	    t[MONTH] < 1 || t[MONTH] > 12 || t[YEAR] > 99)
		return 0;
	/* this program is younger than 2000, and no century register is to be trusted */
	return ((days_of(2000u + t[YEAR], t[MONTH], t[DAY]) * 24 + t[HOURS]) * 60 + t[MINUTES]) *
	               60 +
	       t[SECONDS];
}
