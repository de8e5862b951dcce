/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The registers of the display adapter that decide what is seen, and how its memory is arranged. This is what the screen process gets: with the memory it is all that
 * vga_render.c needs. IBM, "VGA/XGA Hardware Technical Reference"; the Bochs VBE extensions.
 *
 * The memory is linear_size bytes (what the first base address shows) and VGA_DIRECT_SIZE more behind them. A VGA has four planes of 64 KiB. At rest the four bytes of an
 * address, one of each plane, are a word in memory, plane 0 lowest. But where the guest writes with no exit, its bytes lie in a row, as it sees them, in the part behind:
 *
 *   VGA_TEXT     plane 0 and 1 of the even addresses below 32 KiB: characters and attributes of text modes
 *   VGA_CHAINED  all planes of each fourth address: the pixels of the mode with 256 colours
 *
 * and the words of those addresses have stale bytes meanwhile. All else stays in the words: the font in plane 2, for one. vga_word() and vga_word_set() know.
 */
#ifndef BUS_VGA_SCREEN_H
#define BUS_VGA_SCREEN_H

#include "types.h"

#define VGA_DIRECT_SIZE 0x10000u
#define VGA_TEXT_SIZE   0x8000u

enum vga_form { VGA_PLANAR, VGA_TEXT, VGA_CHAINED, VGA_FORMS };

enum { /* indices of vbe[] */
       VBE_ID,
       VBE_XRES,
       VBE_YRES,
       VBE_BPP,
       VBE_ENABLE,
       VBE_BANK,
       VBE_VIRT_WIDTH,
       VBE_VIRT_HEIGHT,
       VBE_X_OFFSET,
       VBE_Y_OFFSET,
       VBE_MEMORY_64K,
       VBE_REGISTERS,
};
enum {
	VBE_ENABLED = 0x01,
	VBE_GETCAPS = 0x02,
	VBE_8BIT_DAC = 0x20,
	VBE_LFB = 0x40,
	VBE_NOCLEAR = 0x80
};

struct vga_screen {
	uint32_t generation;  /* counts changes of all the others */
	uint32_t linear_size; /* a power of two, at least 1 MiB */
	uint8_t form;         /* enum vga_form */
	uint8_t misc;
	uint8_t sr[8];  /* sequencer; 5 to 7 are not there */
	uint8_t gr[16]; /* graphics controller; 9 and up are not there */
	uint8_t cr[32]; /* CRT controller */
	uint8_t ar[32]; /* attribute controller */
	bool video;     /* the attribute controller reads its palette: there is a picture */
	uint8_t dac_mask;
	uint8_t dac[768]; /* red, green, blue; 6 bits each, or 8 with VBE_8BIT_DAC */
	uint16_t vbe[VBE_REGISTERS];
};

static inline bool vga_vbe_on(const struct vga_screen *s)
{
	return s->vbe[VBE_ENABLE] & VBE_ENABLED;
}

/* Of an address: is it one whose bytes (the low 16 bits, all) are in the direct part? */
static inline bool vga_in_text(const struct vga_screen *s, uint32_t at)
{
	return s->form == VGA_TEXT && !(at & 1) && at < VGA_TEXT_SIZE;
}
static inline bool vga_in_chained(const struct vga_screen *s, uint32_t at)
{
	return s->form == VGA_CHAINED && !(at & 3) && at < VGA_DIRECT_SIZE;
}

/* The four planes' bytes at an address. Beyond the memory there is nothing: zero. */
static inline uint32_t vga_word(const struct vga_screen *s, const uint8_t *memory, uint32_t at)
{
	const uint32_t *word = (const uint32_t *)memory + at;
	const uint8_t *direct = memory + s->linear_size;

	if (unlikely(at >= s->linear_size / 4))
		return 0;
	if (likely(s->form == VGA_PLANAR))
		return *word;
	if (vga_in_text(s, at))
		return (*word & 0xffff0000) | *(const uint16_t *)(direct + at);
	return vga_in_chained(s, at) ? *(const uint32_t *)(direct + at) : *word;
}

/* Changes the bits of mask. */
static inline void vga_word_set(const struct vga_screen *s, uint8_t *memory, uint32_t at,
                                uint32_t value, uint32_t mask)
{
	uint32_t *word = (uint32_t *)memory + at;
	uint8_t *direct = memory + s->linear_size;

	if (unlikely(at >= s->linear_size / 4))
		return;
	if (unlikely(s->form != VGA_PLANAR)) {
		if (vga_in_text(s, at)) {
			uint16_t *pair = (uint16_t *)(direct + at);

			*pair = (uint16_t)((*pair & ~mask) | (value & mask));
		} else if (vga_in_chained(s, at)) {
			word = (uint32_t *)(direct + at);
		}
	}
	*word = (*word & ~mask) | (value & mask);
}

#endif
