/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The network interfaces' backends. */
#include "frames.h"

#include "call.h"
#include "string.h"

/* Frames that one entry hands to an interface; the rest is asked for in the next. */
#define FRAMES_A_TURN 64

struct frames {
	struct net_backend backend;
	uint8_t waiting[DEVMODEL_FRAME]; /* one that the device had no buffer for */
	size_t length;                   /* 0: none */
};
static struct frames nics[DEVMODEL_NICS];

static bool send(struct net_backend *b, const uint8_t *frame, size_t n)
{
	struct frames *f = container_of(b, struct frames, backend);

	if (n > DEVMODEL_FRAME)
		return true; /* lost, as a frame that no wire carries */
	memcpy(devmodel_shared()->frame, frame, n);
	devmodel_call(DEVMODEL_CALL_FRAME_SEND, (uint64_t)(f - nics), n, 0, 0);
	return true;
}

/* False: there is none, or the device has no buffer. */
static bool take_one(struct frames *f)
{
	if (!f->length) {
		int64_t n =
			devmodel_call(DEVMODEL_CALL_FRAME_RECEIVE, (uint64_t)(f - nics), 0, 0, 0);

		if (n <= 0)
			return false;
		f->length = (size_t)n;
		memcpy(f->waiting, devmodel_shared()->frame, f->length);
	}
	if (!f->backend.receive || !f->backend.receive(&f->backend, f->waiting, f->length))
		return false;
	f->length = 0;
	return true;
}

static void take(struct frames *f)
{
	for (unsigned i = 0; i < FRAMES_A_TURN && take_one(f); i++)
		;
}

static void room(struct net_backend *b)
{
	take(container_of(b, struct frames, backend));
}

struct net_backend *frame_net(const struct devmodel_board *b, unsigned n)
{
	struct frames *f = &nics[n];

	if (!b->nics[n].present)
		return NULL;
	memcpy(f->backend.mac, b->nics[n].mac, sizeof(f->backend.mac));
	f->backend.send = send;
	f->backend.room = room;
	f->backend.link_up = true;
	return &f->backend;
}

void frame_input(void)
{
	for (unsigned i = 0; i < DEVMODEL_NICS; i++)
		if (nics[i].backend.receive)
			take(&nics[i]);
}
