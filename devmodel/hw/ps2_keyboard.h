/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A 101-key keyboard at a PS/2 port: scan code sets 1 to 3, lamps, typematic repeat. IBM PS/2 Hardware Interface Technical Reference, "Keyboards (101- and 102-key)".
 * A key that is held repeats when its viewer says so, by telling once more that it goes down, and no sooner or more often than the guest has asked for (command F3). A clock of the keyboard's own
 * would repeat keys that have been let go already, while that news is on its way: what comes over a network is late at times.
 */
#ifndef HW_PS2_KEYBOARD_H
#define HW_PS2_KEYBOARD_H

#include "device.h"
#include "input.h"
#include "ps2_output.h"

struct ps2_keyboard {
	struct ps2_output out;
	uint8_t set;              /* 1 to 3 */
	uint8_t lamps;            /* INPUT_LED_ */
	uint8_t typematic;        /* delay and rate, as command F3 takes them */
	uint8_t command;          /* that waits for its parameter; 0: none */
	bool scanning;            /* keys are told */
	uint8_t type[INPUT_KEYS]; /* PS2_KEY_ of each key, in set 3 */
	uint8_t down[INPUT_KEYS / 8];
	uint8_t repeats;      /* the key that may; 0: none */
	uint64_t repeat_at;   /* ns: not before that */
	uint64_t repeat_left; /* ns until then, while saved */
	struct device_clock *clock;
	struct input_backend *input;
	void (*changed)(struct ps2_keyboard *k); /* there may be something to send */
};

/* At power-on. clock, input and changed have been set. */
void ps2_keyboard_reset(struct ps2_keyboard *k);
/* A byte from the controller. The caller looks at out afterwards; changed() is not called. */
void ps2_keyboard_write(struct ps2_keyboard *k, uint8_t byte);
/* A key of Linux's number went down or up. */
void ps2_keyboard_key(struct ps2_keyboard *k, unsigned key, bool down);
/* A key now might be lost: the guest has not taken what is there. */
bool ps2_keyboard_is_full(const struct ps2_keyboard *k);

void ps2_keyboard_saving(struct ps2_keyboard *k);
/* -EINVAL: no keyboard can be so. */
int must_check ps2_keyboard_restored(struct ps2_keyboard *k);

#define PS2_KEYBOARD_SAVED(state, member)                                                         \
	PS2_OUTPUT_SAVED(state, member.out), SAVE_ONE(SAVE_U8, 1, state, member.set),             \
		SAVE_ONE(SAVE_U8, 1, state, member.lamps),                                        \
		SAVE_ONE(SAVE_U8, 1, state, member.typematic),                                    \
		SAVE_ONE(SAVE_U8, 1, state, member.command),                                      \
		SAVE_ONE(SAVE_BOOL, 1, state, member.scanning), SAVE_BLOB(1, state, member.type), \
		SAVE_BLOB(1, state, member.down), SAVE_ONE(SAVE_U8, 1, state, member.repeats),    \
		SAVE_ONE(SAVE_U64, 1, state, member.repeat_left)

#endif
