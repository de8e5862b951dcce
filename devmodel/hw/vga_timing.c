/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When the beam goes back. Programs wait for it, measure with it and take the adapter for broken when it does not; nothing is drawn by it here. Registers of the CRT
 * controller give the times, as on a real one; when what they give is no picture that a monitor could show, it is one of 60 Hz.
 */
#include "vga_state.h"

#define DISPLAY_DISABLED 0x01
#define VERTICAL_RETRACE 0x08

static void timing_of(struct vga_timing *t, uint32_t line, uint32_t active, uint32_t lines,
                      uint32_t visible, uint32_t retrace)
{
	t->line = line;
	t->active = active;
	t->frame = line * lines;
	t->visible = line * visible;
	t->retrace = line * retrace;
}

static void timing_compute(struct vga *v)
{
	static const uint32_t clocks_khz[4] = { 25175, 28322, 25175, 25175 };
	const uint8_t *cr = v->screen.cr;
	uint32_t dots = v->screen.sr[1] & 1 ? 8 : 9;
	uint32_t khz = clocks_khz[v->screen.misc >> 2 & 3] >> (v->screen.sr[1] >> 3 & 1);
	uint32_t line = (cr[0] + 5u) * dots * 1000000 / khz;
	uint32_t active = (cr[1] + 1u) * dots * 1000000 / khz;
	uint32_t lines = cr[6] + ((cr[7] & 1u) << 8) + ((cr[7] & 0x20u) << 4) + 2;
	uint32_t visible = cr[0x12] + ((cr[7] & 2u) << 7) + ((cr[7] & 0x40u) << 3) + 1;
	uint32_t retrace = cr[0x10] + ((cr[7] & 4u) << 6) + ((cr[7] & 0x80u) << 2);

	v->timing_valid = true;
	timing_of(&v->timing, line, active, lines, visible, retrace);
	if (vga_vbe_on(&v->screen) || active >= line || visible > retrace || retrace >= lines ||
	    v->timing.frame < 5000000 || v->timing.frame > 50000000)
		timing_of(&v->timing, 31778, 25422, 525, 480, 490);
}

/*
 * The retrace lasts to the end of the picture, longer than the two lines of a monitor's: who looks only now and then shall see it too.
 */
uint8_t vga_retrace_status(struct vga *v)
{
	struct device_clock *c = v->ports->clock;
	uint32_t at;

	if (!v->timing_valid)
		timing_compute(v);
	at = (uint32_t)(c->now_ns(c) % v->timing.frame);
	if (at >= v->timing.retrace)
		return DISPLAY_DISABLED | VERTICAL_RETRACE;
	if (at >= v->timing.visible || at % v->timing.line >= v->timing.active)
		return DISPLAY_DISABLED;
	return 0;
}
