/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The picture of the screen as pixels, kept up to date with as little work as the device model's notes allow. */
#ifndef VNC_FRAME_H
#define VNC_FRAME_H

#include "vga_render.h"

#include <stdbool.h>
#include <stdint.h>

struct devmodel_link;

struct frame {
	struct devmodel_link *link;
	const uint8_t *vram;
	size_t vram_size;
	struct vga_screen screen; /* our copy: checked, and still */
	struct vga_mode mode;
	uint32_t generation; /* of the screen that the pixels show */
	bool has_picture, blink;
	uint32_t *pixels; /* width * height, 0x00rrggbb */
	uint32_t width, height;
	uint32_t *line; /* width: one being made */
};

/* A copy of the device model's registers. False: it is writing them just now, or they make no sense. */
bool frame_take_screen(struct frame *f);
/*
 * Brings pixels up to date. changed(): for each run of lines that differ. all: whatever the notes say. False: no memory for a screen of that size; the old pixels stay.
 */
bool frame_update(struct frame *f, bool all, bool blink, bool *resized,
                  void (*changed)(void *context, uint32_t left, uint32_t top, uint32_t right,
                                  uint32_t bottom),
                  void *context);
/* All of it, for one picture; takes no notes from others. */
bool frame_draw(struct frame *f);
void frame_free(struct frame *f);

#endif
