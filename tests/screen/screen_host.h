/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A guest's screen as tests have it: the real server, the real display adapter (vga_machine.h), and the link's pages between. */
#ifndef SCREEN_HOST_H
#define SCREEN_HOST_H

#include "atomic.h"
#include "devmodel_link.h"
#include "input.h"
#include "rfb_client.h"
#include "screen.h"
#include "unit.h"
#include "vga_machine.h"

#include <unistd.h>

#define LINEAR  (4u << 20)
#define DISPLAY 3000

static struct devmodel_link *link_pages;
static struct screen *screen;
static unsigned port;
static unsigned asks;
static uint32_t taken; /* of the input queue */

static void tell(void *context)
{
}

/* Bytes of the frame buffer have changed. */
__attribute__((unused)) static void written(uint32_t offset, uint32_t size)
{
	for (uint32_t page = offset / 4096; page <= (offset + size - 1) / 4096; page++)
		__atomic_fetch_or(&link_pages->screen.written[page / 64], 1ull << page % 64,
		                  __ATOMIC_RELEASE);
}

/* The device model's part of the screen. */
__attribute__((unused)) static void pump(void)
{
	struct link_screen *s = &link_pages->screen;
	uint32_t asked = load_acquire(&s->asked);
	uint64_t own;

	if (asked == s->answered)
		return;
	asks++;
	own = vga_take_written(&vm.d);
	__atomic_fetch_or(&s->written[0], own & ~(1ull << 63), __ATOMIC_RELEASE);
	if (own >> 63)
		written(63 * 4096, vm.vram.size - 63 * 4096);
	store_release(&s->sequence, s->sequence + 1);
	barrier_full();
	s->screen = *vga_get_screen(&vm.d);
	store_release(&s->sequence, s->sequence + 1);
	store_release(&s->answered, asked);
}

__attribute__((unused)) static struct screen *open_with(const struct screen_wish *w, char *error,
                                                        size_t size)
{
	screen = screen_open(w, &port, error, size);
	if (!screen)
		return NULL;
	link_pages = aligned_alloc(4096, DEVMODEL_LINK_SIZE);
	memset(link_pages, 0, DEVMODEL_LINK_SIZE);
	taken = 0;
	if (!screen_start(screen, link_pages, vm.vram.bytes, vm.vram.size, tell, NULL))
		return NULL;
	screen_attached(screen);
	return screen;
}

static uint32_t linear_size = LINEAR;

__attribute__((unused)) static void begin_with(const struct screen_wish *w)
{
	char error[400];

	/* screens of tests before look at their memory still */
	vm.vram.bytes = NULL;
	CHECK_EQ(vm_create(linear_size), 0);
	CHECK(open_with(w, error, sizeof(error)));
}

__attribute__((unused)) static void begin(void)
{
	const struct screen_wish w = {
		.name = "guest", .listen = "127.0.0.1", .display = DISPLAY, .takes_next_free = true
	};

	begin_with(&w);
}

__attribute__((unused)) static void vbe_mode(unsigned width, unsigned height, unsigned bits)
{
	vm_vbe(VBE_ENABLE, 0);
	vm_vbe(VBE_XRES, (uint16_t)width);
	vm_vbe(VBE_YRES, (uint16_t)height);
	vm_vbe(VBE_BPP, (uint16_t)bits);
	vm_vbe(VBE_ENABLE, VBE_ENABLED | VBE_LFB);
	vm_in(0x3da);
	vm_out(0x3c0, 0x20);
	CHECK_EQ(vm_vbe_read(VBE_XRES), width);
}

__attribute__((unused)) static uint32_t pattern(unsigned x, unsigned y)
{
	return (x * 7 + y * 131 * 256 + (x ^ y) * 65536) & 0xffffff;
}

__attribute__((unused)) static void paint(unsigned width, unsigned height)
{
	uint32_t *to = (uint32_t *)vm.vram.bytes;

	for (unsigned y = 0; y < height; y++)
		for (unsigned x = 0; x < width; x++)
			*to++ = pattern(x, y) | 0x5a000000;
	written(0, width * height * 4);
}

/* The next event of viewers, taken from the queue. False: none came. */
__attribute__((unused)) static bool host_event(struct input_event *e)
{
	int64_t end = client_now_ms() + CLIENT_PATIENCE_MS;

	while (load_acquire(&link_pages->input.queue.produced) == taken) {
		pump();
		usleep(1000);
		if (client_now_ms() > end)
			return false;
	}
	*e = link_pages->input.events[taken++ % LINK_INPUTS];
	store_release(&link_pages->input.queue.consumed, taken);
	return true;
}

#endif
