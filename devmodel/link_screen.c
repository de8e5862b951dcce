/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is on the screen, for the backend: a copy of the display's registers whenever it asks. The picture itself is in VRAM, which it maps. */
#include "link_part.h"

#include "string.h"
#include "vga.h"

static struct link_screen *shared;
static uint32_t sequence, answered;

static void screen_write(const struct vga_screen *s)
{
	store_release(&shared->sequence, ++sequence);
	barrier_full();
	memcpy(&shared->screen, s, sizeof(*s));
	store_release(&shared->sequence, ++sequence);
}

static void look(void)
{
	uint32_t asked = load_acquire(&shared->asked);

	if (asked == answered || !link_display())
		return;
	answered = asked;
	link_vram_written();
	screen_write(vga_get_screen(link_display()));
	store_release(&shared->answered, answered);
	link_tell();
}

static void attach(void)
{
	write_once(shared->answered, answered);
	write_once(shared->sequence, sequence);
}

static void start(const struct devmodel_board *b)
{
	shared = &link_memory()->screen;
	sequence = answered = 0;
}

const struct link_part link_screen_part = { start, attach, look };
