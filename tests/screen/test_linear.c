/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pixels of each format of a linear frame buffer. */
#include "linear.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#define WIDTH 67

static uint8_t memory[4096];
static struct vga_screen screen;
static struct vga_picture p;
static uint32_t pixels[WIDTH];

static void begin(uint32_t bits)
{
	memset(&p, 0, sizeof(p));
	memset(pixels, 0xee, sizeof(pixels));
	screen.linear_size = 2048;
	p.screen = &screen;
	p.memory = memory;
	p.mode.kind = VGA_LINEAR;
	p.mode.width = WIDTH;
	p.mode.height = 3;
	p.mode.bits = bits;
	p.mode.pitch = WIDTH * ((bits + 7) / 8);
}

/* Of these bytes at the begin of line 1, which begins at an odd place. */
static uint32_t pixel(uint32_t bits, uint32_t x)
{
	static const uint8_t bytes[] = { 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0 };

	begin(bits);
	memcpy(memory + p.mode.pitch, bytes, sizeof(bytes));
	for (unsigned i = 0; i < 256; i++)
		p.colour[i] = i * 0x010203;
	picture_line(&p, 1, pixels);
	return pixels[x];
}

static void formats(void)
{
	CHECK_EQ(pixel(8, 1), 0x34 * 0x010203);
	CHECK_EQ(pixel(15, 0), 0x6b0094); /* 0x3412: 13, 0, 18 */
	CHECK_EQ(pixel(16, 0), 0x318294); /* 0x3412: 6, 32, 18 */
	CHECK_EQ(pixel(24, 0), 0x563412);
	CHECK_EQ(pixel(24, 1), 0xbc9a78);
	CHECK_EQ(pixel(32, 0), 0x563412); /* and not what is above the colour */
	CHECK_EQ(pixel(32, 1), 0xdebc9a);
}

/* Every value of 15 and 16 bits, as black and white and all between must come out. */
static void all_values(void)
{
	for (uint32_t v = 0; v < 0x10000; v++) {
		uint32_t r = v >> 11, g = v >> 5 & 63, b = v & 31;

		begin(16);
		p.mode.width = 1;
		memory[0] = (uint8_t)v;
		memory[1] = (uint8_t)(v >> 8);
		picture_line(&p, 0, pixels);
		CHECK_EQ(pixels[0],
		         (r << 3 | r >> 2) << 16 | (g << 2 | g >> 4) << 8 | (b << 3 | b >> 2));
		r = v >> 10 & 31, g = v >> 5 & 31;
		p.mode.bits = 15;
		picture_line(&p, 0, pixels);
		CHECK_EQ(pixels[0],
		         (r << 3 | r >> 2) << 16 | (g << 3 | g >> 2) << 8 | (b << 3 | b >> 2));
	}
}

/* What is beyond the memory is black, and nothing is written behind the line. */
static void memory_end(void)
{
	static const uint32_t bits[] = { 8, 15, 16, 24, 32 };

	memset(memory, 0xff, sizeof(memory));
	for (unsigned i = 0; i < 5; i++)
		for (uint32_t left = 0; left < 20; left++) {
			uint32_t whole = left / ((bits[i] + 7) / 8), *line = malloc(sizeof(pixels));

			begin(bits[i]);
			memset(p.colour, 0xff, sizeof(p.colour));
			p.mode.start = screen.linear_size - left;
			picture_line(&p, 0, line);
			for (uint32_t x = 0; x < WIDTH; x++)
				CHECK_EQ(line[x], x < whole ? 0xffffff : 0);
			free(line);
		}
}

/* Other modes are the renderer's. */
static void others(void)
{
	begin(8);
	p.mode.kind = VGA_BLANK;
	picture_line(&p, 0, pixels);
	for (uint32_t x = 0; x < WIDTH; x++)
		CHECK_EQ(pixels[x], 0);
}

/* Registers that a device model out of its mind wrote: every number of bits, a picture at the very end of memory. */
static void registers_that_cannot_be(void)
{
	uint8_t *exact = malloc(1000);

	memset(exact, 0x5a, 1000);
	for (uint32_t bits = 0; bits < 0x10000; bits += bits < 300 ? 1 : 251) {
		struct vga_screen s = { .video = true, .linear_size = 1000 };
		bool is_known = bits == 4 || bits == 8 || bits == 15 || bits == 16 || bits == 24 ||
		                bits == 32;

		s.vbe[VBE_ENABLE] = VBE_ENABLED;
		s.vbe[VBE_XRES] = WIDTH;
		s.vbe[VBE_YRES] = 8;
		s.vbe[VBE_BPP] = (uint16_t)bits;
		s.vbe[VBE_VIRT_WIDTH] = 25;
		vga_picture_begin(&p, &s, exact);
		CHECK_EQ(p.mode.kind == VGA_BLANK, !is_known);
		if (bits == 4)
			continue; /* planes are the renderer's, with memory of another size */
		p.mode.start = 1000 - 9;
		picture_line(&p, 0, pixels);
	}
	free(exact);
}

UNIT_MAIN(UNIT(formats), UNIT(all_values), UNIT(memory_end), UNIT(others),
          UNIT(registers_that_cannot_be))
