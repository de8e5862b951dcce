/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ring 3, played by the test. */
#include "usermode_fake.h"

enum usermode_end (*fake_usermode)(struct usermode *u, const uint64_t args[USERMODE_ARGS]);
unsigned fake_usermode_flushes;

enum usermode_end machine_usermode_run(struct usermode *u, const uint64_t args[USERMODE_ARGS])
{
	return fake_usermode(u, args);
}

void machine_usermode_flush(struct usermode *u)
{
	fake_usermode_flushes++;
}
