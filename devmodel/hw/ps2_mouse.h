/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A mouse at a PS/2 port, with wheel and five buttons for those who know how to ask. IBM PS/2 Hardware Interface Technical Reference, "Mouse"; Microsoft, "IntelliMouse" and
 * "IntelliMouse Explorer" extensions.
 */
#ifndef HW_PS2_MOUSE_H
#define HW_PS2_MOUSE_H

#include "device.h"
#include "input.h"
#include "ps2_output.h"

struct ps2_mouse {
	struct ps2_output out;
	bool remote, wrap, reporting, scaling; /* scaling: 2:1 */
	uint8_t resolution, rate;              /* of command E8; samples a second */
	uint8_t id;                            /* 0, 3: with a wheel, 4: and five buttons */
	uint8_t knock[2];                      /* the last rates that were asked for */
	uint8_t command;                       /* that waits for its parameter; 0: none */
	uint8_t errors;                        /* in a row */
	uint8_t buttons, told_buttons;         /* a bit each, as INPUT_BUTTON counts */
	int32_t x, y, wheel;                   /* not told yet; y up */
	uint64_t left;                         /* ns until the next sample, while saved */
	uint64_t next_ns;                      /* when it may be */
	struct device_timer timer;
	struct device_clock *clock;
	void (*changed)(struct ps2_mouse *m); /* there may be something to send */
};

/* At power-on. clock and changed have been set. */
void ps2_mouse_reset(struct ps2_mouse *m);
/* A byte from the controller. The caller looks at out afterwards; changed() is not called. */
void ps2_mouse_write(struct ps2_mouse *m, uint8_t byte);
/* Takes the next byte to send; false: nothing waits. */
bool ps2_mouse_next(struct ps2_mouse *m, uint8_t *byte);
/* Buttons, moves and the wheel; other kinds are ignored. */
void ps2_mouse_event(struct ps2_mouse *m, const struct input_event *e);

void ps2_mouse_saving(struct ps2_mouse *m);
/* -EINVAL: no mouse can be so. */
int must_check ps2_mouse_restored(struct ps2_mouse *m);

#define PS2_MOUSE_SAVED(state, member)                                                            \
	PS2_OUTPUT_SAVED(state, member.out), SAVE_ONE(SAVE_BOOL, 1, state, member.remote),        \
		SAVE_ONE(SAVE_BOOL, 1, state, member.wrap),                                       \
		SAVE_ONE(SAVE_BOOL, 1, state, member.reporting),                                  \
		SAVE_ONE(SAVE_BOOL, 1, state, member.scaling),                                    \
		SAVE_ONE(SAVE_U8, 1, state, member.resolution),                                   \
		SAVE_ONE(SAVE_U8, 1, state, member.rate), SAVE_ONE(SAVE_U8, 1, state, member.id), \
		SAVE_BLOB(1, state, member.knock), SAVE_ONE(SAVE_U8, 1, state, member.command),   \
		SAVE_ONE(SAVE_U8, 1, state, member.errors),                                       \
		SAVE_ONE(SAVE_U8, 1, state, member.buttons),                                      \
		SAVE_ONE(SAVE_U8, 1, state, member.told_buttons),                                 \
		SAVE_ONE(SAVE_U32, 1, state, member.x), SAVE_ONE(SAVE_U32, 1, state, member.y),   \
		SAVE_ONE(SAVE_U32, 1, state, member.wheel),                                       \
		SAVE_ONE(SAVE_U64, 1, state, member.left)

#endif
