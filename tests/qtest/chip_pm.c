// SPDX-License-Identifier: GPL-2.0-or-later
/* The PIIX4's power management registers: PM1 events and control, its interrupt, GPE 0, SMI command, without putting the machine to sleep. */
#include "compare.h"

#define BASE 0xb000
#define GPE  0xafe0

static const struct reg registers[] = {
	{ "PM1_STS", BASE, 2, REG_RW },
	{ "PM1_EN", BASE + 2, 2, REG_RW, 0x0520 },
	{ "PM1_CNT", BASE + 4, 2, REG_RW, 0x1c03 },
	{ "GPE_STS", GPE, 1, REG_RW },
	{ "GPE_STS1", GPE + 1, 1, REG_RW },
	{ "GPE_EN", GPE + 2, 1, REG_RW },
	{ "GPE_EN1", GPE + 3, 1, REG_RW },
	{ "APMC", 0xb2, 1, REG_R },
	{ "APMS", 0xb3, 1, REG_RW },
};

static void start(void)
{
	both_config_write(0x0b, 0x40, 4, BASE | 1);
	both_config_write(0x0b, 0x80, 1, 1);
	both_config_write(0x0b, 0x3c, 1, 9);
}

static void sequence(void)
{
	situation("registers");
	regs_random(registers, COUNT(registers));
	both_wire("line 9", 9);
}

const struct chip chip_pm = { "pm", start, NULL, sequence };
