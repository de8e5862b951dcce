/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The mouse: movements become packets, commands are answered. */
#include "ps2_mouse.h"

#include "errno.h"

enum {
	COMMAND_SCALE_1 = 0xe6,
	COMMAND_SCALE_2 = 0xe7,
	COMMAND_RESOLUTION = 0xe8,
	COMMAND_STATUS = 0xe9,
	COMMAND_STREAM = 0xea,
	COMMAND_READ = 0xeb,
	COMMAND_WRAP_OFF = 0xec,
	COMMAND_WRAP = 0xee,
	COMMAND_REMOTE = 0xf0,
	COMMAND_IDENTIFY = 0xf2,
	COMMAND_RATE = 0xf3,
	COMMAND_ENABLE = 0xf4,
	COMMAND_DISABLE = 0xf5,
	COMMAND_DEFAULT = 0xf6,
	COMMAND_RESEND = 0xfe,
	COMMAND_RESET = 0xff,
};

#define COUNT_MAX (1 << 20) /* of movement that nobody reads */

static int32_t clamp(int32_t value, int32_t low, int32_t high)
{
	return value < low ? low : value > high ? high : value;
}

static int32_t add_count(int32_t a, int32_t b)
{
	return clamp(a + clamp(b, -COUNT_MAX, COUNT_MAX), -COUNT_MAX, COUNT_MAX);
}

/* What one packet can carry of a count; the rest stays. */
static int32_t take(int32_t *count, int32_t low, int32_t high)
{
	int32_t part = clamp(*count, low, high);

	*count -= part;
	return part;
}

/* Scaling 2:1 of a sample in stream mode. */
static int32_t scale(int32_t v)
{
	static const int8_t small[] = { 0, 1, 1, 3, 6, 9 };
	int32_t size = v < 0 ? -v : v;

	size = size < 6 ? small[size] : 2 * size;
	return clamp(v < 0 ? -size : size, -255, 255);
}

static void put_packet(struct ps2_mouse *m, bool scaled)
{
	int32_t x = take(&m->x, -255, 255), y = take(&m->y, -255, 255);
	int32_t wheel = take(&m->wheel, -8, 7);
	uint8_t p[4];

	if (scaled && m->scaling) {
		x = scale(x);
		y = scale(y);
	}
	p[0] = (uint8_t)(0x08 | (m->buttons & 7) | (x < 0) << 4 | (y < 0) << 5);
	p[1] = (uint8_t)x;
	p[2] = (uint8_t)y;
	p[3] = (uint8_t)(m->id == 4 ? (wheel & 0x0f) | (m->buttons & 0x18) << 1 : wheel);
	m->told_buttons = m->buttons;
	/* A click that finds no room is lost, as on a wire that is held too long. */
	(void)ps2_output_data(&m->out, p, m->id ? 4 : 3, 0);
}

/* Does something wait that the guest should hear of by itself? */
static bool has_news(const struct ps2_mouse *m)
{
	return m->reporting && !m->remote && !m->wrap &&
	       (m->x || m->y || (m->id && m->wheel) || m->buttons != m->told_buttons);
}

/* A packet, when there is something to tell, the last one has gone and the sample rate allows it. */
static void stream(struct ps2_mouse *m)
{
	uint64_t now;

	if (!has_news(m) || m->out.datas || m->timer.armed)
		return;
	now = m->clock->now_ns(m->clock);
	if (now < m->next_ns) {
		m->clock->arm(m->clock, &m->timer, m->next_ns);
		return;
	}
	put_packet(m, true);
	m->next_ns = now + 1000000000 / m->rate;
}

static void sample_due(struct device_timer *t)
{
	struct ps2_mouse *m = container_of(t, struct ps2_mouse, timer);

	stream(m);
	m->changed(m);
}

static void button(struct ps2_mouse *m, unsigned which, bool down)
{
	uint8_t bit = (uint8_t)(1u << which % INPUT_BUTTONS);

	if (which >= INPUT_BUTTONS || !(m->buttons & bit) == !down)
		return;
	/* Two changes in one sample (a quick click) must both be seen. */
	if (has_news(m) && m->buttons != m->told_buttons)
		put_packet(m, true);
	m->buttons ^= bit;
}

void ps2_mouse_event(struct ps2_mouse *m, const struct input_event *e)
{
	switch (e->kind) {
	case INPUT_BUTTON: button(m, e->code, e->down); break;
	case INPUT_MOVE:
		m->x = add_count(m->x, e->x);
		m->y = add_count(m->y, -clamp(e->y, -COUNT_MAX, COUNT_MAX));
		break;
	case INPUT_WHEEL: m->wheel = add_count(m->wheel, e->y); break;
	default: return;
	}
	if (!m->reporting && !m->remote)
		m->x = m->y = m->wheel = 0;
	stream(m);
	m->changed(m);
}

bool ps2_mouse_next(struct ps2_mouse *m, uint8_t *byte)
{
	if (!ps2_output_next(&m->out, byte))
		return false;
	stream(m);
	return true;
}

/* ---- commands ---- */

static void forget_movement(struct ps2_mouse *m)
{
	m->x = m->y = m->wheel = 0;
	m->told_buttons = m->buttons;
}

static void defaults(struct ps2_mouse *m)
{
	m->remote = m->reporting = m->scaling = m->wrap = false;
	m->resolution = 2;
	m->rate = 100;
	m->command = 0;
	forget_movement(m);
}

void ps2_mouse_reset(struct ps2_mouse *m)
{
	m->timer.fn = sample_due;
	m->clock->cancel(m->clock, &m->timer);
	ps2_output_clear(&m->out);
	m->out.last = 0;
	m->id = m->errors = m->buttons = m->knock[0] = m->knock[1] = 0;
	m->next_ns = 0;
	defaults(m);
}

static void status(struct ps2_mouse *m)
{
	unsigned left = m->buttons & 1, right = m->buttons >> 1 & 1, middle = m->buttons >> 2 & 1;

	ps2_output_reply(&m->out, (uint8_t)(m->remote << 6 | m->reporting << 5 | m->scaling << 4 |
	                                    left << 2 | middle << 1 | right));
	ps2_output_reply(&m->out, m->resolution);
	ps2_output_reply(&m->out, m->rate);
}

static void set_rate(struct ps2_mouse *m, uint8_t rate)
{
	if (m->knock[0] == 200 && m->knock[1] == 100 && rate == 80 && !m->id)
		m->id = 3;
	if (m->knock[0] == 200 && m->knock[1] == 200 && rate == 80)
		m->id = 4;
	m->knock[0] = m->knock[1];
	m->knock[1] = rate;
	m->rate = rate;
}

static bool parameter(struct ps2_mouse *m, uint8_t byte)
{
	static const uint8_t rates[] = { 10, 20, 40, 60, 80, 100, 200 };

	if (m->command == COMMAND_RESOLUTION) {
		if (byte > 3)
			return false;
		m->resolution = byte;
		return true;
	}
	for (unsigned i = 0; i < sizeof(rates); i++)
		if (rates[i] == byte) {
			set_rate(m, byte);
			return true;
		}
	return false;
}

/* False: no such command. */
static bool command(struct ps2_mouse *m, uint8_t byte)
{
	switch (byte) {
	case COMMAND_SCALE_1:
	case COMMAND_SCALE_2: m->scaling = byte == COMMAND_SCALE_2; return true;
	case COMMAND_STREAM:
	case COMMAND_REMOTE:
		m->remote = byte == COMMAND_REMOTE;
		forget_movement(m);
		return true;
	case COMMAND_WRAP_OFF:
	case COMMAND_WRAP: m->wrap = byte == COMMAND_WRAP; return true;
	case COMMAND_ENABLE:
	case COMMAND_DISABLE:
		m->reporting = byte == COMMAND_ENABLE;
		forget_movement(m);
		return true;
	case COMMAND_RESET: m->id = 0; /* fall through */
	case COMMAND_DEFAULT: defaults(m); return true;
	case COMMAND_RESOLUTION:
	case COMMAND_RATE: m->command = byte; return true;
	case COMMAND_STATUS:
	case COMMAND_READ:
	case COMMAND_IDENTIFY: return true;
	default: return false;
	}
}

/* What follows the acknowledgement. */
static void answer(struct ps2_mouse *m, uint8_t byte)
{
	switch (byte) {
	case COMMAND_STATUS: status(m); break;
	case COMMAND_IDENTIFY: ps2_output_reply(&m->out, m->id); break;
	case COMMAND_READ: put_packet(m, false); break;
	case COMMAND_RESET:
		ps2_output_reply(&m->out, PS2_SELF_TEST_GOOD);
		ps2_output_reply(&m->out, m->id);
		break;
	}
}

void ps2_mouse_write(struct ps2_mouse *m, uint8_t byte)
{
	bool good, is_parameter = m->command;

	ps2_output_clear(&m->out); /* what was being said stops when the host speaks */
	if (m->wrap && byte != COMMAND_WRAP_OFF && byte != COMMAND_RESET) {
		ps2_output_reply(&m->out, byte);
		return;
	}
	if (byte == COMMAND_RESEND) {
		ps2_output_reply(&m->out, m->out.last);
		return;
	}
	/* A reset is one at any time; a rate may be 200, but no command is a rate. */
	if (is_parameter && byte < COMMAND_SCALE_1) {
		good = parameter(m, byte);
	} else {
		is_parameter = false;
		m->command = 0;
		good = command(m, byte);
	}
	if (is_parameter)
		m->command = 0;
	m->errors = good ? 0 : (uint8_t)(m->errors + 1);
	if (!good) {
		ps2_output_reply(&m->out, m->errors >= 2 ? PS2_ERROR : PS2_RESEND);
		m->errors &= 1;
		return;
	}
	ps2_output_reply(&m->out, PS2_ACK);
	if (!is_parameter)
		answer(m, byte);
}

/* ---- saving ---- */

void ps2_mouse_saving(struct ps2_mouse *m)
{
	uint64_t now = m->clock->now_ns(m->clock);

	m->left = m->next_ns > now ? m->next_ns - now : 0;
}

int ps2_mouse_restored(struct ps2_mouse *m)
{
	if (!ps2_output_valid(&m->out) || m->resolution > 3 || m->rate < 10 || m->rate > 200 ||
	    (m->id && m->id != 3 && m->id != 4) || m->errors > 1 || m->buttons > 0x1f ||
	    (m->command && m->command != COMMAND_RESOLUTION && m->command != COMMAND_RATE) ||
	    m->x != clamp(m->x, -COUNT_MAX, COUNT_MAX) ||
	    m->y != clamp(m->y, -COUNT_MAX, COUNT_MAX) ||
	    m->wheel != clamp(m->wheel, -COUNT_MAX, COUNT_MAX) || m->left > 100000000)
		return -EINVAL;
	m->next_ns = m->clock->now_ns(m->clock) + m->left;
	stream(m);
	return 0;
}
