/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is in the drives: the backend's media, and what the guest does with a drive. */
#include "link_part.h"

#include "string.h"

#define SECTORS_MAX (1ull << 48) /* what a drive can number */

static struct medium {
	struct block_backend *drive; /* NULL: there is none */
	bool is_locked;
	uint32_t ejects, generation, eject_wanted;
} media[DEVMODEL_DISKS];

/* The state is the guest's; what stands of it in the link is for the backend only. */
static void state_write(unsigned n)
{
	struct link_drive *d = &link_memory()->drives[n];

	write_once(d->is_locked, media[n].is_locked);
	write_once(d->ejects, media[n].ejects);
}

static unsigned number_of(const struct block_backend *b)
{
	unsigned n = 0;

	while (media[n].drive != b)
		n++;
	return n;
}

static void lock(struct block_backend *b, bool locked)
{
	unsigned n = number_of(b);

	media[n].is_locked = locked;
	state_write(n);
	link_tell();
}

static void eject(struct block_backend *b)
{
	unsigned n = number_of(b);

	media[n].ejects++;
	state_write(n);
	link_tell();
	b->sectors = 0;
	if (b->changed)
		b->changed(b);
}

void link_medium_start(unsigned n, struct block_backend *drive, bool is_removable)
{
	media[n].drive = drive;
	if (!is_removable)
		return;
	drive->lock = lock;
	drive->eject = eject;
}

static void medium_look(struct medium *m, const struct link_medium *from)
{
	uint32_t generation = load_acquire(&from->generation),
		 wanted = read_once(from->eject_wanted);
	struct block_backend *b = m->drive;

	if (generation != m->generation) {
		m->generation = generation;
		b->sectors = MIN(read_once(from->sectors), SECTORS_MAX);
		b->read_only = read_once(from->read_only) != 0;
		if (b->changed)
			b->changed(b);
	}
	if (wanted != m->eject_wanted) {
		m->eject_wanted = wanted;
		if (b->eject_wanted)
			b->eject_wanted(b);
	}
}

static void look(void)
{
	for (unsigned i = 0; i < DEVMODEL_DISKS; i++)
		if (media[i].drive)
			medium_look(&media[i], &link_memory()->media[i]);
}

static void attach(void)
{
	for (unsigned i = 0; i < DEVMODEL_DISKS; i++)
		state_write(i);
}

static void start(const struct devmodel_board *b)
{
	memset(media, 0, sizeof(media));
}

const struct link_part link_media_part = { start, attach, look };
