/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What most tests of the store begin with. */
#include <stdlib.h>
#include <string.h>

#include "world.h"

static void home(struct world *w, const char *introduce, const char *path, const char *perms)
{
	peer_ask(&w->dom0, XS_INTRODUCE, 0, introduce);
	peer_ask(&w->dom0, XS_MKDIR, 0, path);
	peer_ask(&w->dom0, XS_SET_PERMS, 0, perms);
}

void world_begin(struct world *w, bool with_journal)
{
	memset(w, 0, sizeof(*w));
	fake_init(&w->fake);
	fake_start(&w->fake, 1);
	fake_start(&w->fake, 2);
	w->folder = with_journal ? fake_folder() : NULL;
	w->server = fake_server(&w->fake, w->folder);
	if (!w->server)
		exit(2);
	peer_init(&w->dom0, &w->fake, 0, w->server);
	peer_init(&w->guest, &w->fake, 1, w->server);
	peer_init(&w->other, &w->fake, 2, w->server);
	home(w, "1|77|5|", "/local/domain/1|", "/local/domain/1|n1|");
	home(w, "2|78|6|", "/local/domain/2|", "/local/domain/2|n2|");
}

void world_restart(struct world *w)
{
	fake_server_kill(w->server);
	w->server = fake_server(&w->fake, w->folder);
	if (!w->server)
		exit(2);
	w->dom0.arg = w->guest.arg = w->other.arg = w->server;
}

bool world_end(struct world *w)
{
	bool good = !strcmp(peer_ask(&w->dom0, XS_CONTROL, 0, "check|"), "OK|");

	peer_free(&w->dom0);
	peer_free(&w->guest);
	peer_free(&w->other);
	fake_server_free(w->server);
	fake_free(&w->fake);
	if (w->folder)
		fake_folder_remove(w->folder);
	return good;
}
