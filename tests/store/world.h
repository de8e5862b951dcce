/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What most tests of the store begin with: a daemon, domain 0's kernel and two guests with homes of their own. */
#ifndef STORE_WORLD_H
#define STORE_WORLD_H

#include "connection.h"
#include "fake.h"

struct world {
	struct fake fake;
	struct server *server;
	struct peer dom0, guest, other; /* domains 0, 1, 2 */
	const char *folder;             /* of the journal, or NULL */
};

void world_begin(struct world *w, bool with_journal);
/* The daemon is killed and started again. */
void world_restart(struct world *w);
/* False when the store's own check finds damage. */
bool world_end(struct world *w);

#endif
