/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The registers of the VGA behind ports 0x3b0 to 0x3df. IBM, "VGA/XGA Hardware Technical Reference", VGA registers. */
#include "string.h"
#include "vga_state.h"

enum {
	PORT_ATTRIBUTE = 0x3c0,
	PORT_ATTRIBUTE_READ = 0x3c1,
	PORT_MISC = 0x3c2, /* read: input status 0 */
	PORT_ENABLE = 0x3c3,
	PORT_SEQUENCER = 0x3c4,
	PORT_SEQUENCER_DATA = 0x3c5,
	PORT_DAC_MASK = 0x3c6,
	PORT_DAC_READ = 0x3c7, /* read: state */
	PORT_DAC_WRITE = 0x3c8,
	PORT_DAC_DATA = 0x3c9,
	PORT_FEATURE = 0x3ca,
	PORT_MISC_READ = 0x3cc,
	PORT_GRAPHICS = 0x3ce,
	PORT_GRAPHICS_DATA = 0x3cf,
	/* these with 0x3d0, or for monochrome 0x3b0, before them */
	PORT_CRTC = 4,
	PORT_CRTC_DATA = 5,
	PORT_STATUS = 0xa, /* write: feature control */
};

/* Bits that there are. */
static const uint8_t sr_mask[8] = { 0x03, 0x3d, 0x0f, 0x3f, 0x0e };
static const uint8_t gr_mask[16] = { 0x0f, 0x0f, 0x0f, 0x1f, 0x03, 0x7b, 0x0f, 0x0f, 0xff };
static const uint8_t ar_mask[32] = { 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f,
	                             0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f,
	                             0x3f, 0x3f, 0xef, 0xff, 0x3f, 0x0f, 0x0f };

/* ---- attribute controller ---- */

static void attribute_write(struct vga *v, uint8_t value)
{
	unsigned i = v->ar_index & 0x1f;

	if (!v->attribute_data) {
		v->ar_index = value & 0x3f;
		v->screen.video = value & 0x20;
	} else {
		v->screen.ar[i] = value & ar_mask[i];
	}
	v->attribute_data = !v->attribute_data;
	v->screen.generation++;
}

/* ---- palette ---- */

static unsigned dac_bits(const struct vga *v)
{
	return v->screen.vbe[VBE_ENABLE] & VBE_8BIT_DAC ? 0xff : 0x3f;
}

static uint8_t dac_read(struct vga *v)
{
	uint8_t value = v->screen.dac[v->dac_index * 3 + v->dac_part];

	if (++v->dac_part == 3) {
		v->dac_part = 0;
		v->dac_index++;
	}
	return value;
}

/* A colour changes when its third part is there. */
static void dac_write(struct vga *v, uint8_t value)
{
	v->dac_buffer[v->dac_part] = (uint8_t)(value & dac_bits(v));
	if (++v->dac_part < 3)
		return;
	memcpy(v->screen.dac + v->dac_index * 3, v->dac_buffer, 3);
	v->dac_part = 0;
	v->dac_index++;
	v->screen.generation++;
}

static void dac_start(struct vga *v, uint8_t index, bool reading)
{
	v->dac_index = index;
	v->dac_part = 0;
	v->read_dac = reading;
}

/* ---- CRT controller ---- */

static uint8_t crtc_read(const struct vga *v)
{
	switch (v->cr_index) {
	case 0x22: return (uint8_t)(v->latch >> 8 * (v->screen.gr[4] & 3));
	case 0x24: return v->attribute_data ? 0x80 : 0;
	case 0x26: return v->ar_index;
	}
	return v->cr_index <= 0x18 ? v->screen.cr[v->cr_index] : 0;
}

static void crtc_write(struct vga *v, uint8_t value)
{
	unsigned i = v->cr_index;
	uint8_t *cr = v->screen.cr;

	if (i > 0x18)
		return;
	if (i <= 7 && (cr[0x11] & 0x80)) { /* protected, but for a bit of the line compare */
		if (i != 7)
			return;
		value = (uint8_t)((cr[7] & ~0x10) | (value & 0x10));
	}
	if (cr[i] == value)
		return;
	cr[i] = value;
	v->timing_valid = false;
	v->screen.generation++;
}

/* The CRT controller and the status port are at 0x3d0 or at 0x3b0; port is the offset there. */
static uint8_t crtc_ports_read(struct vga *v, unsigned port)
{
	switch (port) {
	case PORT_CRTC: return v->cr_index;
	case PORT_CRTC_DATA: return crtc_read(v);
	case PORT_STATUS: v->attribute_data = false; return vga_retrace_status(v);
	}
	return 0xff;
}

static void crtc_ports_write(struct vga *v, unsigned port, uint8_t value)
{
	switch (port) {
	case PORT_CRTC: v->cr_index = value; break;
	case PORT_CRTC_DATA: crtc_write(v, value); break;
	case PORT_STATUS: v->feature = value & 0x10; break;
	}
}

static bool is_crtc_port(const struct vga *v, uint16_t port)
{
	return (port & 0x3f0) == (v->screen.misc & 1 ? 0x3d0 : 0x3b0);
}

/* ---- all together ---- */

uint8_t vga_port_read(struct vga *v, uint16_t port)
{
	switch (port) {
	case PORT_ATTRIBUTE:
		return v->ar_index; /* whatever comes next: programs save it by reading it */
	case PORT_ATTRIBUTE_READ: return v->screen.ar[v->ar_index & 0x1f];
	case PORT_MISC: return 0;
	case PORT_ENABLE: return v->enable;
	case PORT_SEQUENCER: return v->sr_index;
	case PORT_SEQUENCER_DATA: return v->screen.sr[v->sr_index];
	case PORT_DAC_MASK: return v->screen.dac_mask;
	case PORT_DAC_READ: return v->read_dac ? 3 : 0;
	case PORT_DAC_WRITE: return v->dac_index;
	case PORT_DAC_DATA: return dac_read(v);
	case PORT_FEATURE: return v->feature;
	case PORT_MISC_READ: return v->screen.misc;
	case PORT_GRAPHICS: return v->gr_index;
	case PORT_GRAPHICS_DATA: return v->screen.gr[v->gr_index];
	}
	return is_crtc_port(v, port) ? crtc_ports_read(v, port & 15) : 0xff;
}

static void misc_write(struct vga *v, uint8_t value)
{
	v->screen.misc = value & 0xef;
	v->timing_valid = false;
	v->screen.generation++;
	vga_map_changed(v);
}

static void sequencer_write(struct vga *v, uint8_t value)
{
	v->screen.sr[v->sr_index] = value & sr_mask[v->sr_index];
	if (v->sr_index == 1)
		v->timing_valid = false;
	v->screen.generation++;
	vga_map_changed(v);
}

static void graphics_write(struct vga *v, uint8_t value)
{
	v->screen.gr[v->gr_index] = value & gr_mask[v->gr_index];
	v->screen.generation++;
	vga_map_changed(v);
}

void vga_port_write(struct vga *v, uint16_t port, uint8_t value)
{
	switch (port) {
	case PORT_ATTRIBUTE: attribute_write(v, value); return;
	case PORT_MISC: misc_write(v, value); return;
	case PORT_ENABLE: v->enable = value & 1; return;
	case PORT_SEQUENCER: v->sr_index = value & 7; return;
	case PORT_SEQUENCER_DATA: sequencer_write(v, value); return;
	case PORT_DAC_MASK:
		v->screen.dac_mask = value;
		v->screen.generation++;
		return;
	case PORT_DAC_READ: dac_start(v, value, true); return;
	case PORT_DAC_WRITE: dac_start(v, value, false); return;
	case PORT_DAC_DATA: dac_write(v, value); return;
	case PORT_GRAPHICS: v->gr_index = value & 15; return;
	case PORT_GRAPHICS_DATA: graphics_write(v, value); return;
	}
	if (is_crtc_port(v, port))
		crtc_ports_write(v, port & 15, value);
}

void vga_ports_reset(struct vga *v)
{
	struct vga_screen *s = &v->screen;

	s->misc = 0;
	memset(s->sr, 0, sizeof(s->sr));
	memset(s->gr, 0, sizeof(s->gr));
	memset(s->cr, 0, sizeof(s->cr));
	memset(s->ar, 0, sizeof(s->ar));
	memset(s->dac, 0, sizeof(s->dac));
	s->dac_mask = 0xff;
	s->video = false;
	v->attribute_data = v->read_dac = v->timing_valid = false;
	v->sr_index = v->gr_index = v->cr_index = v->ar_index = 0;
	v->dac_index = v->dac_part = v->feature = 0;
	v->enable = 1;
	v->latch = 0;
}
