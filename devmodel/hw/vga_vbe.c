/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Bochs VBE display interface: modes beyond the VGA's, by a few 16-bit registers. Bochs, "VBE Display API" (versions 0xb0c0 to 0xb0c5). */
#include "string.h"
#include "vga_state.h"

#define ID_FIRST 0xb0c0
#define ID_LAST  0xb0c5
#define XRES_MAX 16000
#define YRES_MAX 12000

uint16_t vga_vbe_read(const struct vga *v, uint16_t index)
{
	const uint16_t *vbe = v->screen.vbe;
	bool caps = vbe[VBE_ENABLE] & VBE_GETCAPS;

	if (index >= VBE_REGISTERS)
		return 0;
	switch (caps ? index : 0) {
	case VBE_XRES: return XRES_MAX;
	case VBE_YRES: return YRES_MAX;
	case VBE_BPP: return 32;
	}
	return vbe[index];
}

/* Bytes of a line; a planar one counts the four planes. */
static uint32_t line_bytes(const uint16_t *vbe)
{
	return vbe[VBE_BPP] == 4 ? vbe[VBE_VIRT_WIDTH] / 2u
	                         : vbe[VBE_VIRT_WIDTH] * ((vbe[VBE_BPP] + 7u) / 8);
}

static uint16_t limit(uint32_t value, uint32_t low, uint32_t high)
{
	return (uint16_t)(value < low ? low : value > high ? high : value);
}

/* Makes of a mode one that fits into the memory. */
static void make_fit(struct vga *v)
{
	uint16_t *vbe = v->screen.vbe;
	uint32_t line, lines;

	if (vbe[VBE_BPP] != 4 && vbe[VBE_BPP] != 8 && vbe[VBE_BPP] != 15 && vbe[VBE_BPP] != 16 &&
	    vbe[VBE_BPP] != 24 && vbe[VBE_BPP] != 32)
		vbe[VBE_BPP] = 8;
	vbe[VBE_XRES] = limit(vbe[VBE_XRES] & ~7u, 8, XRES_MAX);
	vbe[VBE_VIRT_WIDTH] = limit(vbe[VBE_VIRT_WIDTH] & ~7u, vbe[VBE_XRES], 0xfff8);
	line = line_bytes(vbe);
	lines = v->screen.linear_size /
	        line; /* at least 4, with 1 MiB and 4 * 65528 bytes a line */
	vbe[VBE_YRES] = limit(vbe[VBE_YRES], 1, MIN(lines, (uint32_t)YRES_MAX));
	vbe[VBE_VIRT_HEIGHT] = limit(lines, 1, 0xffff);
	vbe[VBE_X_OFFSET] = limit(vbe[VBE_X_OFFSET], 0, vbe[VBE_VIRT_WIDTH] - vbe[VBE_XRES]);
	vbe[VBE_Y_OFFSET] = limit(vbe[VBE_Y_OFFSET], 0, lines - vbe[VBE_YRES]);
}

static void enable(struct vga *v, uint16_t value)
{
	uint16_t *vbe = v->screen.vbe;
	bool was_on = vbe[VBE_ENABLE] & VBE_ENABLED;

	vbe[VBE_ENABLE] =
		value & (VBE_ENABLED | VBE_GETCAPS | VBE_8BIT_DAC | VBE_LFB | VBE_NOCLEAR);
	if (!(value & VBE_ENABLED)) {
		vbe[VBE_BANK] = 0;
		return;
	}
	if (was_on)
		return;
	vbe[VBE_VIRT_WIDTH] = vbe[VBE_XRES];
	vbe[VBE_X_OFFSET] = vbe[VBE_Y_OFFSET] = 0;
	make_fit(v);
	if (value & VBE_NOCLEAR)
		return;
	memset(v->memory, 0, (size_t)line_bytes(vbe) * vbe[VBE_YRES]);
	v->written = ~0ull;
}

void vga_vbe_write(struct vga *v, uint16_t index, uint16_t value)
{
	uint16_t *vbe = v->screen.vbe;

	switch (index) {
	case VBE_ID:
		if (value >= ID_FIRST && value <= ID_LAST)
			vbe[VBE_ID] = value;
		return;
	case VBE_ENABLE: enable(v, value); break;
	case VBE_BANK:
		/* One beyond the memory is the last. */
		vbe[VBE_BANK] = (uint16_t)MIN((uint32_t)value, (v->screen.linear_size >> 16) - 1);
		break;
	case VBE_XRES:
	case VBE_YRES:
	case VBE_BPP:
	case VBE_VIRT_WIDTH:
	case VBE_X_OFFSET:
	case VBE_Y_OFFSET:
		vbe[index] = value;
		if (vga_vbe_on(&v->screen))
			make_fit(v);
		break;
	default: return;
	}
	v->screen.generation++;
	v->timing_valid = false;
	vga_map_changed(v);
}

void vga_vbe_reset(struct vga *v)
{
	uint16_t *vbe = v->screen.vbe;

	memset(vbe, 0, sizeof(v->screen.vbe));
	v->vbe_index = 0;
	vbe[VBE_ID] = ID_LAST;
	vbe[VBE_MEMORY_64K] = (uint16_t)(v->screen.linear_size >> 16);
}

void vga_vbe_restored(struct vga *v)
{
	uint16_t *vbe = v->screen.vbe;

	if (vbe[VBE_ID] < ID_FIRST || vbe[VBE_ID] > ID_LAST)
		vbe[VBE_ID] = ID_LAST;
	vbe[VBE_MEMORY_64K] = (uint16_t)(v->screen.linear_size >> 16);
	vbe[VBE_BANK] = limit(vbe[VBE_BANK], 0, vbe[VBE_MEMORY_64K] - 1u);
	if (vga_vbe_on(&v->screen))
		make_fit(v);
}
