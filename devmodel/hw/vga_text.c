/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text screens: letters as pixels, and as letters. */
#include "vga_render.h"

enum { /* registers of the CRT controller */
       CR_CURSOR_START = 0x0a,
       CR_CURSOR_END = 0x0b,
       CR_CURSOR_HIGH = 0x0e,
       CR_CURSOR_LOW = 0x0f,
       CR_UNDERLINE = 0x14,
};
#define AR_MODE           0x10
#define MODE_LINE_DRAWING 0x04
#define MODE_BLINK        0x08

/* ---- fonts ---- */

/* Where in plane 2 the font of sequencer register 3 is, for characters with attribute bit 3 clear or set. */
static uint32_t font_base(const struct vga_screen *s, bool bit3)
{
	static const uint16_t bases[8] = { 0x0000, 0x4000, 0x8000, 0xc000,
		                           0x2000, 0x6000, 0xa000, 0xe000 };
	uint8_t r = s->sr[3];

	return bit3 ? bases[(r >> 2 & 3) | (r >> 3 & 4)] : bases[(r & 3) | (r >> 2 & 4)];
}

/* ---- pixels ---- */

struct cell {
	uint8_t dots; /* the character's, leftmost highest */
	bool ninth;   /* the dot beside them is lit */
	uint32_t ink, paper;
};

static bool is_cursor(const struct vga_picture *p, const struct vga_line *line, uint32_t address)
{
	const uint8_t *cr = p->screen->cr;
	uint32_t at = (uint32_t)cr[CR_CURSOR_HIGH] << 8 | cr[CR_CURSOR_LOW];

	return !p->blink && address == at && !(cr[CR_CURSOR_START] & 0x20) &&
	       line->row_scan >= (cr[CR_CURSOR_START] & 31u) &&
	       line->row_scan <= (cr[CR_CURSOR_END] & 31u);
}

static void cell_fill(struct cell *c, uint8_t dots)
{
	c->dots = dots;
	c->ninth = dots;
}

static void cell_look(const struct vga_picture *p, const struct vga_line *line, uint32_t clock,
                      struct cell *c)
{
	const struct vga_screen *s = p->screen;
	uint32_t w = vga_word(s, p->memory, vga_line_address(p, line, clock));
	uint8_t letter = (uint8_t)w, look = (uint8_t)(w >> 8);
	bool blinks = (s->ar[AR_MODE] & MODE_BLINK) && (look & 0x80);
	uint32_t font = font_base(s, look & 8) + letter * 32u + line->row_scan;

	c->dots = (uint8_t)(vga_word(s, p->memory, font) >> 16);
	c->ninth = (s->ar[AR_MODE] & MODE_LINE_DRAWING) && letter >= 0xc0 && letter <= 0xdf &&
	           (c->dots & 1);
	if (line->row_scan == (s->cr[CR_UNDERLINE] & 31u) && (look & 0x77) == 0x01)
		cell_fill(c, 0xff);
	if (blinks && p->blink)
		cell_fill(c, 0);
	if (is_cursor(p, line, (line->address + clock) & 0xffff))
		cell_fill(c, 0xff);
	c->ink = p->colour[look & 15];
	c->paper = p->colour[s->ar[AR_MODE] & MODE_BLINK ? look >> 4 & 7 : look >> 4];
}

void vga_text_line(const struct vga_picture *p, uint32_t y, uint32_t *pixels)
{
	const struct vga_mode *m = &p->mode;
	struct vga_line line;
	struct cell c;
	uint32_t x;

	vga_line_find(p, y, &line);
	/* With nine dots 8 is none and 0 is one; with eight it is as it says. */
	x = 0u - (m->cell_width == 9 ? (line.pan >= 8 ? 0 : line.pan + 1) : line.pan & 7);
	for (uint32_t column = 0; column <= m->columns; column++) {
		cell_look(p, &line, column, &c);
		for (uint32_t i = 0; i < m->cell_width; i++, x++) {
			bool lit = i < 8 ? c.dots & 0x80 >> i : c.ninth;

			if (x < m->width)
				pixels[x] = lit ? c.ink : c.paper;
		}
	}
}

/* ---- letters ---- */

/* Code page 437, as Unicode. */
static const uint16_t low[32] = {
	' ',    0x263a, 0x263b, 0x2665, 0x2666, 0x2663, 0x2660, 0x2022, 0x25d8, 0x25cb, 0x25d9,
	0x2642, 0x2640, 0x266a, 0x266b, 0x263c, 0x25ba, 0x25c4, 0x2195, 0x203c, 0x00b6, 0x00a7,
	0x25ac, 0x21a8, 0x2191, 0x2193, 0x2192, 0x2190, 0x221f, 0x2194, 0x25b2, 0x25bc,
};
static const uint16_t high[129] = {
	0x2302, 0x00c7, 0x00fc, 0x00e9, 0x00e2, 0x00e4, 0x00e0, 0x00e5, 0x00e7, 0x00ea, 0x00eb,
	0x00e8, 0x00ef, 0x00ee, 0x00ec, 0x00c4, 0x00c5, 0x00c9, 0x00e6, 0x00c6, 0x00f4, 0x00f6,
	0x00f2, 0x00fb, 0x00f9, 0x00ff, 0x00d6, 0x00dc, 0x00a2, 0x00a3, 0x00a5, 0x20a7, 0x0192,
	0x00e1, 0x00ed, 0x00f3, 0x00fa, 0x00f1, 0x00d1, 0x00aa, 0x00ba, 0x00bf, 0x2310, 0x00ac,
	0x00bd, 0x00bc, 0x00a1, 0x00ab, 0x00bb, 0x2591, 0x2592, 0x2593, 0x2502, 0x2524, 0x2561,
	0x2562, 0x2556, 0x2555, 0x2563, 0x2551, 0x2557, 0x255d, 0x255c, 0x255b, 0x2510, 0x2514,
	0x2534, 0x252c, 0x251c, 0x2500, 0x253c, 0x255e, 0x255f, 0x255a, 0x2554, 0x2569, 0x2566,
	0x2560, 0x2550, 0x256c, 0x2567, 0x2568, 0x2564, 0x2565, 0x2559, 0x2558, 0x2552, 0x2553,
	0x256b, 0x256a, 0x2518, 0x250c, 0x2588, 0x2584, 0x258c, 0x2590, 0x2580, 0x03b1, 0x00df,
	0x0393, 0x03c0, 0x03a3, 0x03c3, 0x00b5, 0x03c4, 0x03a6, 0x0398, 0x03a9, 0x03b4, 0x221e,
	0x03c6, 0x03b5, 0x2229, 0x2261, 0x00b1, 0x2265, 0x2264, 0x2320, 0x2321, 0x00f7, 0x2248,
	0x00b0, 0x2219, 0x00b7, 0x221a, 0x207f, 0x00b2, 0x25a0, ' ',
};

static uint16_t letter_of(uint8_t code)
{
	return code < 32 ? low[code] : code < 127 ? code : high[code - 127];
}

struct writer {
	char *to;
	size_t at, size;
};

/* One character; false: no room for it (a byte is kept for the terminator). */
static bool write_utf8(struct writer *w, uint16_t c)
{
	unsigned n = c < 0x80 ? 1 : c < 0x800 ? 2 : 3;
	char *to = w->to + w->at;

	if (w->size - w->at <= n)
		return false;
	if (n == 1) {
		to[0] = (char)c;
	} else if (n == 2) {
		to[0] = (char)(0xc0 | c >> 6);
		to[1] = (char)(0x80 | (c & 0x3f));
	} else {
		to[0] = (char)(0xe0 | c >> 12);
		to[1] = (char)(0x80 | (c >> 6 & 0x3f));
		to[2] = (char)(0x80 | (c & 0x3f));
	}
	w->at += n;
	return true;
}

static bool write_row(const struct vga_picture *p, uint32_t row, struct writer *w)
{
	struct vga_line line;
	size_t end = w->at;

	vga_line_find(p, row * p->mode.cell_height, &line);
	for (uint32_t column = 0; column < p->mode.columns; column++) {
		uint32_t at = vga_line_address(p, &line, column);
		uint16_t c = letter_of((uint8_t)vga_word(p->screen, p->memory, at));

		if (!write_utf8(w, c))
			return false;
		if (c != ' ')
			end = w->at;
	}
	w->at = end;
	return write_utf8(w, '\n');
}

size_t vga_picture_text(const struct vga_picture *p, char *to, size_t size)
{
	struct writer w = { to, 0, size };

	if (!size)
		return 0;
	for (uint32_t row = 0; p->mode.kind == VGA_LETTERS && row < p->mode.rows; row++)
		if (!write_row(p, row, &w))
			break;
	to[w.at] = 0;
	return w.at;
}
