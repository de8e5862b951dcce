/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest's view of display memory at 0xa0000 to 0xbffff: the graphics controller's data path, a word of four planes at a time; and when the guest may do without it.
 * IBM, "VGA/XGA Hardware Technical Reference": graphics controller registers, "Display memory organization".
 */
#include "vga_state.h"

#define LEGACY_BASE 0xa0000u
#define LEGACY_SIZE 0x20000u

/* A bit for each plane becomes its byte. */
static const uint32_t plane_bytes[16] = {
	0x00000000, 0x000000ff, 0x0000ff00, 0x0000ffff, 0x00ff0000, 0x00ff00ff,
	0x00ffff00, 0x00ffffff, 0xff000000, 0xff0000ff, 0xff00ff00, 0xff00ffff,
	0xffff0000, 0xffff00ff, 0xffffff00, 0xffffffff,
};

/* The memory map of graphics register 6: where in the range, and how long. */
static const struct {
	uint32_t offset, size;
} maps[4] = {
	{ 0x00000, 0x20000 },
	{ 0x00000, 0x10000 },
	{ 0x10000, 0x08000 },
	{ 0x18000, 0x08000 },
};

/* ---- where the guest needs no help ---- */

static bool is_chained(const struct vga_screen *s)
{
	return s->sr[4] & 8;
}

/* Writes by odd and even addresses to odd and even planes. */
static bool is_odd_even(const struct vga_screen *s)
{
	return !(s->sr[4] & 4);
}

static bool is_linear_vbe(const struct vga_screen *s)
{
	return vga_vbe_on(s) && s->vbe[VBE_BPP] > 4;
}

/* Does a byte that is written go to memory as it is, and is it read back so? */
static bool is_plain(const struct vga_screen *s)
{
	return !(s->gr[1] & 0x0f) && !(s->gr[3] & 0x1f) && !(s->gr[5] & 0x0b) && s->gr[8] == 0xff &&
	       (s->misc & 2);
}

/* The window that the registers allow, and the form of memory it needs. */
static struct vga_window window_wanted(const struct vga_screen *s, enum vga_form *form)
{
	struct vga_window none = { 0, 0, 0 }, w = { LEGACY_BASE, 0, 0x10000 };
	unsigned map = s->gr[6] >> 2 & 3;

	*form = s->form;
	if (is_linear_vbe(s)) {
		w.offset = (uint32_t)s->vbe[VBE_BANK] << 16;
		return w.offset < s->linear_size ? w : none;
	}
	if (vga_vbe_on(s) || !is_plain(s))
		return none;
	w.offset = s->linear_size;
	if (is_chained(s) && map == 1 && (s->sr[2] & 15) == 15) {
		*form = VGA_CHAINED;
		return w;
	}
	if (!is_chained(s) && is_odd_even(s) && map >= 2 && (s->sr[2] & 15) == 3 &&
	    (s->gr[5] & 0x10) && !(s->gr[4] & 2)) {
		*form = VGA_TEXT;
		w.base += maps[map].offset;
		w.length = VGA_TEXT_SIZE;
		return w;
	}
	return none;
}

/* Bytes of the direct part go to their words, or back. */
static void move_text(struct vga *v, bool to_direct)
{
	uint16_t *word = (uint16_t *)v->memory;
	uint16_t *direct = (uint16_t *)(v->memory + v->screen.linear_size);

	for (uint32_t i = 0; i < VGA_TEXT_SIZE / 2; i++) {
		if (to_direct)
			direct[i] = word[i * 4];
		else
			word[i * 4] = direct[i];
	}
}

static void move_chained(struct vga *v, bool to_direct)
{
	uint32_t *word = (uint32_t *)v->memory;
	uint32_t *direct = (uint32_t *)(v->memory + v->screen.linear_size);

	for (uint32_t i = 0; i < VGA_DIRECT_SIZE / 4; i++) {
		if (to_direct)
			direct[i] = word[i * 4];
		else
			word[i * 4] = direct[i];
	}
}

static void change_form(struct vga *v, enum vga_form form)
{
	if (v->screen.form == form)
		return;
	if (v->screen.form == VGA_TEXT)
		move_text(v, false);
	else if (v->screen.form == VGA_CHAINED)
		move_chained(v, false);
	if (form == VGA_TEXT)
		move_text(v, true);
	else if (form == VGA_CHAINED)
		move_chained(v, true);
	v->screen.form = (uint8_t)form;
	v->screen.generation++;
	v->written = ~0ull;
}

void vga_window_remove(struct vga *v)
{
	v->settled = false;
	if (!v->window.length)
		return;
	v->window.length = 0;
	v->vram->place(v->vram, VRAM_WINDOW_LEGACY, 0, 0, 0);
}

void vga_map_changed(struct vga *v)
{
	enum vga_form form;
	struct vga_window w = window_wanted(&v->screen, &form);

	if (!v->window.length) {
		v->settled = false;
		return;
	}
	if (w.base != v->window.base || w.offset != v->window.offset ||
	    w.length != v->window.length || form != v->screen.form)
		vga_window_remove(v);
}

/*
 * The guest touches the range for the first time after its registers changed. Memory is brought into another form only for a window, or for graphics that have none: a font
 * that is loaded while the text stands is no reason.
 */
static cold_fn void settle(struct vga *v)
{
	enum vga_form form;
	struct vga_window w = window_wanted(&v->screen, &form);

	v->settled = true;
	if (!w.length && (v->screen.gr[6] & 1))
		form = VGA_PLANAR;
	if (!is_linear_vbe(&v->screen))
		change_form(v, form);
	if (!w.length)
		return;
	v->window = w;
	v->vram->place(v->vram, VRAM_WINDOW_LEGACY, w.base, w.offset, w.length);
}

/* ---- the data path ---- */

static uint8_t read_byte(struct vga *v, uint32_t at)
{
	const struct vga_screen *s = &v->screen;
	unsigned plane = s->gr[4] & 3;
	uint32_t x;

	if (is_chained(s)) {
		plane = at & 3;
		at &= ~3u;
	} else if (s->gr[5] & 0x10) {
		plane = (plane & 2) | (at & 1);
		at &= ~1u;
	}
	v->latch = vga_word(s, v->memory, at);
	if (!(s->gr[5] & 8))
		return (uint8_t)(v->latch >> 8 * plane);
	/* Read mode 1: the pixels whose colour is the one compared with. */
	x = (v->latch ^ plane_bytes[s->gr[2] & 15]) & plane_bytes[s->gr[7] & 15];
	x |= x >> 16;
	return (uint8_t) ~(x | x >> 8);
}

static inline uint32_t combine(const struct vga *v, uint32_t value, uint8_t bits)
{
	uint32_t mask = bits * 0x01010101u;

	switch (v->screen.gr[3] >> 3 & 3) {
	case 1: value &= v->latch; break;
	case 2: value |= v->latch; break;
	case 3: value ^= v->latch; break;
	}
	return (value & mask) | (v->latch & ~mask);
}

/* What the four planes get for a byte. */
static inline uint32_t written_word(const struct vga *v, uint8_t byte)
{
	const struct vga_screen *s = &v->screen;
	uint32_t set = plane_bytes[s->gr[0] & 15], enable = plane_bytes[s->gr[1] & 15];
	unsigned rotate = s->gr[3] & 7;
	uint8_t turned = (uint8_t)(byte >> rotate | byte << (8 - rotate));

	switch (s->gr[5] & 3) {
	case 1: return v->latch;
	case 2: return combine(v, plane_bytes[byte & 15], s->gr[8]);
	case 3: return combine(v, set, s->gr[8] & turned);
	}
	return combine(v, ((turned * 0x01010101u) & ~enable) | (set & enable), s->gr[8]);
}

static void write_byte(struct vga *v, uint32_t at, uint8_t byte)
{
	const struct vga_screen *s = &v->screen;
	unsigned planes = s->sr[2] & 15, page;

	if (is_chained(s)) {
		planes &= 1u << (at & 3);
		at &= ~3u;
	} else if (is_odd_even(s)) {
		planes &= 5u << (at & 1);
		at &= ~1u;
	}
	vga_word_set(s, v->memory, at, written_word(v, byte), plane_bytes[planes]);
	page = at / (PAGE_SIZE / 4);
	v->written |= 1ull << MIN(page, 63u);
}

/* Linear: a bank of 64 KiB. The window is placed by now, or the bank is beyond the memory. */
static enum io_result linear_access(struct vga *v, struct io_access *a)
{
	uint64_t at = ((uint64_t)v->screen.vbe[VBE_BANK] << 16) + a->addr;
	uint64_t page = at / PAGE_SIZE;

	if (a->addr >= 0x10000 || at >= v->screen.linear_size)
		return IO_UNCLAIMED;
	if (!a->is_write)
		a->value = 0;
	for (unsigned i = 0; i < a->size; i++) { /* the bus aligns accesses */
		if (a->is_write)
			v->memory[at + i] = (uint8_t)(a->value >> 8 * i);
		else
			a->value |= (uint64_t)v->memory[at + i] << 8 * i;
	}
	if (a->is_write)
		v->written |= 1ull << MIN(page, (uint64_t)63);
	return IO_DONE;
}

enum io_result vga_legacy_access(struct io_region *r, struct io_access *a)
{
	struct vga *v = container_of(r, struct vga, legacy);
	unsigned map = v->screen.gr[6] >> 2 & 3;
	uint32_t at = (uint32_t)a->addr - maps[map].offset, bank = 0;
	uint64_t value = a->value;

	if (unlikely(!v->settled))
		settle(v);
	if (is_linear_vbe(&v->screen))
		return linear_access(v, a);
	if (at >= maps[map].size || !(v->screen.misc & 2))
		return IO_UNCLAIMED;
	if (vga_vbe_on(&v->screen))
		bank = (uint32_t)v->screen.vbe[VBE_BANK] << 16;
	at &= 0xffff;
	if (a->is_write) {
		for (unsigned i = 0; i < a->size; i++, value >>= 8)
			write_byte(v, bank + at + i, (uint8_t)value);
		return IO_DONE;
	}
	value = 0;
	for (unsigned i = 0; i < a->size; i++)
		value |= (uint64_t)read_byte(v, bank + at + i) << 8 * i;
	a->value = value;
	return IO_DONE;
}
