/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The DMA controllers and their page registers. */
#include "i8237.h"

#include "errno.h"
#include "string.h"

#define CHANNELS 4
#define PAGES    16

enum { /* registers behind the eight of the channels: as they are written */
       WRITE_COMMAND = 8,
       WRITE_REQUEST,
       WRITE_MASK_BIT,
       WRITE_MODE,
       CLEAR_FLIP_FLOP,
       MASTER_CLEAR,
       CLEAR_MASK,
       WRITE_MASK,
};
enum { /* and as they are read */
       READ_STATUS = 8,
       READ_MASK = 15,
};

#define COMMAND_DISABLE 0x04
#define BIT_SET         0x04 /* of a request and of a mask bit */

#define MODE_TRANSFER  0x0c
#define TRANSFER_WRITE 0x04 /* from the device to memory */
#define MODE_AUTO      0x10
#define MODE_DOWN      0x20
#define MODE_SELECT    0xc0
#define SELECT_CASCADE 0xc0

struct dma_channel {
	uint16_t base_address, base_count;
	uint16_t address, count; /* in units of the controller; a count of n is n + 1 of them */
	uint8_t mode;
};

struct dma_controller {
	struct dma_channel channel[CHANNELS];
	uint8_t command, mask, request, done; /* a bit a channel, but for command */
	bool second_byte;                     /* the flip-flop */
	uint8_t shift;                        /* log2 of the bytes of a unit */
	struct io_region ports;
};

struct i8237 {
	struct dma_controller controller[2];
	uint8_t page[PAGES];
	struct io_region page_ports;
	struct device_ports *around;
};

/* Which page register is a channel's. */
static const uint8_t pages[2][CHANNELS] = { { 7, 3, 1, 2 }, { 15, 11, 9, 10 } };

/* ---- transfers that a program asks for ---- */

/* What nobody drives on the bus is ones. n units from the lowest address on, all of them below the end of the page. */
static void write_ones(struct i8237 *s, unsigned which, unsigned ch, uint32_t lowest, uint32_t n)
{
	const struct dma_controller *c = &s->controller[which];
	uint32_t page = s->page[pages[which][ch]] & ~(uint32_t)c->shift;
	uint64_t at = (uint64_t)page << 16 | lowest << c->shift;
	size_t bytes = (size_t)n << c->shift;

	while (bytes) {
		size_t piece = bytes;
		uint8_t *to = s->around->dma->span(s->around->dma, at, &piece, true);

		if (!to)
			piece = MIN(bytes, 4096 - (size_t)(at & 4095));
		else
			memset(to, 0xff, piece);
		at += piece;
		bytes -= piece;
	}
}

/* The address turns round at the end of the page. */
static void move(struct i8237 *s, unsigned which, unsigned ch)
{
	struct dma_channel *c = &s->controller[which].channel[ch];
	uint32_t n = c->count + 1u, first = c->address, room;

	if (c->mode & MODE_DOWN)
		first = (uint16_t)(c->address - c->count);
	room = 0x10000 - first;
	if ((c->mode & MODE_TRANSFER) == TRANSFER_WRITE) {
		write_ones(s, which, ch, first, MIN(n, room));
		if (n > room)
			write_ones(s, which, ch, 0, n - room);
	}
	c->address = (uint16_t)(c->mode & MODE_DOWN ? c->address - n : c->address + n);
	c->count = 0xffff;
}

static void terminal_count(struct dma_controller *c, unsigned ch)
{
	struct dma_channel *channel = &c->channel[ch];

	c->done |= (uint8_t)(1u << ch);
	c->request &= (uint8_t) ~(1u << ch);
	if (channel->mode & MODE_AUTO) {
		channel->address = channel->base_address;
		channel->count = channel->base_count;
	} else {
		c->mask |= (uint8_t)(1u << ch);
	}
}

/* The first controller gets the bus by the second's channel 4 only. */
static bool has_bus(const struct i8237 *s, unsigned which)
{
	const struct dma_controller *second = &s->controller[1];

	if (s->controller[which].command & COMMAND_DISABLE)
		return false;
	return which == 1 || (!(second->command & COMMAND_DISABLE) && !(second->mask & 1) &&
	                      (second->channel[0].mode & MODE_SELECT) == SELECT_CASCADE);
}

/* A request by software is not masked. A channel that is a way for others has nothing to move. */
static void run(struct i8237 *s)
{
	for (unsigned which = 0; which < 2; which++) {
		struct dma_controller *c = &s->controller[which];

		for (unsigned ch = 0; ch < CHANNELS && has_bus(s, which); ch++)
			if ((c->request >> ch & 1) &&
			    (c->channel[ch].mode & MODE_SELECT) != SELECT_CASCADE) {
				move(s, which, ch);
				terminal_count(c, ch);
			}
	}
}

/* ---- registers ---- */

static uint8_t half(struct dma_controller *c, uint16_t value)
{
	c->second_byte = !c->second_byte;
	return (uint8_t)(c->second_byte ? value : value >> 8);
}

static uint16_t with_half(const struct dma_controller *c, uint16_t value, uint8_t byte)
{
	return (uint16_t)(c->second_byte ? (value & 0xff) | byte << 8 : (value & 0xff00) | byte);
}

static uint8_t register_read(struct dma_controller *c, unsigned reg)
{
	const struct dma_channel *ch = &c->channel[reg / 2 % CHANNELS];
	uint8_t value;

	if (reg < READ_STATUS)
		return half(c, reg & 1 ? ch->count : ch->address);
	switch (reg) {
	case READ_STATUS:
		value = (uint8_t)(c->request << 4 | c->done);
		c->done = 0;
		return value;
	case READ_MASK: return c->mask;
	default:
		return 0; /* of the others some are never read, and nothing moves through the temporary one */
	}
}

/* A write of a channel's register goes to what it counts and to what it begins anew with. */
static void channel_write(struct dma_controller *c, unsigned reg, uint8_t byte)
{
	struct dma_channel *ch = &c->channel[reg / 2];

	if (reg & 1)
		ch->count = ch->base_count = with_half(c, ch->base_count, byte);
	else
		ch->address = ch->base_address = with_half(c, ch->base_address, byte);
	c->second_byte = !c->second_byte;
}

static uint8_t with_bit(uint8_t bits, uint8_t byte)
{
	uint8_t bit = (uint8_t)(1u << (byte & 3));

	return byte & BIT_SET ? bits | bit : bits & (uint8_t)~bit;
}

/* The modes stay. */
static void master_clear(struct dma_controller *c)
{
	c->command = c->request = c->done = 0;
	c->second_byte = false;
	c->mask = 0x0f;
}

static void register_write(struct dma_controller *c, unsigned reg, uint8_t byte)
{
	switch (reg) {
	case WRITE_COMMAND: c->command = byte; break;
	case WRITE_REQUEST: c->request = with_bit(c->request, byte); break;
	case WRITE_MASK_BIT: c->mask = with_bit(c->mask, byte); break;
	case WRITE_MODE: c->channel[byte & 3].mode = byte & (uint8_t)~3u; break;
	case CLEAR_FLIP_FLOP: c->second_byte = false; break;
	case MASTER_CLEAR: master_clear(c); break;
	case CLEAR_MASK: c->mask = 0; break;
	case WRITE_MASK: c->mask = byte & 0x0f; break;
	default: channel_write(c, reg, byte); break;
	}
}

/* Each register of the second controller has two ports. */
static void controller_access(struct i8237 *s, unsigned which, struct io_access *a)
{
	struct dma_controller *c = &s->controller[which];
	unsigned reg = (unsigned)a->addr >> c->shift & 15;

	if (!a->is_write) {
		a->value = register_read(c, reg);
		return;
	}
	register_write(c, reg, (uint8_t)a->value);
	run(s);
}

static enum io_result first_access(struct io_region *r, struct io_access *a)
{
	controller_access(container_of(r, struct i8237, controller[0].ports), 0, a);
	return IO_DONE;
}

static enum io_result second_access(struct io_region *r, struct io_access *a)
{
	controller_access(container_of(r, struct i8237, controller[1].ports), 1, a);
	return IO_DONE;
}

static enum io_result page_access(struct io_region *r, struct io_access *a)
{
	struct i8237 *s = container_of(r, struct i8237, page_ports);

	if (a->is_write)
		s->page[a->addr] = (uint8_t)a->value;
	else
		a->value = s->page[a->addr];
	return IO_DONE;
}

/* ---- the device ---- */

static int i8237_create(struct device *d, const void *config)
{
	struct i8237 *s = d->state;
	struct io_bus *pio = d->ports->pio;
	int error;

	s->around = d->ports;
	s->controller[1].shift = 1;
	s->controller[0].ports = (struct io_region){ "DMA", 0x00, 0x10, 1, 1, first_access };
	s->controller[1].ports =
		(struct io_region){ "second DMA", 0xc0, 0x20, 1, 1, second_access };
	s->page_ports = (struct io_region){ "DMA pages", 0x80, PAGES, 1, 1, page_access };
	error = iobus_claim(pio, &s->controller[0].ports);
	if (error)
		return error;
	error = iobus_claim(pio, &s->controller[1].ports);
	if (error)
		goto no_second;
	error = iobus_claim(pio, &s->page_ports);
	if (error)
		goto no_pages;
	return 0;
no_pages:
	iobus_release(pio, &s->controller[1].ports);
no_second:
	iobus_release(pio, &s->controller[0].ports);
	return error;
}

static void i8237_destroy(struct device *d)
{
	struct i8237 *s = d->state;
	struct io_bus *pio = d->ports->pio;

	iobus_release(pio, &s->page_ports);
	iobus_release(pio, &s->controller[1].ports);
	iobus_release(pio, &s->controller[0].ports);
}

static void i8237_reset(struct device *d)
{
	struct i8237 *s = d->state;

	for (unsigned i = 0; i < 2; i++) {
		memset(s->controller[i].channel, 0, sizeof(s->controller[i].channel));
		master_clear(&s->controller[i]);
	}
	memset(s->page, 0, sizeof(s->page));
}

static int i8237_restored(struct device *d)
{
	struct i8237 *s = d->state;

	for (unsigned i = 0; i < 2; i++) {
		const struct dma_controller *c = &s->controller[i];

		if ((c->mask | c->request | c->done) & ~0x0f)
			return -EINVAL;
		for (unsigned ch = 0; ch < CHANNELS; ch++)
			if (c->channel[ch].mode & 3)
				return -EINVAL;
	}
	return 0;
}

#define SAVED_CHANNEL(c, n)                                                               \
	SAVE_ONE(SAVE_U16, 1, struct i8237, controller[c].channel[n].base_address),       \
		SAVE_ONE(SAVE_U16, 1, struct i8237, controller[c].channel[n].base_count), \
		SAVE_ONE(SAVE_U16, 1, struct i8237, controller[c].channel[n].address),    \
		SAVE_ONE(SAVE_U16, 1, struct i8237, controller[c].channel[n].count),      \
		SAVE_ONE(SAVE_U8, 1, struct i8237, controller[c].channel[n].mode)
#define SAVED_CONTROLLER(c)                                                                 \
	SAVED_CHANNEL(c, 0), SAVED_CHANNEL(c, 1), SAVED_CHANNEL(c, 2), SAVED_CHANNEL(c, 3), \
		SAVE_ONE(SAVE_U8, 1, struct i8237, controller[c].command),                  \
		SAVE_ONE(SAVE_U8, 1, struct i8237, controller[c].mask),                     \
		SAVE_ONE(SAVE_U8, 1, struct i8237, controller[c].request),                  \
		SAVE_ONE(SAVE_U8, 1, struct i8237, controller[c].done),                     \
		SAVE_ONE(SAVE_BOOL, 1, struct i8237, controller[c].second_byte)

static const struct save_field i8237_saved[] = {
	SAVED_CONTROLLER(0),
	SAVED_CONTROLLER(1),
	SAVE_BLOB(1, struct i8237, page),
	SAVE_LAST,
};

const struct device_class i8237_class = {
	.name = "i8237",
	.state_size = sizeof(struct i8237),
	.version = 1,
	.create = i8237_create,
	.reset = i8237_reset,
	.destroy = i8237_destroy,
	.saved = i8237_saved,
	.restored = i8237_restored,
};
