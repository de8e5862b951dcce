/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Timers and interrupt controllers as DOS programs drive them: a faster tick, the speaker's counter, the clock's periodic and update interrupts, requests under a mask.
 */
#include "real.h"

static void tick(struct stopped *at)
{
	(void)at;
	end_interrupt(0);
}
static bool many_ticks(void)
{
	return times(8) >= 500;
}

static void set_counter(uint8_t counter, uint8_t mode, uint16_t count)
{
	out8(0x43, counter << 6 | 0x30 | mode << 1);
	out8(0x40 + counter, (uint8_t)count);
	out8(0x40 + counter, count >> 8);
}

static bool request_waits(void)
{
	out8(0x20, 0x0a);
	return (in8(0x20) & 1) != 0;
}

static bool nothing_served(void)
{
	out8(0x20, 0x0b);
	return in8(0x20) == 0;
}

static void fast_tick(void)
{
	uint32_t before;

	hook(8, tick);
	set_counter(0, 2, 1193);
	check("thousand-hertz", until(many_ticks));
	/* Masked: it asks, and nothing comes. */
	interrupts_off();
	set_masked(0, true);
	before = times(8);
	check("request-under-mask", until(request_waits) && times(8) == before);
	/* Polled: the controller says which, and takes it as served. */
	interrupts_off();
	set_masked(0, false);
	out8(0x20, 0x0c);
	equal("poll", in8(0x20), 0x80);
	check("polled-in-service", !nothing_served());
	end_interrupt(0);
	check("end-of-interrupt", nothing_served());
	interrupts_on();
	set_counter(0, 3, 0);
	unhook(8);
}

static bool speaker_out(void)
{
	return (in8(0x61) & 0x20) != 0;
}
static bool speaker_no_out(void)
{
	return !speaker_out();
}
static bool refresh_high(void)
{
	return (in8(0x61) & 0x10) != 0;
}
static bool refresh_low(void)
{
	return !refresh_high();
}

/* The third counter, which programs measure short times with. */
static void speaker_counter(void)
{
	uint8_t was = in8(0x61);

	out8(0x61, (was & 0xfc) | 1);
	set_counter(2, 0, 0x2000);
	check("one-shot", until(speaker_out));
	set_counter(2, 3, 0x4000);
	check("square-low", until(speaker_no_out));
	check("square-high", until(speaker_out));
	out8(0x43, 0xe8);
	equal("read-back-status", in8(0x42) & 0x3f, 0x36);
	/* The gate stops it. */
	set_counter(2, 2, 0xffff);
	out8(0x61, was & 0xfc);
	out8(0x43, 0x80);
	uint16_t a = in8(0x42);
	a |= in8(0x42) << 8;
	out8(0x43, 0x80);
	uint16_t b = in8(0x42);
	b |= in8(0x42) << 8;
	equal("gate", a, b);
	check("refresh-high", until(refresh_high));
	check("refresh-low", until(refresh_low));
	out8(0x61, was);
}

static uint8_t clock_causes;
static void clock_interrupt(struct stopped *at)
{
	(void)at;
	clock_causes |= cmos(0x0c);
	end_interrupt(8);
}
static bool many_periods(void)
{
	return times(0x70) >= 200;
}
static bool update_came(void)
{
	return (clock_causes & 0x10) != 0;
}

static void clock_interrupts(void)
{
	uint8_t a = cmos(0x0a), b = cmos(0x0b);
	bool masked = set_masked(8, false);

	hook(0x70, clock_interrupt);
	(void)cmos(0x0c);
	set_cmos(0x0a, (a & 0xf0) | 6);
	set_cmos(0x0b, b | 0x40);
	check("clock-periodic", until(many_periods));
	set_cmos(0x0b, b | 0x10);
	check("clock-update", until(update_came));
	set_cmos(0x0b, b);
	set_cmos(0x0a, a);
	(void)cmos(0x0c);
	unhook(0x70);
	set_masked(8, masked);
	/* The byte that tells the BIOS why a CPU was reset is memory. */
	uint8_t why = cmos(0x0f);
	set_cmos(0x0f, 0x5a);
	equal("clock-memory", cmos(0x0f), 0x5a);
	set_cmos(0x0f, why);
	equal("clock-valid", cmos(0x0d) & 0x80, 0x80);
}

static uint32_t moment;
static uint16_t timer_port;
static bool timer_moves(void)
{
	return in32(timer_port) != moment;
}

static void power_timer(void)
{
	uint16_t function = pci_find(0x8086, 0x7113);

	check("power-there", function != 0xffff);
	timer_port = (pci_read(function, 0x40) & 0xffc0) + 8;
	moment = in32(timer_port);
	check("power-timer", until(timer_moves));
}

void timer_tests(void)
{
	fast_tick();
	speaker_counter();
	clock_interrupts();
	power_timer();
}
