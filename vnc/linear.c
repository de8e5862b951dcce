/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Guests' formats. */
#include "linear.h"

#include <pixman.h>
#include <stddef.h>
#include <string.h>

static const struct {
	uint32_t bits;
	pixman_format_code_t format;
} formats[] = {
	{ 8, PIXMAN_c8 },      { 15, PIXMAN_x1r5g5b5 }, { 16, PIXMAN_r5g6b5 },
	{ 24, PIXMAN_r8g8b8 }, { 32, PIXMAN_x8r8g8b8 },
};

static pixman_format_code_t format_of(uint32_t bits)
{
	size_t i = 0;

	while (i < sizeof(formats) / sizeof(formats[0]) - 1 && formats[i].bits != bits)
		i++;
	return formats[i].format;
}

/* The n bytes of a line, as an image of one. */
static pixman_image_t *image_of(pixman_format_code_t format, const void *pixels, uint32_t width)
{
	int stride = (int)((width * PIXMAN_FORMAT_BPP(format) + 31) / 32 * 4);

	return pixman_image_create_bits_no_clear(format, (int)width, 1,
	                                         (uint32_t *)(uintptr_t)pixels, stride);
}

static void palette_set(pixman_image_t *image, const struct vga_picture *p)
{
	static __thread pixman_indexed_t palette; /* too large for a stack */

	palette.color = 1;
	for (unsigned i = 0; i < 256; i++)
		palette.rgba[i] = 0xff000000 | p->colour[i];
	pixman_image_set_indexed(image, &palette);
}

static void linear_line(const struct vga_picture *p, uint32_t y, uint32_t *pixels)
{
	const uint8_t *from;
	uint32_t width = vga_linear_find(p, y, &from);
	pixman_format_code_t format = format_of(p->mode.bits);
	pixman_image_t *source = width ? image_of(format, from, width) : NULL;
	pixman_image_t *to = source ? image_of(PIXMAN_x8r8g8b8, pixels, width) : NULL;

	if (!to)
		width = 0;
	if (width && format == PIXMAN_c8)
		palette_set(source, p);
	if (width)
		pixman_image_composite32(PIXMAN_OP_SRC, source, NULL, to, 0, 0, 0, 0, 0, 0,
		                         (int)width, 1);
	if (to)
		pixman_image_unref(to);
	if (source)
		pixman_image_unref(source);
	memset(pixels + width, 0, (p->mode.width - width) * sizeof(*pixels));
	/* A guest may have anything in the byte that is no colour. */
	for (uint32_t x = 0; x < width; x++)
		pixels[x] &= 0xffffff;
}

void picture_line(const struct vga_picture *p, uint32_t y, uint32_t *pixels)
{
	if (p->mode.kind == VGA_LINEAR)
		linear_line(p, y, pixels);
	else
		vga_picture_line(p, y, pixels);
}
