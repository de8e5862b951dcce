/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The display's memory, and what is to be seen as text. */
#include "screen.h"

#include "call.h"
#include "format.h"
#include "string.h"
#include "vga.h"
#include "vga_render.h"

#define TEXT_MAX 16384

static void place(struct vram_backend *b, unsigned window, uint64_t gpa, uint32_t offset,
                  uint32_t length)
{
	devmodel_call(DEVMODEL_CALL_PLACE, window, gpa, offset, length);
}

struct vram_backend *screen_vram(const struct devmodel_board *b)
{
	static struct vram_backend vram = { .place = place };

	vram.bytes = (uint8_t *)DEVMODEL_VRAM;
	vram.size = b->vram_size;
	return &vram;
}

void screen_print(struct device *vga)
{
	static char text[TEXT_MAX];
	static struct vga_picture picture;
	size_t n;

	vga_picture_begin(&picture, vga_get_screen(vga), (const uint8_t *)DEVMODEL_VRAM);
	n = vga_picture_text(&picture, text, sizeof(text));
	if (picture.mode.kind != VGA_LETTERS)
		n = format(text, sizeof(text), "graphics, %u by %u\n", picture.mode.width,
		           picture.mode.height);
	devmodel_text(DEVMODEL_TEXT_SCREEN, (const uint8_t *)text, n);
	devmodel_text(DEVMODEL_TEXT_SCREEN, (const uint8_t *)"end\n", 4);
}
