/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VGA text mode: 80x25 cells of character and attribute. */
#include "vga.h"

#include "cpu_insn.h"
#include "machine.h"
#include "string.h"

#define COLUMNS   80
#define ROWS      25
#define TEXT_BASE 0xb8000
#define ATTRIBUTE 0x07 /* grey on black */

#define GRAPHICS_INDEX 0x3ce
#define GRAPHICS_DATA  0x3cf
#define GRAPHICS_MISC  6
#define CRTC_INDEX     0x3d4
#define CRTC_DATA      0x3d5
#define CRTC_CURSOR    14 /* high byte, then low */

static bool present;
static unsigned row, column;

static uint16_t *cell(unsigned r, unsigned c)
{
	return (uint16_t *)hpa_to_virt(hpa(TEXT_BASE)) + r * COLUMNS + c;
}

bool vga_init(void)
{
	uint8_t misc;

	out8(GRAPHICS_INDEX, GRAPHICS_MISC);
	misc = in8(GRAPHICS_DATA);
	/* bit 0: graphics; bits 3:2: memory at 0xb8000. Without an adapter all bits read as ones. */
	present = !(misc & 1) && (misc >> 2 & 3) == 3;
	if (!present)
		return false;
	for (unsigned i = 0; i < COLUMNS * ROWS; i++)
		cell(0, 0)[i] = ATTRIBUTE << 8 | ' ';
	row = column = 0;
	return true;
}

bool vga_present(void)
{
	return present;
}

void vga_release(void)
{
	present = false;
}

static void new_line(void)
{
	column = 0;
	if (row + 1 < ROWS) {
		row++;
		return;
	}
	memmove(cell(0, 0), cell(1, 0), (size_t)COLUMNS * (ROWS - 1) * 2);
	for (unsigned c = 0; c < COLUMNS; c++)
		*cell(ROWS - 1, c) = ATTRIBUTE << 8 | ' ';
}

static void put_char(uint8_t c)
{
	switch (c) {
	case '\n': new_line(); return;
	case '\r': column = 0; return;
	case '\t': column = (column + 8) & ~7u; break;
	case '\b': column -= column > 0; return;
	default: *cell(row, column++) = (uint16_t)(ATTRIBUTE << 8 | (c >= ' ' ? c : '.'));
	}
	if (column >= COLUMNS)
		new_line();
}

void vga_put(const char *s, size_t n)
{
	unsigned at;

	if (!present)
		return;
	for (size_t i = 0; i < n; i++)
		put_char((uint8_t)s[i]);
	at = row * COLUMNS + column;
	out8(CRTC_INDEX, CRTC_CURSOR);
	out8(CRTC_DATA, (uint8_t)(at >> 8));
	out8(CRTC_INDEX, CRTC_CURSOR + 1);
	out8(CRTC_DATA, (uint8_t)at);
}
