/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The chips of the qtest program's board, a row each in board.c, on the fake machine of tests/device. */
#ifndef QTEST_BOARD_H
#define QTEST_BOARD_H

#include "device_fake.h"

/* drives: up to four of "disk:FILE" or "cdrom:FILE", "" for none, in the order of struct ide_config. Exits with a message when something is wrong. */
struct fake_machine *board_new(char **drives, unsigned n);
void board_reset(void);

#endif
