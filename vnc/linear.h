/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of a screen as pixels, whatever the mode: those of linear frame buffers by libpixman, which knows their formats, the others by the display adapter's renderer. */
#ifndef VNC_LINEAR_H
#define VNC_LINEAR_H

#include "vga_render.h"

#include <stdint.h>

/* As vga_picture_line(): line y, into p->mode.width pixels, 0x00rrggbb. */
void picture_line(const struct vga_picture *p, uint32_t y, uint32_t *pixels);

#endif
