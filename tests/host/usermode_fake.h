/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ring 3, played by the test. */
#ifndef USERMODE_FAKE_H
#define USERMODE_FAKE_H

#include "usermode.h"

/* Called for each run; may call u->page_fault and u->call. */
extern enum usermode_end (*fake_usermode)(struct usermode *u, const uint64_t args[USERMODE_ARGS]);
extern unsigned fake_usermode_flushes;

#endif
