/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ACPI timer of an HVM guest: a counter of 3.579545 MHz, read at a port (ACPI 6.4, 4.8.3.3). It counts the guest's time and nothing else, so that whoever owns the
 * PM1 event registers (the device model's PIIX4 function) knows by itself when its highest bit changes: README.md.
 */
#ifndef VDEV_VPMTIMER_H
#define VDEV_VPMTIMER_H

#include "iobus.h"
#include "save.h"
#include "spinlock.h"

struct domain;

#define PM_TIMER_HZ   3579545u
#define PM_TIMER_PORT 0xb008u /* where it is until somebody moves it */

struct vpmtimer {
	struct io_region region;
	struct domain *domain;
	struct spinlock lock; /* for the rest, and moves. Outside of all others */
	uint32_t offset;      /* added to what the guest's time gives: a counter that was loaded */
	uint16_t port;        /* 0: nowhere */
	uint16_t moves;       /* so far */
	bool is_24_bit;       /* as the FADT declares it */
};
extern const struct save_field vpmtimer_saved[];

/* In building. -ENOMEM, -EEXIST */
int must_check vpmtimer_create(struct domain *d, struct vpmtimer **out);
/* No vcpu runs. */
void vpmtimer_destroy(struct vpmtimer *t);
/* The register is at this port from now on; 0: nowhere. -ENODEV: the domain has none; -EEXIST, -EINVAL, -ENOMEM, -EBUSY (hundreds of moves): it stays where it was. */
int must_check vpmtimer_move(struct domain *d, uint16_t port);
/* What a read gives now. */
uint32_t vpmtimer_count(struct vpmtimer *t);
/* Saved and restored: from a copy. -EINVAL, or those of moving. */
void vpmtimer_save(struct vpmtimer *t, struct vpmtimer *out);
int must_check vpmtimer_restore(struct vpmtimer *t, const struct vpmtimer *in);
void vpmtimer_set_count(struct vpmtimer *t, uint32_t count);

/* How many counts of hz fit into ns, and when the count-th has been reached. */
static inline uint64_t time_to_counts(uint64_t ns, uint32_t hz)
{
	return ns / 1000000000u * hz + ns % 1000000000u * hz / 1000000000u;
}
static inline uint64_t counts_to_time(uint64_t counts, uint32_t hz)
{
	return counts / hz * 1000000000u + (counts % hz * 1000000000u + hz - 1) / hz;
}

#endif
