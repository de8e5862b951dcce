/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the registers mean: the size and kind of the picture, its colours, where in memory a line is. IBM, "VGA/XGA Hardware Technical Reference": CRT controller. */
#include "vga_render.h"

enum { /* registers of the CRT controller */
       CR_COLUMNS = 0x01,
       CR_OVERFLOW = 0x07,
       CR_PRESET = 0x08,
       CR_MAX_SCAN = 0x09,
       CR_START_HIGH = 0x0c,
       CR_START_LOW = 0x0d,
       CR_LINES = 0x12,
       CR_OFFSET = 0x13,
       CR_UNDERLINE = 0x14,
       CR_MODE = 0x17,
       CR_COMPARE = 0x18,
};
#define MAX_SCAN_DOUBLE     0x80
#define UNDERLINE_DWORD     0x40
#define UNDERLINE_COUNT_BY4 0x20
#define MODE_BYTE           0x40
#define MODE_ADDRESS_WRAP   0x20
#define MODE_COUNT_BY2      0x08

static uint32_t max_scan(const struct vga_screen *s)
{
	return (s->cr[CR_MAX_SCAN] & 31) + 1u;
}

static bool is_doubled(const struct vga_screen *s)
{
	return s->cr[CR_MAX_SCAN] & MAX_SCAN_DOUBLE;
}

/* A base address is a row's; do all lines of a row show the same? */
static bool rows_are_flat(const struct vga_screen *s)
{
	return (s->gr[6] & 1) && (s->cr[CR_MODE] & 3) == 3;
}

/* How many bits a pixel has: 4, 8, 15, 16, 24, 32. */
#define VBE_BITS (1u << 3 | 1u << 7 | 1u << 14 | 1u << 15 | 1u << 23 | 1u << 31)

static void vbe_mode(const struct vga_screen *s, struct vga_mode *m)
{
	const uint16_t *vbe = s->vbe;
	uint32_t bytes = (vbe[VBE_BPP] + 7u) / 8, x = vbe[VBE_X_OFFSET];

	m->width = vbe[VBE_XRES];
	m->height = vbe[VBE_YRES];
	m->bits = vbe[VBE_BPP];
	if (!m->bits || m->bits > 32 || !(VBE_BITS >> (m->bits - 1) & 1)) {
		m->kind = VGA_BLANK; /* registers out of somebody else's hands may say anything */
	} else if (m->bits == 4) {
		m->kind = VGA_COLOURS4;
		m->pitch = vbe[VBE_VIRT_WIDTH] / 8u;
		m->start = vbe[VBE_Y_OFFSET] * m->pitch + x / 8;
	} else {
		m->kind = VGA_LINEAR;
		m->pitch = vbe[VBE_VIRT_WIDTH] * bytes;
		m->start = vbe[VBE_Y_OFFSET] * m->pitch + x * bytes;
	}
}

static void text_mode(const struct vga_screen *s, struct vga_mode *m, uint32_t lines)
{
	m->kind = VGA_LETTERS;
	m->columns = s->cr[CR_COLUMNS] + 1u;
	m->cell_width = s->sr[1] & 1 ? 8 : 9;
	m->cell_height = max_scan(s);
	m->width = m->columns * m->cell_width;
	m->height = lines / m->repeat;
	m->rows = m->height / m->cell_height;
}

static void graphics_mode(const struct vga_screen *s, struct vga_mode *m, uint32_t lines)
{
	bool wide = s->gr[5] & 0x40; /* a clock has four pixels of 8 bits */

	m->kind = wide ? VGA_COLOURS8 : s->gr[5] & 0x20 ? VGA_COLOURS2 : VGA_COLOURS4;
	m->width = (s->cr[CR_COLUMNS] + 1u) * (wide ? 4 : 8);
	if (rows_are_flat(s))
		m->repeat *= max_scan(s);
	m->height = lines / m->repeat;
}

static uint32_t clamp(uint32_t v)
{
	return v < 1 ? 1 : v > 16384 ? 16384 : v;
}

void vga_mode_of(const struct vga_screen *s, struct vga_mode *m)
{
	const uint8_t *cr = s->cr;
	uint32_t lines =
		cr[CR_LINES] + ((cr[CR_OVERFLOW] & 2u) << 7) + ((cr[CR_OVERFLOW] & 0x40u) << 3) + 1;

	*m = (struct vga_mode){ .repeat = is_doubled(s) ? 2 : 1 };
	if (vga_vbe_on(s))
		vbe_mode(s, m);
	else if (s->gr[6] & 1)
		graphics_mode(s, m, lines);
	else
		text_mode(s, m, lines);
	m->width = clamp(m->width);
	m->height = clamp(m->height);
	if (!s->video || (s->sr[1] & 0x20))
		m->kind = VGA_BLANK;
}

/* ---- colours ---- */

static uint32_t dac_colour(const struct vga_screen *s, unsigned i)
{
	const uint8_t *c = s->dac + 3 * (i & s->dac_mask);
	uint32_t v = (uint32_t)c[0] << 16 | (uint32_t)c[1] << 8 | c[2];

	if (s->vbe[VBE_ENABLE] & VBE_8BIT_DAC)
		return v;
	v &= 0x3f3f3f;
	return v << 2 | (v >> 4 & 0x030303);
}

/* Four bits go through the attribute controller's palette. */
static unsigned attribute(const struct vga_screen *s, unsigned i)
{
	unsigned v = s->ar[i & s->ar[0x12] & 15] & 0x3f;

	if (s->ar[0x10] & 0x80)
		v = (v & 0x0f) | (s->ar[0x14] & 3u) << 4;
	return v | (s->ar[0x14] & 0x0cu) << 4;
}

void vga_picture_begin(struct vga_picture *p, const struct vga_screen *screen,
                       const uint8_t *memory)
{
	bool eight;

	p->screen = screen;
	p->memory = memory;
	p->blink = false;
	vga_mode_of(screen, &p->mode);
	eight = p->mode.kind == VGA_COLOURS8 || p->mode.kind == VGA_LINEAR;
	for (unsigned i = 0; i < 256; i++)
		p->colour[i] = dac_colour(screen, eight ? i : attribute(screen, i & 15));
}

/* ---- lines ---- */

void vga_line_find(const struct vga_picture *p, uint32_t y, struct vga_line *line)
{
	const struct vga_screen *s = p->screen;
	const uint8_t *cr = s->cr;
	uint32_t compare = cr[CR_COMPARE] + ((cr[CR_OVERFLOW] & 0x10u) << 4) +
	                   ((cr[CR_MAX_SCAN] & 0x40u) << 3);
	uint32_t scan = y * p->mode.repeat, row;

	line->pan = s->ar[0x13] & 15;
	if (scan > compare) { /* the lower part of a split screen */
		line->address = 0;
		scan -= compare + 1;
		if (s->ar[0x10] & 0x20)
			line->pan = 0;
	} else {
		line->address = (uint32_t)cr[CR_START_HIGH] << 8 | cr[CR_START_LOW];
		line->address += cr[CR_PRESET] >> 5 & 3;
		scan += (cr[CR_PRESET] & 31u) << is_doubled(s);
	}
	scan >>= is_doubled(s);
	row = scan / max_scan(s);
	line->row_scan = scan % max_scan(s);
	line->address += row * cr[CR_OFFSET] * 2;
}

uint32_t vga_line_address(const struct vga_picture *p, const struct vga_line *line, uint32_t clock)
{
	const uint8_t *cr = p->screen->cr;
	unsigned slow = cr[CR_UNDERLINE] & UNDERLINE_COUNT_BY4 ? 2
	                : cr[CR_MODE] & MODE_COUNT_BY2         ? 1
	                                                       : 0;
	uint32_t a = (line->address + (clock >> slow)) & 0xffff;

	if (cr[CR_UNDERLINE] & UNDERLINE_DWORD)
		a = a << 2 | a >> 14;
	else if (!(cr[CR_MODE] & MODE_BYTE))
		a = a << 1 | (cr[CR_MODE] & MODE_ADDRESS_WRAP ? a >> 15 : a >> 13 & 1);
	/* Two bits of the line in the row in place of two of the address, for what came from the CGA and the Hercules. */
	if (!(cr[CR_MODE] & 1))
		a = (a & ~0x2000u) | (line->row_scan & 1) << 13;
	if (!(cr[CR_MODE] & 2))
		a = (a & ~0x4000u) | (line->row_scan >> 1 & 1) << 14;
	return a & 0xffff;
}
