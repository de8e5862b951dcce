/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bytes that a PS/2 device has to send. */
#include "ps2_output.h"

#include "string.h"

void ps2_output_clear(struct ps2_output *o)
{
	o->replies = o->datas = 0;
}

void ps2_output_reply(struct ps2_output *o, uint8_t byte)
{
	if (o->replies < PS2_REPLY_MAX)
		o->reply[o->replies++] = byte;
}

bool ps2_output_data(struct ps2_output *o, const uint8_t *bytes, unsigned n, unsigned reserve)
{
	if (o->datas + n + reserve > PS2_DATA_MAX)
		return false;
	memcpy(o->data + o->datas, bytes, n);
	o->datas = (uint8_t)(o->datas + n);
	return true;
}

static uint8_t take(uint8_t *bytes, uint8_t *n)
{
	uint8_t first = bytes[0];

	memmove(bytes, bytes + 1, --*n);
	return first;
}

bool ps2_output_next(struct ps2_output *o, uint8_t *byte)
{
	if (o->replies)
		*byte = take(o->reply, &o->replies);
	else if (o->datas)
		*byte = take(o->data, &o->datas);
	else
		return false;
	if (*byte != PS2_RESEND)
		o->last = *byte;
	return true;
}

bool ps2_output_valid(const struct ps2_output *o)
{
	return o->replies <= PS2_REPLY_MAX && o->datas <= PS2_DATA_MAX;
}
