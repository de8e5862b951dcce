/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The 8259A pair. Priorities rotate: a line's rank counts from the one behind the lowest. */
#include "vpic.h"

#include "errno.h"
#include "string.h"

#define MASTER_PORT 0x20
#define SLAVE_PORT  0xa0
#define CASCADE     2

#define ICW1_INIT   0x10
#define ICW1_SINGLE 0x02
#define ICW1_ICW4   0x01
#define ICW4_SFNM   0x10
#define ICW4_AEOI   0x02
#define OCW3        0x08
#define OCW3_ESMM   0x40
#define OCW3_SMM    0x20
#define OCW3_POLL   0x04
#define OCW3_RR     0x02
#define OCW3_RIS    0x01
#define POLL_FOUND  0x80
#define NONE        8u

const struct save_field vpic_saved[] = {
	SAVE_ONE(SAVE_U8, 1, struct vpic_chip, irr),
	SAVE_ONE(SAVE_U8, 1, struct vpic_chip, lines),
	SAVE_ONE(SAVE_U8, 1, struct vpic_chip, level),
	SAVE_ONE(SAVE_U8, 1, struct vpic_chip, isr),
	SAVE_ONE(SAVE_U8, 1, struct vpic_chip, imr),
	SAVE_ONE(SAVE_U8, 1, struct vpic_chip, vector_base),
	SAVE_ONE(SAVE_U8, 1, struct vpic_chip, lowest),
	SAVE_ONE(SAVE_U8, 1, struct vpic_chip, init_step),
	SAVE_ONE(SAVE_BOOL, 1, struct vpic_chip, wants_icw4),
	SAVE_ONE(SAVE_BOOL, 1, struct vpic_chip, is_single),
	SAVE_ONE(SAVE_BOOL, 1, struct vpic_chip, auto_eoi),
	SAVE_ONE(SAVE_BOOL, 1, struct vpic_chip, rotate_on_auto_eoi),
	SAVE_ONE(SAVE_BOOL, 1, struct vpic_chip, special_mask),
	SAVE_ONE(SAVE_BOOL, 1, struct vpic_chip, special_nested),
	SAVE_ONE(SAVE_BOOL, 1, struct vpic_chip, read_isr),
	SAVE_ONE(SAVE_BOOL, 1, struct vpic_chip, poll),
	SAVE_LAST,
};

/* ---- priorities ---- */

/* The first of these lines by priority; NONE. */
static unsigned first_line(const struct vpic_chip *c, uint8_t lines)
{
	for (unsigned rank = 1; rank <= 8; rank++)
		if (lines >> ((c->lowest + rank) & 7) & 1)
			return (c->lowest + rank) & 7;
	return NONE;
}

static unsigned rank(const struct vpic_chip *c, unsigned line)
{
	return line == NONE ? 8 : (line - c->lowest - 1) & 7;
}

/*
 * What is in service as the priorities see it: in special mask mode without the masked lines, so that they hold back nobody, and an end of interrupt that names no line passes them
 * by (231468, "Special mask mode" and "End of interrupt").
 */
static uint8_t in_service(const struct vpic_chip *c)
{
	return c->special_mask ? c->isr & (uint8_t)~c->imr : c->isr;
}

/*
 * The line whose request would be served now; NONE. One in service holds back its own and lower ones: but the master's cascade line in special fully nested mode not its own.
 */
static unsigned served_line(const struct vpic_chip *c, bool is_master)
{
	uint8_t holding = in_service(c);
	unsigned line = first_line(c, c->irr & ~c->imr);

	if (is_master && c->special_nested && line == CASCADE)
		holding &= ~(1u << CASCADE);
	return rank(c, line) < rank(c, first_line(c, holding)) ? line : NONE;
}

/* ---- lines ---- */

static void chip_set_line(struct vpic_chip *c, unsigned line, bool level)
{
	uint8_t bit = (uint8_t)(1u << line);
	bool by_level = c->level & bit;

	if (level && (by_level || !(c->lines & bit)))
		c->irr |= bit;
	else if (!level)
		c->irr &= (uint8_t)~bit; /* an edge that nobody took is gone as well */
	c->lines = level ? c->lines | bit : c->lines & (uint8_t)~bit;
}

/* The slave's request is the master's line 2; the master's is the wire to the CPU. Lock held. */
static void update(struct vpic *p)
{
	chip_set_line(&p->chip[0], CASCADE, served_line(&p->chip[1], false) != NONE);
	if (p->out)
		irq_line_set(p->out, served_line(&p->chip[0], true) != NONE);
}

void vpic_set_line(struct vpic *p, unsigned line, bool level)
{
	spin_lock(&p->lock);
	if (line < VPIC_LINES && line != CASCADE) {
		chip_set_line(&p->chip[line >> 3], line & 7, level);
		update(p);
	}
	spin_unlock(&p->lock);
}

void vpic_set_level_mask(struct vpic *p, uint16_t mask)
{
	spin_lock(&p->lock);
	for (unsigned i = 0; i < 2; i++) {
		struct vpic_chip *c = &p->chip[i];
		uint8_t level = (uint8_t)(mask >> (8 * i));

		/* a line that is high asks from now on; one that was taken already, too */
		c->irr |= level & c->lines & (uint8_t)~c->level;
		c->level = level;
	}
	update(p);
	spin_unlock(&p->lock);
}

uint16_t vpic_level_mask(const struct vpic *p)
{
	return (uint16_t)(p->chip[0].level | p->chip[1].level << 8);
}

bool vpic_line_is_served(struct vpic *p, unsigned line)
{
	bool served;

	spin_lock(&p->lock);
	served = p->chip[line >> 3].isr >> (line & 7) & 1;
	spin_unlock(&p->lock);
	return served;
}

bool vpic_line_is_heard(struct vpic *p, unsigned line, bool *waits)
{
	const struct vpic_chip *c = &p->chip[line >> 3];
	uint8_t bit = (uint8_t)(1u << (line & 7));
	bool heard;

	spin_lock(&p->lock);
	heard = !(c->imr & bit) && (line < 8 || !(p->chip[0].imr >> CASCADE & 1));
	*waits = heard && (c->irr & bit);
	spin_unlock(&p->lock);
	return heard;
}

/* ---- acknowledge and end of interrupt ---- */

static void line_end(struct vpic_chip *c, unsigned line, bool rotate)
{
	if (line == NONE)
		return;
	c->isr &= (uint8_t) ~(1u << line);
	if (rotate)
		c->lowest = (uint8_t)line;
}

/* The line that the CPU's acknowledge, or a poll, takes. */
static unsigned chip_take(struct vpic_chip *c, bool is_master)
{
	unsigned line = served_line(c, is_master);
	uint8_t bit;

	if (line == NONE)
		return NONE;
	bit = (uint8_t)(1u << line);
	c->isr |= bit;
	if (!(c->level & bit))
		c->irr &= (uint8_t)~bit;
	if (c->auto_eoi)
		line_end(c, line, c->rotate_on_auto_eoi);
	return line;
}

/* Without a request (it went away) the data sheet's answer is line 7, with nothing in service. */
static uint8_t chip_vector(const struct vpic_chip *c, unsigned line)
{
	return c->vector_base | (line == NONE ? 7 : line);
}

static void sync(struct vpic *p)
{
	if (p->sync)
		p->sync(p);
}

/* Lock held. */
static uint8_t acknowledge(struct vpic *p)
{
	unsigned line = chip_take(&p->chip[0], true);
	uint8_t vector;

	if (line == CASCADE)
		vector = chip_vector(&p->chip[1], chip_take(&p->chip[1], false));
	else
		vector = chip_vector(&p->chip[0], line);
	update(p);
	return vector;
}

uint8_t vpic_acknowledge(struct vpic *p)
{
	uint8_t vector;

	sync(p);
	spin_lock(&p->lock);
	vector = acknowledge(p);
	spin_unlock(&p->lock);
	return vector;
}

/* What acknowledge() would answer. */
static uint8_t vector_asked(const struct vpic *p, unsigned line)
{
	if (line == CASCADE)
		return chip_vector(&p->chip[1], served_line(&p->chip[1], false));
	return chip_vector(&p->chip[0], line);
}

bool vpic_acknowledge_by(struct vpic *p, bool (*inject)(void *who, uint8_t vector), void *who)
{
	bool taken = true;
	unsigned line;

	sync(p);
	spin_lock(&p->lock);
	line = served_line(&p->chip[0], true);
	if (line != NONE) {
		taken = inject(who, vector_asked(p, line));
		if (taken)
			(void)acknowledge(p);
	}
	spin_unlock(&p->lock);
	return taken;
}

/* ---- registers ---- */

static void icw1(struct vpic_chip *c, uint8_t v)
{
	uint8_t lines = c->lines, level = c->level, base = c->vector_base;

	memset(c, 0, sizeof(*c));
	c->lines = lines;
	c->level = level;
	c->vector_base = base;
	c->lowest = 7;
	c->init_step = 2;
	c->wants_icw4 = v & ICW1_ICW4;
	c->is_single = v & ICW1_SINGLE;
	/* edges are forgotten, levels are there still; which lines are levels is the ELCR's to say, and the bit for all of them has no effect (PIIX3, 290550) */
	c->irr = lines & level;
}

static void ocw2(struct vpic_chip *c, uint8_t v)
{
	unsigned highest = first_line(c, in_service(c)), line = v & 7;

	switch (v >> 5) {
	case 0: c->rotate_on_auto_eoi = false; break;
	case 1: line_end(c, highest, false); break;
	case 3: line_end(c, line, false); break;
	case 4: c->rotate_on_auto_eoi = true; break;
	case 5: line_end(c, highest, true); break;
	case 6: c->lowest = (uint8_t)line; break;
	case 7: line_end(c, line, true); break;
	default: break; /* no operation */
	}
}

static void ocw3(struct vpic_chip *c, uint8_t v)
{
	c->poll = v & OCW3_POLL;
	if (v & OCW3_RR)
		c->read_isr = v & OCW3_RIS;
	if (v & OCW3_ESMM)
		c->special_mask = v & OCW3_SMM;
}

static void command_write(struct vpic_chip *c, uint8_t v)
{
	if (v & ICW1_INIT)
		icw1(c, v);
	else if (v & OCW3)
		ocw3(c, v);
	else
		ocw2(c, v);
}

/* Initialisation words in their order, then the mask. */
static void data_write(struct vpic_chip *c, uint8_t v)
{
	switch (c->init_step) {
	case 2:
		c->vector_base = v & 0xf8;
		c->init_step = !c->is_single ? 3 : c->wants_icw4 ? 4 : 0;
		break;
	case 3: c->init_step = c->wants_icw4 ? 4 : 0; break;
	case 4:
		c->auto_eoi = v & ICW4_AEOI;
		c->special_nested = v & ICW4_SFNM;
		c->init_step = 0;
		break;
	default: c->imr = v;
	}
}

static uint8_t read(struct vpic_chip *c, bool is_master, bool is_data)
{
	unsigned line;

	if (c->poll) {
		c->poll = false;
		line = chip_take(c, is_master);
		return line == NONE ? 0 : (uint8_t)(POLL_FOUND | line);
	}
	if (is_data)
		return c->imr;
	return c->read_isr ? c->isr : c->irr;
}

static enum io_result access(struct vpic *p, unsigned chip, struct io_access *a)
{
	struct vpic_chip *c = &p->chip[chip];

	sync(p);
	spin_lock(&p->lock);
	if (!a->is_write)
		a->value = read(c, !chip, a->addr);
	else if (a->addr)
		data_write(c, (uint8_t)a->value);
	else
		command_write(c, (uint8_t)a->value);
	update(p);
	spin_unlock(&p->lock);
	return IO_DONE;
}

static enum io_result master_access(struct io_region *r, struct io_access *a)
{
	return access(container_of(r, struct vpic, ports[0]), 0, a);
}

static enum io_result slave_access(struct io_region *r, struct io_access *a)
{
	return access(container_of(r, struct vpic, ports[1]), 1, a);
}

/* ---- saved and restored ---- */

void vpic_save(struct vpic *p, unsigned chip, struct vpic_chip *out)
{
	spin_lock(&p->lock);
	*out = p->chip[chip];
	spin_unlock(&p->lock);
}

static bool chip_valid(const struct vpic_chip *c)
{
	return !(c->vector_base & 7) && c->lowest < 8 && c->init_step <= 4 && c->init_step != 1;
}

int vpic_restore(struct vpic *p, unsigned chip, const struct vpic_chip *in)
{
	if (!chip_valid(in))
		return -EINVAL;
	spin_lock(&p->lock);
	save_copy(vpic_saved, &p->chip[chip], in);
	update(p);
	spin_unlock(&p->lock);
	return 0;
}

/* ---- life ---- */

void vpic_init(struct vpic *p, struct irq_line *out)
{
	memset(p, 0, sizeof(*p));
	spin_init(&p->lock);
	p->out = out;
	p->chip[0].lowest = p->chip[1].lowest = 7;
	p->ports[0] = (struct io_region){ "PIC", MASTER_PORT, 2, 1, 1, master_access };
	p->ports[1] = (struct io_region){ "second PIC", SLAVE_PORT, 2, 1, 1, slave_access };
}

void vpic_reset(struct vpic *p)
{
	spin_lock(&p->lock);
	for (unsigned i = 0; i < 2; i++) {
		struct vpic_chip *c = &p->chip[i];

		*c = (struct vpic_chip){ .lines = c->lines, .level = c->level, .lowest = 7 };
		c->irr = c->lines & c->level;
	}
	update(p);
	spin_unlock(&p->lock);
}

int vpic_claim(struct vpic *p, struct io_bus *pio)
{
	int err = iobus_claim(pio, &p->ports[0]);

	if (err)
		return err;
	err = iobus_claim(pio, &p->ports[1]);
	if (err)
		iobus_release(pio, &p->ports[0]);
	return err;
}

void vpic_release(struct vpic *p, struct io_bus *pio)
{
	iobus_release(pio, &p->ports[0]);
	iobus_release(pio, &p->ports[1]);
}
