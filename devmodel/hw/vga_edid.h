/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the monitor tells of itself: VESA, "E-EDID Standard", release A, revision 2 (EDID 1.4). */
#ifndef HW_VGA_EDID_H
#define HW_VGA_EDID_H

#include "types.h"

#define VGA_EDID_SIZE 128

/* A monitor that likes width by height (at most 4095 each) best and takes all usual sizes up to 2560 by 1600. */
void vga_edid_make(uint8_t edid[VGA_EDID_SIZE], unsigned width, unsigned height);

#endif
