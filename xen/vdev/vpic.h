/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two 8259A interrupt controllers of a PC, cascaded over the master's line 2 (Intel data sheet 231468), without their edge/level registers' ports: who owns
 * those sets the mask here. 8080 mode, buffered mode and the cascade address of a slave are accepted and have no effect on a PC.
 */
#ifndef VDEV_VPIC_H
#define VDEV_VPIC_H

#include "iobus.h"
#include "irq_line.h"
#include "save.h"
#include "spinlock.h"

#define VPIC_LINES 16

struct vpic_chip {
	uint8_t irr;   /* requests: latched edges, and level lines while they are high */
	uint8_t lines; /* as they are now */
	uint8_t level; /* lines that are level triggered */
	uint8_t isr, imr;
	uint8_t vector_base; /* ICW2: bits 7 to 3 */
	uint8_t lowest;      /* line that has the lowest priority now */
	uint8_t init_step;   /* the initialisation word that is awaited: 2, 3, 4; 0: none */
	bool wants_icw4, is_single;
	bool auto_eoi, rotate_on_auto_eoi, special_mask, special_nested;
	bool read_isr, poll; /* what the next read of the command port gives */
};

struct vpic {
	struct spinlock lock;     /* for the chips */
	struct vpic_chip chip[2]; /* master, slave */
	struct irq_line *out;     /* INT of the master; NULL: not connected */
	/* Called with no lock held before what may end an interrupt: a last look at lines that change unseen. NULL: there are none */
	void (*sync)(struct vpic *p);
	struct io_region ports[2];
};
extern const struct save_field vpic_saved[]; /* of one chip */

/* As after power-on: nothing initialised, all lines low. out may be NULL. */
void vpic_init(struct vpic *p, struct irq_line *out);
/* The same for one that has its place; lines and their triggers stay as they are. */
void vpic_reset(struct vpic *p);
/* Claims ports 0x20, 0x21, 0xa0, 0xa1. Errors as iobus_claim(). */
int must_check vpic_claim(struct vpic *p, struct io_bus *pio);
void vpic_release(struct vpic *p, struct io_bus *pio);

/* Line 0-15 (2 does nothing: the slave is there). */
void vpic_set_line(struct vpic *p, unsigned line, bool level);
/* The CPU's acknowledge: the vector, of the highest request; without one, line 7's of the chip that was asked. */
uint8_t vpic_acknowledge(struct vpic *p);
/* The same for a CPU that may not have room for it: inject is given the vector, with the lock held, and says so. False: it had none. Nothing to take: true. */
bool vpic_acknowledge_by(struct vpic *p, bool (*inject)(void *who, uint8_t vector), void *who);
/* Is line 0-15 in service: acknowledged, and not ended yet? */
bool vpic_line_is_served(struct vpic *p, unsigned line);
/* Does somebody hear line 0-15: is it open on its way out? *waits: it has a request that was not acknowledged. */
bool vpic_line_is_heard(struct vpic *p, unsigned line, bool *waits);
/* Bits by line: level triggered (the PIIX's ELCR). */
void vpic_set_level_mask(struct vpic *p, uint16_t mask);
uint16_t vpic_level_mask(const struct vpic *p);

/* Saved and restored, a chip at a time; restored: what it asks for is looked at anew. -EINVAL: no chip could be so. */
void vpic_save(struct vpic *p, unsigned chip, struct vpic_chip *out);
int must_check vpic_restore(struct vpic *p, unsigned chip, const struct vpic_chip *in);

#endif
