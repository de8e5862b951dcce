/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys, and a pointer: a tablet's points when the guest has one, a mouse's movements otherwise. */
#include "input.h"

#include "devmodel_link.h"

#include <linux/input-event-codes.h>
#include <string.h>

#define WHEEL_UP   0x08
#define WHEEL_DOWN 0x10

static void put(struct input *i, const struct input_event *e)
{
	if (!i->link || !link_room(&i->queue))
		return; /* a guest that takes no input loses it */
	i->link->input.events[i->queue.index % LINK_INPUTS] = *e;
	link_produced(&i->queue, 1);
}

void input_start(struct input *i, struct devmodel_link *link, void (*tell)(void *), void *context)
{
	i->tell = tell;
	i->context = context;
	i->x = -1;
	i->queue = (struct link_end){ .queue = &link->input.queue,
		                      .index = link->input.queue.produced,
		                      .size = LINK_INPUTS };
	i->link = link;
}

static void key(struct input *i, uint16_t code, bool down)
{
	const struct input_event e = { .kind = INPUT_KEY, .down = down, .code = code };

	i->down[code] = down;
	put(i, &e);
}

void input_key(struct input *i, bool down, uint32_t keysym)
{
	uint16_t code = keymap_code(i->keymap, keysym);

	if (!code || code >= INPUT_KEYS || !i->link)
		return;
	key(i, code, down);
	i->tell(i->context);
}

/* The keys with a prefix; the others have Linux's numbers. */
static const struct {
	uint8_t scan;
	uint16_t code;
} prefixed[] = {
	{ 0x1c, KEY_KPENTER },  { 0x1d, KEY_RIGHTCTRL }, { 0x35, KEY_KPSLASH },
	{ 0x37, KEY_SYSRQ },    { 0x38, KEY_RIGHTALT },  { 0x46, KEY_PAUSE },
	{ 0x47, KEY_HOME },     { 0x48, KEY_UP },        { 0x49, KEY_PAGEUP },
	{ 0x4b, KEY_LEFT },     { 0x4d, KEY_RIGHT },     { 0x4f, KEY_END },
	{ 0x50, KEY_DOWN },     { 0x51, KEY_PAGEDOWN },  { 0x52, KEY_INSERT },
	{ 0x53, KEY_DELETE },   { 0x5b, KEY_LEFTMETA },  { 0x5c, KEY_RIGHTMETA },
	{ 0x5d, KEY_COMPOSE },  { 0x5e, KEY_POWER },     { 0x5f, KEY_SLEEP },
	{ 0x63, KEY_WAKEUP },   { 0x20, KEY_MUTE },      { 0x2e, KEY_VOLUMEDOWN },
	{ 0x30, KEY_VOLUMEUP },
};

/* Those above F10 and the Japanese and Brazilian keys: their numbers are Linux's no more. */
static uint16_t code_of(uint32_t scan)
{
	if (scan >= 0x80) {
		for (size_t k = 0; k < sizeof(prefixed) / sizeof(prefixed[0]); k++)
			if (prefixed[k].scan == scan - 0x80)
				return prefixed[k].code;
		return 0;
	}
	switch (scan) {
	case 0x54: return KEY_SYSRQ;
	case 0x70: return KEY_KATAKANAHIRAGANA;
	case 0x73: return KEY_RO;
	case 0x79: return KEY_HENKAN;
	case 0x7b: return KEY_MUHENKAN;
	case 0x7d: return KEY_YEN;
	}
	return scan <= KEY_F12 ? (uint16_t)scan : 0;
}

void input_code(struct input *i, bool down, uint32_t scan)
{
	uint16_t code = scan < 0x100 ? code_of(scan) : 0;

	if (!code || !i->link)
		return;
	key(i, code, down);
	i->tell(i->context);
}

bool input_is_absolute(const struct input *i)
{
	return i->link && read_once(i->link->input.has_tablet);
}

unsigned input_lamps(const struct input *i)
{
	return i->link ? read_once(i->link->input.leds) & 7 : 0;
}

/* RFB's first three are left, middle, right. */
static void buttons_change(struct input *i, int now)
{
	static const struct {
		int bit;
		uint16_t code;
	} rows[] = { { 1, 0 }, { 2, 2 }, { 4, 1 } };

	for (size_t b = 0; b < sizeof(rows) / sizeof(rows[0]); b++) {
		const struct input_event e = { .kind = INPUT_BUTTON,
			                       .down = now & rows[b].bit,
			                       .code = rows[b].code };

		if ((now ^ i->buttons) & rows[b].bit)
			put(i, &e);
	}
	if (now & ~i->buttons & (WHEEL_UP | WHEEL_DOWN)) {
		const struct input_event e = { .kind = INPUT_WHEEL,
			                       .y = now & WHEEL_DOWN ? 1 : -1 };

		put(i, &e);
	}
	i->buttons = now;
}

static int32_t scaled(int v, unsigned size)
{
	if (v < 0 || size < 2)
		return 0;
	return (int32_t)((unsigned)v >= size
	                         ? INPUT_POINT_MAX
	                         : (uint64_t)(unsigned)v * INPUT_POINT_MAX / (size - 1));
}

void input_pointer(struct input *i, int buttons, int x, int y, unsigned width, unsigned height)
{
	struct input_event e = { .kind = INPUT_POINT };

	if (!i->link)
		return;
	if (input_is_absolute(i)) {
		e.x = scaled(x, width);
		e.y = scaled(y, height);
		put(i, &e);
	} else if (i->x >= 0 && (x != i->x || y != i->y)) {
		e = (struct input_event){ .kind = INPUT_MOVE, .x = x - i->x, .y = y - i->y };
		put(i, &e);
	}
	i->x = x;
	i->y = y;
	buttons_change(i, buttons);
	i->tell(i->context);
}

void input_motion(struct input *i, int buttons, int x, int y)
{
	const struct input_event e = { .kind = INPUT_MOVE, .x = x, .y = y };

	if (!i->link)
		return;
	if (x || y)
		put(i, &e);
	i->x = -1; /* where it is now nobody knows */
	buttons_change(i, buttons);
	i->tell(i->context);
}

void input_release(struct input *i)
{
	if (!i->link)
		return;
	for (unsigned code = 0; code < INPUT_KEYS; code++)
		if (i->down[code])
			key(i, (uint16_t)code, false);
	buttons_change(i, 0);
	i->x = -1;
	i->tell(i->context);
}
