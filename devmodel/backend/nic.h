/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest's network interface: frames between its queues in the link and a descriptor that has a frame a read or write: a tap, or a socket to the process that plays the user-mode network
 * (user_net.c).
 */
#ifndef BACKEND_NIC_H
#define BACKEND_NIC_H

#include "failure.h"
#include "model_link.h"
#include "segment.h"

/* The most that a tap gives at once: a piece of a stream, its headers, and what stands before them. */
#define NIC_PACKET   (65536u + 128)
#define NIC_NAME     16          /* IFNAMSIZ */
#define USER_NET_UID 0x59ff0000u /* + number of the interface: what user_net.c's processes become */

/* What the description says. */
struct nic_wish {
	unsigned n;
	const char *mac, *bridge, *ifname, *script, *xenstore; /* NULL: not said */
	unsigned domid, mtu;                                   /* 0: not said */
	uint64_t rate;                                         /* bytes a second; 0: no limit */
	bool is_user;
};

/* Who has the interface in place of the emulated one: a paravirtual one. */
struct nic_taker {
	/* A frame of any size can be given. False: nic_has_room() is called later. */
	bool (*has_room)(void *context);
	void (*give)(void *context, const uint8_t *frame, uint32_t n);
	/* After nic_send() was false. */
	void (*can_send)(void *context);
};

struct nic {
	struct model_link *link;
	unsigned n;
	bool is_there, is_user, is_attached, is_broken;
	char ifname[NIC_NAME];
	struct event_source frames;
	struct link_end out, in;
	bool out_waits;           /* for the descriptor to take frames */
	bool in_waits;            /* for room in the link */
	bool is_tap;              /* each frame has a struct virtio_net_hdr before it */
	struct segments packet;   /* what has come in and is not through yet */
	struct event_timer again; /* it goes on when there is room again */
	/* the rate limit: bytes that may go now; may be below 0 */
	uint64_t rate, filled_ns;
	int64_t credit;
	struct event_timer refill;
	uint64_t sent, received, dropped; /* frames */
	const struct nic_taker *taker;    /* NULL: the emulated interface */
	void *taker_context;
	uint8_t bytes[NIC_PACKET];
};

/* tap.c, user_net.c */
bool nic_open(struct nic *c, const struct nic_wish *w, struct failure *f);
/* The descriptor of a tap with this name ("%d" is filled in), or -1. */
int tap_open(char name[NIC_NAME], struct failure *f);
/* Onto its bridge, up. */
bool tap_plug(const char *name, const struct nic_wish *w, struct failure *f);
bool bridge_exists(const char *name);
/* Starts the process; the descriptor of our end. uid: what it becomes. */
int user_net_start(unsigned n, uint32_t uid, struct failure *f);

void nic_start(struct nic *c, struct model_link *l);

/* The interface is t's from now on; NULL: the emulated one has it again. */
void nic_take(struct nic *c, const struct nic_taker *t, void *context);
/* False: not yet, and t->can_send says when. A frame that cannot be sent at all is lost, as on a wire. */
bool nic_send(struct nic *c, const uint8_t *frame, uint32_t n);
void nic_has_room(struct nic *c);

#endif
