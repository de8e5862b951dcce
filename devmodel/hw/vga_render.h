/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the registers and the memory of the display adapter to what a person sees: pixels, or the letters of a text screen. Pure functions: whatever the registers and the
 * memory say, nothing beyond the memory is read and nothing beyond the given places is written.
 */
#ifndef HW_VGA_RENDER_H
#define HW_VGA_RENDER_H

#include "vga_screen.h"

enum vga_kind {
	VGA_BLANK,    /* no picture: black */
	VGA_LETTERS,  /* text */
	VGA_COLOURS2, /* two bits a pixel in turns from two planes: CGA */
	VGA_COLOURS4, /* a bit of each plane */
	VGA_COLOURS8, /* a byte, from the planes in turn */
	VGA_LINEAR,   /* 8 to 32 bits, one behind the other */
};

/* What the registers mean. */
struct vga_mode {
	enum vga_kind kind;
	uint32_t width, height; /* in pixels; at least 1, at most 16384 */
	uint32_t columns, rows, cell_width,
		cell_height; /* letters only; rows that are seen whole */
	uint32_t bits;       /* linear: of a pixel, 8, 15, 16, 24, 32 */
	uint32_t pitch,
		start; /* linear and VBE with four planes: bytes of a line, of what is before the first */
	uint32_t repeat; /* lines of the monitor that show the same: already taken out of height */
};

struct vga_picture {
	const struct vga_screen *screen;
	const uint8_t *memory; /* screen->linear_size + VGA_DIRECT_SIZE */
	struct vga_mode mode;
	uint32_t colour[256]; /* 0x00rrggbb of each value of a pixel */
	bool blink;           /* what blinks is hidden now, the cursor too */
};

void vga_mode_of(const struct vga_screen *s, struct vga_mode *m);

/* Looks at the registers. screen and memory must stay until the last line is made; screen must not change. */
void vga_picture_begin(struct vga_picture *p, const struct vga_screen *screen,
                       const uint8_t *memory);
/* Line y below mode.height, into mode.width pixels. Not of linear modes, of which it is black. */
void vga_picture_line(const struct vga_picture *p, uint32_t y, uint32_t *pixels);
/* Of linear modes: the line's first byte, and how many whole pixels of it there are in memory, at most mode.width; 0: none. Who shows them knows the format: mode.bits, and colour[] with 8. */
uint32_t vga_linear_find(const struct vga_picture *p, uint32_t y, const uint8_t **from);
/*
 * The letters of a text screen in UTF-8, a line a row, without spaces at their ends, and terminated. Returns the length, less than size; what does not fit is left out.
 * Nothing for other modes.
 */
size_t vga_picture_text(const struct vga_picture *p, char *to, size_t size);

/* ---- for the files of this module ---- */

/* A line of the monitor in the CRT controller's terms. */
struct vga_line {
	uint32_t address; /* of the first character clock, before it is turned into one of memory */
	uint32_t row_scan;
	uint32_t pan; /* as the attribute controller has it */
};
void vga_line_find(const struct vga_picture *p, uint32_t y, struct vga_line *line);
/* The address in memory of a character clock of a line. */
uint32_t vga_line_address(const struct vga_picture *p, const struct vga_line *line, uint32_t clock);
void vga_text_line(const struct vga_picture *p, uint32_t y, uint32_t *pixels);

#endif
