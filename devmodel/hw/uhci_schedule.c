/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One frame of UHCI's schedule (design guide 3): queue heads across, transfer descriptors down. */
#include "uhci_state.h"

#define LINK_END   0x1u
#define LINK_QUEUE 0x2u
#define LINK_DEPTH 0x4u
#define LINK_AT    0xfffffff0u

#define TD_LENGTH   0x000007ffu
#define TD_BITSTUFF 0x00020000u
#define TD_TIMEOUT  0x00040000u
#define TD_NAK      0x00080000u
#define TD_BABBLE   0x00100000u
#define TD_BUFFER   0x00200000u
#define TD_STALLED  0x00400000u
#define TD_ACTIVE   0x00800000u
#define TD_STATUS   0x00fe0000u
#define TD_IOC      0x01000000u
#define TD_ISO      0x02000000u
#define TD_ERRORS   27 /* two bits: errors that are left */
#define TD_SPD      0x20000000u

#define PID_IN    0x69
#define PID_OUT   0xe1
#define PID_SETUP 0x2d

#define PORT_ENABLED   0x0004
#define PORT_SUSPENDED 0x1000

/* A frame of 1 ms is 1500 bytes long, and each transaction has some of its own. */
#define FRAME_BYTES      1280
#define TRANSACTION_COST 13
/* Descriptors and queue heads that are looked at: drivers' loops (for bandwidth that is left) end here. */
#define FRAME_STEPS 200
#define PACKET_MAX  1280

#define NOBODY (-3)

struct td {
	uint32_t link, control, token, buffer;
};

enum td_result {
	TD_SKIP,    /* not active, or nothing to be had: the queue stays where it is */
	TD_ADVANCE, /* done */
	TD_STOP,    /* done, but the queue stays: short, or an error */
	TD_BROKEN,  /* the schedule cannot be worked on */
};

static bool get(struct uhci *s, uint32_t at, void *to, size_t n)
{
	return !dma_read(s->device->ports->dma, at, to, n);
}

static bool put(struct uhci *s, uint32_t at, uint32_t value)
{
	return !dma_write(s->device->ports->dma, at, &value, sizeof(value));
}

/* ---- a transaction ---- */

static bool tablet_hears(struct uhci *s, uint32_t token)
{
	return s->tablet.input && (s->ports[0] & (PORT_ENABLED | PORT_SUSPENDED)) == PORT_ENABLED &&
	       (token >> 8 & 0x7f) == s->tablet.address;
}

/* Bytes that went, a USB_ result, NOBODY, or -EFAULT's place: the buffer is no RAM (TD_BUFFER). */
static int transact(struct uhci *s, const struct td *td, unsigned length, bool *fault)
{
	uint8_t bytes[PACKET_MAX];
	unsigned endpoint = td->token >> 15 & 0xf;
	int n;

	*fault = false;
	if (!tablet_hears(s, td->token))
		return NOBODY;
	if ((td->token & 0xff) == PID_IN) {
		n = usb_tablet_in(&s->tablet, endpoint, bytes, length);
		if (n > 0)
			*fault = dma_write(s->device->ports->dma, td->buffer, bytes, (size_t)n);
		return n;
	}
	*fault = length && dma_read(s->device->ports->dma, td->buffer, bytes, length);
	if (*fault)
		return 0;
	if ((td->token & 0xff) == PID_SETUP)
		return endpoint ? USB_STALL : usb_tablet_setup(&s->tablet, bytes, length);
	return usb_tablet_out(&s->tablet, endpoint, bytes, length);
}

/* Nobody answered: one of the errors that are left is gone; with the last one the descriptor ends. A count of 0 never ends. */
static uint32_t count_error(struct uhci *s, uint32_t control)
{
	uint32_t left = control >> TD_ERRORS & 3;

	control |= TD_TIMEOUT;
	if (!left)
		return control;
	left--;
	control = (control & ~(3u << TD_ERRORS)) | left << TD_ERRORS;
	if (!left) {
		control = (control & ~TD_ACTIVE) | TD_STALLED;
		s->status |= STS_ERROR;
	}
	return control;
}

static uint32_t fail(struct uhci *s, uint32_t control, uint32_t bits)
{
	s->status |= STS_ERROR;
	return (control & ~TD_ACTIVE) | TD_STALLED | bits;
}

/* The descriptor's new control word. */
static uint32_t outcome(struct uhci *s, const struct td *td, int n, bool fault)
{
	uint32_t control = td->control & ~(TD_NAK | TD_LENGTH);

	if (n == NOBODY && td->control & TD_ISO)
		return (control & ~TD_ACTIVE) | TD_TIMEOUT | TD_LENGTH;
	if (n == NOBODY)
		return count_error(s, control | TD_LENGTH);
	if (n == USB_NAK)
		return control | TD_NAK | TD_LENGTH;
	if (n == USB_STALL)
		return fail(s, control | TD_LENGTH, 0);
	if (fault)
		return fail(s, control | TD_LENGTH, TD_BUFFER);
	return (control & ~TD_ACTIVE) | (((uint32_t)n - 1) & TD_LENGTH);
}

static bool pid_is_good(uint32_t token)
{
	uint32_t pid = token & 0xff;

	return pid == PID_IN || pid == PID_OUT || pid == PID_SETUP;
}

static enum td_result td_run(struct uhci *s, uint32_t at, struct td *td, int *bytes)
{
	unsigned length;
	uint32_t control;
	bool fault;
	int n;

	if (!get(s, at, td, sizeof(*td)))
		return TD_BROKEN;
	if (!(td->control & TD_ACTIVE))
		return TD_SKIP;
	length = ((td->token >> 21) + 1) & 0x7ff;
	if (length > PACKET_MAX || !pid_is_good(td->token)) {
		s->status |= STS_HCPE;
		return TD_BROKEN;
	}
	n = transact(s, td, length, &fault);
	control = outcome(s, td, n, fault);
	*bytes -= TRANSACTION_COST + (n > 0 ? n : 0);
	if (!put(s, at + 4, control))
		return TD_BROKEN;
	if (control & TD_ACTIVE)
		return TD_SKIP;
	if (td->control & TD_IOC)
		s->ioc_seen = true;
	if (control & TD_STALLED)
		return TD_STOP;
	if ((td->token & 0xff) == PID_IN && td->control & TD_SPD && n < (int)length) {
		s->short_seen = true;
		return TD_STOP;
	}
	return TD_ADVANCE;
}

/* ---- the walk ---- */

struct walk {
	int bytes, steps;
	bool moved; /* something was transferred */
};

/* A queue's element: as many descriptors as may go in one visit. false: the schedule is broken. */
static bool queue_run(struct uhci *s, uint32_t queue, uint32_t element, struct walk *w)
{
	struct td td;

	while (!(element & (LINK_END | LINK_QUEUE)) && w->bytes > 0 && w->steps-- > 0) {
		enum td_result r = td_run(s, element & LINK_AT, &td, &w->bytes);

		if (r == TD_BROKEN)
			return false;
		if (r != TD_SKIP)
			w->moved = true;
		if (r != TD_ADVANCE)
			return true;
		element = td.link;
		if (!put(s, queue + 4, element))
			return false;
		if (!(element & LINK_DEPTH))
			return true;
	}
	return true;
}

/* One link of the frame: goes on to the next. false: the schedule is broken. */
static bool step(struct uhci *s, uint32_t *link, struct walk *w)
{
	uint32_t at = *link & LINK_AT, head[2];
	enum td_result r;
	struct td td;

	if (*link & LINK_QUEUE) {
		if (!get(s, at, head, sizeof(head)))
			return false;
		*link = head[0];
		if ((head[1] & (LINK_QUEUE | LINK_END)) == LINK_QUEUE) {
			*link = head[1]; /* a queue in place of an element: down, not across */
			return true;
		}
		return queue_run(s, at, head[1], w);
	}
	r = td_run(s, at, &td, &w->bytes);
	w->moved |= r == TD_ADVANCE || r == TD_STOP;
	*link = td.link;
	return r != TD_BROKEN;
}

static void schedule_broken(struct uhci *s)
{
	if (!(s->status & STS_HCPE))
		s->status |= STS_HSE;
	s->command &= ~CMD_RS;
	s->status |= STS_HALTED;
}

bool uhci_frame_run(struct uhci *s)
{
	struct walk w = { FRAME_BYTES, FRAME_STEPS, false };
	uint32_t link, at = s->frame_base + (s->frame & 0x3ff) * 4u;
	bool ok;

	if (!pci_is_master(&s->function))
		return false;
	ok = get(s, at, &link, sizeof(link));
	while (ok && !(link & LINK_END) && w.bytes > 0 && w.steps-- > 0)
		ok = step(s, &link, &w);
	if (!ok)
		schedule_broken(s);
	if (s->ioc_seen || s->short_seen)
		s->status |= STS_INT;
	return w.moved;
}
