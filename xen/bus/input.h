/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a person does: keys, a mouse, a tablet. A source (the screen process's ring, a test) hands events to the one device that is its client; which device gets movements
 * and which gets points is the source's business.
 */
#ifndef BUS_INPUT_H
#define BUS_INPUT_H

#include "types.h"

enum input_kind {
	INPUT_KEY, /* code is Linux's KEY_ number (30 is the key that has A on an American board) */
	INPUT_BUTTON, /* code is 0 left, 1 right, 2 middle, 3 side, 4 extra */
	INPUT_MOVE,   /* by x to the right and y down, in counts */
	INPUT_WHEEL,  /* y notches towards the user, x to the right */
	INPUT_POINT,  /* at x, y, each 0 to INPUT_POINT_MAX of the screen */
};

#define INPUT_KEYS      256
#define INPUT_BUTTONS   5
#define INPUT_POINT_MAX 32767

enum { INPUT_LED_SCROLL = 1, INPUT_LED_NUM = 2, INPUT_LED_CAPS = 4 };

struct input_event {
	uint8_t kind;  /* enum input_kind; a device ignores kinds and codes that it does not know */
	bool down;     /* key, button. Down again is no news: devices repeat by themselves */
	uint16_t code; /* key, button */
	int32_t x, y;
};

struct input_backend {
	/* The client's; in its turn. NULL: nobody listens. */
	void (*receive)(struct input_backend *b, const struct input_event *e);
	/* The client's: a key would be lost now, as the guest has not taken those before it. NULL: keys find room, or go nowhere. */
	bool (*is_full)(const struct input_backend *b);
	/* The guest lit these lamps. NULL: nobody cares. */
	void (*leds)(struct input_backend *b, unsigned leds);
	void *client;
};

#endif
