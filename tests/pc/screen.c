/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The screen by its BIOS and by its registers: text and fonts, CGA's modes, planes with all write modes, 256 colours chained and not, VBE with windows.
 */
#include "real.h"

#define GRAPHICS  0xa0000
#define TEXT      0xb8000
#define SEQUENCER 0x3c4
#define GRAPHIC   0x3ce
#define CRTC      0x3d4

static void set_mode(uint8_t mode)
{
	bios_ax(0x10, mode, 0, 0, 0);
}

/* ---- text ---- */

static void text(void)
{
	static const char words[] = "zazen";
	struct bios r = {
		.eax = 0x1301, .ebx = 0x001e, .ecx = 5, .edx = 0x0203, .ebp = (uint32_t)words
	};

	set_mode(3);
	equal("text-mode", bios_ax(0x10, 0x0f00, 0, 0, 0), 0x5003);
	equal("text-empty", peek16(TEXT), 0x0720);
	bios(0x10, &r);
	equal("text-string", peek16(TEXT + 2 * (2 * 80 + 3)), 0x1e00 | 'z');
	equal("text-string-end", peek16(TEXT + 2 * (2 * 80 + 7)), 0x1e00 | 'n');
	r = (struct bios){ .eax = 0x0300 };
	bios(0x10, &r);
	equal("text-cursor", r.edx & 0xffff, 0x0208);
	equal("text-cursor-register", indexed(CRTC, 0x0e) << 8 | indexed(CRTC, 0x0f), 2 * 80 + 8);
	bios_ax(0x10, 0x0e00 | 'X', 7, 0, 0);
	equal("text-type", peek8(TEXT + 2 * (2 * 80 + 8)), 'X');
	bios_ax(0x10, 0x0200, 0, 0, 0x0203);
	equal("text-read", bios_ax(0x10, 0x0800, 0, 0, 0), 0x1e00 | 'z');
	bios_ax(0x10, 0x0601, 0x0700, 0, 0x184f);
	equal("text-scroll", peek16(TEXT + 2 * (80 + 3)), 0x1e00 | 'z');
}

/* The BIOS's font is in plane 2, a glyph each 32 bytes. */
static void font(void)
{
	struct bios r = { .eax = 0x1130, .ebx = 0x0600 };
	uint32_t glyph;
	bool same = true;

	bios(0x10, &r);
	glyph = ((uint32_t)r.es << 4) + (r.ebp & 0xffff) + 16 * 'A';
	equal("font-height", r.ecx & 0xffff, 16);
	set_indexed(SEQUENCER, 2, 4);
	set_indexed(SEQUENCER, 4, 7);
	set_indexed(GRAPHIC, 4, 2);
	set_indexed(GRAPHIC, 5, 0);
	set_indexed(GRAPHIC, 6, 0);
	for (unsigned i = 0; i < 16; i++)
		same &= peek8(GRAPHICS + 32 * 'A' + i) == peek8(glyph + i);
	check("font-in-plane", same);
	set_mode(3);
	bios_ax(0x10, 0x1112, 0, 0, 0);
	equal("font-50-lines", peek8(0x484), 49);
	equal("font-8-high", indexed(CRTC, 9) & 0x1f, 7);
	set_mode(3);
	equal("font-25-lines", peek8(0x484), 24);
}

/* ---- planes ---- */

static uint8_t plane(unsigned number, uint32_t at)
{
	set_indexed(GRAPHIC, 4, number);
	return peek8(GRAPHICS + at);
}

static uint32_t planes(uint32_t at)
{
	uint32_t all = 0;

	set_indexed(GRAPHIC, 5, 0);
	for (unsigned i = 0; i < 4; i++)
		all |= (uint32_t)plane(i, at) << 8 * i;
	return all;
}

static void write_modes(void)
{
	set_mode(0x12);
	equal("planes-clear", planes(0), 0);
	set_indexed(SEQUENCER, 2, 0x05);
	poke8(GRAPHICS, 0xa5);
	equal("planes-map-mask", planes(0), 0x00a500a5);
	/* Set and reset, through the bit mask, which keeps what the latches have. */
	set_indexed(SEQUENCER, 2, 0x0f);
	set_indexed(GRAPHIC, 0, 0x0a);
	set_indexed(GRAPHIC, 1, 0x0f);
	set_indexed(GRAPHIC, 8, 0xf0);
	(void)peek8(GRAPHICS);
	poke8(GRAPHICS, 0x00);
	equal("planes-set-reset", planes(0), 0xf005f005);
	set_indexed(GRAPHIC, 1, 0);
	set_indexed(GRAPHIC, 8, 0xff);
	/* Exclusive or with the latches, after a rotation. */
	set_indexed(GRAPHIC, 3, 0x18 | 4);
	(void)peek8(GRAPHICS);
	poke8(GRAPHICS, 0x0f);
	equal("planes-rotate-xor", planes(0), 0x00f500f5);
	set_indexed(GRAPHIC, 3, 0);
	/* Mode 1: the latches as they are. */
	set_indexed(GRAPHIC, 5, 1);
	(void)peek8(GRAPHICS);
	poke8(GRAPHICS + 99, 0x55);
	equal("planes-latches", planes(99), 0x00f500f5);
	/* Mode 2: a colour for the bits of the mask. */
	set_indexed(GRAPHIC, 5, 2);
	set_indexed(GRAPHIC, 8, 0x81);
	(void)peek8(GRAPHICS + 200);
	poke8(GRAPHICS + 200, 0x09);
	equal("planes-colour", planes(200), 0x81000081);
	/* Mode 3: the byte is the mask, the colour is set and reset's. */
	set_indexed(GRAPHIC, 0, 0x06);
	set_indexed(GRAPHIC, 5, 3);
	set_indexed(GRAPHIC, 8, 0xff);
	(void)peek8(GRAPHICS + 300);
	poke8(GRAPHICS + 300, 0x3c);
	equal("planes-mask-byte", planes(300), 0x003c3c00);
	/* Reading which bits are of a colour, all planes asked or two. */
	set_indexed(GRAPHIC, 2, 0x06);
	set_indexed(GRAPHIC, 7, 0x0f);
	set_indexed(GRAPHIC, 5, 8);
	equal("planes-compare", peek8(GRAPHICS + 300), 0x3c);
	set_indexed(GRAPHIC, 7, 0x09);
	equal("planes-compare-two", peek8(GRAPHICS + 300), 0xff);
}

static void pixels(void)
{
	struct bios r;

	set_mode(0x12);
	bios_ax(0x10, 0x0c0b, 0, 321, 123);
	r = (struct bios){ .eax = 0x0d00, .ecx = 321, .edx = 123 };
	bios(0x10, &r);
	equal("pixel-16-colours", r.eax & 0xff, 0x0b);
	equal("pixel-in-planes", planes(123 * 80 + 40), 0x40004040);
	set_mode(4);
	bios_ax(0x10, 0x0c02, 0, 5, 1);
	equal("pixel-cga", peek8(TEXT + 0x2000 + 1), 0x20);
	set_mode(6);
	bios_ax(0x10, 0x0c01, 0, 9, 2);
	equal("pixel-two-colours", peek8(TEXT + 80 + 1), 0x40);
}

static void colours_256(void)
{
	set_mode(0x13);
	for (unsigned i = 0; i < 8; i++)
		poke8(GRAPHICS + i, 0x30 + i);
	equal("256-chained", peek16(GRAPHICS + 6), 0x3736);
	bios_ax(0x10, 0x0c77, 0, 319, 199);
	equal("256-pixel", peek8(GRAPHICS + 319 + 199 * 320), 0x77);
	/* Not chained, as games had it: a plane for each fourth pixel. */
	set_indexed(SEQUENCER, 4, 6);
	set_indexed(CRTC, 0x14, 0);
	set_indexed(CRTC, 0x17, 0xe3);
	set_indexed(SEQUENCER, 2, 0x02);
	poke8(GRAPHICS + 1000, 0x99);
	set_indexed(SEQUENCER, 2, 0x08);
	poke8(GRAPHICS + 1000, 0x88);
	equal("256-planes", planes(1000), 0x88009900);
	set_mode(0x13);
	set_indexed(SEQUENCER, 2, 0x0f);
	equal("256-clear", peek8(GRAPHICS), 0);
}

/* ---- colours ---- */

static bool retrace(void)
{
	return (in8(0x3da) & 8) != 0;
}
static bool no_retrace(void)
{
	return !retrace();
}

static void palette(void)
{
	out8(0x3c8, 0x40);
	out8(0x3c9, 0x3f);
	out8(0x3c9, 0x12);
	out8(0x3c9, 0x01);
	out8(0x3c7, 0x40);
	equal("dac-red", in8(0x3c9), 0x3f);
	equal("dac-green", in8(0x3c9), 0x12);
	equal("dac-blue", in8(0x3c9), 0x01);
	equal("dac-mask", in8(0x3c6), 0xff);
	check("retrace", until(retrace));
	check("no-retrace", until(no_retrace));
	/* The attribute controller takes index and value by one port; reading the status makes it an index again. */
	(void)in8(0x3da);
	out8(0x3c0, 0x21);
	equal("attribute-index", in8(0x3c0), 0x21);
	(void)in8(0x3da);
	out8(0x3c0, 0x05 | 0x20);
	equal("attribute-value", in8(0x3c1), 0x05);
	(void)in8(0x3da);
	out8(0x3c0, 0x20);
}

/* ---- VBE ---- */

static void vbe(void)
{
	struct bios r = { .eax = 0x4f00, .es = BUFFER >> 4 };

	poke16(BUFFER, 'V' | 'B' << 8);
	poke16(BUFFER + 2, 'E' | '2' << 8);
	bios(0x10, &r);
	equal("vbe-there", r.eax & 0xffff, 0x004f);
	equal("vbe-sign", peek32(BUFFER), 0x41534556);
	check("vbe-version", peek16(BUFFER + 4) >= 0x0200);
	r = (struct bios){ .eax = 0x4f01, .ecx = 0x0101, .es = BUFFER >> 4 };
	bios(0x10, &r);
	equal("vbe-mode", r.eax & 0xffff, 0x004f);
	equal("vbe-width", peek16(BUFFER + 18), 640);
	equal("vbe-height", peek16(BUFFER + 20), 480);
	equal("vbe-depth", peek8(BUFFER + 25), 8);
	check("vbe-linear", peek32(BUFFER + 40) >= 0x80000000);
	equal("vbe-set", bios_ax(0x10, 0x4f02, 0x0101, 0, 0), 0x004f);
	/* Two banks of the window, each with a byte of its own. */
	for (uint16_t bank = 0; bank < 2; bank++) {
		bios_ax(0x10, 0x4f05, 0, 0, bank);
		poke8(GRAPHICS + 0x1234, 0x60 + bank);
	}
	bios_ax(0x10, 0x4f05, 0, 0, 0);
	equal("vbe-bank-0", peek8(GRAPHICS + 0x1234), 0x60);
	bios_ax(0x10, 0x4f05, 0, 0, 1);
	equal("vbe-bank-1", peek8(GRAPHICS + 0x1234), 0x61);
	r = (struct bios){ .eax = 0x4f03 };
	bios(0x10, &r);
	equal("vbe-current", r.ebx & 0x1ff, 0x101);
	r = (struct bios){ .eax = 0x4f15, .ebx = 1, .es = BUFFER >> 4 };
	bios(0x10, &r);
	equal("vbe-edid", r.eax & 0xffff, 0x004f);
	equal("vbe-edid-sign", peek32(BUFFER), 0xffffff00);
	set_mode(3);
	equal("vbe-ends", peek16(TEXT), 0x0720);
}

void screen_tests(void)
{
	text();
	font();
	write_modes();
	pixels();
	colours_256();
	palette();
	vbe();
}
