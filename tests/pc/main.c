/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The groups of tests, one after the other; then the machine is switched off as DOS does it, by APM.
 */
#include "real.h"

struct tally tally;

static const struct {
	const char *name;
	void (*run)(void);
	bool in_protected_mode;
} groups[] = {
	{ "bios", bios_tests, false },      { "screen", screen_tests, false },
	{ "timer", timer_tests, false },    { "input", input_tests, false },
	{ "drive", drive_tests, false },    { "dma", dma_tests, false },
	{ "real", real_mode_tests, false }, { "segment", segment_tests, true },
	{ "paging", paging_tests, true },   { "task", task_tests, true },
	{ "v86", v86_tests, true },         { "fpu", fpu_tests, false },
};

static void say(const char *text)
{
	while (*text != 0)
		out8(0xe9, (uint8_t)*text++);
}

static void say_decimal(uint32_t value)
{
	if (value >= 10)
		say_decimal(value / 10);
	out8(0xe9, '0' + value % 10);
}

static void switch_off(void)
{
	bios_ax(0x15, 0x5301, 0, 0, 0);      /* connect */
	bios_ax(0x15, 0x530e, 0, 0x0102, 0); /* APM 1.2 */
	bios_ax(0x15, 0x5307, 1, 3, 0);      /* all devices off */
	say("FAIL main-off: the BIOS did not switch it off\n");
}

void pc_main(void);
void pc_main(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
		tally.group = groups[i].name;
		if (groups[i].in_protected_mode)
			in_protected_mode(groups[i].run);
		else
			groups[i].run();
	}
	say("END ");
	say_decimal(tally.passed);
	say(" ");
	say_decimal(tally.failed);
	say("\n");
	switch_off();
}
