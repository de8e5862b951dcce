/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ACPI timer: a port that reads as the guest's time in counts. ACPI 6.4, 4.8.3.3. */
#include "vpmtimer.h"

#include "domain.h"
#include "errno.h"
#include "heap.h"
#include "hvm_platform.h"

#define MOVES_MAX 256

const struct save_field vpmtimer_saved[] = {
	SAVE_ONE(SAVE_U32, 1, struct vpmtimer, offset),
	SAVE_ONE(SAVE_U16, 1, struct vpmtimer, port),
	SAVE_ONE(SAVE_BOOL, 1, struct vpmtimer, is_24_bit),
	SAVE_LAST,
};

static uint32_t counted(const struct vpmtimer *t)
{
	return (uint32_t)time_to_counts(domain_now_ns(t->domain), PM_TIMER_HZ);
}

uint32_t vpmtimer_count(struct vpmtimer *t)
{
	uint32_t value = counted(t) + read_once(t->offset);

	return t->is_24_bit ? value & 0xffffff : value;
}

/* Writes go nowhere: the register is read-only. */
static enum io_result pm_timer_access(struct io_region *r, struct io_access *a)
{
	struct vpmtimer *t = container_of(r, struct vpmtimer, region);

	if (!a->is_write)
		a->value = vpmtimer_count(t);
	return IO_DONE;
}

int vpmtimer_create(struct domain *d, struct vpmtimer **out)
{
	struct vpmtimer *t = heap_alloc(sizeof(*t));
	int err;

	if (!t)
		return -ENOMEM;
	spin_init(&t->lock);
	t->domain = d;
	t->region = (struct io_region){ "PM timer", PM_TIMER_PORT, 4, 4, 4, pm_timer_access };
	err = iobus_claim(&d->pio, &t->region);
	if (err) {
		heap_free(t);
		return err;
	}
	t->port = PM_TIMER_PORT;
	*out = t;
	return 0;
}

void vpmtimer_destroy(struct vpmtimer *t)
{
	if (t->port)
		iobus_release(&t->domain->pio, &t->region);
	heap_free(t);
}

/* Each move leaves a table of the bus behind until the domain ends, so there is an end to them: firmware makes two or three. */
static int move(struct vpmtimer *t, uint16_t port)
{
	struct io_bus *pio = &t->domain->pio;
	int err = 0;

	if (port == t->port)
		return 0;
	if (port > 0x10000 - t->region.size)
		return -EINVAL;
	if (t->moves == MOVES_MAX)
		return -EBUSY;
	t->moves++;
	if (!port) {
		iobus_release(pio, &t->region);
	} else if (t->port) {
		err = iobus_move(pio, &t->region, port);
	} else {
		t->region.base = port;
		err = iobus_claim(pio, &t->region);
	}
	if (!err)
		t->port = port;
	return err;
}

int vpmtimer_move(struct domain *d, uint16_t port)
{
	struct vpmtimer *t = d->platform ? d->platform->pm_timer : NULL;
	int err;

	if (!t)
		return -ENODEV;
	spin_lock(&t->lock);
	err = move(t, port);
	spin_unlock(&t->lock);
	return err;
}

void vpmtimer_set_count(struct vpmtimer *t, uint32_t count)
{
	write_once(t->offset, count - counted(t));
}

void vpmtimer_save(struct vpmtimer *t, struct vpmtimer *out)
{
	spin_lock(&t->lock);
	save_copy(vpmtimer_saved, out, t);
	spin_unlock(&t->lock);
}

int vpmtimer_restore(struct vpmtimer *t, const struct vpmtimer *in)
{
	int err;

	spin_lock(&t->lock);
	err = move(t, in->port);
	if (!err) {
		write_once(t->offset, in->offset);
		t->is_24_bit = in->is_24_bit;
	}
	spin_unlock(&t->lock);
	return err;
}
