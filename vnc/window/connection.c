/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libvncclient, on a socket that is there already. */
#include "connection.h"

#include <rfb/rfbclient.h>
#include <stdlib.h>
#include <unistd.h>

/* rfbproto: the pseudo-encoding QEMU Pointer Motion Change, and the message QEMU Extended Key Event. */
#define MOTION        (-257)
#define QEMU_MESSAGE  255
#define RELATIVE_ZERO 0x7fff

struct connection {
	rfbClient *rfb;
	const struct connection_events *events;
	void *context;
};

static int tag; /* its address is libvncclient's name of our data */

static struct connection *connection_of(rfbClient *rfb)
{
	return rfbClientGetClientData(rfb, &tag);
}

static rfbBool picture_make(rfbClient *rfb)
{
	struct connection *c = connection_of(rfb);
	uint8_t *pixels = calloc((size_t)rfb->width * (size_t)rfb->height, 4);

	if (!pixels)
		return FALSE;
	free(rfb->frameBuffer);
	rfb->frameBuffer = pixels;
	c->events->sized(c->context, rfb->width, rfb->height);
	return TRUE;
}

static void drawn(rfbClient *rfb, int x, int y, int width, int height)
{
	struct connection *c = connection_of(rfb);

	c->events->drawn(c->context, (const uint32_t *)(const void *)rfb->frameBuffer, x, y, width,
	                 height);
}

static rfbBool told(rfbClient *rfb, rfbFramebufferUpdateRectHeader *r)
{
	struct connection *c = connection_of(rfb);

	if ((int32_t)r->encoding != MOTION)
		return FALSE;
	c->events->pointed(c->context, r->r.x != 0);
	return TRUE;
}

static char *no_password(rfbClient *rfb)
{
	return NULL;
}

static void say_nothing(const char *format, ...)
{
}

static void extension_register(void)
{
	static int encodings[] = { MOTION, 0 };
	static rfbClientProtocolExtension extension = { .encodings = encodings,
		                                        .handleEncoding = told };
	static bool is_there;

	if (!is_there)
		rfbClientRegisterExtension(&extension);
	is_there = true;
}

static rfbClient *client_make(struct connection *c, int fd)
{
	rfbClient *rfb = rfbGetClient(8, 3, 4);

	if (!rfb)
		return NULL;
	rfbClientSetClientData(rfb, &tag, c);
	rfb->sock = fd;
	rfb->canHandleNewFBSize = TRUE;
	rfb->MallocFrameBuffer = picture_make;
	rfb->GotFrameBufferUpdate = drawn;
	rfb->GetPassword = no_password;
	rfb->appData.encodingsString = "raw";
	rfb->appData.useRemoteCursor = FALSE;
	rfb->appData.shareDesktop = TRUE;
	rfb->format = (rfbPixelFormat){ .bitsPerPixel = 32,
		                        .depth = 24,
		                        .trueColour = 1,
		                        .redMax = 255,
		                        .greenMax = 255,
		                        .blueMax = 255,
		                        .redShift = 16,
		                        .greenShift = 8,
		                        .blueShift = 0 };
	return rfb;
}

static bool begin(rfbClient *rfb)
{
	if (!InitialiseRFBConnection(rfb))
		return false;
	rfb->width = rfb->si.framebufferWidth;
	rfb->height = rfb->si.framebufferHeight;
	/* What the library asks for from now on, until a new size comes. */
	rfb->updateRect.x = rfb->updateRect.y = 0;
	rfb->updateRect.w = rfb->width;
	rfb->updateRect.h = rfb->height;
	return picture_make(rfb) && SetFormatAndEncodings(rfb) &&
	       SendFramebufferUpdateRequest(rfb, 0, 0, rfb->width, rfb->height, FALSE);
}

struct connection *connection_open(int fd, const struct connection_events *events, void *context)
{
	struct connection *c = calloc(1, sizeof(*c));

	rfbClientLog = rfbClientErr = say_nothing;
	extension_register();
	if (c) {
		c->events = events;
		c->context = context;
		c->rfb = client_make(c, fd);
	}
	if (c && c->rfb && begin(c->rfb))
		return c;
	if (c && c->rfb)
		connection_close(c);
	else
		close(fd);
	return NULL;
}

void connection_close(struct connection *c)
{
	free(c->rfb->frameBuffer);
	c->rfb->frameBuffer = NULL;
	rfbClientCleanup(c->rfb); /* the socket, too */
	free(c);
}

bool connection_read(struct connection *c)
{
	/* The library has read ahead: poll() would not see that. */
	do {
		if (!HandleRFBServerMessage(c->rfb))
			return false;
	} while (c->rfb->buffered > 0);
	return true;
}

int connection_fd(const struct connection *c)
{
	return c->rfb->sock;
}

void connection_key(struct connection *c, uint32_t code, bool down)
{
	const uint8_t message[12] = {
		QEMU_MESSAGE, 0, 0, down, 0, 0, 0, 0, 0, 0, 0, (uint8_t)code
	};

	/* Whether the server knows it is not asked: it is of our own build. (The library, which takes the answer, does not say so either.) */
	(void)WriteToRFBServer(c->rfb, (const char *)message, sizeof(message));
}

void connection_point(struct connection *c, int x, int y, int buttons)
{
	(void)SendPointerEvent(c->rfb, x, y, buttons);
}

void connection_move(struct connection *c, int x, int y, int buttons)
{
	(void)SendPointerEvent(c->rfb, RELATIVE_ZERO + x, RELATIVE_ZERO + y, buttons);
}
