/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From VRAM to pixels. */
#include "frame.h"

#include "atomic.h"
#include "devmodel_link.h"
#include "linear.h"

#include <stdlib.h>
#include <string.h>

#define TRIES 8

/* The other side may write at any time: the copy counts when the sequence stood still and was even. What is copied is checked by the renderer's own bounds, and by these. */
bool frame_take_screen(struct frame *f)
{
	struct link_screen *from = &f->link->screen;

	for (unsigned i = 0; i < TRIES; i++) {
		uint32_t before = load_acquire(&from->sequence);
		struct vga_screen copy;

		if (before & 1)
			continue;
		memcpy(&copy, &from->screen, sizeof(copy));
		barrier_full();
		if (load_acquire(&from->sequence) != before || !before)
			continue;
		copy.linear_size = (uint32_t)(f->vram_size - VGA_DIRECT_SIZE);
		if (copy.form >= VGA_FORMS)
			return false;
		f->screen = copy;
		return true;
	}
	return false;
}

/* ---- which lines may have changed ---- */

#define PAGES_MAX LINK_VRAM_PAGES

struct notes {
	uint64_t pages[(PAGES_MAX + 63) / 64];
	bool any;
};

static void notes_take(struct frame *f, struct notes *n)
{
	size_t words = (f->vram_size / 4096 + 63) / 64;

	n->any = false;
	memset(n->pages, 0, sizeof(n->pages));
	for (size_t i = 0; i < words && i < sizeof(n->pages) / sizeof(n->pages[0]); i++) {
		uint64_t *from = &f->link->screen.written[i];

		if (!__atomic_load_n(from, __ATOMIC_RELAXED))
			continue;
		n->pages[i] = __atomic_exchange_n(from, 0, __ATOMIC_ACQ_REL);
		n->any |= n->pages[i] != 0;
	}
}

static bool line_is_noted(const struct frame *f, const struct notes *n, uint32_t y)
{
	uint64_t first, last;

	if (f->mode.kind != VGA_LINEAR)
		return true; /* lines and pages have little to do with each other */
	first = f->mode.start + (uint64_t)y * f->mode.pitch;
	last = first + (uint64_t)f->mode.width * ((f->mode.bits + 7) / 8);
	for (uint64_t page = first / 4096; page <= last / 4096 && page < PAGES_MAX; page++)
		if (n->pages[page / 64] >> page % 64 & 1)
			return true;
	return false;
}

/* ---- pixels ---- */

/* What a guest can make this process allocate. */
#define PIXELS_MAX (16u << 20)

static bool resize(struct frame *f)
{
	uint32_t *pixels, *line;

	if ((uint64_t)f->mode.width * f->mode.height > PIXELS_MAX)
		return false;
	pixels = calloc((size_t)f->mode.width * f->mode.height, sizeof(*pixels));
	line = calloc(f->mode.width, sizeof(*line));

	if (!pixels || !line) {
		free(pixels);
		free(line);
		return false;
	}
	free(f->pixels);
	free(f->line);
	f->pixels = pixels;
	f->line = line;
	f->width = f->mode.width;
	f->height = f->mode.height;
	return true;
}

/* The part of the line that differs; false: none. */
static bool line_differs(const struct frame *f, uint32_t y, uint32_t *left, uint32_t *right)
{
	const uint32_t *old = f->pixels + (size_t)y * f->width;
	uint32_t a = 0, b = f->width;

	if (memcmp(old, f->line, f->width * sizeof(*old)) == 0)
		return false;
	while (old[a] == f->line[a])
		a++;
	while (old[b - 1] == f->line[b - 1])
		b--;
	*left = a;
	*right = b;
	return true;
}

struct run {
	uint32_t left, right, top, bottom; /* bottom: excluded; top == bottom: empty */
};

static void run_close(struct run *r,
                      void (*changed)(void *, uint32_t, uint32_t, uint32_t, uint32_t),
                      void *context)
{
	if (r->top < r->bottom)
		changed(context, r->left, r->top, r->right, r->bottom);
	r->top = r->bottom = 0;
}

static void run_add(struct run *r, uint32_t y, uint32_t left, uint32_t right)
{
	if (r->top == r->bottom)
		*r = (struct run){ left, right, y, y };
	r->left = left < r->left ? left : r->left;
	r->right = right > r->right ? right : r->right;
	r->bottom = y + 1;
}

static void lines_update(struct frame *f, const struct vga_picture *p, const struct notes *n,
                         bool all, void (*changed)(void *, uint32_t, uint32_t, uint32_t, uint32_t),
                         void *context)
{
	struct run run = { 0, 0, 0, 0 };

	for (uint32_t y = 0; y < f->height; y++) {
		uint32_t left, right;

		if (all || line_is_noted(f, n, y)) {
			picture_line(p, y, f->line);
			if (line_differs(f, y, &left, &right)) {
				memcpy(f->pixels + (size_t)y * f->width, f->line,
				       f->width * sizeof(*f->line));
				run_add(&run, y, left, right);
				continue;
			}
		}
		run_close(&run, changed, context);
	}
	run_close(&run, changed, context);
}

bool frame_update(struct frame *f, bool all, bool blink, bool *resized,
                  void (*changed)(void *context, uint32_t left, uint32_t top, uint32_t right,
                                  uint32_t bottom),
                  void *context)
{
	static __thread struct notes notes;
	struct vga_picture picture;
	bool is_new = !f->has_picture || f->generation != f->screen.generation;

	*resized = false;
	notes_take(f, &notes);
	vga_picture_begin(&picture, &f->screen, f->vram);
	f->mode = picture.mode;
	if (f->mode.width != f->width || f->mode.height != f->height) {
		if (!resize(f))
			return false;
		*resized = all = true;
	}
	picture.blink = blink;
	all |= is_new || (blink != f->blink && f->mode.kind == VGA_LETTERS);
	if (all || notes.any)
		lines_update(f, &picture, &notes, all, changed, context);
	f->blink = blink;
	f->generation = f->screen.generation;
	f->has_picture = true;
	return true;
}

bool frame_draw(struct frame *f)
{
	struct vga_picture picture;

	vga_picture_begin(&picture, &f->screen, f->vram);
	f->mode = picture.mode;
	if (!resize(f))
		return false;
	for (uint32_t y = 0; y < f->height; y++)
		picture_line(&picture, y, f->pixels + (size_t)y * f->width);
	return true;
}

void frame_free(struct frame *f)
{
	free(f->pixels);
	free(f->line);
	f->pixels = f->line = NULL;
	f->width = f->height = 0;
	f->has_picture = false;
}
