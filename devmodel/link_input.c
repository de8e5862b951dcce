/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys, mouse and tablet on the link. */
#include "link_part.h"

#include "piix4_pm.h"
#include "uhci.h"

static struct input_backend keyboard, tablet;
static struct link_input *shared;
static struct link_end in;
static uint32_t lamps;
static bool has_tablet; /* the guest has set it up */
static unsigned waits;  /* how often a key has waited for room */

/* A keyboard holds few bytes, and a guest may not come to read them for a while: keys wait so long. Then nobody reads there, and nothing waits behind them. */
#define WAIT_NS   10000000
#define WAITS_MAX 200

static void lamps_lit(struct input_backend *b, unsigned leds)
{
	lamps = leds;
	write_once(shared->leds, leds);
	link_tell();
}

/* Points are the tablet's, movements the mouse's. Buttons and the wheel are those of what the person moves, which is the tablet as soon as the guest has set it up. */
static struct input_backend *client_of(const struct input_event *e)
{
	switch (e->kind) {
	case INPUT_POINT: return &tablet;
	case INPUT_BUTTON:
	case INPUT_WHEEL: return has_tablet ? &tablet : &keyboard;
	default: return &keyboard;
	}
}

static void give(const struct input_event *e)
{
	struct input_backend *b = client_of(e);

	if (link_power())
		piix4_pm_wake(link_power());
	if (b->receive)
		b->receive(b, e);
}

/* A bool of the other side's may be anything. */
static struct input_event event_get(uint32_t index)
{
	const struct input_event *from = &shared->events[index % LINK_INPUTS];

	return (struct input_event){ .kind = read_once(from->kind),
		                     .down = read_once(*(const uint8_t *)&from->down) != 0,
		                     .code = read_once(from->code),
		                     .x = read_once(from->x),
		                     .y = read_once(from->y) };
}

static void tablet_look(void)
{
	bool now = link_usb() && uhci_tablet_is_in_use(link_usb());

	if (now == has_tablet)
		return;
	has_tablet = now;
	write_once(shared->has_tablet, now);
	link_tell();
}

static bool must_wait(const struct input_event *e)
{
	if (e->kind != INPUT_KEY)
		return false;
	if (!keyboard.is_full || !keyboard.is_full(&keyboard)) {
		waits = 0;
		return false;
	}
	if (waits >= WAITS_MAX)
		return false;
	waits += link_look_later(WAIT_NS);
	return true;
}

static void look(void)
{
	uint32_t waiting = link_waiting(&in), n = 0;

	tablet_look();
	for (; n < waiting; n++) {
		struct input_event e = event_get(in.index + n);

		if (must_wait(&e))
			break;
		give(&e);
	}
	if (n && link_consumed(&in, n))
		link_tell();
}

static void attach(void)
{
	link_empty(&in);
	write_once(shared->leds, lamps);
	write_once(shared->has_tablet, has_tablet);
}

static void start(const struct devmodel_board *b)
{
	shared = &link_memory()->input;
	in = (struct link_end){ &shared->queue, 0, LINK_INPUTS };
	keyboard = (struct input_backend){ .leds = lamps_lit };
	tablet = (struct input_backend){ .leds = NULL };
	lamps = 0;
	has_tablet = false;
	waits = 0;
}

struct input_backend *link_keyboard(void)
{
	return &keyboard;
}

struct input_backend *link_tablet(void)
{
	return &tablet;
}

const struct link_part link_input_part = { start, attach, look };
