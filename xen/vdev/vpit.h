/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The interval timer of a PC, an Intel 82C54 at ports 0x40 to 0x43, and port 0x61 beside it: gate and output of its channel 2, the speaker's and the refresh's bits. Channel
 * 0 drives ISA interrupt 0. Counts are not counted but follow from the guest's time.
 */
#ifndef VDEV_VPIT_H
#define VDEV_VPIT_H

#include "iobus.h"
#include "save.h"
#include "spinlock.h"
#include "timer.h"
#include "vtick.h"

struct domain;

#define PIT_HZ       1193182u
#define PIT_CHANNELS 3

enum pit_state {
	PIT_IDLE,    /* waits for a count, or for a trigger */
	PIT_RUNNING, /* counts since start */
	PIT_HELD,    /* not modes 1 and 5: the gate holds the count */
};

/* Times are in clocks of the chip since the guest's time 0. vpit.lock */
struct vpit_channel {
	uint8_t mode;   /* 0 to 5 */
	uint8_t access; /* 1: low byte, 2: high byte, 3: low, then high */
	bool bcd, gate;
	uint8_t state;    /* enum pit_state */
	uint32_t count;   /* what it counts from, 1 to 65536; 0: none was written */
	uint32_t element; /* the counting element while it does not count */
	uint64_t start; /* RUNNING: when the element had count; in the future: it is being loaded */
	uint64_t elapsed; /* HELD: clocks that were counted */
	/* a count that waits for its moment: next_at, or a trigger */
	uint32_t next_count; /* 0: none */
	uint64_t next_at;
	bool next_low; /* mode 3: the low half begins then */
	/* bytes on their way */
	bool write_high, read_high; /* the second byte is next */
	uint8_t write_low;
	uint8_t latched; /* bytes of latch that are to be read */
	uint16_t latch;
	bool status_latched;
	uint8_t status;
};

struct vpit {
	struct io_region ports, port_61;
	struct domain *domain;
	struct spinlock lock; /* for all below. Outside of irq_routing.lock */
	struct vpit_channel channel[PIT_CHANNELS];
	uint8_t control; /* port 0x61, what can be written */
	/* channel 0's interrupt */
	struct timer timer;
	uint64_t seen;   /* edges up to this clock were dealt with */
	bool is_cut_off; /* the HPET has its place */
	struct vtick tick;
};
extern const struct save_field vpit_saved[];

/* In building. -ENOMEM, -EEXIST */
int must_check vpit_create(struct domain *d, struct vpit **out);
/* No vcpu runs, and no lock is held. stop: its timers fire no more; destroy: nobody else has the domain any more. */
void vpit_stop(struct vpit *p);
void vpit_destroy(struct vpit *p);
void vpit_reset(struct vpit *p);
/* Interrupt 0 is driven by somebody else meanwhile. vhpet.lock may be held. */
void vpit_cut_off(struct vpit *p, bool cut_off);

void vpit_save(struct vpit *p, struct vpit *out);
/* After the guest's time. -EINVAL: no chip could be so; nothing is changed then. */
int must_check vpit_restore(struct vpit *p, const struct vpit *in);

/* vpit_count.c: what a channel does by itself. t: now, in clocks */
/* Takes over a count whose moment has come. */
void vpit_channel_advance(struct vpit_channel *c, uint64_t t);
/* The counting element, in the form in which it is read. */
uint16_t vpit_channel_value(const struct vpit_channel *c, uint64_t t);
bool vpit_channel_out(const struct vpit_channel *c, uint64_t t);
/* It is waiting for a count to be loaded. */
bool vpit_channel_is_null(const struct vpit_channel *c, uint64_t t);
void vpit_channel_control(struct vpit_channel *c, uint8_t word, uint64_t t);
/* The first of two bytes was written; a whole count was. */
void vpit_channel_half_written(struct vpit_channel *c, uint64_t t);
void vpit_channel_count(struct vpit_channel *c, uint16_t written, uint64_t t);
void vpit_channel_gate(struct vpit_channel *c, bool gate, uint64_t t);
/* How often OUT rises by counting in (from, to]; no waiting count's moment is in there but at its end. */
uint64_t vpit_channel_edges(const struct vpit_channel *c, uint64_t from, uint64_t to);
/* When OUT rises next after t, or a count's moment comes; UINT64_MAX: never. */
uint64_t vpit_channel_next(const struct vpit_channel *c, uint64_t t);
/* Clocks between two edges; 0: it is not periodic. */
static inline uint32_t vpit_channel_period(const struct vpit_channel *c)
{
	return c->mode == 2 || c->mode == 3 ? c->count : 0;
}

#endif
