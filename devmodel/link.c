/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The link as a whole: attaching, and who is told when. */
#include "link_part.h"

#include "string.h"

static const struct link_part *const parts[] = {
	&link_media_part,  &link_block_part, &link_serial_part,
	&link_frames_part, &link_input_part, &link_screen_part,
};

static struct {
	struct devmodel_link *memory; /* NULL: the board has none */
	struct device_ports *ports;
	struct device *display, *usb, *power;
	uint32_t epoch;            /* of the backend that is attached; 0: none */
	bool is_heard;             /* it was there when it was told last */
	bool is_to_be_told;        /* when the turn is over */
	struct device_timer again; /* not all of what came was looked at */
	struct device_timer later; /* the same, but there is no room for it yet */
} link;

bool link_is_attached(void)
{
	return link.epoch != 0;
}

bool link_is_heard(void)
{
	return link.epoch && link.is_heard;
}

void link_tell(void)
{
	link.is_to_be_told = true;
}

struct device *link_display(void)
{
	return link.display;
}

struct device *link_usb(void)
{
	return link.usb;
}

struct device *link_power(void)
{
	return link.power;
}

void link_look_again(void)
{
	struct device_clock *c = link.ports->clock;

	if (!link.again.armed)
		c->arm(c, &link.again, c->now_ns(c));
}

bool link_look_later(uint64_t ns)
{
	struct device_clock *c = link.ports->clock;

	if (link.later.armed)
		return false;
	c->arm(c, &link.later, c->now_ns(c) + ns);
	return true;
}

static void attach(uint32_t epoch)
{
	for (unsigned i = 0; i < ARRAY_LEN(parts); i++)
		parts[i]->attach();
	link.epoch = epoch;
	link.is_heard = true;
	store_release(&link.memory->model_epoch, epoch);
	link_tell();
}

void link_look(void)
{
	uint32_t epoch;

	if (!link.memory)
		return;
	epoch = load_acquire(&link.memory->epoch);
	if (epoch && epoch != link.epoch)
		attach(epoch);
	if (!link.epoch)
		return;
	for (unsigned i = 0; i < ARRAY_LEN(parts); i++)
		parts[i]->look();
}

static void look_again(struct device_timer *t)
{
	link_look();
}

void link_turn_over(void)
{
	if (likely(!link.is_to_be_told))
		return;
	link.is_to_be_told = false;
	if (!link.epoch || link_notify())
		return;
	/* Who waits for room waits in vain. */
	if (link.is_heard)
		link_look_again();
	link.is_heard = false;
}

void link_start(const struct devmodel_board *b, struct device_ports *ports)
{
	memset(&link, 0, sizeof(link));
	if (!b->has_link)
		return;
	link.memory = link_memory();
	link.ports = ports;
	link.again.fn = link.later.fn = look_again;
	link.memory->version = DEVMODEL_LINK_VERSION;
	link.memory->size = sizeof(*link.memory);
	for (unsigned i = 0; i < ARRAY_LEN(parts); i++)
		parts[i]->start(b);
}

void link_devices(struct device *display, struct device *usb, struct device *power)
{
	link.display = display;
	link.usb = usb;
	link.power = power;
}

void link_log(const char *text)
{
	struct char_backend *b;

	if (!link.memory)
		return;
	b = link_text(LINK_TEXT_LOG);
	b->put(b, (const uint8_t *)text, strlen(text));
	b->put(b, (const uint8_t *)"\n", 1);
}
