// SPDX-License-Identifier: GPL-2.0-or-later
/* The debug port: it says that it is there, and takes every byte. */
#include "compare.h"

static const struct reg registers[] = { { "e9", 0xe9, 1, REG_RW } };

static void start(void)
{
}

static void sequence(void)
{
	situation("port");
	regs_random(registers, COUNT(registers));
}

const struct chip chip_debugcon = { "debugcon", start, NULL, sequence,
	                            .more = { "-chardev", "null,id=n", "-device",
	                                      "isa-debugcon,chardev=n,iobase=0xe9" } };
