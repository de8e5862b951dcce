/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What viewers do, as events for the guest's devices. */
#ifndef VNC_INPUT_H
#define VNC_INPUT_H

#include "keys.h"
#include "link_queue.h"

struct input {
	struct devmodel_link *link;
	struct link_end queue;
	const struct keymap *keymap;
	void (*tell)(void *context);
	void *context;
	int buttons, x, y;        /* as the viewer last had them; x -1: nowhere yet */
	uint8_t down[INPUT_KEYS]; /* by key: it is down */
};

/* The device model knows us: the queue is as it stands. */
void input_start(struct input *i, struct devmodel_link *link, void (*tell)(void *), void *context);
void input_key(struct input *i, bool down, uint32_t keysym);
/* code is a key's number as a PC's keyboard controller has it, with 0x80 for those with a prefix 0xe0. */
void input_code(struct input *i, bool down, uint32_t code);
/* The guest follows points; and its lamps, INPUT_LED_ bits. */
bool input_is_absolute(const struct input *i);
unsigned input_lamps(const struct input *i);
/* buttons: RFB's bits. The pointer went by x, y. */
void input_motion(struct input *i, int buttons, int x, int y);
/* buttons: RFB's bits. The pointer is at x, y of a screen of that size. */
void input_pointer(struct input *i, int buttons, int x, int y, unsigned width, unsigned height);
/* The viewer is gone: no key stays down. */
void input_release(struct input *i);

#endif
