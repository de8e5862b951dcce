/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Paravirtual network interfaces (public xen/io/netif.h): frames between two rings that the guest shares and an interface's descriptor (nic.h). While a frontend is connected the emulated interface of the same
 * number has no wire. All data is copied from and to granted pages.
 */
#ifndef BACKEND_PV_NET_H
#define BACKEND_PV_NET_H

#include "nic.h"
#include "pv_guest.h"
#include "pv_ring.h"

#define PV_NET_SLOTS 18    /* of a frame from the guest: what all frontends may use */
#define PV_NET_FRAME 65535 /* bytes of one */

struct pv_net {
	struct pv_guest *guest;
	struct nic *nic;
	unsigned n;
	bool is_there, is_connected;
	bool takes_parts;                 /* the frontend takes frames in more pages than one */
	struct pv_port out_port, in_port; /* in_port is not bound when there is one for both */
	void *out_page, *in_page;
	struct pv_ring out, in;
	bool out_is_dirty, in_is_dirty; /* answers that the guest does not see yet */
	bool out_waits;                 /* a frame waits in frame for the wire */
	bool was_broken;
	struct event_timer soon; /* there was more to do than a round should */
	unsigned nr_slots;       /* of the frame that is taken */
	struct {
		uint16_t id;
		bool is_extra;
	} slots[2 * PV_NET_SLOTS];
	uint32_t length; /* of frame */
	uint64_t errors;
	uint8_t frame[PV_NET_FRAME + 1];
	void (*log)(void *context, const char *text);
	void *context;
};

/* What the keeper has read in the store, not checked yet. */
struct pv_net_wish {
	uint32_t out_grant, in_grant, out_port, in_port; /* in_port 0: out_port is for both */
	bool takes_copies; /* request-rx-copy: those that do not are not served */
	bool takes_parts;  /* feature-sg */
};

void pv_net_init(struct pv_net *v, struct pv_guest *g, struct nic *nic, unsigned n,
                 void (*log)(void *context, const char *text), void *context);
/* False: what the frontend says makes no sense; nothing has changed. */
bool pv_net_connect(struct pv_net *v, const struct pv_net_wish *w, struct failure *f);
void pv_net_disconnect(struct pv_net *v);
/* The round is over: the guest sees answers. */
void pv_net_round_over(struct pv_net *v);

#endif
