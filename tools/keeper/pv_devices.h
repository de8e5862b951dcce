/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The paravirtual devices of a guest in the store: the keeper writes what frontends look for, sees their states, and tells the backend process, which has no access to the store, what it is to connect. States are
 * those of public xen/io/xenbus.h.
 */
#ifndef KEEPER_PV_DEVICES_H
#define KEEPER_PV_DEVICES_H

#include "control.h"
#include "failure.h"

#include <stdbool.h>
#include <stdint.h>

#define PV_DEVICES 24

struct kept_guest;

struct pv_device {
	bool is_nic;
	uint32_t number;   /* under device/vbd or device/vif */
	unsigned config;   /* which disk or interface of the description */
	unsigned state;    /* as we have written it */
	bool is_unwritten; /* the store did not take the state: again */
	bool is_connected; /* in the backend, by this line: a successor is told the same */
	struct control_text connect;
	/* a drive's, as the backend found it */
	uint64_t sectors;
	bool is_read_only, may_discard;
	unsigned segments, ring_order;
};

struct pv_devices {
	struct pv_device devices[PV_DEVICES];
	unsigned nr;
	bool is_unanswered; /* by the store, in the step that is taken just now */
};

/* What the description has for this guest, none connected. */
void pv_devices_plan(struct kept_guest *k);
/* Their lines for the backend; false: it is gone. */
bool pv_devices_say(struct kept_guest *k);
/* What it answers. */
void pv_devices_take(struct kept_guest *k, const struct control_line *l);
/* It holds nothing of a frontend any more. */
void pv_devices_closed(struct kept_guest *k, const struct control_line *l);

/* Nodes, inside of a transaction. */
bool pv_devices_write(struct kept_guest *k);
void pv_devices_watch(struct kept_guest *k);
/* Something may have happened in the store. */
void pv_devices_look(struct kept_guest *k);
/* Another backend process has taken over. */
void pv_devices_renew(struct kept_guest *k);
/* Another keeper has taken over, who may not know the last steps: the store does. Before the renewal. False: the store does not answer. */
bool pv_devices_recall(struct kept_guest *k);

#endif
