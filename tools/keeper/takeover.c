/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A keeper was killed, and its guardian is the keeper now. What it knows is what the one before knew when the copy was made; what may have happened since then it sees in the hypervisor, where a domain is known by
 * its uuid, and in the store.
 */
#include "guests.h"
#include "kept_guest.h"

#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

/* The connections are the keeper's: who listens at their other ends hears when it is gone. */
void takeover_forget(void *kept_guest)
{
	struct kept_guest *k = kept_guest;

	store_forget(k->store);
	k->store = NULL;
	hypervisor_close(k->h);
	k->h = NULL;
	if (k->control >= 0)
		close(k->control);
	k->control = -1;
}

static void moment(struct kept_guest *k)
{
	const struct timespec t = { .tv_nsec = 50000000 };

	nanosleep(&t, NULL);
	kept_guard(k);
}

/* For as long as it takes: a guest without a keeper goes on meanwhile. */
static void connect_all(struct kept_guest *k)
{
	while (!(k->h = hypervisor_open()))
		moment(k);
	while (!(k->store = store_open()))
		moment(k);
	store_while_waiting(k->store, kept_guard, k);
	while (!pv_devices_recall(k))
		moment(k);
}

/* Domains that were being made when the keeper died. One of another keeper's is not among them. */
static void strays_end(struct kept_guest *k)
{
	struct failure unused = { "" };
	size_t nr = 0;
	struct guest_info *all = guests_get(k->h, k->store, &nr, &unused);

	for (size_t i = 0; all && i < nr; i++) {
		if (memcmp(all[i].uuid, k->config.uuid, sizeof(all[i].uuid)) != 0 ||
		    keeper_is_there(all[i].domid))
			continue;
		kept_note(k, "domain %u was not finished: it ends", all[i].domid);
		build_undo(k->h, all[i].domid);
		keeper_clean_up(k->store, all[i].domid, k->config.uuid);
	}
	free(all);
}

static bool start_again(struct kept_guest *k)
{
	struct failure f = { "" };

	fail(&f,
	     "%s: its keeper was killed while it started the guest, of which nothing is left: start it again",
	     k->config.name);
	strays_end(k);
	kept_note(k, "%s", f.text);
	kept_report(k, &f);
	return false;
}

/* Its backend comes as one comes that has died. */
static bool go_on(struct kept_guest *k)
{
	kept_report(k, NULL);
	pv_devices_watch(k);
	k->backend_began_s = 0;
	return true;
}

static bool restart(struct kept_guest *k)
{
	struct failure f = { "" };

	kept_unmake(k);
	strays_end(k);
	if (kept_make(k, &f))
		return true;
	kept_note(k, "%s", f.text);
	return false;
}

void takeover(void *kept_guest)
{
	static bool (*const phases[])(struct kept_guest *) = {
		[KEPT_STARTS] = start_again,
		[KEPT_RUNS] = go_on,
		[KEPT_RESTARTS] = restart,
	};
	struct kept_guest *k = kept_guest;

	prctl(PR_SET_NAME, "zazen-keeper");
	kept_note(k, "the keeper of %s was killed; another one takes over", k->config.name);
	k->is_changed = !guardian_renew(&k->guardian);
	backend_kill(k);
	connect_all(k);
	if (phases[k->phase](k))
		kept_keep(k);
	guardian_end(&k->guardian);
	_exit(0);
}
