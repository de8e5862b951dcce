/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The keyboard controller. It has one output buffer; a device's next byte moves into it when the guest has read the last one. Between two bytes of scan code or movement
 * passes the time that the wire needs: old programs read port 0x60 twice in one interrupt and count on the same answer.
 *
 * The A20 gate is kept as the guest set it and has no effect: no guest that still runs needs addresses to wrap at 1 MiB.
 */
#include "i8042.h"

#include "errno.h"
#include "ps2_keyboard.h"
#include "ps2_keys.h"
#include "ps2_mouse.h"
#include "string.h"

enum { /* status */
       STATUS_FULL = 0x01,
       STATUS_SYSTEM = 0x04,
       STATUS_COMMAND = 0x08,
       STATUS_UNLOCKED = 0x10,
       STATUS_MOUSE = 0x20,
};
enum { /* command byte: byte 0 of the controller's memory */
       MODE_KEYBOARD_IRQ = 0x01,
       MODE_MOUSE_IRQ = 0x02,
       MODE_SYSTEM = 0x04,
       MODE_KEYBOARD_OFF = 0x10,
       MODE_MOUSE_OFF = 0x20,
       MODE_TRANSLATE = 0x40,
};
enum { /* output port */
       OUTPUT_NO_RESET = 0x01,
       OUTPUT_A20 = 0x02,
       OUTPUT_KEYBOARD_FULL = 0x10,
       OUTPUT_MOUSE_FULL = 0x20,
       OUTPUT_WIRES = 0xc0,
};
enum {
	COMMAND_READ_MEMORY = 0x20,
	COMMAND_WRITE_MEMORY = 0x60,
	COMMAND_PASSWORD = 0xa4,
	COMMAND_MOUSE_OFF = 0xa7,
	COMMAND_MOUSE_ON = 0xa8,
	COMMAND_MOUSE_TEST = 0xa9,
	COMMAND_SELF_TEST = 0xaa,
	COMMAND_KEYBOARD_TEST = 0xab,
	COMMAND_KEYBOARD_OFF = 0xad,
	COMMAND_KEYBOARD_ON = 0xae,
	COMMAND_READ_INPUT = 0xc0,
	COMMAND_READ_OUTPUT = 0xd0,
	COMMAND_WRITE_OUTPUT = 0xd1,
	COMMAND_AS_KEYBOARD = 0xd2,
	COMMAND_AS_MOUSE = 0xd3,
	COMMAND_TO_MOUSE = 0xd4,
	COMMAND_A20_OFF = 0xdd,
	COMMAND_A20_ON = 0xdf,
	COMMAND_READ_TEST = 0xe0,
	COMMAND_PULSE = 0xf0,
};

enum { SOURCE_CONTROLLER, SOURCE_KEYBOARD, SOURCE_MOUSE, SOURCES };

#define BYTE_NS 500000

struct i8042 {
	struct ps2_keyboard keyboard;
	struct ps2_mouse mouse;
	uint8_t memory[32]; /* [0] is the command byte */
	uint8_t output;     /* the output port's A20 and reset bits */
	uint8_t buffer;     /* what port 0x60 reads */
	bool full;          /* and has not been read */
	uint8_t source;     /* whose it is */
	bool as_mouse;      /* it is told as the mouse's */
	uint8_t held[SOURCES];
	bool holds
		[SOURCES]; /* a device's byte that the controller's own answer pushed out of the buffer */
	bool last_was_command;
	uint8_t command;     /* that waits for its parameter; 0: none */
	bool release;        /* translation: an 0xf0 went by */
	uint64_t quiet_left; /* ns, while saved */
	uint64_t quiet_until;
	bool irq_level[2];
	struct irq_line *irq[2]; /* keyboard, mouse */
	struct device_timer timer;
	struct device_ports *ports;
	struct input_backend *input;
	struct io_region data_port, command_port, fast_port;
};

/* ---- output buffer ---- */

static void drive(struct i8042 *s, unsigned which, bool level)
{
	if (s->irq_level[which] == level)
		return;
	s->irq_level[which] = level;
	irq_line_set(s->irq[which], level);
}

static void update_irq(struct i8042 *s)
{
	drive(s, 0, s->full && !s->as_mouse && (s->memory[0] & MODE_KEYBOARD_IRQ));
	drive(s, 1, s->full && s->as_mouse && (s->memory[0] & MODE_MOUSE_IRQ));
}

static void fill(struct i8042 *s, uint8_t byte, unsigned source, bool as_mouse)
{
	s->buffer = byte;
	s->full = true;
	s->source = (uint8_t)source;
	s->as_mouse = as_mouse;
	update_irq(s);
}

/* An answer of the controller itself goes before what a device said. */
static void answer(struct i8042 *s, uint8_t byte, bool as_mouse)
{
	if (s->full && s->source != SOURCE_CONTROLLER) {
		s->held[s->source] = s->buffer;
		s->holds[s->source] = true;
		s->full = false;
		update_irq(s); /* so that the new byte is an edge of its own */
	}
	fill(s, byte, SOURCE_CONTROLLER, as_mouse);
}

/* The keyboard's next byte as the guest shall see it; false: none. */
static bool keyboard_byte(struct i8042 *s, uint8_t *byte)
{
	while (ps2_output_next(&s->keyboard.out, byte)) {
		if (!(s->memory[0] & MODE_TRANSLATE))
			return true;
		if (*byte == 0xf0) {
			s->release = true;
			continue;
		}
		*byte = ps2_set2_to_set1[*byte] | (s->release ? 0x80 : 0);
		s->release = false;
		return true;
	}
	return false;
}

static bool is_on(const struct i8042 *s, unsigned source)
{
	return !(s->memory[0] & (source == SOURCE_KEYBOARD ? MODE_KEYBOARD_OFF : MODE_MOUSE_OFF));
}

/* From one device, if it may and wants to speak. A command's answer need not wait; data does while the wire is busy (then *wait is set). */
static bool fetch(struct i8042 *s, unsigned source, bool busy, bool *wait)
{
	const struct ps2_output *o = source == SOURCE_KEYBOARD ? &s->keyboard.out : &s->mouse.out;
	uint8_t byte;

	if (s->holds[source]) {
		s->holds[source] = false;
		fill(s, s->held[source], source, source == SOURCE_MOUSE);
		return true;
	}
	if (!is_on(s, source))
		return false;
	if (busy && !o->replies) {
		*wait = *wait || o->datas;
		return false;
	}
	if (source == SOURCE_KEYBOARD ? !keyboard_byte(s, &byte)
	                              : !ps2_mouse_next(&s->mouse, &byte))
		return false;
	fill(s, byte, source, source == SOURCE_MOUSE);
	return true;
}

/* Moves a byte into the buffer when it is free. */
static void pump(struct i8042 *s)
{
	struct device_clock *c = s->ports->clock;
	bool busy, wait = false;

	if (s->full)
		return;
	busy = c->now_ns(c) < s->quiet_until;
	if (fetch(s, SOURCE_KEYBOARD, busy, &wait) || fetch(s, SOURCE_MOUSE, busy, &wait))
		return;
	if (wait && !s->timer.armed)
		c->arm(c, &s->timer, s->quiet_until);
}

static void quiet_over(struct device_timer *t)
{
	pump(container_of(t, struct i8042, timer));
}

static void keyboard_changed(struct ps2_keyboard *k)
{
	pump(container_of(k, struct i8042, keyboard));
}

static void mouse_changed(struct ps2_mouse *m)
{
	pump(container_of(m, struct i8042, mouse));
}

/* ---- commands ---- */

static void reboot(struct i8042 *s)
{
	s->ports->machine->event(s->ports->machine, MACHINE_REBOOT);
}

static void set_output(struct i8042 *s, uint8_t value)
{
	s->output = (value & OUTPUT_A20) | OUTPUT_NO_RESET;
	if (!(value & OUTPUT_NO_RESET))
		reboot(s);
}

static uint8_t output_port(const struct i8042 *s)
{
	uint8_t value = s->output | OUTPUT_WIRES;

	if (s->full)
		value |= s->as_mouse ? OUTPUT_MOUSE_FULL : OUTPUT_KEYBOARD_FULL;
	return value;
}

static void set_mode(struct i8042 *s, uint8_t mode)
{
	s->memory[0] = mode;
	update_irq(s);
}

static void set_a20(struct i8042 *s, bool on)
{
	s->output = OUTPUT_NO_RESET | (on ? OUTPUT_A20 : 0);
}

static void controller_command(struct i8042 *s, uint8_t byte)
{
	s->command = 0;
	switch (byte) {
	case COMMAND_READ_MEMORY ... COMMAND_READ_MEMORY + 31:
		answer(s, s->memory[byte & 31], false);
		break;
	case COMMAND_WRITE_MEMORY ... COMMAND_WRITE_MEMORY + 31:
	case COMMAND_WRITE_OUTPUT ... COMMAND_TO_MOUSE: s->command = byte; break;
	case COMMAND_PASSWORD: answer(s, 0xf1, false); break; /* there is none */
	case COMMAND_MOUSE_OFF: set_mode(s, s->memory[0] | MODE_MOUSE_OFF); break;
	case COMMAND_MOUSE_ON: set_mode(s, s->memory[0] & ~MODE_MOUSE_OFF); break;
	case COMMAND_KEYBOARD_OFF: set_mode(s, s->memory[0] | MODE_KEYBOARD_OFF); break;
	case COMMAND_KEYBOARD_ON: set_mode(s, s->memory[0] & ~MODE_KEYBOARD_OFF); break;
	case COMMAND_MOUSE_TEST:
	case COMMAND_KEYBOARD_TEST: answer(s, 0x00, false); break;
	case COMMAND_SELF_TEST:
		s->memory[0] |= MODE_SYSTEM;
		answer(s, 0x55, false);
		break;
	case COMMAND_READ_INPUT: answer(s, 0x80, false); break; /* not locked */
	case COMMAND_READ_OUTPUT: answer(s, output_port(s), false); break;
	case COMMAND_READ_TEST:
		answer(s, (uint8_t)(is_on(s, SOURCE_KEYBOARD) | is_on(s, SOURCE_MOUSE) << 1),
		       false);
		break;
	case COMMAND_A20_OFF:
	case COMMAND_A20_ON: set_a20(s, byte == COMMAND_A20_ON); break;
	case COMMAND_PULSE ... 0xff: /* the bits that are clear are pulled low for a moment */
		if (!(byte & OUTPUT_NO_RESET))
			reboot(s);
		break;
	}
}

static void to_keyboard(struct i8042 *s, uint8_t byte)
{
	set_mode(s, s->memory[0] & ~MODE_KEYBOARD_OFF);
	s->release = false;
	ps2_keyboard_write(&s->keyboard, byte);
}

static void to_mouse(struct i8042 *s, uint8_t byte)
{
	set_mode(s, s->memory[0] & ~MODE_MOUSE_OFF);
	ps2_mouse_write(&s->mouse, byte);
}

static void data_written(struct i8042 *s, uint8_t byte)
{
	uint8_t command = s->command;

	s->command = 0;
	switch (command) {
	case 0: to_keyboard(s, byte); break;
	case COMMAND_WRITE_MEMORY: set_mode(s, byte); break;
	case COMMAND_WRITE_OUTPUT: set_output(s, byte); break;
	case COMMAND_AS_KEYBOARD: answer(s, byte, false); break;
	case COMMAND_AS_MOUSE: answer(s, byte, true); break;
	case COMMAND_TO_MOUSE: to_mouse(s, byte); break;
	default: s->memory[command & 31] = byte; break;
	}
}

/* ---- ports ---- */

static uint8_t data_read(struct i8042 *s)
{
	struct device_clock *c = s->ports->clock;
	uint8_t byte = s->buffer;

	if (!s->full)
		return byte;
	s->full = false;
	update_irq(s);
	s->quiet_until = c->now_ns(c) + BYTE_NS;
	pump(s);
	return byte;
}

static enum io_result data_access(struct io_region *r, struct io_access *a)
{
	struct i8042 *s = container_of(r, struct i8042, data_port);

	if (!a->is_write) {
		a->value = data_read(s);
		return IO_DONE;
	}
	s->last_was_command = false;
	data_written(s, (uint8_t)a->value);
	pump(s);
	return IO_DONE;
}

static uint8_t status(struct i8042 *s)
{
	pump(s);
	return STATUS_UNLOCKED | (s->memory[0] & MODE_SYSTEM ? STATUS_SYSTEM : 0) |
	       (s->last_was_command ? STATUS_COMMAND : 0) | (s->full ? STATUS_FULL : 0) |
	       (s->full && s->as_mouse ? STATUS_MOUSE : 0);
}

static enum io_result command_access(struct io_region *r, struct io_access *a)
{
	struct i8042 *s = container_of(r, struct i8042, command_port);

	if (!a->is_write) {
		a->value = status(s);
		return IO_DONE;
	}
	s->last_was_command = true;
	controller_command(s, (uint8_t)a->value);
	pump(s);
	return IO_DONE;
}

/* Bit 0 resets the processor, bit 1 is A20. */
static enum io_result fast_access(struct io_region *r, struct io_access *a)
{
	struct i8042 *s = container_of(r, struct i8042, fast_port);

	if (!a->is_write) {
		a->value = s->output & OUTPUT_A20;
		return IO_DONE;
	}
	set_a20(s, a->value & OUTPUT_A20);
	if (a->value & 1)
		reboot(s);
	return IO_DONE;
}

static void input_event(struct input_backend *b, const struct input_event *e)
{
	struct i8042 *s = b->client;

	if (e->kind == INPUT_KEY)
		ps2_keyboard_key(&s->keyboard, e->code, e->down);
	else
		ps2_mouse_event(&s->mouse, e);
}

static bool input_is_full(const struct input_backend *b)
{
	const struct i8042 *s = b->client;

	return ps2_keyboard_is_full(&s->keyboard);
}

/* ---- life ---- */

static void i8042_destroy(struct device *d)
{
	struct i8042 *s = d->state;
	struct device_clock *c = d->ports->clock;

	c->cancel(c, &s->timer);
	c->cancel(c, &s->mouse.timer);
	iobus_release(d->ports->pio, &s->data_port);
	iobus_release(d->ports->pio, &s->command_port);
	iobus_release(d->ports->pio, &s->fast_port);
	if (s->input) {
		s->input->receive = NULL;
		s->input->is_full = NULL;
	}
}

static int claim(struct io_bus *bus, struct io_region *r, const char *name, uint16_t base,
                 enum io_result (*access)(struct io_region *, struct io_access *))
{
	*r = (struct io_region){ .name = name,
		                 .base = base,
		                 .size = 1,
		                 .min_access = 1,
		                 .max_access = 1,
		                 .access = access };
	return iobus_claim(bus, r);
}

static int claim_ports(struct i8042 *s)
{
	struct io_bus *pio = s->ports->pio;
	int error = claim(pio, &s->data_port, "i8042 data", 0x60, data_access);

	if (error)
		return error;
	error = claim(pio, &s->command_port, "i8042 command", 0x64, command_access);
	if (error)
		goto no_command;
	error = claim(pio, &s->fast_port, "fast A20", 0x92, fast_access);
	if (error)
		goto no_fast;
	return 0;
no_fast:
	iobus_release(pio, &s->command_port);
no_command:
	iobus_release(pio, &s->data_port);
	return error;
}

static int i8042_create(struct device *d, const void *config)
{
	const struct i8042_config *c = config;
	struct i8042 *s = d->state;
	int error;

	s->ports = d->ports;
	error = claim_ports(s);
	if (error)
		return error;
	s->irq[0] = d->ports->isa_irq(d->ports, 1);
	s->irq[1] = d->ports->isa_irq(d->ports, 12);
	s->timer.fn = quiet_over;
	s->keyboard.clock = s->mouse.clock = d->ports->clock;
	s->keyboard.changed = keyboard_changed;
	s->keyboard.input = s->input = c->input;
	s->mouse.changed = mouse_changed;
	if (s->input) {
		s->input->client = s;
		s->input->receive = input_event;
		s->input->is_full = input_is_full;
	}
	return 0;
}

static void i8042_reset(struct device *d)
{
	struct i8042 *s = d->state;

	d->ports->clock->cancel(d->ports->clock, &s->timer);
	ps2_keyboard_reset(&s->keyboard);
	ps2_mouse_reset(&s->mouse);
	memset(s->memory, 0, sizeof(s->memory));
	s->memory[0] = MODE_KEYBOARD_IRQ | MODE_MOUSE_IRQ;
	set_a20(s, true);
	s->buffer = s->source = s->command = 0;
	s->full = s->as_mouse = s->release = false;
	s->last_was_command = true;
	memset(s->holds, 0, sizeof(s->holds));
	s->quiet_until = 0;
	update_irq(s);
}

static void i8042_saving(struct device *d)
{
	struct i8042 *s = d->state;
	uint64_t now = d->ports->clock->now_ns(d->ports->clock);

	s->quiet_left = s->quiet_until > now ? s->quiet_until - now : 0;
	ps2_keyboard_saving(&s->keyboard);
	ps2_mouse_saving(&s->mouse);
}

static int i8042_restored(struct device *d)
{
	struct i8042 *s = d->state;

	if (s->source >= SOURCES || s->quiet_left > BYTE_NS || s->holds[SOURCE_CONTROLLER] ||
	    ps2_keyboard_restored(&s->keyboard) || ps2_mouse_restored(&s->mouse))
		return -EINVAL;
	s->quiet_until = d->ports->clock->now_ns(d->ports->clock) + s->quiet_left;
	update_irq(s);
	pump(s);
	return 0;
}

static const struct save_field i8042_saved[] = {
	PS2_KEYBOARD_SAVED(struct i8042, keyboard),
	PS2_MOUSE_SAVED(struct i8042, mouse),
	SAVE_BLOB(1, struct i8042, memory),
	SAVE_ONE(SAVE_U8, 1, struct i8042, output),
	SAVE_ONE(SAVE_U8, 1, struct i8042, buffer),
	SAVE_ONE(SAVE_BOOL, 1, struct i8042, full),
	SAVE_ONE(SAVE_U8, 1, struct i8042, source),
	SAVE_ONE(SAVE_BOOL, 1, struct i8042, as_mouse),
	SAVE_BLOB(1, struct i8042, held),
	SAVE_ARRAY(SAVE_BOOL, 1, struct i8042, holds),
	SAVE_ONE(SAVE_BOOL, 1, struct i8042, last_was_command),
	SAVE_ONE(SAVE_U8, 1, struct i8042, command),
	SAVE_ONE(SAVE_BOOL, 1, struct i8042, release),
	SAVE_ONE(SAVE_U64, 1, struct i8042, quiet_left),
	SAVE_LAST,
};

const struct device_class i8042_class = {
	.name = "i8042",
	.state_size = sizeof(struct i8042),
	.version = 1,
	.create = i8042_create,
	.reset = i8042_reset,
	.destroy = i8042_destroy,
	.saved = i8042_saved,
	.restored = i8042_restored,
	.saving = i8042_saving,
};
