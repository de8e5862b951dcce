/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The clock's ten bytes and the century, as seconds since 1970 and back; and the alarm. MC146818A, "Time, calendar and alarm locations". */
#include "vrtc.h"

#define MINUTE 60
#define HOUR   3600
#define DAY    86400
#define PM     0x80
#define ANY    0xc0 /* of an alarm byte: both bits set */

/* Days before a month of a year that begins in March, and days of 400 years. */
static const uint16_t days_before[12] = { 0, 31, 61, 92, 122, 153, 184, 214, 245, 275, 306, 337 };
#define DAYS_400   146097ll
#define DAYS_100   36524
#define DAYS_4     1461
#define DAYS_YEAR  365
#define DAYS_EPOCH 719468 /* from March 1 of year 0 to 1970 */

struct date {
	int64_t year;
	unsigned month, day; /* from 1 */
};

/* Gregorian, year from 0. */
static int64_t days_of(const struct date *d)
{
	/* 400 years more, so that none is negative */
	int64_t year = (d->month > 2 ? d->year : d->year - 1) + 400;
	unsigned month = (d->month + 9) % 12;

	return year * DAYS_YEAR + year / 4 - year / 100 + year / 400 + days_before[month] +
	       (int64_t)d->day - 1 - DAYS_EPOCH - DAYS_400;
}

static struct date date_of(int64_t days)
{
	int64_t n = days + DAYS_EPOCH + DAYS_400, years = n / DAYS_400 * 400 - 400;
	unsigned rest = (unsigned)(n % DAYS_400), part, month = 11;
	struct date d;

	part = MIN(rest / DAYS_100, 3u);
	rest -= part * DAYS_100;
	years += part * 100;
	years += rest / DAYS_4 * 4;
	rest %= DAYS_4;
	part = MIN(rest / DAYS_YEAR, 3u);
	rest -= part * DAYS_YEAR;
	years += part;
	while (days_before[month] > rest)
		month--;
	d.year = month >= 10 ? years + 1 : years;
	d.month = (month + 2) % 12 + 1;
	d.day = rest - days_before[month] + 1;
	return d;
}

/* ---- bytes ---- */

static uint8_t number_to(const uint8_t *cmos, unsigned n)
{
	return (uint8_t)(cmos[RTC_B] & RTC_B_BINARY ? n : n / 10 << 4 | n % 10);
}

static unsigned number_from(const uint8_t *cmos, uint8_t byte)
{
	return cmos[RTC_B] & RTC_B_BINARY ? byte : (byte >> 4) * 10u + (byte & 0xf);
}

static uint8_t hour_to(const uint8_t *cmos, unsigned hour)
{
	if (cmos[RTC_B] & RTC_B_24_HOUR)
		return number_to(cmos, hour);
	return number_to(cmos, hour % 12 ? hour % 12 : 12) | (hour >= 12 ? PM : 0);
}

/* 24 and more: none. */
static unsigned hour_from(const uint8_t *cmos, uint8_t byte)
{
	unsigned hour;

	if (cmos[RTC_B] & RTC_B_24_HOUR)
		return number_from(cmos, byte);
	hour = number_from(cmos, byte & (uint8_t)~PM);
	return hour < 1 || hour > 12 ? 24 : hour % 12 + (byte & PM ? 12 : 0);
}

/* Years 0 to 9999; beyond them the calendar begins again. */
#define YEARS_DAYS  (25ll * DAYS_400)
#define SECONDS_ALL (YEARS_DAYS * DAY)
#define YEAR_0      (-62167219200ll) /* its first second */

void vrtc_bytes_from(uint8_t *cmos, int64_t seconds, uint8_t weekday_bias)
{
	int64_t s = (seconds % SECONDS_ALL - YEAR_0 % SECONDS_ALL + 2 * SECONDS_ALL) % SECONDS_ALL +
	            YEAR_0;
	int64_t days = (s - YEAR_0) / DAY + YEAR_0 / DAY;
	unsigned of_day = (unsigned)(s - days * DAY);
	struct date d = date_of(days);

	cmos[RTC_SECONDS] = number_to(cmos, of_day % 60);
	cmos[RTC_MINUTES] = number_to(cmos, of_day / MINUTE % 60);
	cmos[RTC_HOURS] = hour_to(cmos, of_day / HOUR);
	cmos[RTC_WEEKDAY] =
		number_to(cmos, (unsigned)((days - YEAR_0 / DAY + weekday_bias) % 7) + 1);
	cmos[RTC_DAY] = number_to(cmos, d.day);
	cmos[RTC_MONTH] = number_to(cmos, d.month);
	cmos[RTC_YEAR] = number_to(cmos, (unsigned)(d.year % 100));
	cmos[RTC_CENTURY] = number_to(cmos, (unsigned)(d.year / 100 % 100));
}

static unsigned limited(unsigned n, unsigned min, unsigned max)
{
	return n < min ? min : n > max ? max : n;
}

int64_t vrtc_seconds_from(const uint8_t *cmos, uint8_t *weekday_bias)
{
	struct date d = {
		.year = limited(number_from(cmos, cmos[RTC_YEAR]), 0, 99) +
		        limited(number_from(cmos, cmos[RTC_CENTURY]), 0, 99) * 100,
		.month = limited(number_from(cmos, cmos[RTC_MONTH]), 1, 12),
		.day = limited(number_from(cmos, cmos[RTC_DAY]), 1, 31),
	};
	int64_t days = days_of(&d);
	unsigned weekday = limited(number_from(cmos, cmos[RTC_WEEKDAY]), 1, 7) - 1;

	*weekday_bias = (uint8_t)((weekday + 7 - (days - YEAR_0 / DAY) % 7) % 7);
	return days * DAY + limited(hour_from(cmos, cmos[RTC_HOURS]), 0, 23) * HOUR +
	       limited(number_from(cmos, cmos[RTC_MINUTES]), 0, 59) * MINUTE +
	       limited(number_from(cmos, cmos[RTC_SECONDS]), 0, 59);
}

/* ---- the alarm ---- */

static bool is_any(uint8_t byte)
{
	return (byte & ANY) == ANY;
}

#define NO_NUMBER 60u

/* Bytes are compared, so one that is no number's form never comes. */
static unsigned alarm_number(const uint8_t *cmos, uint8_t byte)
{
	unsigned n = number_from(cmos, byte);

	return n < NO_NUMBER && number_to(cmos, n) == byte ? n : NO_NUMBER;
}

/* The first second from there on, of the hour that begins at hour. INT64_MAX: none */
static int64_t alarm_in_hour(const uint8_t *cmos, int64_t hour, int64_t from)
{
	unsigned minute = alarm_number(cmos, cmos[RTC_MINUTES_ALARM]);
	unsigned second = alarm_number(cmos, cmos[RTC_SECONDS_ALARM]);
	bool any_minute = is_any(cmos[RTC_MINUTES_ALARM]);
	bool any_second = is_any(cmos[RTC_SECONDS_ALARM]);

	for (unsigned m = any_minute ? (unsigned)(from - hour) / MINUTE : minute; m < 60; m++) {
		int64_t begin = hour + m * MINUTE,
			at = any_second ? MAX(begin, from) : begin + second;

		if (at >= from && at < begin + MINUTE)
			return at;
		if (!any_minute)
			break;
	}
	return INT64_MAX;
}

int64_t vrtc_alarm_after(const uint8_t *cmos, int64_t seconds)
{
	int64_t from = seconds + 1, of_day = (from % DAY + DAY) % DAY, hour = from - of_day % HOUR;

	if (!is_any(cmos[RTC_SECONDS_ALARM]) &&
	    alarm_number(cmos, cmos[RTC_SECONDS_ALARM]) == NO_NUMBER)
		return INT64_MAX;
	/* The hour that has begun may come once more, from its beginning. */
	for (unsigned i = 0; i <= 24; i++, hour += HOUR) {
		unsigned h = (unsigned)(of_day / HOUR + i) % 24;
		int64_t at;

		if (!is_any(cmos[RTC_HOURS_ALARM]) && hour_to(cmos, h) != cmos[RTC_HOURS_ALARM])
			continue;
		at = alarm_in_hour(cmos, hour, MAX(hour, from));
		if (at != INT64_MAX)
			return at;
	}
	return INT64_MAX;
}
