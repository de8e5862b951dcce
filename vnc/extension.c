/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pseudo-encodings and messages that QEMU's viewers know: "The RFB Protocol" (rfbproto), "QEMU Extended Key Event", "QEMU Pointer Motion Change", "QEMU LED State". Raw key codes make keymaps unneeded; motion
 * makes a mouse without a tablet usable; lamps let the viewer keep its locks the guest's.
 */
#include "input.h"
#include "viewers.h"

#include "devmodel_link.h"

#include <arpa/inet.h>
#include <string.h>

enum { MOTION = -257, KEY_CODES = -258, LAMPS = -261 };
#define QEMU_MESSAGE   255
#define QEMU_KEY_EVENT 0

/* An update with one rectangle that has no pixels, and n bytes behind it. */
static void tell(rfbClientPtr c, int encoding, uint16_t x, uint8_t byte, int n)
{
	uint8_t m[17] = { 0, 0, 0, 1, (uint8_t)(x >> 8), (uint8_t)x };
	uint32_t number = htonl((uint32_t)encoding);

	memcpy(m + 12, &number, 4);
	m[16] = byte;
	rfbWriteExact(c, (const char *)m, 16 + n);
}

static rfbBool for_all(rfbClientPtr c, void **data)
{
	return TRUE;
}

static rfbBool encoding_known(rfbClientPtr c, void **data, int encoding)
{
	struct viewer *w = c->clientData;

	if (!w)
		return FALSE;
	switch (encoding) {
	case MOTION: w->takes_motion = true; return TRUE;
	case LAMPS: w->takes_lamps = true; return TRUE;
	case KEY_CODES:
		if (!w->takes_key_codes)
			tell(c, KEY_CODES, 0, 0, 0);
		w->takes_key_codes = true;
		return TRUE;
	}
	return FALSE;
}

static rfbBool message(rfbClientPtr c, void *data, const rfbClientToServerMsg *first)
{
	struct viewers *v = container_of(c->screen->screenData, struct viewers, rfb);
	uint8_t m[11]; /* behind the first byte */
	uint32_t keysym, code;

	if (first->type != QEMU_MESSAGE)
		return FALSE;
	if (rfbReadExact(c, (char *)m, sizeof(m)) <= 0 || m[0] != QEMU_KEY_EVENT) {
		rfbCloseClient(c);
		return TRUE;
	}
	memcpy(&keysym, m + 3, 4);
	memcpy(&code, m + 7, 4);
	if (ntohl(code))
		input_code(v->input, m[1] | m[2], ntohl(code));
	else
		input_key(v->input, m[1] | m[2], ntohl(keysym));
	return TRUE;
}

void extension_register(void)
{
	static rfbProtocolExtension extension = {
		.newClient = for_all,
		.enablePseudoEncoding = encoding_known,
		.handleMessage = message,
	};
	static bool is_there;

	if (!is_there)
		rfbRegisterProtocolExtension(&extension);
	is_there = true;
}

bool extension_is_relative(const struct viewer *w)
{
	return w->takes_motion && w->told_absolute == 0;
}

void extension_tell(rfbClientPtr c, const struct input *i)
{
	struct viewer *w = c->clientData;
	int absolute = input_is_absolute(i), lamps = (int)input_lamps(i);

	if (w->takes_motion && w->told_absolute != absolute) {
		w->told_absolute = absolute;
		tell(c, MOTION, (uint16_t)absolute, 0, 0);
	}
	if (w->takes_lamps && w->told_lamps != lamps && c->sock >= 0) {
		w->told_lamps = lamps;
		tell(c, LAMPS, 0, (uint8_t)lamps, 1);
	}
}
