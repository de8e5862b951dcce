/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The keeper of a guest: one small process that makes it, starts its backend, waits for what happens to it, and does what its description says then: end, restart, preserve. It lives as long as the guest.
 */
#ifndef KEEPER_KEEPER_H
#define KEEPER_KEEPER_H

#include "control.h"
#include "failure.h"
#include "guest_config.h"

#include <sys/types.h>

struct keeper_options {
	bool is_paused; /* the guest is made and does not run */
	bool stays; /* the keeper does not leave the terminal: it is this process until the guest ends (-F) */
};

struct keeper_report {
	uint32_t domid;
	char vnc[80]; /* address and port of the screen; "": none */
	char web[80];
	char serial[80]; /* terminal of the first serial port, of a PVH guest's console; "": none */
};

/* Returns when the guest is there, with the keeper in the background. False: nothing is left of it. */
bool keeper_start(const struct guest_config *g, const struct keeper_options *o,
                  struct keeper_report *report, struct failure *f);

/*
 * A request to a guest's keeper by its socket, in the words of devmodel/backend/control.h (cd-insert, cd-eject, disk-resize, screen, state), with a descriptor or -1; and in two of the keeper's
 * own: "description" writes what the guest would be started from to the descriptor, without its password, and "config-update" reads another one from it, for the next start. False: there is no keeper,
 * or it says why not.
 */
bool keeper_ask(uint32_t domid, const struct control_text *request, int descriptor,
                struct control_line *answer, struct failure *f);

/* Has the keeper of this domain, if there is one, still something of it? */
bool keeper_is_there(uint32_t domid);
/* What a keeper that was killed, with its guardian, has left of a domain that is gone. */
struct store;
void keeper_clean_up(struct store *s, uint32_t domid, const uint8_t uuid[16]);

#endif
