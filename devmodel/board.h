/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The devices of a guest's board. */
#ifndef DEVMODEL_BOARD_H
#define DEVMODEL_BOARD_H

#include "devmodel_abi.h"

/* Once: all devices of the board, as it is described. The errors of device_create(). */
int must_check board_create(const struct devmodel_board *b);
/* All of them to power-on; what the guest had taken away is there again. The errors of device_create(). */
int must_check board_reset(const struct devmodel_board *b);
/* The guest wakes from S3. */
void board_wake(void);
/* Bits of enum devmodel_event, but for the timer. */
void board_event(uint32_t events);

#endif
