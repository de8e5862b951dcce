/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pictures as PNG files. */
#ifndef VNC_PNG_FILE_H
#define VNC_PNG_FILE_H

#include <stdbool.h>
#include <stdint.h>

/* pixels: 0x00rrggbb. False: it cannot be written. */
bool png_write(int fd, const uint32_t *pixels, uint32_t width, uint32_t height);

#endif
