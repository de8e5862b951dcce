/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A backend that has ended has closed its disks, but the kernel may hold them a moment longer: what an io_uring had registered is put away by a worker, after the process. Who
 * comes next, our own restart or somebody else's xl create, would find them in use.
 */
#include "environment.h"
#include "kept_guest.h"

#include <time.h>

#define TRIES  250
#define TRY_NS 20000000

void disks_wait_free(const struct guest_config *c)
{
	const struct timespec moment = { .tv_nsec = TRY_NS };
	struct config_environment e;
	char who[256];

	environment_host(&e);
	for (size_t i = 0; i < c->nr_disks; i++) {
		const struct config_disk *d = &c->disks[i];

		if (!d->target[0] || d->is_forced)
			continue;
		for (unsigned n = 0; n < TRIES && e.is_in_use(e.context, d->target, d->is_read_only,
		                                              who, sizeof(who));
		     n++)
			nanosleep(&moment, NULL);
	}
}
