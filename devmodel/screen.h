/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The display's memory, and what is to be seen as text. */
#ifndef DEVMODEL_SCREEN_H
#define DEVMODEL_SCREEN_H

#include "backend.h"
#include "device.h"
#include "devmodel_abi.h"

struct vram_backend *screen_vram(const struct devmodel_board *b);
/* The text screen's letters to the guest's log; one line when it shows graphics. vga is the display adapter. */
void screen_print(struct device *vga);

#endif
