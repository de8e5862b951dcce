/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of pixels. */
#include "vga_render.h"

#include "string.h"

/* Where the pixels of a line go; those that pan pushes out, or that are too many, go nowhere. */
struct span {
	uint32_t *pixels;
	uint32_t width;
	uint32_t x; /* of the next; wraps below 0 while pan pixels are left out */
};

static void put(struct span *to, uint32_t colour)
{
	if (to->x < to->width)
		to->pixels[to->x] = colour;
	to->x++;
}

/* ---- what the planes' bytes are as pixels; plane 0 is lowest in w ---- */

static void planes_4(const struct vga_picture *p, uint32_t w, struct span *to)
{
	for (int bit = 7; bit >= 0; bit--) {
		uint32_t v = w >> bit;

		put(to, p->colour[(v & 1) | (v >> 7 & 2) | (v >> 14 & 4) | (v >> 21 & 8)]);
	}
}

/* Pairs of bits, first those of plane 0 (with plane 2's above them), then of plane 1 (and 3). */
static void planes_2(const struct vga_picture *p, uint32_t w, struct span *to)
{
	for (int half = 0; half < 16; half += 8)
		for (int bit = 6; bit >= 0; bit -= 2) {
			uint32_t v = w >> (half + bit);

			put(to, p->colour[(v & 3) | (v >> 14 & 0x0c)]);
		}
}

static void planes_8(const struct vga_picture *p, uint32_t w, struct span *to)
{
	for (int i = 0; i < 4; i++, w >>= 8)
		put(to, p->colour[w & 0xff]);
}

static void planes_line(const struct vga_picture *p, uint32_t y, struct span *to)
{
	const struct vga_screen *s = p->screen;
	struct vga_line line;
	unsigned pan;

	vga_line_find(p, y, &line);
	pan = line.pan & 7;
	to->x = 0u - (p->mode.kind == VGA_COLOURS8 ? pan / 2 : pan);
	/* One clock more than the line has, for what pan uncovers. */
	for (uint32_t clock = 0; clock < s->cr[1] + 2u; clock++) {
		uint32_t w = vga_word(s, p->memory, vga_line_address(p, &line, clock));

		if (p->mode.kind == VGA_COLOURS8)
			planes_8(p, w, to);
		else if (p->mode.kind == VGA_COLOURS2)
			planes_2(p, w, to);
		else
			planes_4(p, w, to);
	}
}

static void vbe_planes_line(const struct vga_picture *p, uint32_t y, struct span *to)
{
	uint64_t at = p->mode.start + (uint64_t)y * p->mode.pitch;

	to->x = 0u - (p->screen->vbe[VBE_X_OFFSET] & 7);
	for (uint32_t i = 0; i <= p->mode.width / 8; i++)
		planes_4(p, vga_word(p->screen, p->memory, (uint32_t)MIN(at + i, (uint64_t)~0u)),
		         to);
}

/* ---- linear ---- */

uint32_t vga_linear_find(const struct vga_picture *p, uint32_t y, const uint8_t **from)
{
	unsigned bytes = (p->mode.bits + 7) / 8;
	uint64_t at = p->mode.start + (uint64_t)y * p->mode.pitch;

	if (at >= p->screen->linear_size)
		return 0;
	*from = p->memory + at;
	return MIN(p->mode.width, (uint32_t)(p->screen->linear_size - at) / bytes);
}

void vga_picture_line(const struct vga_picture *p, uint32_t y, uint32_t *pixels)
{
	struct span to = { pixels, p->mode.width, 0 };

	memset(pixels, 0, p->mode.width * sizeof(*pixels));
	switch (p->mode.kind) {
	case VGA_BLANK: break;
	case VGA_LETTERS: vga_text_line(p, y, pixels); break;
	case VGA_LINEAR: break;
	default:
		if (vga_vbe_on(p->screen))
			vbe_planes_line(p, y, &to);
		else
			planes_line(p, y, &to);
		break;
	}
}
