/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a PS/2 device has to say: answers to commands, which come first, and what happened. IBM PS/2 Hardware Interface Technical Reference, "Keyboard and Auxiliary Device". */
#ifndef HW_PS2_OUTPUT_H
#define HW_PS2_OUTPUT_H

#include "save.h"

#define PS2_REPLY_MAX 8
#define PS2_DATA_MAX  17 /* 16, and the one that tells of an overrun */

enum {
	PS2_ACK = 0xfa,
	PS2_RESEND = 0xfe,
	PS2_ERROR = 0xfc,
	PS2_SELF_TEST_GOOD = 0xaa,
};

struct ps2_output {
	uint8_t reply[PS2_REPLY_MAX], data[PS2_DATA_MAX];
	uint8_t replies, datas; /* how many of them wait */
	uint8_t last;           /* what was sent, for a resend */
};

void ps2_output_clear(struct ps2_output *o);
void ps2_output_reply(struct ps2_output *o, uint8_t byte);
/* All n bytes or none (false). reserve: places that must stay free. */
bool ps2_output_data(struct ps2_output *o, const uint8_t *bytes, unsigned n, unsigned reserve);
/* Takes the next byte; false: nothing waits. */
bool ps2_output_next(struct ps2_output *o, uint8_t *byte);
/* Are the counts such that this can be? (A restored state is not to be trusted.) */
bool ps2_output_valid(const struct ps2_output *o);

/* The rows of a saved-field table for a struct ps2_output that is a member of state. */
#define PS2_OUTPUT_SAVED(state, member)                                      \
	SAVE_BLOB(1, state, member.reply), SAVE_BLOB(1, state, member.data), \
		SAVE_ONE(SAVE_U8, 1, state, member.replies),                 \
		SAVE_ONE(SAVE_U8, 1, state, member.datas),                   \
		SAVE_ONE(SAVE_U8, 1, state, member.last)

#endif
