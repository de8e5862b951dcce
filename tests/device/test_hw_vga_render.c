/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is seen: the letters of a text screen, pixels of each kind of mode. */
#include "unit.h"
#include "vga_machine.h"
#include "vga_render.h"

static struct vga_picture p;
static uint32_t pixels[16384];

static void look(void)
{
	vga_picture_begin(&p, vga_get_screen(&vm.d), vm.vram.bytes);
}
static uint32_t pixel(uint32_t x, uint32_t y)
{
	CHECK(x < p.mode.width && y < p.mode.height);
	vga_picture_line(&p, y, pixels);
	return pixels[x];
}
static uint32_t widen(unsigned v)
{
	return (v & 63) << 2 | (v & 63) >> 4;
}
/* The colour of vm_colours(). */
static uint32_t colour(unsigned i)
{
	return widen(i) << 16 | widen(2 * i) << 8 | widen(63 - (i & 63));
}

/* Mode 3 as firmware sets it up, with a font whose line r of character c is c + r. */
static void start_text(void)
{
	vm_start();
	vm_mode(&vga_mode_3);
	vm_colours();
	vm_index(0x3c4, 2, 4);
	vm_index(0x3c4, 4, 6);
	vm_index(0x3ce, 5, 0);
	vm_index(0x3ce, 6, 4);
	for (unsigned c = 0; c < 256; c++)
		for (unsigned r = 0; r < 16; r++) {
			vm_store(0xa0000 + c * 32 + r, (uint8_t)(c + r));
			vm_store(0xa4000 + c * 32 + r, (uint8_t) ~(c + r));
		}
	vm_mode(&vga_mode_3);
	for (unsigned i = 0; i < 2000; i++) {
		vm_store(0xb8000 + 2 * i, ' ');
		vm_store(0xb8001 + 2 * i, 0x07);
	}
}

static void write_at(unsigned column, unsigned row, const char *s)
{
	for (; *s; s++, column++)
		vm_store(0xb8000 + 2 * (row * 80 + column), (uint8_t)*s);
}

static void test_text(void)
{
	static char text[8192];
	size_t n;

	start_text();
	write_at(0, 0, "SeaBIOS (version 1.16)");
	write_at(3, 2, "\xda\xc4\xbf \x80\xe1\x01");
	write_at(79, 24, "!");
	look();
	CHECK_EQ(p.mode.kind, VGA_LETTERS);
	CHECK_EQ(p.mode.columns, 80);
	CHECK_EQ(p.mode.rows, 25);
	CHECK_EQ(p.mode.width, 720);
	CHECK_EQ(p.mode.height, 400);
	n = vga_picture_text(&p, text, sizeof(text));
	CHECK_EQ(n, strlen(text));
	CHECK(!strncmp(text,
	               "SeaBIOS (version 1.16)\n\n"
	               "   \u250c\u2500\u2510 \u00c7\u00df\u263a\n\n\n",
	               40));
	CHECK(!strcmp(text + n - 3, " !\n"));
	CHECK_EQ(vga_picture_text(&p, text, 8), 7);
	CHECK(!strcmp(text, "SeaBIOS"));
	CHECK_EQ(vga_picture_text(&p, text, 0), 0);
	/* scrolled by hardware, by a row; the start address counts characters */
	vm_index(0x3d4, 0x0d, 160);
	look();
	vga_picture_text(&p, text, sizeof(text));
	CHECK(!strncmp(text, "   \u250c", 6));
	vm_mode(&vga_mode_13);
	look();
	CHECK_EQ(vga_picture_text(&p, text, sizeof(text)), 0);
	CHECK_EQ(text[0], 0);
}

static void test_text_pixels(void)
{
	start_text();
	vm_store(0xb8000 + 2 * 81, 0x40);
	vm_store(0xb8001 + 2 * 81, 0x4e);
	vm_index(0x3d4, 0x0a, 0x20); /* no cursor */
	look();
	/* row 1, line 3: 0x43 */
	for (unsigned i = 0; i < 8; i++)
		CHECK_EQ(pixel(9 + i, 19), colour(0x43 & 0x80 >> i ? 0x3e : 4));
	CHECK_EQ(pixel(17, 19), colour(4));
	/* characters of boxes have their eighth dot in the ninth too */
	vm_store(0xb8000 + 2 * 81, 0xc4);
	CHECK_EQ(pixel(16, 19), colour(0x3e));
	CHECK_EQ(pixel(17, 19), colour(0x3e));
	vm_index(0x3c4, 1, 1);
	look();
	CHECK_EQ(p.mode.width, 640);
	CHECK_EQ(pixel(15, 19), colour(0x3e));
	CHECK_EQ(pixel(16, 19), colour(0));
	/* another font where attribute bit 3 is set */
	vm_index(0x3c4, 3, 0x04);
	look();
	CHECK_EQ(pixel(15, 19), colour(4));
	vm_index(0x3c4, 3, 0x00);
	/* blinking, and without it a bright background */
	vm_store(0xb8001 + 2 * 81, 0xce);
	look();
	CHECK_EQ(pixel(15, 19), colour(0x3e));
	p.blink = true;
	CHECK_EQ(pixel(15, 19), colour(4));
	vm_in(0x3da);
	vm_out(0x3c0, 0x30);
	vm_out(0x3c0, 0x04);
	look();
	CHECK_EQ(pixel(14, 16), colour(0x3c));
}

static void test_cursor_and_underline(void)
{
	start_text();
	vm_index(0x3d4, 0x0f, 5);
	look();
	CHECK_EQ(pixel(45, 12), colour(0));
	CHECK_EQ(pixel(45, 13), colour(7));
	CHECK_EQ(pixel(53, 14), colour(7));
	CHECK_EQ(pixel(45, 15), colour(0));
	p.blink = true;
	CHECK_EQ(pixel(45, 13), colour(0));
	vm_index(0x3d4, 0x14, 12);
	vm_store(0xb8001, 0x01);
	vm_store(0xb8000, 0);
	vm_store(0xb8003, 0x02);
	vm_store(0xb8002, 0);
	look();
	CHECK_EQ(pixel(0, 12), colour(1));
	CHECK_EQ(pixel(9, 12), colour(0));
	CHECK_EQ(pixel(8, 12), colour(1));
	/* a line of dots in a letter ends with its eighth; a cursor's is the whole cell's, whatever the letter */
	vm_index(0x3d4, 0x0f, 1);
	vm_store(0xb8003, 0x07);
	vm_store(0xb8002, 0xe1);
	p.blink = false;
	look();
	CHECK_EQ(pixel(17, 13), colour(7));
	vm_store(0xb8003, 0x02);
	vm_store(0xb8002, 0);
	/* panned by one dot: with nine dots 0 is one */
	vm_in(0x3da);
	vm_out(0x3c0, 0x33);
	vm_out(0x3c0, 0x00);
	look();
	CHECK_EQ(pixel(7, 12), colour(1));
	CHECK_EQ(pixel(8, 12), colour(0));
}

static void test_blank(void)
{
	start_text();
	vm_store(0xb8001, 0x77);
	vm_store(0xb8000, 0xff);
	look();
	CHECK(pixel(0, 0));
	vm_index(0x3c4, 1, 0x20);
	look();
	CHECK_EQ(p.mode.kind, VGA_BLANK);
	CHECK_EQ(pixel(0, 0), 0);
	vm_index(0x3c4, 1, 0);
	vm_in(0x3da);
	vm_out(0x3c0, 0);
	look();
	CHECK_EQ(pixel(0, 0), 0);
}

static void test_planar(void)
{
	vm_start();
	vm_mode(&vga_mode_12);
	vm_colours();
	vm_index(0x3c4, 2, 5);
	vm_store(0xa0000 + 80 * 2 + 1, 0x81);
	vm_index(0x3c4, 2, 8);
	vm_store(0xa0000 + 80 * 2 + 1, 0x01);
	look();
	CHECK_EQ(p.mode.kind, VGA_COLOURS4);
	CHECK_EQ(p.mode.width, 640);
	CHECK_EQ(p.mode.height, 480);
	CHECK_EQ(pixel(8, 2), colour(5));
	CHECK_EQ(pixel(9, 2), colour(0));
	CHECK_EQ(pixel(15, 2), colour(0x3d));
	/* planes that the attribute controller leaves out; its colour select */
	vm_in(0x3da);
	vm_out(0x3c0, 0x32);
	vm_out(0x3c0, 0x03);
	vm_out(0x3c0, 0x34);
	vm_out(0x3c0, 0x04);
	look();
	CHECK_EQ(pixel(8, 2), colour(0x40 + 1));
	vm_out(0x3c0, 0x32);
	vm_out(0x3c0, 0x0f);
	vm_out(0x3c0, 0x30);
	vm_out(0x3c0, 0x81);
	vm_out(0x3c0, 0x34);
	vm_out(0x3c0, 0x02);
	look();
	CHECK_EQ(pixel(8, 2), colour(0x25));
	/* the screen is split below line 99, and panned above it */
	vm_mode(&vga_mode_12);
	vm_index(0x3d4, 0x0d, 1);
	vm_index(0x3d4, 0x18, 99);
	vm_index(0x3d4, 0x07, 0x2e);
	vm_index(0x3d4, 0x09, 0x00);
	vm_in(0x3da);
	vm_out(0x3c0, 0x33);
	vm_out(0x3c0, 7);
	look();
	CHECK_EQ(pixel(0, 2), colour(0x3d));
	CHECK_EQ(pixel(8, 102), colour(0x3d)); /* panned as well */
	CHECK_EQ(pixel(1, 102), colour(5));
	vm_out(0x3c0, 0x30);
	vm_out(0x3c0, 0x21);
	look();
	CHECK_EQ(pixel(8, 102), colour(5));
}

static void test_256(void)
{
	vm_start();
	vm_mode(&vga_mode_13);
	vm_colours();
	for (unsigned i = 0; i < 320; i++)
		vm_store(0xa0000 + 320 * 7 + i, (uint8_t)i);
	look();
	CHECK_EQ(p.mode.kind, VGA_COLOURS8);
	CHECK_EQ(p.mode.width, 320);
	CHECK_EQ(p.mode.height, 200);
	for (unsigned i = 0; i < 320; i++)
		CHECK_EQ(pixel(i, 7), colour(i & 0xff));
	vm_out(0x3c6, 0x0f);
	look();
	CHECK_EQ(pixel(0x35, 7), colour(5));
	vm_out(0x3c6, 0xff);
	/* mode X: bytes of addresses, planes in turn */
	vm_index(0x3c4, 4, 6);
	vm_index(0x3d4, 0x11, 0);
	vm_index(0x3d4, 0x14, 0);
	vm_index(0x3d4, 0x17, 0xe3);
	vm_index(0x3c4, 2, 4);
	vm_store(0xa0000 + 80 * 9 + 3, 0x42);
	look();
	CHECK_EQ(pixel(3 * 4 + 2, 9), colour(0x42));
	vm_in(0x3da);
	vm_out(0x3c0, 0x33);
	vm_out(0x3c0, 4);
	look();
	CHECK_EQ(pixel(3 * 4, 9), colour(0x42));
}

static void test_cga(void)
{
	vm_start();
	vm_mode(&vga_mode_4);
	vm_colours();
	vm_store(0xb8000 + 80 * 2 + 1, 0x1b); /* line 4: 0 1 2 3 */
	vm_store(0xba000 + 80 * 2, 0xe4);     /* line 5: 3 2 1 0 */
	look();
	CHECK_EQ(p.mode.kind, VGA_COLOURS2);
	CHECK_EQ(p.mode.width, 320);
	CHECK_EQ(p.mode.height, 200);
	CHECK_EQ(pixel(4, 4), colour(0));
	CHECK_EQ(pixel(5, 4), colour(0x13));
	CHECK_EQ(pixel(6, 4), colour(0x15));
	CHECK_EQ(pixel(7, 4), colour(0x17));
	CHECK_EQ(pixel(0, 5), colour(0x17));
	CHECK_EQ(pixel(2, 5), colour(0x13));
	CHECK_EQ(pixel(4, 5), colour(0));
	CHECK_EQ(vm.exits, 1);
}

static void set_vbe(uint16_t width, uint16_t height, uint16_t bits)
{
	vm_vbe(VBE_ENABLE, 0);
	vm_vbe(VBE_XRES, width);
	vm_vbe(VBE_YRES, height);
	vm_vbe(VBE_BPP, bits);
	vm_vbe(VBE_ENABLE, VBE_ENABLED | VBE_LFB);
	look();
	CHECK_EQ(p.mode.width, width);
	CHECK_EQ(p.mode.height, height);
}

/* Where the pixels of a line are; what they mean is no business of the adapter's. */
static void check_linear(uint32_t y, uint32_t width, uint32_t at)
{
	const uint8_t *from = NULL;

	CHECK_EQ(vga_linear_find(&p, y, &from), width);
	if (width)
		CHECK_EQ(from - vm.vram.bytes, at);
}

static void test_linear(void)
{
	static const uint16_t bits[] = { 8, 15, 16, 24, 32 };

	vm_start();
	vm_mode(&vga_mode_13);
	vm_colours();
	for (unsigned i = 0; i < 5; i++) {
		set_vbe(64, 48, bits[i]);
		CHECK_EQ(p.mode.kind, VGA_LINEAR);
		CHECK_EQ(p.mode.bits, bits[i]);
		check_linear(3, 64, 64 * 3 * ((bits[i] + 7u) / 8));
	}
	CHECK_EQ(p.colour[5], colour(5));
	vm_vbe(VBE_VIRT_WIDTH, 128);
	vm_vbe(VBE_X_OFFSET, 1);
	vm_vbe(VBE_Y_OFFSET, 1);
	look();
	check_linear(1, 64, (128 * 2 + 1) * 4);
	/* the memory's end, in a line and before it */
	p.mode.start = p.screen->linear_size - 10;
	check_linear(0, 2, p.screen->linear_size - 10);
	check_linear(1, 0, 0);
	vm_vbe(VBE_ENABLE, 0);
	vm_vbe(VBE_ENABLE, VBE_ENABLED | VBE_8BIT_DAC);
	vm_out(0x3c8, 1);
	vm_out(0x3c9, 0x81);
	vm_out(0x3c9, 0x82);
	vm_out(0x3c9, 0x83);
	look();
	CHECK_EQ(p.colour[1], 0x818283);
}

static void test_vbe_planes(void)
{
	vm_start();
	vm_mode(&vga_mode_12);
	vm_colours();
	set_vbe(800, 600, 4);
	CHECK_EQ(p.mode.kind, VGA_COLOURS4);
	vm_index(0x3c4, 2, 6);
	vm_store(0xa0000 + 100 * 599 + 99, 0x01);
	CHECK_EQ(pixel(799, 599), colour(0x14));
	CHECK_EQ(pixel(798, 599), colour(0));
	vm_vbe(VBE_VIRT_WIDTH, 808);
	vm_vbe(VBE_X_OFFSET, 3);
	vm_store(0xa0000 + 101 * 5, 0x08);
	look();
	CHECK_EQ(pixel(1, 5), colour(0x14));
}

UNIT_MAIN(UNIT(test_text), UNIT(test_text_pixels), UNIT(test_cursor_and_underline),
          UNIT(test_blank), UNIT(test_planar), UNIT(test_256), UNIT(test_cga), UNIT(test_linear),
          UNIT(test_vbe_planes))
